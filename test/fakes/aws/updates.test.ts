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

test('an update goes through its clean-up, and replaced things go then', async () => {
  await bench.deploy(
    'changing',
    templateOf({ Topic: topic({ Properties: { TopicName: 'one' } }), Old: topic() }),
  );
  const stack = await bench.deploy(
    'changing',
    templateOf({ Topic: topic({ Properties: { TopicName: 'two' } }) }),
  );
  assert.equal(stack.StackStatus, 'UPDATE_COMPLETE');
  const statuses = (await bench.events('changing')).filter((event) => event.startsWith('changing '));
  assert.deepEqual(statuses.slice(-3), [
    'changing UPDATE_IN_PROGRESS User Initiated',
    'changing UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
    'changing UPDATE_COMPLETE',
  ]);
  assert.deepEqual(
    bench.aws.residue().map(({ id }) => id.split(':').at(-1)),
    ['two'],
  );
});

test('a failed update takes everything back', async () => {
  await bench.deploy('back', templateOf({ One: named('a'), Two: named('a', { DependsOn: 'One' }) }));
  bench.aws.failResource({ during: 'update', logicalId: 'Two', message: 'Not today' });
  const stack = await bench.deploy(
    'back',
    templateOf({ One: named('b'), Two: named('b', { DependsOn: 'One' }), New: topic() }),
  );
  assert.equal(stack.StackStatus, 'UPDATE_ROLLBACK_COMPLETE');
  const topics = bench.aws.residue();
  assert.equal(topics.length, 2);
  for (const { id } of topics) {
    assert.equal(bench.aws.world.things.find('AWS::SNS::Topic', id)?.properties['DisplayName'], 'a');
  }
  const again = await bench.deploy(
    'back',
    templateOf({ One: named('b'), Two: named('b', { DependsOn: 'One' }) }),
  );
  assert.equal(again.StackStatus, 'UPDATE_COMPLETE');
});

test('a rollback that fails can be continued, without what cannot be helped', async () => {
  await bench.deploy('wedged', templateOf({ One: named('a') }));
  bench.aws.failResource({ during: 'update', logicalId: 'One', message: 'Broken', times: 3 });
  assert.equal(
    (await bench.deploy('wedged', templateOf({ One: named('b') }))).StackStatus,
    'UPDATE_ROLLBACK_FAILED',
  );
  const go = (skip: string[]) =>
    bench.client.send(new sdk.ContinueUpdateRollbackCommand({ StackName: 'wedged', ResourcesToSkip: skip }));
  await go([]);
  bench.aws.clock.finish();
  assert.equal((await bench.stack('wedged')).StackStatus, 'UPDATE_ROLLBACK_FAILED');
  await go(['One']);
  bench.aws.clock.finish();
  assert.equal((await bench.stack('wedged')).StackStatus, 'UPDATE_ROLLBACK_COMPLETE');
  await rejects(go([]), /UPDATE_ROLLBACK_COMPLETE state and can not continue/);
});

test('a replacement that is taken back goes too, also when the rollback fails first', async () => {
  const table = (name: string, Other: object): string =>
    templateOf({ Topic: topic({ Properties: { TopicName: name } }), Other });
  await bench.deploy('twice', table('one', named('a', { DependsOn: 'Topic' })));
  bench.aws.failResource({ during: 'update', logicalId: 'Other', message: 'Broken', times: 2 });
  const stack = await bench.deploy('twice', table('two', named('b', { DependsOn: 'Topic' })));
  assert.equal(stack.StackStatus, 'UPDATE_ROLLBACK_FAILED');
  assert.equal(bench.aws.residue().length, 3);
  await bench.client.send(new sdk.ContinueUpdateRollbackCommand({ StackName: 'twice' }));
  bench.aws.clock.finish();
  assert.equal((await bench.stack('twice')).StackStatus, 'UPDATE_ROLLBACK_COMPLETE');
  assert.deepEqual(
    bench.aws
      .residue()
      .map(({ id }) => id.split(':').at(-1)?.slice(0, 5))
      .toSorted(),
    ['one', 'twice'],
  );
});

test('a resource with a name of its own cannot be replaced under it', async () => {
  const queue = (FifoQueue: boolean): object => ({
    Type: 'AWS::SQS::Queue',
    Properties: { QueueName: 'q.fifo', FifoQueue },
  });
  await bench.deploy('named', templateOf({ Queue: queue(true) }));
  assert.equal(
    (await bench.deploy('named', templateOf({ Queue: queue(false) }))).StackStatus,
    'UPDATE_ROLLBACK_COMPLETE',
  );
  assert.ok(
    (await bench.events('named')).some((event) =>
      /UPDATE_FAILED .*custom-named resource requires replacing/.test(event),
    ),
  );
});

test('an update under way can be cancelled, and nothing else can be', async () => {
  await bench.deploy('hasty', templateOf({ One: named('a') }));
  await bench.execute(await bench.plan('hasty', templateOf({ One: named('b'), More: slow })));
  await rejects(bench.client.send(new sdk.DeleteStackCommand({ StackName: 'hasty' })), /UPDATE_IN_PROGRESS/);
  const cancel = () => bench.client.send(new sdk.CancelUpdateStackCommand({ StackName: 'hasty' }));
  await cancel();
  bench.aws.clock.finish();
  assert.equal((await bench.stack('hasty')).StackStatus, 'UPDATE_ROLLBACK_COMPLETE');
  assert.ok((await bench.events('hasty')).includes('More CREATE_FAILED Resource creation cancelled'));
  await rejects(cancel(), /cannot be called/);
});
