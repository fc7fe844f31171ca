import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Stand } from '../stacks/teardown/stand.ts';
import { migrate } from '../../src/etl/store/migrate.ts';
import { openDatabase } from '../../src/adapters/postgres.ts';
import { startTestPostgres } from '../support/postgres.ts';
import { openCommandStand } from './teardown/stand.ts';

const stacksOf = (stand: Stand): string[] =>
  [...stand.aws.world.stacks.values()].filter(({ deletedAt }) => deletedAt === null).map(({ name }) => name);

test('a dry run shows the plan and deletes nothing', async (t) => {
  const stand = await openCommandStand(t);
  stand.aws.seed.objects(stand.raw, ['events/2026/11/23/05/event-1.json']);
  const before = stand.aws.residue().length;
  const { code, stdout } = await stand.sbw('teardown --dry-run');
  assert.equal(code, 2);
  assert.match(stdout, /^Teardown plan t_[0-9a-f]{8} {3}stage dev {3}account 1234-5678-9012/);
  assert.match(stdout, / 0 stop {6}switch SBW_ETL_HOURLY_RULE off/);
  assert.match(stdout, /DATA {2}raw bucket clickstream-s3-ingest-\S+: 1 object, 2 B, oldest/);
  assert.match(stdout, /DATA {2}warehouse volume vol-\w+: \d+ GB, rows unknown/);
  assert.equal(stand.aws.residue().length, before);
  assert.deepEqual(readdirSync(stand.folder), []);
  const json = await stand.sbw('teardown --dry-run --json');
  const plan = JSON.parse(json.stdout) as { schema: string; plan_id: string; tasks: unknown[] };
  assert.equal(plan.schema, 'sbw.teardown-plan/1');
  assert.ok(stdout.includes(plan.plan_id), 'the same plan twice');
});

test('the name of the stage is typed, everything goes, and a receipt says what', async (t) => {
  const stand = await openCommandStand(t);
  const { code, stdout, stderr } = await stand.sbw('teardown', { typed: 'dev' });
  assert.equal(code, 0, stderr + stdout);
  assert.match(stderr, /ok {4}delete stack sbw-dev-network/);
  assert.match(stdout, /Residue check {2}stacks 0 {3}names 0 {3}vpc 0 {3}tags 0/);
  assert.match(stdout, /Gone\. 0 resources left, \$0\.00\/month/);
  const [receipt] = readdirSync(stand.folder);
  assert.match(receipt ?? '', /^teardown-dev-\d{8}T\d{6}Z\.json$/);
  const { complete, tasks } = JSON.parse(readFileSync(join(stand.folder, receipt!), 'utf8')) as {
    complete: boolean;
    tasks: { acts_on: string[] }[];
  };
  assert.equal(complete, true);
  assert.ok(tasks.some(({ acts_on }) => acts_on.includes(stand.raw)));
  assert.deepEqual(stand.aws.residue(), []);

  const again = await stand.sbw('teardown --confirm dev');
  assert.equal(again.code, 0);
  assert.match(again.stdout, /nothing to delete/);
});

test('nothing is deleted without the name: another name, nobody there, a plan that moved', async (t) => {
  const stand = await openCommandStand(t);
  const before = stand.aws.residue().length;
  const wrong = await stand.sbw('teardown', { typed: 'yes' });
  assert.equal(wrong.code, 130);
  assert.match(wrong.stderr, /not the name of the stage \(dev\)\. Nothing was deleted/);
  const nobody = await stand.sbw('teardown');
  assert.equal(nobody.code, 64);
  assert.match(nobody.stderr, /fix {4}sbw teardown --stage dev --plan t_\w+ --confirm dev/);
  const other = await stand.sbw('teardown --confirm prod');
  assert.equal(other.code, 130);
  const moved = await stand.sbw('teardown --confirm dev --plan t_00000000');
  assert.equal(moved.code, 4);
  assert.match(moved.stderr, /PLAN_CHANGED/);
  assert.equal(stand.aws.residue().length, before);
});

