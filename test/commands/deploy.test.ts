import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openCommandStand } from '../support/deploy-commands.ts';

const json = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

test('a first deploy shows where it goes and what it does, tests the whole, and says what there is', async (t) => {
  const stand = await openCommandStand(t);
  const { code, stdout, stderr } = await stand.sbw('deploy --yes');
  assert.equal(code, 0);
  assert.match(stderr, /^sbw deploy {3}stage dev {3}account 1234-5678-9012 {3}ap-southeast-1/);
  assert.match(
    stderr,
    /Plan p_[0-9a-f]{8} {3}7 stacks {3}\d+ create {2}0 update {2}0 replace {2}0 delete {3}no data at risk/,
  );
  assert.match(stderr, /Pre-flight {3}\d+ checks passed/);
  assert.match(stdout, /Smoke test {3}event sent 200 .* dashboard 200/);
  assert.match(stdout, /Schedule enabled\.\n {2}ingest {5}https:\/\/\S+\/clickstream/);
  const rule = stand.aws.world.things.find('AWS::Events::Rule', 'SBW_ETL_HOURLY_RULE');
  assert.equal(rule?.properties['State'], 'ENABLED');
});

test('nothing to do: exit 0, few calls, and no change set', async (t) => {
  const stand = await openCommandStand(t);
  assert.equal((await stand.sbw('deploy --yes')).code, 0);
  const before = stand.aws.calls.length;
  const { code, stdout } = await stand.sbw('deploy --json');
  assert.equal(code, 0);
  assert.equal(json(stdout)['changed'], false);
  const calls = stand.aws.calls.slice(before);
  assert.ok(calls.length <= 32, `${calls.length} calls`);
  assert.ok(!calls.some(({ action }) => /ChangeSet|Put|Create/.test(action)));
  assert.equal((await stand.sbw('deploy --plan-only')).code, 0);
});

test('a plan alone changes nothing, and says by its exit code that there is something to do', async (t) => {
  const stand = await openCommandStand(t);
  const { code, stdout } = await stand.sbw('deploy --plan-only --json');
  assert.equal(code, 2);
  const plan = json(stdout);
  assert.equal(plan['schema'], 'sbw.deploy-plan/1');
  assert.equal(plan['changed'], true);
  assert.deepEqual(stand.aws.residue(), []);
  assert.equal(stand.aws.world.stacks.size, 0);
  assert.equal(json((await stand.sbw('deploy --plan-only --json')).stdout)['plan_id'], plan['plan_id']);
});

test('declined, or nobody there to answer: nothing happens', async (t) => {
  const stand = await openCommandStand(t);
  const declined = await stand.sbw('deploy', false);
  assert.equal(declined.code, 130);
  assert.deepEqual(stand.ctx.asked, ['Continue?']);
  const alone = await stand.sbw('deploy');
  assert.equal(alone.code, 64);
  assert.match(alone.stderr, /add --yes/);
  assert.deepEqual(stand.aws.residue(), []);
  assert.equal(stand.aws.world.stacks.size, 0);
});

test('a saved plan is deployed as it was shown, and refused when the world has moved', async (t) => {
  const stand = await openCommandStand(t);
  const file = join(stand.folder, 'plan.json');
  assert.equal((await stand.sbw(`deploy --only storage --save-plan ${file}`)).code, 0);
  assert.equal(stand.aws.world.stacks.size, 0);
  const done = await stand.sbw(`deploy ${file}`);
  assert.equal(done.code, 0, done.stderr);
  const again = await stand.sbw(`deploy ${file}`);
  assert.equal(again.code, 4);
  assert.match(again.stderr, /PLAN_CHANGED: The plan is now p_/);
  assert.doesNotMatch(readFileSync(file, 'utf8'), /BEGIN|password"/);
});

test('an update changes what it says; other layers stay', async (t) => {
  const stand = await openCommandStand(t);
  await stand.sbw('deploy --yes');
  const { code, stderr, stdout } = await stand.sbw('deploy --yes --set throttleRate=75 --json');
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Plan p_\w+ {3}1 stack {3}0 create {2}1 update {2}0 replace/);
  assert.match(stderr, /update {2}Ingest +sbw-dev-ingest {2}1 change/);
  const tasks = json(stdout)['tasks'] as { task: string; outcome: string }[];
  assert.deepEqual(
    tasks.map(({ task, outcome }) => `${task} ${outcome}`),
    ['ingest done', 'etl unchanged', 'smoke done'],
  );
});

