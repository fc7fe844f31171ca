import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ChangeSetWorld,
  type Wish,
  withChangeSet,
} from '../../../../src/stacks/deploy/apply/change-set.ts';
import type { ChangeSet } from '../../../../src/stacks/ports/cloudformation.ts';

const WISH: Wish = {
  ...{ stackName: 's', changeSetName: 'run-1', kind: 'CREATE', template: { body: '{}' }, parameters: {} },
  ...{ tags: {}, capabilities: [], titles: new Map() },
};

function changeSet(status: string, statusReason = ''): ChangeSet {
  return {
    ...{ id: 'cs', stackId: 'st', stackName: 's', status, statusReason, changes: [] },
    executionStatus: 'AVAILABLE',
  };
}

/** What each look at the change set brings; the last one lasts. All that is done to CloudFormation is noted. */
function worldOf(looks: readonly (ChangeSet | null)[], stackStatus = 'REVIEW_IN_PROGRESS') {
  const done: string[] = [];
  const leave = new AbortController();
  let [at, nowMs] = [0, 0];
  const stack = {
    ...{ name: 's', id: 'st', status: stackStatus, statusReason: '', createdAt: new Date(0) },
    ...{ updatedAt: null, parameters: {}, outputs: {}, tags: {}, isTerminationProtected: false },
  };
  const world: ChangeSetWorld = {
    cloudFormation: {
      createChangeSet: async () => ({ id: 'cs', stackId: 'st' }),
      describeChangeSet: async () => looks[Math.min(at, looks.length - 1)]!,
      deleteChangeSet: async (id) => void done.push(`delete change set ${id}`),
      describeStack: async () => stack,
      deleteStack: async (request) => void done.push(`delete stack ${request.stack}`),
    },
    earlyValidation: { findings: async () => [] },
    clock: {
      now: () => new Date(nowMs),
      sleep: async (ms) => {
        nowMs += ms;
        at += 1;
      },
    },
    leave: leave.signal,
  };
  return { world, done, leave };
}

const DISCARDED = ['delete change set cs', 'delete stack st'];

test('it is waited for; one that is not executed goes, and the empty stack with it', async () => {
  const { world, done } = worldOf([changeSet('CREATE_PENDING'), changeSet('CREATE_COMPLETE')]);
  const seen = await withChangeSet(world, WISH, async (made) => ({
    isExecuted: false,
    result: made?.status,
  }));
  assert.equal(seen, 'CREATE_COMPLETE');
  assert.deepEqual(done, DISCARDED);
});

test('one that was executed stays; a stack that stood before stays too', async () => {
  const executed = worldOf([changeSet('CREATE_COMPLETE')]);
  await withChangeSet(executed.world, WISH, async () => ({ isExecuted: true, result: null }));
  assert.deepEqual(executed.done, []);
  const standing = worldOf([changeSet('CREATE_COMPLETE')], 'UPDATE_COMPLETE');
  await withChangeSet(standing.world, WISH, async () => ({ isExecuted: false, result: null }));
  assert.deepEqual(standing.done, ['delete change set cs']);
});

test('both ways in which CloudFormation says that nothing changes', async () => {
  for (const reason of [
    "The submitted information didn't contain changes. Submit different information to create a change set.",
    'No updates are to be performed.',
  ]) {
    const { world, done } = worldOf([changeSet('FAILED', reason)]);
    const seen = await withChangeSet(world, WISH, async (made) => ({ isExecuted: false, result: made }));
    assert.equal(seen, null);
    assert.deepEqual(done, DISCARDED);
  }
});

test('refused, vanished, silent or left: an error that says so, and nothing remains', async () => {
  const never = async (): Promise<never> => assert.fail('used');
  const refused = worldOf([changeSet('FAILED', 'Requires capabilities : [CAPABILITY_IAM]')]);
  await assert.rejects(withChangeSet(refused.world, WISH, never), { code: 'CHANGE_REFUSED' });
  const vanished = worldOf([changeSet('CREATE_PENDING'), null]);
  await assert.rejects(withChangeSet(vanished.world, WISH, never), { code: 'PLAN_CHANGED', kind: 'refused' });
  const silent = worldOf([changeSet('CREATE_IN_PROGRESS')]);
  await assert.rejects(withChangeSet(silent.world, WISH, never), {
    ...{ code: 'CHANGE_SET_TIMEOUT', kind: 'timeout' },
  });
  const left = worldOf([changeSet('CREATE_IN_PROGRESS')]);
  left.leave.abort();
  await assert.rejects(withChangeSet(left.world, WISH, never), { code: 'DEPLOY_STOPPED', kind: 'cancelled' });
  for (const { done } of [refused, vanished, silent, left]) assert.deepEqual(done, DISCARDED);
});

test('a failure is not hidden by another one while it is tidied up', async () => {
  const { world } = worldOf([changeSet('CREATE_COMPLETE')]);
  const broken = { ...world.cloudFormation, deleteChangeSet: () => Promise.reject(new Error('second')) };
  await assert.rejects(
    withChangeSet({ ...world, cloudFormation: broken }, WISH, () => Promise.reject(new Error('first'))),
    /^Error: first$/,
  );
});
