import * as sdk from '@aws-sdk/client-cloudformation';
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { type Bench, startBench, templateOf } from './testing/stacks.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

const topic = (more: object = {}): object => ({ Type: 'AWS::SNS::Topic', ...more });
const named = (name: string, more: object = {}): object =>
  topic({ Properties: { DisplayName: name }, ...more });
const slow = { Type: 'AWS::SQS::Queue' };
const rejects = (work: Promise<unknown>, pattern: RegExp): Promise<void> => assert.rejects(work, pattern);

test('resources are made in the order of their needs, each with its events', async () => {
  const stack = await bench.deploy(
    'ordered',
    templateOf({ Second: topic({ DependsOn: 'First' }), First: topic() }),
  );
  assert.equal(stack.StackStatus, 'CREATE_COMPLETE');
  assert.deepEqual(await bench.events('ordered'), [
    'ordered REVIEW_IN_PROGRESS User Initiated',
    'ordered CREATE_IN_PROGRESS User Initiated',
    'First CREATE_IN_PROGRESS',
    'First CREATE_IN_PROGRESS Resource creation Initiated',
    'First CREATE_COMPLETE',
    'Second CREATE_IN_PROGRESS',
    'Second CREATE_IN_PROGRESS Resource creation Initiated',
    'Second CREATE_COMPLETE',
    'ordered CREATE_COMPLETE',
  ]);
});

test('a failed creation cancels its siblings, rolls back, and leaves a stack that can only be deleted', async () => {
  bench.aws.failResource({ during: 'create', logicalId: 'Bad', message: 'No luck' });
  const template = templateOf({ Slow: slow, Bad: topic(), After: topic({ DependsOn: 'Bad' }) });
  const stack = await bench.deploy('failing', template);
  assert.equal(stack.StackStatus, 'ROLLBACK_COMPLETE');
  const events = await bench.events('failing');
  assert.ok(events.includes('Bad CREATE_FAILED No luck'));
  assert.ok(events.includes('Slow CREATE_FAILED Resource creation cancelled'));
  assert.ok(events.includes('Slow DELETE_COMPLETE'));
  assert.ok(!events.some((event) => event.startsWith('After')));
  assert.ok(
    events.some((event) =>
      /ROLLBACK_IN_PROGRESS The following resource\(s\) failed to create: \[Slow, Bad\]/.test(event),
    ),
  );
  assert.deepEqual(bench.aws.residue(), []);
  await rejects(
    bench.plan('failing', template, { ChangeSetType: 'UPDATE' }),
    /ROLLBACK_COMPLETE state and can not be updated/,
  );
  assert.equal((await bench.remove('failing')).StackStatus, 'DELETE_COMPLETE');
});

test('OnStackFailure decides what follows a failed creation', async () => {
  for (const [choice, status] of [
    ['DO_NOTHING', 'CREATE_FAILED'],
    ['DELETE', 'DELETE_COMPLETE'],
  ] as const) {
    bench.aws.failResource({ during: 'create', logicalId: 'Bad', message: 'No luck' });
    const plan = await bench.plan(
      `choice-${status.toLowerCase().replace('_', '-')}`,
      templateOf({ Bad: topic() }),
      { OnStackFailure: choice },
    );
    await bench.execute(plan);
    bench.aws.clock.finish();
    assert.equal((await bench.stack(plan.StackId!)).StackStatus, status);
  }
});

test('a rollback that cannot delete ends ROLLBACK_FAILED', async () => {
  bench.aws.failResource({ during: 'create', logicalId: 'Bad', message: 'No luck' });
  bench.aws.failResource({ during: 'delete', logicalId: 'Good', message: 'Stuck' });
  const stack = await bench.deploy('stuck', templateOf({ Good: topic(), Bad: topic({ DependsOn: 'Good' }) }));
  assert.equal(stack.StackStatus, 'ROLLBACK_FAILED');
  assert.equal((await bench.remove('stuck')).StackStatus, 'DELETE_COMPLETE');
});

test('a stack can be deleted while it is being created', async () => {
  await bench.execute(await bench.plan('unwanted', templateOf({ One: topic(), More: slow })));
  bench.aws.clock.advance(0.2);
  assert.equal((await bench.remove('unwanted')).StackStatus, 'DELETE_COMPLETE');
  assert.deepEqual(bench.aws.residue(), []);
});

test('what cannot be deleted leaves DELETE_FAILED; what is independent goes, and the rest can be left behind', async () => {
  const parts = { Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } }, Topic: topic() };
  await bench.deploy(
    'full',
    templateOf({
      ...parts,
      Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'a-full-bucket' } },
    }),
  );
  bench.aws.seed.objects('a-full-bucket', ['x']);
  await rejects(
    bench.client.send(new sdk.DeleteStackCommand({ StackName: 'full', RetainResources: ['Bucket'] })),
    /without specifying resources to retain/,
  );
  const stack = await bench.remove('full');
  assert.equal(stack.StackStatus, 'DELETE_FAILED');
  assert.match(stack.StackStatusReason ?? '', /\[Bucket\]/);
  assert.ok(
    (await bench.events('full')).some((event) =>
      /Bucket DELETE_FAILED .*bucket you tried to delete is not empty/.test(event),
    ),
  );
  assert.deepEqual(
    bench.aws.residue().map(({ id }) => id),
    ['a-full-bucket'],
  );
  assert.equal((await bench.remove('full', { RetainResources: ['Bucket'] })).StackStatus, 'DELETE_COMPLETE');
  assert.equal(bench.aws.residue().length, 1);
});