test('a newer release reaches the warehouse that runs, before the ETL that needs it; what fails is tried again', async (t) => {
  const stand = await openCommandStand(t);
  await stand.sbw('deploy --yes');
  stand.files.set('asset/provision', 'provision 2');
  stand.files.set('asset/etl', 'etl 2');
  const commands: string[] = [];
  let exitCode = 1;
  stand.aws.onCommand((_id, [line = '']) => {
    commands.push(line);
    const id = /event_id = '([^']+)'/.exec(line)?.[1];
    const taken = /sbw-host update (\S+ \S+)/.exec(line)?.[1] ?? '';
    const stdout = exitCode === 0 ? `release ${taken}\n` : 'step 50: disk full';
    return { stdout: id ?? stdout, stderr: '', exitCode, minutes: 0.01 };
  });
  const failed = await stand.sbw('deploy --yes');
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /also {4}upload 2 files .*, bring the release to the warehouse, smoke test/);
  assert.match(failed.stdout, /did not take the new release: step 50: disk full {3}HOST_UPDATE_FAILED/);
  assert.match(failed.stdout, /Not begun: .*ETL/);
  exitCode = 0;
  const done = await stand.sbw('deploy --yes');
  assert.equal(done.code, 0, done.stdout);
  assert.equal(commands.filter((line) => line.includes('sbw-host update')).length, 2);
  assert.match((await stand.sbw('deploy')).stdout, /nothing to do/);
});

test('what would replace a server is refused, even with --yes, unless data loss is allowed by name', async (t) => {
  const stand = await openCommandStand(t);
  await stand.sbw('deploy --yes');
  const change = '--yes --set image=ami-0debian13arm64000';
  const before = stand.aws.calls.length;
  const refused = await stand.sbw(`deploy ${change}`);
  assert.equal(refused.code, 4);
  assert.match(refused.stderr, /REPLACE Warehouse server \(i-\w+\) {2}Properties\.ImageId {2}DATA AT RISK/);
  assert.match(refused.stderr, /DATA_AT_RISK: The plan would replace Warehouse server i-/);
  assert.ok(!stand.aws.calls.slice(before).some(({ action }) => action.endsWith('ExecuteChangeSet')));
  // The old server still holds the volume: EC2 refuses, and everything is as it was.
  const allowed = await stand.sbw(`deploy ${change} --only web-db --allow-data-loss`);
  assert.equal(allowed.code, 1);
  assert.match(allowed.stdout, /VOLUME_IN_USE/);
  assert.match(allowed.stdout, /effect {2}this stack is as it was before/);
});

test('a bucket is replaced when that is asked for by name', async (t) => {
  const stand = await openCommandStand(t);
  await stand.sbw('deploy --yes --only storage');
  const refused = await stand.sbw('deploy --yes --only storage --set assetsBucket=another-bucket-123');
  assert.equal(refused.code, 4);
  const change = '--only storage --set assetsBucket=another-bucket-123 --allow-data-loss';
  assert.equal((await stand.sbw(`deploy --yes ${change}`)).code, 0);
  assert.ok(stand.aws.world.buckets.has('another-bucket-123'));
});

