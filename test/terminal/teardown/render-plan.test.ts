import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TeardownPlan } from '../../../src/stacks/teardown/plan/plan.ts';
import type { Task } from '../../../src/stacks/teardown/plan/task.ts';
import { withoutColour } from '../../../src/terminal/paint.ts';
import { formatTeardownPlan } from '../../../src/terminal/teardown/render-plan.ts';

const stackTask = (step: Task['step'], layer: string, detail: string): Task => ({
  ...{ id: `delete-stack:${layer}`, step, title: `stack sbw-dev-${layer}`, detail, needs: [], after: [] },
  ...{ action: { type: 'delete-stack', name: `sbw-dev-${layer}`, id: layer }, deadlineMinutes: 60 },
});

const PLAN: TeardownPlan = {
  ...{ id: 't_55b1c3d4', stage: 'dev', account: '123456789012', region: 'ap-southeast-1' },
  ...{ madeAt: new Date(0), losses: [], kept: [], monthlySaving: 57.5, strangers: [], unknown: [] },
  tasks: [
    stackTask('servers', 'web-db', '2 roles, volume, server, public address'),
    stackTask('servers', 'warehouse', 'server'),
    stackTask('network', 'network', 'VPC, 2 subnets, 2 route tables, 3 endpoints, 4 security groups'),
  ],
};

test('what a stack holds is told in plain words, the rest of a long line below its own text', () => {
  const text = formatTeardownPlan(PLAN, { isInteractive: true, width: 72 });
  assert.deepEqual(withoutColour(text).split('\n').slice(2), [
    ' 5 servers   delete stack sbw-dev-web-db (2 roles, volume, server,',
    '               public address)',
    '             delete stack sbw-dev-warehouse (server)',
    ' 6 network   delete stack sbw-dev-network (VPC, 2 subnets, 2 route',
    '               tables, 3 endpoints, 4 security groups)',
  ]);
});

test('where nobody looks, every task is one line', () => {
  const text = formatTeardownPlan(PLAN, { isInteractive: false, width: 72 });
  assert.equal(text.split('\n').length, 1 + PLAN.tasks.length);
});