test('a deleted stack is found by its id alone, and its name is free', async () => {
  const template = templateOf({ Topic: topic() });
  const { StackId } = await bench.deploy('mortal', template);
  await bench.remove('mortal');
  await rejects(bench.stack('mortal'), /Stack with id mortal does not exist/);
  assert.equal((await bench.stack(StackId!)).StackStatus, 'DELETE_COMPLETE');
  assert.notEqual((await bench.deploy('mortal', template)).StackId, StackId);
  await bench.client.send(new sdk.DeleteStackCommand({ StackName: 'never-was' }));
});

test('a protected stack stays', async () => {
  await bench.deploy('dear', templateOf({ Topic: topic() }));
  const protect = (EnableTerminationProtection: boolean) =>
    bench.client.send(
      new sdk.UpdateTerminationProtectionCommand({ StackName: 'dear', EnableTerminationProtection }),
    );
  await protect(true);
  await rejects(bench.remove('dear'), /TerminationProtection is enabled/);
  await protect(false);
  assert.equal((await bench.remove('dear')).StackStatus, 'DELETE_COMPLETE');
});

test('deletion policies: retained, retained except on create, snapshot', async () => {
  const bucket = (name: string, DeletionPolicy: string): object => ({
    Type: 'AWS::S3::Bucket',
    DeletionPolicy,
    Properties: { BucketName: name },
  });
  const resources = {
    Kept: bucket('kept-bucket', 'Retain'),
    Careful: bucket('careful-bucket', 'RetainExceptOnCreate'),
    Volume: {
      Type: 'AWS::EC2::Volume',
      DeletionPolicy: 'Snapshot',
      Properties: { AvailabilityZone: 'ap-southeast-1a', Size: 8 },
    },
  };
  bench.aws.failResource({ during: 'create', logicalId: 'Bad', message: 'No luck' });
  const failing = { ...resources, Bad: topic({ DependsOn: ['Kept', 'Careful', 'Volume'] }) };
  await bench.deploy('policies', templateOf(failing));
  assert.deepEqual(
    bench.aws.residue().map(({ id }) => id),
    ['kept-bucket'],
  );
  bench.aws.seed.vanish('AWS::S3::Bucket', 'kept-bucket');
  await bench.remove('policies');
  await bench.deploy('policies', templateOf(resources));
  await bench.remove('policies');
  assert.deepEqual(
    bench.aws
      .residue()
      .map(({ type }) => type)
      .toSorted(),
    ['AWS::EC2::Snapshot', 'AWS::S3::Bucket', 'AWS::S3::Bucket'],
  );
  assert.ok((await bench.events([...bench.aws.world.stacks.keys()].at(-1)!)).includes('Kept DELETE_SKIPPED'));
});

test("stack tags and CloudFormation's own reach the resources that take tags", async () => {
  const plan = { Tags: [{ Key: 'sbw:stage', Value: 'dev' }] };
  await bench.deploy(
    'tagged',
    templateOf({ Topic: topic({ Properties: { Tags: [{ Key: 'a', Value: 'b' }] } }) }),
    plan,
  );
  const [found] = bench.aws.residue();
  const { 'aws:cloudformation:stack-id': id, ...rest } = found!.tags;
  assert.match(id ?? '', /stack\/tagged\//);
  assert.deepEqual(rest, {
    'sbw:stage': 'dev',
    a: 'b',
    'aws:cloudformation:stack-name': 'tagged',
    'aws:cloudformation:logical-id': 'Topic',
  });
});

test('drift: changed by hand, deleted by hand', async () => {
  await bench.deploy('drifting', templateOf({ Topic: named('a'), Gone: topic(), Fine: topic() }));
  const things = bench.aws.world.things.all('AWS::SNS::Topic');
  things[0]!.properties = { DisplayName: 'by hand' };
  bench.aws.seed.vanish('AWS::SNS::Topic', things[1]!.id);
  const { StackDriftDetectionId } = await bench.client.send(
    new sdk.DetectStackDriftCommand({ StackName: 'drifting' }),
  );
  const ask = () =>
    bench.client.send(new sdk.DescribeStackDriftDetectionStatusCommand({ StackDriftDetectionId }));
  assert.equal((await ask()).DetectionStatus, 'DETECTION_IN_PROGRESS');
  bench.aws.clock.advance(1);
  assert.equal((await ask()).DriftedStackResourceCount, 2);
  const { StackResourceDrifts } = await bench.client.send(
    new sdk.DescribeStackResourceDriftsCommand({ StackName: 'drifting' }),
  );
  assert.deepEqual(
    StackResourceDrifts?.map(({ LogicalResourceId, StackResourceDriftStatus }) => [
      LogicalResourceId,
      StackResourceDriftStatus,
    ]),
    [
      ['Topic', 'MODIFIED'],
      ['Gone', 'DELETED'],
      ['Fine', 'IN_SYNC'],
    ],
  );
});