test('a failure shows its root cause, what it means and what to do; the next deploy starts that stack afresh', async (t) => {
  const stand = await openCommandStand(t);
  stand.aws.failResource({
    during: 'create',
    logicalId: 'Vpc',
    message: 'The maximum number of VPCs has been reached.',
  });
  const { code, stdout } = await stand.sbw('deploy --yes --only storage,network');
  assert.equal(code, 1);
  assert.match(
    stdout,
    /^FAILED {2}Network: the account has as many VPCs as it may have in this region {3}VPC_LIMIT_REACHED/,
  );
  assert.match(stdout, /said {4}The maximum number of VPCs has been reached\./);
  assert.match(stdout, /where {3}stack sbw-dev-network, Private network \(VPC\) \(Vpc\), \d\d:\d\d:\d\d UTC/);
  assert.match(stdout, /effect {2}what was made of this stack was deleted again/);
  assert.match(stdout, /fix {5}delete one that nobody needs/);
  const explained = await stand.sbw('deploy --explain');
  assert.equal(explained.code, 1);
  assert.match(explained.stdout, /VPC_LIMIT_REACHED/);
  const run = readdirSync(join(stand.folder, '.sbw/runs'))[0]!;
  assert.match((await stand.sbw(`deploy --explain ${run}`)).stdout, /VPC_LIMIT_REACHED/);
  const again = await stand.sbw('deploy --yes --only storage,network');
  assert.equal(again.code, 0, again.stdout);
  assert.match(again.stderr, /again {3}Network .*its first try ended ROLLBACK_COMPLETE and is deleted/);
});

test('a layer without what it needs is refused', async (t) => {
  const stand = await openCommandStand(t);
  const { code, stderr } = await stand.sbw('deploy --yes --only ingest');
  assert.equal(code, 4);
  assert.match(stderr, /LAYER_MISSING: What you ask for needs the layer storage/);
});

test('Ctrl-C without a terminal stops waiting; --attach watches the end; the next deploy goes on', async (t) => {
  const stand = await openCommandStand(t);
  const release = stand.aws.onCall(({ action }) => {
    if (action === 'cloudformation:ExecuteChangeSet') setImmediate(() => stand.ctx.signal('SIGINT'));
  });
  const { code, stdout } = await stand.sbw('deploy --yes --only network');
  release();
  assert.equal(code, 130);
  assert.match(stdout, /Stopped waiting after .*CloudFormation goes on/);
  assert.match(stdout, /watch {3}sbw deploy --stage dev --attach/);
  const watched = await stand.sbw('deploy --attach');
  assert.equal(watched.code, 0, watched.stderr);
  assert.match(watched.stdout, /network: is there/);
  assert.equal((await stand.sbw('deploy --attach')).stdout, 'Nothing goes on with stage dev.');
  const after = await stand.sbw('deploy --plan-only --only network');
  assert.match(after.stdout, /nothing to do: 1 stack up to date/);
  assert.equal(after.code, 0);
});

test('Ctrl-C before CloudFormation has begun leaves nothing behind', async (t) => {
  const stand = await openCommandStand(t);
  stand.aws.onCall(({ action }) => {
    if (action === 'cloudformation:CreateChangeSet') stand.ctx.signal('SIGTERM');
  });
  const { code } = await stand.sbw('deploy --yes --only network');
  assert.equal(code, 143);
  assert.deepEqual(
    [...stand.aws.world.stacks.values()].map(({ status }) => status),
    ['DELETE_COMPLETE'],
  );
});

test('--cancel takes back what another process began', async (t) => {
  const stand = await openCommandStand(t);
  const release = stand.aws.onCall(({ action }) => {
    if (action === 'cloudformation:ExecuteChangeSet') setImmediate(() => stand.ctx.signal('SIGINT'));
  });
  await stand.sbw('deploy --yes --only network');
  release();
  const alone = await stand.sbw('deploy --cancel');
  assert.equal(alone.code, 64);
  const { code, stdout } = await stand.sbw('deploy --cancel --yes');
  assert.equal(code, 0);
  assert.match(stdout, /network: was deleted/);
  assert.deepEqual(
    stand.aws.residue().filter(({ type }) => type !== 'AWS::SSM::Parameter'),
    [],
  );
});

