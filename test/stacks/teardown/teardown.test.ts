import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { STAGE_TAG } from '../../../src/stacks/stage.ts';
import { isComplete } from '../../../src/stacks/teardown/teardown.ts';
import { choose, errorOf, explain, outcomeOf, runTeardown } from './run.ts';
import { type Stand, type StandOptions, openStand } from './stand.ts';

async function standFor(t: TestContext, options?: StandOptions): Promise<Stand> {
  const stand = await openStand(options);
  t.after(() => stand.close());
  return stand;
}

const keys = (count: number, hour = '05'): string[] =>
  Array.from({ length: count }, (_, n) => `events/2026/11/23/${hour}/event-${n}.json`);

test('everything goes: versions, markers, unfinished uploads, cards, snapshots, parameters', async (t) => {
  const stand = await standFor(t);
  const { aws, raw } = stand;
  aws.seed.objects(raw, keys(1200), { versions: 2 });
  aws.seed.objects(raw, ['events/a b+c%/\u0001\u00e9&<>.json', 'events/ /.json']);
  const report = await runTeardown(stand);
  assert.ok(isComplete(report), explain(report));
  assert.deepEqual(aws.residue(), []);
});

test('the writers rest before anything else goes, and the role outlives the cards', async (t) => {
  const stand = await standFor(t);
  const first = stand.aws.calls.length;
  const report = await runTeardown(stand);
  assert.ok(isComplete(report), explain(report));
  const calls = stand.aws.calls
    .slice(first)
    .map(({ action, input }) => `${action} ${input['StackName'] as string}`);
  const at = (pattern: RegExp): number => calls.findIndex((call) => pattern.test(call));
  assert.ok(at(/DisableRule/) < at(/RemoveTargets/));
  assert.ok(at(/RemoveTargets/) < at(/UpdateFunctionConfiguration/));
  assert.ok(at(/UpdateFunctionConfiguration/) < at(/DeleteStack .*-etl/));
  assert.ok(at(/PutFunctionConcurrency/) < at(/DeleteObjects/));
  assert.ok(at(/DeleteStack .*-web-db/) < at(/DeleteStack .*-etl/), 'others go on while the cards are freed');
  assert.ok(at(/DeleteStack .*-etl/) < at(/DeleteStack .*-network/));
});

test('a bucket that visitors go on writing to is emptied all the same', async (t) => {
  const stand = await standFor(t);
  const { aws, raw } = stand;
  aws.seed.objects(raw, keys(50));
  aws.startWriter({ bucketName: raw, functionName: 'clickstream-lambda-ingest', perMinute: 30 });
  // Somebody with keys of their own, whom no function stops.
  aws.startWriter({ bucketName: raw, perMinute: 30 });
  const report = await runTeardown(stand);
  assert.ok(isComplete(report), explain(report));
  assert.deepEqual(aws.residue(), []);
});

test('what somebody has deleted by hand is no trouble', async (t) => {
  const stand = await standFor(t);
  const { aws, raw } = stand;
  assert.ok(aws.seed.vanish('AWS::Lambda::Function', 'SBW_Lamda_ETL'));
  assert.ok(aws.seed.vanish('AWS::Events::Rule', 'SBW_ETL_HOURLY_RULE'));
  assert.ok(aws.seed.vanish('AWS::S3::Bucket', raw));
  assert.ok(aws.seed.vanish('AWS::SSM::Parameter', '/sbw/dev/webdb/password'));
  const report = await runTeardown(stand);
  // The cards of the vanished function are nobody's any more: Lambda lets go of them only when it is asked to.
  for (const { id, type } of aws.residue())
    if (type === 'AWS::EC2::NetworkInterface') aws.seed.vanish(type, id);
  const again = isComplete(report) ? report : await runTeardown(stand);
  assert.ok(isComplete(again), explain(again));
  assert.deepEqual(aws.residue(), []);
});

