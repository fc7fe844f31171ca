import { SbwError } from '../../../errors.ts';
import type { Clock } from '../ports.ts';
import type { Emit, TaskId, TaskOutcome } from './event.ts';

export interface Task {
  readonly id: TaskId;
  /** Ended well before it begins. */
  readonly needs: readonly TaskId[];
  run(): Promise<'done' | 'unchanged'>;
}

export interface Runner {
  readonly clock: Clock;
  /** Nothing new is begun after it. */
  readonly stop: AbortSignal;
  readonly emit: Emit;
}

/**
 * Runs every task as early as its needs allow, independents side by side. A failure stops only what needs the failed
 * task: half a network is no reason to throw a finished bucket away.
 */
export async function runTasks(
  runner: Runner,
  tasks: readonly Task[],
): Promise<ReadonlyMap<TaskId, TaskOutcome>> {
  const { clock, emit, stop } = runner;
  const ends = new Map<TaskId, TaskOutcome>();
  const waiting = new Set(tasks);
  const running = new Map<TaskId, Promise<void>>();

  const settle = (id: TaskId, end: TaskOutcome, durationMs: number): void => {
    ends.set(id, end);
    emit({ type: 'task-ended', task: id, end, durationMs });
  };
  const start = async ({ id, run }: Task): Promise<void> => {
    const startedAt = clock.now().getTime();
    emit({ type: 'task-started', task: id });
    const end = await endOf(run);
    running.delete(id);
    settle(id, end, clock.now().getTime() - startedAt);
  };
  const isThere = new Set(tasks.map(({ id }) => id));
  const proceed = (): void => {
    for (const task of waiting) {
      const needs = task.needs.filter((id) => isThere.has(id));
      const failed = needs.find((id) => ends.has(id) && !isGood(ends.get(id)));
      const isReady = needs.every((id) => ends.has(id));
      if (!stop.aborted && failed === undefined && !isReady) continue;
      waiting.delete(task);
      if (stop.aborted) settle(task.id, { outcome: 'stopped' }, 0);
      else if (failed !== undefined) settle(task.id, { outcome: 'skipped', because: failed }, 0);
      else running.set(task.id, start(task));
    }
  };

  while (waiting.size > 0 || running.size > 0) {
    const size = waiting.size;
    proceed();
    // Settling one may free another that comes before it.
    if (waiting.size === size && running.size > 0) await Promise.race(running.values());
  }
  return ends;
}

function isGood(end: TaskOutcome | undefined): boolean {
  return end?.outcome === 'done' || end?.outcome === 'unchanged';
}

async function endOf(run: Task['run']): Promise<TaskOutcome> {
  try {
    return { outcome: await run() };
  } catch (error) {
    if (error instanceof SbwError && error.code === 'DEPLOY_STOPPED') return { outcome: 'stopped' };
    return { outcome: 'failed', error: error as Error };
  }
}
