import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STACK_STATUSES, ruleOf } from '../../../src/stacks/stack-status.ts';
import { errorCodeOf, explain, hurriedClock, isGood, runDeploy } from './run.ts';
import { openStand } from './stand.ts';

/** How each operation that runs may end. */
const END: Readonly<Record<string, string>> = {
  CREATE_IN_PROGRESS: 'CREATE_COMPLETE',
  ROLLBACK_IN_PROGRESS: 'ROLLBACK_COMPLETE',
  DELETE_IN_PROGRESS: 'DELETE_FAILED',
  UPDATE_IN_PROGRESS: 'UPDATE_COMPLETE',
  UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: 'UPDATE_COMPLETE',
  UPDATE_ROLLBACK_IN_PROGRESS: 'UPDATE_ROLLBACK_COMPLETE',
  UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: 'UPDATE_ROLLBACK_COMPLETE',
  IMPORT_IN_PROGRESS: 'IMPORT_COMPLETE',
  IMPORT_ROLLBACK_IN_PROGRESS: 'IMPORT_ROLLBACK_COMPLETE',
};

test('from every state of a stack a deploy ends well, or says what a person has to do', async (t) => {
  const stand = await openStand();
  t.after(() => stand.close());
  const hurried = { ...stand, clock: hurriedClock(stand.aws, 8) };
  // Nothing in it is kept when it is deleted.
  const network = stand.request({}, { layers: ['network'] });
  assert.ok(isGood(await runDeploy(hurried, network)));
  const stack = (): { status: string } =>
    [...stand.aws.world.stacks.values()].findLast(
      ({ name, deletedAt }) => name === 'sbw-dev-network' && deletedAt === null,
    )!;

  for (const status of STACK_STATUSES) {
    // These have nothing in them; a first deploy starts from them.
    if (status === 'DELETE_COMPLETE' || status === 'REVIEW_IN_PROGRESS') continue;
    const end = END[status];
    assert.equal(end !== undefined, ruleOf(status).action === 'wait', status);
    const one = stack();
    one.status = status;
    if (end !== undefined) stand.aws.world.clock.after(0.2, () => (one.status = end));
    const isRefused = ruleOf(end ?? status).action === 'refuse';
    const report = await runDeploy(hurried, network).catch((error: unknown) => error as Error);
    if (isRefused) {
      assert.equal(errorCodeOf(report), 'STACK_UNUSABLE', status);
      one.status = 'UPDATE_COMPLETE';
      continue;
    }
    if (report instanceof Error) throw new Error(`${status}: ${report.message}`, { cause: report });
    assert.ok(isGood(report), `${status}: ${explain(report)}`);
    assert.match(stack().status, /^(CREATE|UPDATE|IMPORT)(_ROLLBACK)?_COMPLETE$/, status);
  }
});
