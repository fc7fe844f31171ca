import type { StepName, TaskId } from '../../stacks/deploy/apply/event.ts';
import type { DeployPlan } from '../../stacks/deploy/plan/plan.ts';

const STEP_TITLES: Readonly<Record<StepName, string>> = {
  secrets: 'Secrets',
  assets: 'Upload of code and host files',
  bundle: 'Package bundle for the servers',
  host: 'Release on the warehouse',
  smoke: 'Smoke test',
  protection: 'Protection against deletion',
  schedule: 'Schedule',
};

/** Minutes that a step usually takes; those that take seconds are left out. */
export const STEP_MINUTES: Partial<Readonly<Record<TaskId, number>>> = { bundle: 12, host: 2, smoke: 1 };

/** Plain words for everything that is done. */
export function titleOf(task: TaskId, plan: Pick<DeployPlan, 'layers'> | null): string {
  if (Object.hasOwn(STEP_TITLES, task)) return STEP_TITLES[task as StepName];
  return plan?.layers.find(({ layer }) => layer === task)?.title ?? task;
}
