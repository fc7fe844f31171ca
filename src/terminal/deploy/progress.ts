import type { DeployEvent, ResourceProgress, TaskId, TaskOutcome } from '../../stacks/deploy/apply/event.ts';
import type { DeployPlan } from '../../stacks/deploy/plan/plan.ts';

/** A layer or a step, as far as it is known to have come. */
export interface TaskProgress {
  readonly startedAtMs: number;
  /** What it said last. */
  text: string;
  /** By logical id, as last heard. */
  readonly resources: Map<string, ResourceProgress>;
  /** Null while it runs. */
  end: { readonly outcome: TaskOutcome; readonly durationMs: number } | null;
}

/** What a deploy has done so far, kept from its events. */
export interface DeployProgress {
  readonly plan: DeployPlan | null;
  readonly startedAtMs: number;
  readonly tasks: Map<TaskId, TaskProgress>;
}

/** @param plan null: somebody else's deploy is watched */
export function startProgress(plan: DeployPlan | null, nowMs: number): DeployProgress {
  return { plan, startedAtMs: nowMs, tasks: new Map() };
}

/** Takes one event into account, in place. */
export function trackEvent({ tasks }: DeployProgress, event: DeployEvent, nowMs: number): void {
  if (event.type === 'smoke-step') return;
  const task = tasks.get(event.task) ?? { startedAtMs: nowMs, text: '', resources: new Map(), end: null };
  tasks.set(event.task, task);
  if (event.type === 'task-progress') task.text = event.text;
  if (event.type === 'task-ended') task.end = { outcome: event.end, durationMs: event.durationMs };
  if (event.type !== 'resource-changed') return;
  const last = task.resources.get(event.resource.logicalId);
  // Events may come late: the newest by its own time is the one that holds.
  if (last === undefined || last.at <= event.resource.at)
    task.resources.set(event.resource.logicalId, event.resource);
}

/** Resources that are what they should be, of all that the plan changes. */
export function countResources({ plan, tasks }: DeployProgress): {
  readonly done: number;
  readonly total: number;
} {
  const all = [...tasks.values()].flatMap(({ resources }) => [...resources.values()]);
  const done = all.filter(({ status }) => /^(?:CREATE|UPDATE|DELETE|IMPORT)_COMPLETE$/.test(status)).length;
  const total = plan?.layers.reduce((sum, { changes }) => sum + changes.length, 0) ?? all.length;
  return { done: Math.min(done, total), total };
}

/** Tasks that the plan has and that have not begun. */
export function waitingTasks({ plan, tasks }: DeployProgress): readonly TaskId[] {
  if (plan === null) return [];
  const { steps } = plan;
  const planned: readonly TaskId[] = [
    ...plan.layers.filter(({ action }) => action !== 'none').map(({ layer }) => layer),
    ...(steps.updatesHost ? (['host'] as const) : []),
    ...(steps.smokeTest ? (['smoke'] as const) : []),
    ...(steps.protects ? (['protection'] as const) : []),
    ...(steps.schedule === 'none' ? [] : (['schedule'] as const)),
  ];
  return planned.filter((task) => !tasks.has(task));
}