test('a missing permission is named, what does not need it goes on, and the same command finishes', async (t) => {
  const stand = await standFor(t);
  const { aws, raw } = stand;
  aws.seed.objects(raw, keys(20));
  aws.deny('s3:DeleteObject');
  aws.deny('s3:DeleteObjects');
  aws.deny('ec2:DeleteSubnet');
  const report = await runTeardown(stand);
  assert.match(errorOf(report, `empty-bucket:${raw}`)?.message ?? '', /s3:DeleteObjectVersion/);
  assert.equal(outcomeOf(report, 'delete-stack:storage'), 'skipped');
  assert.match(errorOf(report, 'delete-stack:network')?.message ?? '', /ec2:DeleteSubnet/);
  assert.match(
    (errorOf(report, 'delete-stack:network') as { fix?: string }).fix ?? '',
    /permission ec2:DeleteSubnet/,
  );
  assert.equal(outcomeOf(report, 'delete-stack:web-db'), 'done');
  assert.equal(outcomeOf(report, 'remove:parameter'), 'skipped', 'the word that the stage may go stays');
  assert.ok(
    report.residue?.found.some(({ kind, id }) => kind === 's3' && id === raw),
    explain(report),
  );
  for (const action of ['s3:DeleteObject', 's3:DeleteObjects', 'ec2:DeleteSubnet']) aws.allow(action);
  const again = await runTeardown(stand);
  assert.ok(isComplete(again), explain(again));
  assert.deepEqual(aws.residue(), []);
});

test('who may not delete network cards waits until Lambda does', async (t) => {
  const stand = await standFor(t);
  stand.aws.deny('ec2:DeleteNetworkInterface');
  const report = await runTeardown(stand);
  assert.ok(isComplete(report), explain(report));
  assert.deepEqual(stand.aws.residue(), []);
});

test('a look that may not be made proves nothing', async (t) => {
  const stand = await standFor(t);
  stand.aws.deny('tag:GetResources');
  const report = await runTeardown(stand);
  assert.equal(isComplete(report), false);
  assert.deepEqual(report.residue?.found, []);
  assert.match(report.residue?.unknown[0]?.reason ?? '', /tag:GetResources/);
});

test('whose snapshots to look for must have been seen, or nothing is proven', async (t) => {
  const stand = await standFor(t);
  stand.aws.deny('cloudformation:ListStacks');
  const report = await runTeardown(stand);
  assert.equal(isComplete(report), false);
  assert.deepEqual(
    report.residue?.unknown.map(({ what }) => what),
    ['deleted stacks'],
  );
});

test('stuck network cards: the doors go, the rest is named, and a later run finishes', async (t) => {
  const stand = await standFor(t, { cards: { availableAfter: 600, goneAfter: 900 } });
  const { aws } = stand;
  const report = await runTeardown(stand);
  const error = errorOf(report, 'free-cards') as { code?: string; message: string };
  assert.equal(error.code, 'TEARDOWN_CARDS_STUCK');
  assert.match(error.message, /eni-\w+ \(in-use\)/);
  // The ETL's own stack waits for its cards; all that costs more than cents is gone.
  const billed = new Set(aws.residue().flatMap(({ costsMoney, type }) => (costsMoney ? [type] : [])));
  assert.deepEqual([...billed].toSorted(), ['AWS::CloudWatch::Alarm', 'AWS::Logs::LogGroup']);
  const card = report.residue?.found.find(({ kind }) => kind === 'ec2:network-interface');
  assert.match(card?.command ?? '', /^aws ec2 delete-network-interface --network-interface-id eni-/);
  aws.clock.advance(1000);
  const again = await runTeardown(stand);
  assert.ok(isComplete(again), explain(again));
  assert.deepEqual(aws.residue(), []);
});

test('a stack that cannot be deleted once is tried again; one that never can is told with its reason', async (t) => {
  const stand = await standFor(t);
  const { aws } = stand;
  aws.failResource({
    during: 'delete',
    logicalId: 'Server',
    stackName: 'sbw-dev-web-db',
    message: 'Not now.',
  });
  aws.failResource({
    during: 'delete',
    logicalId: 'Api',
    stackName: 'sbw-dev-ingest',
    message: 'Never.',
    times: 99,
  });
  const report = await runTeardown(stand);
  assert.equal(outcomeOf(report, 'delete-stack:web-db'), 'done');
  assert.match(errorOf(report, 'delete-stack:ingest')?.message ?? '', /Api \(\w+\): Never\./);
  assert.ok(
    report.residue?.found.some(({ kind, id }) => kind === 'cloudformation:stack' && id === 'sbw-dev-ingest'),
  );
});