test('scripts: --confirm and --json, one object on stdout', async (t) => {
  const stand = await openCommandStand(t);
  const { code, stdout } = await stand.sbw('teardown --confirm dev --json');
  assert.equal(code, 0);
  const json = JSON.parse(stdout) as { schema: string; complete: boolean; residue: { found: unknown[] } };
  assert.deepEqual([json.schema, json.complete, json.residue.found], ['sbw.teardown/1', true, []]);
});

test('a stage that never was is an error that names those that are', async (t) => {
  const stand = await openCommandStand(t);
  const { code, stderr } = await stand.sbw('teardown --stage pord --confirm pord');
  assert.equal(code, 3);
  assert.match(stderr, /STAGE_UNKNOWN: No such stage "pord"; deployed: dev\./);
  const protect = await stand.sbw('protect on --stage pord');
  assert.equal(protect.code, 3);
});

test('prod is protected by its name until somebody lifts it, and then it goes', async (t) => {
  const stand = await openCommandStand(t, { stageName: 'prod' });
  const refused = await stand.sbw('teardown --stage prod --confirm prod');
  assert.equal(refused.code, 4);
  assert.match(refused.stderr, /STAGE_PROTECTED.*its name[\s\S]*fix {4}sbw protect off --stage prod/);
  assert.equal((await stand.sbw('teardown --stage prod --dry-run')).code, 2);
  assert.equal((await stand.sbw('protect off --stage prod')).code, 0);
  const { code, stderr } = await stand.sbw('teardown --stage prod --confirm prod');
  assert.equal(code, 0, stderr);
  assert.deepEqual(stand.aws.residue(), []);
});

test('protect on: CloudFormation refuses others, and sbw refuses until it is off', async (t) => {
  const stand = await openCommandStand(t);
  assert.equal((await stand.sbw('protect on')).code, 0);
  for await (const page of stand.ports.cloudFormation.listStacks()) {
    for (const { isTerminationProtected, name } of page) assert.ok(isTerminationProtected, name);
  }
  const refused = await stand.sbw('teardown --confirm dev');
  assert.equal(refused.code, 4);
  assert.match(refused.stderr, /sbw protect on, 20\d\d-/);
  const off = await stand.sbw('protect off --json');
  assert.deepEqual(JSON.parse(off.stdout), {
    ...{ schema: 'sbw.protect/1', stage: 'dev', protected: false },
    stacks_changed: stacksOf(stand).length,
  });
  assert.equal((await stand.sbw('teardown --confirm dev')).code, 0);
});

test('what is left is told with its command, and the exit code is 5', async (t) => {
  const stand = await openCommandStand(t);
  stand.aws.deny('s3:DeleteObjects');
  const { code, stdout } = await stand.sbw('teardown --confirm dev');
  assert.equal(code, 5);
  assert.match(
    stdout,
    /FAILED {2}clickstream-s3-sbw-\S+: AWS_ACCESS_DENIED: May not call s3:DeleteObjectVersion/,
  );
  assert.match(stdout, /left {2}s3 clickstream-s3-sbw-\S+, billed by size\n {4}sbw teardown --stage dev\n/);
  assert.match(stdout, /go on {4}sbw teardown --stage dev\n/);
});

test('stuck cards: exit 5, and what to do about them', async (t) => {
  const stand = await openCommandStand(t, { cards: { availableAfter: 600, goneAfter: 900 } });
  const { code, stdout } = await stand.sbw('teardown --confirm dev');
  assert.equal(code, 5);
  assert.match(
    stdout,
    /TEARDOWN_CARDS_STUCK: Lambda still holds eni-\w+ \(in-use\)\.\n {4}fix {4}wait an hour/,
  );
  assert.match(stdout, /left {2}ec2:network-interface eni-/);
});

