import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Task } from '../../../src/stacks/teardown/plan/task.ts';
import { renderTeardown } from '../../../src/terminal/teardown/render-progress.ts';
import { fakeContext } from '../../support/context.ts';

const TASK: Task = {
  ...{
    id: 'free-cards',
    step: 'network',
    title: 'network cards of the ETL',
    detail: '',
    needs: [],
    after: [],
  },
  ...{ action: { type: 'free-cards', vpcId: 'vpc-1', securityGroupIds: [] }, deadlineMinutes: 75 },
};
const DETACH = { type: 'detach-etl', functionName: 'SBW_Lamda_ETL' } as const;
const WAITING = 'waiting for AWS to release 2 Lambda network cards, 6 of about 20 min';

test('without a terminal: a line for each end, and a heartbeat that says what is waited for', () => {
  const { terminal, stderr } = fakeContext();
  const renderer = renderTeardown(terminal, { now: () => new Date() });
  renderer.emit({ type: 'task-started', task: TASK, round: 1 });
  renderer.emit({ type: 'task-progress', task: TASK, text: WAITING });
  renderer.emit({ type: 'heartbeat', running: [{ task: TASK, text: WAITING }] });
  renderer.emit({ type: 'task-ended', task: TASK, end: { outcome: 'done' }, durationMs: 61_000 });
  renderer.emit({ type: 'task-ended', task: TASK, end: { outcome: 'gone' }, durationMs: 0 });
  const detached: Task = { ...TASK, id: 'detach-etl', title: 'take it out of the VPC', action: DETACH };
  renderer.emit({ type: 'task-ended', task: detached, end: { outcome: 'gone' }, durationMs: 0 });
  renderer.emit({
    type: 'task-ended',
    task: TASK,
    end: { outcome: 'skipped', because: 'detach-etl' },
    durationMs: 0,
  });
  const failed = { outcome: 'failed', error: new Error('May not\ncall \u001b[2J ec2:DeleteVpc') } as const;
  renderer.emit({ type: 'task-ended', task: TASK, end: failed, durationMs: 0 });
  renderer.emit({ type: 'retrying', tasks: [TASK, TASK] });
  renderer.close();
  assert.deepEqual(stderr, [
    `  ...   release the network cards of the ETL: ${WAITING}`,
    '  ok    release the network cards of the ETL  1 m 1 s',
    '  ok    release the network cards of the ETL  was gone already',
    '  ok    take it out of the VPC  was gone already',
    '  skip  release the network cards of the ETL: not without: take it out of the VPC',
    '  FAIL  release the network cards of the ETL: May not\\u000acall \\u001b[2J ec2:DeleteVpc',
    '  once more: 2 tasks that did not succeed',
  ]);
});

test('on a terminal: what runs is drawn and cut to the width, and wiped at the end', async () => {
  const { terminal, drawn, stderr } = fakeContext({ isInteractive: true });
  const renderer = renderTeardown({ ...terminal, width: 60 }, { now: () => new Date(0) });
  renderer.emit({ type: 'task-started', task: TASK, round: 1 });
  renderer.emit({ type: 'task-progress', task: TASK, text: WAITING });
  renderer.emit({ type: 'heartbeat', running: [{ task: TASK, text: WAITING }] });
  await pause(250);
  renderer.close();
  assert.deepEqual(stderr, [], 'the block is the heartbeat');
  const [first] = drawn;
  assert.deepEqual(first?.split('\n'), [
    '  run   release the network cards of the ETL  0.0 s',
    '        . waiting for AWS to release 2 Lambda network cards',
    '',
  ]);
  assert.equal(drawn.at(-1), '\u001b[2A\u001b[0J');
});