test('--keep raw,warehouse: the bucket and its stack stay, and one snapshot of the warehouse', async (t) => {
  const stand = await standFor(t);
  const { aws, raw } = stand;
  aws.seed.objects(raw, keys(3));
  const choices = choose('raw', 'warehouse');
  const report = await runTeardown(stand, { choices });
  assert.ok(isComplete(report), explain(report));
  const left = aws
    .residue()
    .map(({ type }) => type)
    .toSorted();
  assert.deepEqual(left.filter((type) => type === 'AWS::S3::Bucket').length, 2);
  assert.deepEqual(left.filter((type) => type === 'AWS::EC2::Snapshot').length, 1);
  assert.ok(
    left.every((type) => type.startsWith('AWS::S3::') || type === 'AWS::EC2::Snapshot'),
    String(left),
  );
  // Nobody is kept from writing to a bucket that stays.
  assert.equal((await stand.ports.buckets.describeBucket(raw))?.isWriteDenied, false);
  assert.deepEqual((await runTeardown(stand, { choices })).plan.tasks, []);
  const all = await runTeardown(stand);
  assert.ok(isComplete(all), explain(all));
  assert.deepEqual(aws.residue(), []);
});

test('nothing of others is touched: stages, look-alikes, the default VPC, and what came after the plan', async (t) => {
  const stand = await standFor(t);
  const { aws, ports } = stand;
  const tagged = { [STAGE_TAG]: 'dev-2' };
  aws.seed.bucket('clickstream-s3-ingest-dev-2', {
    tags: { ...tagged, Name: 'clickstream-s3-ingest-dev-2' },
  });
  aws.seed.bucket('clickstream-s3-ingest', {});
  aws.seed.thing({
    type: 'AWS::Lambda::Function',
    id: 'clickstream-lambda-etl',
    arn: 'arn:aws:lambda:x:1:function:clickstream-lambda-etl',
  });
  const defaultVpc = aws.world.things
    .all('AWS::EC2::VPC')
    .find(({ properties }) => properties['IsDefault'] === true)!;
  const card = aws.seed.thing({
    ...{ type: 'AWS::EC2::NetworkInterface', id: 'eni-0other', state: 'available' },
    properties: {
      VpcId: defaultVpc.id,
      Description: 'AWS Lambda VPC ENI-other',
      SubnetId: 'subnet-x',
      GroupSet: [],
    },
  });
  const others = new Set([...aws.world.things.all('AWS::S3::Bucket'), card].map(({ id }) => id));
  for (const name of [stand.raw, stand.assets]) others.delete(name);
  let hasAdded = false;
  aws.onCall(({ action }) => {
    if (hasAdded || action !== 'events:DisableRule') return;
    hasAdded = true;
    const tags = { [STAGE_TAG]: 'dev' };
    aws.seed.thing({
      type: 'AWS::SNS::Topic',
      id: `arn:aws:sns:${aws.region}:1:late`,
      arn: `arn:aws:sns:${aws.region}:1:late`,
      tags,
    });
  });
  const report = await runTeardown(stand);
  assert.equal(isComplete(report), false);
  assert.deepEqual(
    report.residue?.found.map(({ kind, source }) => [kind, source]),
    [['sns', 'tags']],
    explain(report),
  );
  const left = new Set(aws.residue().map(({ id }) => id));
  for (const id of [...others, 'clickstream-lambda-etl']) assert.ok(left.has(id), id);
  assert.equal((await ports.networks.describeVpc(defaultVpc.id))?.isDefault, true);
});

test('a signal begins nothing new; the next run goes on', async (t) => {
  const stand = await standFor(t);
  const stop = new AbortController();
  const report = await runTeardown(stand, {
    stop: stop.signal,
    emit: (event) => {
      if (event.type === 'task-ended' && event.task.id === 'stop-ingest') stop.abort('SIGINT');
    },
  });
  assert.equal(report.residue, null);
  assert.equal(outcomeOf(report, 'delete-stack:network'), 'stopped');
  assert.equal(stand.aws.calls.filter(({ action }) => action === 's3:DeleteBucket').length, 0);
  const again = await runTeardown(stand);
  assert.ok(isComplete(again), explain(again));
  assert.deepEqual(stand.aws.residue(), []);
});
