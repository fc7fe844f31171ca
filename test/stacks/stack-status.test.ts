import assert from 'node:assert/strict';
import { StackStatus } from '@aws-sdk/client-cloudformation';
import { test } from 'node:test';
import { STACK_STATUSES, isStanding, ruleOf } from '../../src/stacks/stack-status.ts';

test('the table has every state that CloudFormation knows, and no other', () => {
  assert.deepEqual([...STACK_STATUSES].toSorted(), Object.values(StackStatus).toSorted());
});

test('what runs is waited for; what CloudFormation lets nobody touch is deleted or refused', () => {
  for (const status of STACK_STATUSES) {
    const { action, isSuccess, meaning } = ruleOf(status);
    assert.equal(
      action === 'wait',
      status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS',
      status,
    );
    if (isSuccess) assert.ok(status.endsWith('_COMPLETE') && !status.includes('ROLLBACK'), status);
    assert.match(meaning, /^(is|was|could) /);
  }
  const actionsOf = (...statuses: string[]): string[] => statuses.map((status) => ruleOf(status).action);
  assert.deepEqual(actionsOf('CREATE_FAILED', 'ROLLBACK_FAILED', 'ROLLBACK_COMPLETE'), [
    ...['delete-and-retry', 'delete-and-retry', 'delete-and-retry'],
  ]);
  assert.deepEqual(actionsOf('UPDATE_ROLLBACK_FAILED', 'DELETE_FAILED', 'IMPORT_ROLLBACK_FAILED'), [
    ...['continue-rollback', 'refuse', 'refuse'],
  ]);
  assert.deepEqual(actionsOf('UPDATE_FAILED', 'UPDATE_ROLLBACK_COMPLETE', 'REVIEW_IN_PROGRESS'), [
    ...['refuse', 'proceed', 'proceed'],
  ]);
});

test('a state that is new since is refused, whatever it is called', () => {
  for (const status of ['HIBERNATE_COMPLETE', '', '__proto__', 'constructor']) {
    assert.equal(ruleOf(status).action, 'refuse');
    assert.equal(isStanding(status), false);
  }
});

test('a stack that was deleted, or only planned, has nothing to update', () => {
  const standing = STACK_STATUSES.filter(isStanding);
  assert.deepEqual(standing.toSorted(), [
    ...['CREATE_COMPLETE', 'IMPORT_COMPLETE', 'IMPORT_ROLLBACK_COMPLETE', 'UPDATE_COMPLETE'],
    'UPDATE_ROLLBACK_COMPLETE',
  ]);
});