test('a stage that somebody deploys is left alone, and who it is is said', async (t) => {
  const stand = await openCommandStand(t);
  const lock = { runId: 'r_1', user: 'eva', host: 'elsewhere', pid: 1, startedAt: '2026-11-23T07:00:00Z' };
  await stand.ports.parameters.create({
    ...{ name: '/sbw/dev/deploy-lock', isSecret: false, description: '', tags: {} },
    value: JSON.stringify({ ...lock, renewedAt: stand.clock.now().toISOString() }),
  });
  const { code, stderr } = await stand.sbw('deploy --yes --only storage');
  assert.equal(code, 4);
  assert.match(
    stderr,
    /DEPLOY_LOCKED: Stage dev is being deployed by eva on elsewhere \(process 1, since 2026-11-23 07:00 UTC\)/,
  );
  assert.equal(stand.aws.world.stacks.size, 0);
  assert.match((await stand.sbw('deploy --attach')).stderr, /^Run r_1 of eva on elsewhere, since 2026-/);
  stand.aws.clock.advance(10);
  const attached = await stand.sbw('deploy --attach');
  assert.match(attached.stderr, /^Run r_1 of eva on elsewhere was killed; the same command goes on/);
  const later = await stand.sbw('deploy --yes --only storage');
  assert.equal(later.code, 0, later.stderr);
  assert.equal(await stand.ports.parameters.read('/sbw/dev/deploy-lock'), null);
});

test('the wrong account, an unknown setting, an unknown layer', async (t) => {
  const stand = await openCommandStand(t);
  const wrong = await stand.sbw('deploy --account 9999-8888-7777');
  assert.equal(wrong.code, 3);
  assert.match(wrong.stderr, /AWS_ACCOUNT_WRONG/);
  const setting = await stand.sbw('deploy --set throttlerate=5');
  assert.equal(setting.code, 64);
  assert.match(setting.stderr, /did you mean throttleRate/);
  assert.equal((await stand.sbw('deploy --only storage,netwrok')).code, 64);
  assert.equal((await stand.sbw('deploy --only storage --from etl')).code, 64);
});

test('pre-flight finds in seconds what would fail after minutes', async (t) => {
  const stand = await openCommandStand(t, { missingInstanceTypes: ['m7i.large'] });
  stand.aws.seed.takeBucketName('somebody-elses-bucket');
  const { code, stderr } = await stand.sbw(
    'deploy --yes --set rawBucket=somebody-elses-bucket --set warehouseInstanceType=m7i.large',
  );
  assert.equal(code, 3);
  assert.match(stderr, /FAIL {2}raw bucket name: somebody-elses-bucket belongs to another AWS account/);
  assert.match(stderr, /FAIL {2}warehouse server type: m7i\.large is not to be had/);
  assert.match(stderr, /PREFLIGHT_FAILED/);
  assert.equal(stand.aws.world.stacks.size, 0);
});

test('two stages live side by side', async (t) => {
  const stand = await openCommandStand(t);
  assert.equal((await stand.sbw('deploy --yes --only storage')).code, 0);
  assert.equal((await stand.sbw('deploy --yes --only storage --stage test')).code, 0);
  const names = [...stand.aws.world.buckets.keys()].toSorted();
  assert.deepEqual(names, [
    'clickstream-s3-ingest-123456789012-ap-southeast-1',
    'clickstream-s3-ingest-test-123456789012-ap-southeast-1',
    'clickstream-s3-sbw-123456789012-ap-southeast-1',
    'clickstream-s3-sbw-test-123456789012-ap-southeast-1',
  ]);
});

test('no secret is ever shown, recorded or sent to CloudFormation', async (t) => {
  const stand = await openCommandStand(t);
  const { stdout, stderr } = await stand.sbw('deploy --yes --json');
  const names = ['dwh/etl-password', 'dwh/ca-key', 'webdb/password'];
  const secrets = await Promise.all(names.map((name) => stand.ports.parameters.read(`/sbw/dev/${name}`)));
  const calls = stand.aws.calls.filter(({ action }) => action !== 'ssm:PutParameter');
  const [run = ''] = readdirSync(join(stand.folder, '.sbw/runs'));
  const records = readdirSync(join(stand.folder, '.sbw/runs', run)).map((name) =>
    readFileSync(join(stand.folder, '.sbw/runs', run, name), 'utf8'),
  );
  const everything = [stdout, stderr, JSON.stringify(calls), ...records].join('\n');
  for (const secret of secrets) {
    assert.ok(secret !== null && secret.length >= 32);
    for (const line of secret.split('\n').filter((one) => one.length > 20 && !one.startsWith('-----'))) {
      assert.ok(!everything.includes(line));
    }
  }
});
