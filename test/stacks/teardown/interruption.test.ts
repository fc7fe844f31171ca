import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gather } from '../../../src/stacks/teardown/plan/gather.ts';
import { isComplete } from '../../../src/stacks/teardown/teardown.ts';
import type { Call } from '../../fakes/aws/fake-aws.ts';
import { explain, runTeardown } from './run.ts';
import { type Stand, openStand } from './stand.ts';

/** The action and what it acts on. */
function nameOf({ action, input }: Call): string {
  const on = ['StackName', 'Bucket', 'FunctionName', 'Name', 'Rule', 'SnapshotId'].map((name) => input[name]);
  return `${action} ${on.filter(Boolean).join(' ')}`;
}

/** Lets the process die at a call: that call is cut, and nothing of the process is heard any more. */
function dieAt(stand: Stand, isIt: (call: Call) => boolean, cut: 'reset' | 'lost-answer'): () => Call | null {
  let last: Call | null = null;
  const takeBack = stand.aws.onCall((call) => {
    if (last !== null) return 'reset';
    if (!isIt(call)) return undefined;
    last = call;
    return cut;
  });
  return () => {
    takeBack();
    return last;
  };
}

test('killed before and after every call to AWS, it always goes on', { timeout: 120_000 }, async (t) => {
  // Lambda would never free its cards in the time of this test.
  const stand = await openStand({ cards: { availableAfter: 5, goneAfter: 1e6 } });
  t.after(() => stand.close());
  stand.aws.seed.objects(stand.raw, ['events/1', 'events/2'], { versions: 2 });
  const seen = new Set<string>();
  // Each run dies at the first call at which none before it has died in this way, until one finds no such call.
  for (let round = 0; ; round += 1) {
    assert.ok(round < 600, [...seen].join(', '));
    const cut = round % 2 === 0 ? 'reset' : 'lost-answer';
    const isNew = (call: Call): boolean => !seen.has(`${nameOf(call)} ${cut}`);
    const whereItDied = dieAt(stand, isNew, cut);
    const report = await runTeardown(stand).catch((error: unknown) => error as Error);
    const died = whereItDied();
    if (died === null) {
      // The other edge of what is left may still be new.
      if (cut === 'reset') continue;
      if (report instanceof Error) throw report;
      assert.ok(isComplete(report), explain(report));
      break;
    }
    seen.add(`${nameOf(died)} ${cut}`);
    if (!(report instanceof Error)) assert.equal(isComplete(report), false, 'a dead process claims nothing');
  }
  assert.deepEqual(stand.aws.residue(), []);
  const actions = [...seen].map((one) => one.replace(/ .* /, ' '));
  for (const action of [
    ...['events:DisableRule', 'events:RemoveTargets', 'lambda:PutFunctionConcurrency'],
    ...['lambda:UpdateFunctionConfiguration', 'cloudformation:DeleteStack', 's3:PutBucketPolicy'],
    ...['s3:DeleteObjects', 's3:DeleteBucket', 'ec2:DeleteNetworkInterface', 'ec2:DeleteSnapshot'],
    'ssm:DeleteParameter',
  ]) {
    assert.ok(
      actions.includes(`${action} lost-answer`),
      `never died after ${action}: ${[...seen].join(', ')}`,
    );
  }
});

test('whatever cannot be seen while gathering is an error or a note, never a guess', async (t) => {
  const stand = await openStand();
  t.after(() => stand.close());
  const place = { account: stand.aws.accountId, region: stand.aws.region };
  const actions = new Set<string>();
  const first = stand.aws.calls.length;
  await gather(stand, stand.stage, place, null);
  for (const { action } of stand.aws.calls.slice(first)) actions.add(action);
  for (const action of actions) {
    stand.aws.deny(action);
    const found = await gather(stand, stand.stage, place, null).catch((error: unknown) => error as Error);
    const said =
      found instanceof Error ? found.message : found.unknown.map(({ reason }) => reason).join('\n');
    assert.match(said, /May not call/, action);
    stand.aws.allow(action);
  }
});