test('an export that cannot be whole stops a script before anything is deleted', async (t) => {
  const stand = await openCommandStand(t);
  stand.aws.seed.objects(stand.raw, [
    'events/2026/11/23/05/event-1.json',
    'events/2026/11/23/06/event-2.json',
  ]);
  const before = stand.aws.residue().length;
  const refused = await stand.sbw('teardown --export bak --confirm dev');
  assert.equal(refused.code, 4, refused.stderr);
  assert.match(refused.stderr, /NOT SAVED {2}the warehouse: nothing says where it can be reached/);
  assert.match(refused.stderr, /EXPORT_INCOMPLETE/);
  assert.equal(stand.aws.residue().length, before);

  const whole = await stand.sbw('teardown --export bak --keep warehouse,web-db --confirm dev');
  assert.equal(whole.code, 0, whole.stderr + whole.stdout);
  assert.match(whole.stderr, /Saved in \S+bak and read again: 2 objects \(4 B\)/);
  assert.equal(readFileSync(join(stand.folder, 'bak/raw/events/2026/11/23/05/event-1.json'), 'utf8'), '{}');
  const [manifest] = readdirSync(join(stand.folder, 'bak/manifest'));
  const entries = readFileSync(join(stand.folder, 'bak/manifest', manifest!), 'utf8')
    .trim()
    .split('\n');
  assert.equal(entries.length, 2);
  assert.match(entries[0]!, /"sha256":"[0-9a-f]{64}"/);
  assert.match(whole.stdout, /2 kept, nothing else left/);
});

test('a signal: exit 130, a receipt, and the command that goes on', async (t) => {
  const stand = await openCommandStand(t);
  const takeBack = stand.aws.onCall(({ action }) => {
    if (action === 'cloudformation:DeleteStack') stand.ctx.signal('SIGINT');
  });
  const { code, stdout, stderr } = await stand.sbw('teardown --confirm dev');
  takeBack();
  assert.equal(code, 130);
  assert.match(stderr, /Stopping: nothing new is begun/);
  assert.match(stdout, /Stopped: [\s\S]*go on {4}sbw teardown --stage dev/);
  assert.equal(readdirSync(stand.folder).length, 1);
});

test('a keep that nobody knows is a usage error', async (t) => {
  const stand = await openCommandStand(t);
  await assert.rejects(stand.sbw('teardown --keep everything').then(({ stderr }) => assert.fail(stderr)));
});

test('a warehouse that can be reached says what dies with it; one that cannot is no obstacle', async (t) => {
  const stand = await openCommandStand(t);
  stand.aws.seed.objects(stand.raw, [
    'events/2026/11/23/05/event-1.json',
    'events/2026/11/23/06/event-2.json',
  ]);
  const postgres = await startTestPostgres(18);
  t.after(() => postgres.stop());
  const url = await postgres.createDatabase();
  const database = await openDatabase(url, 'test');
  await migrate(database);
  await database.close();
  const { stdout } = await stand.sbw(`teardown --dry-run --warehouse ${url}`);
  assert.match(stdout, /raw bucket \S+: 2 objects, .*, 2 hours NEVER LOADED/);
  assert.match(stdout, /warehouse volume vol-\w+: \d+ GB, 0 rows/);
  const away = await stand.sbw('teardown --dry-run --warehouse postgres://u:s3cret@127.0.0.1:9/none');
  assert.equal(away.code, 2);
  assert.match(away.stderr, /The warehouse does not answer/);
  assert.doesNotMatch(away.stderr + away.stdout, /s3cret/);
});

test('while a deploy updates a stack, nothing is begun', async (t) => {
  const stand = await openCommandStand(t);
  const before = stand.aws.residue().length;
  const network = [...stand.aws.world.stacks.values()].find(({ name }) => name === 'sbw-dev-network')!;
  network.status = 'UPDATE_IN_PROGRESS';
  const { code, stderr } = await stand.sbw('teardown --confirm dev');
  assert.equal(code, 4);
  assert.match(stderr, /STACK_BUSY: sbw-dev-network is being updated/);
  assert.equal(stand.aws.residue().length, before);
});
