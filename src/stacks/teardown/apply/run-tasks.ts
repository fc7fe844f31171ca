import type { Task } from '../plan/task.ts';
import type { Clock } from '../ports.ts';
import type { TaskEnd, TeardownEvent } from './event.ts';

/** What a task does, with the means to say how far it is. */
export type Perform = (task: Task, say: (text: string) => void) => Promise<'done' | 'gone'>;

export interface Runner {
  readonly clock: Clock;
  /** Nothing new is begun after it. */
  readonly stop: AbortSignal;
  readonly perform: Perform;
  /** Of the real clock. Default: thirty seconds. */
  readonly heartbeatMs?: number;
  emit(event: TeardownEvent): void;
}

/** One task's end, in the order in which they ended. */
export interface TaskResult {
  readonly task: Task;
  readonly end: TaskEnd;
  readonly startedAt: Date | null;
  readonly endedAt: Date;
}

const HEARTBEAT_MS = 30_000;

/**
 * Runs all tasks, each as early as its needs allow, independents side by side. A failure stops only what needs the
 * failed task; what failed is tried once more when everything else has ended.
 */
export async function runTasks(runner: Runner, tasks: readonly Task[]): Promise<readonly TaskResult[]> {
  const results = await runRound(runner, tasks, new Map(), 1);
  const again = tasks.filter(({ id }) => ['failed', 'skipped'].includes(results.get(id)?.end.outcome ?? ''));
  if (again.length > 0 && !runner.stop.aborted) {
    runner.emit({ type: 'retrying', tasks: again });
    const succeeded = new Map([...results].filter(([id]) => !again.some((task) => task.id === id)));
    return [...(await runRound(runner, again, succeeded, 2)).values()];
  }
  return [...results.values()];
}

async function runRound(
  runner: Runner,
  tasks: readonly Task[],
  before: ReadonlyMap<string, TaskResult>,
  round: number,
): Promise<Map<string, TaskResult>> {
  const { clock, emit, stop } = runner;
  const results = new Map(before);
  const waiting = new Set(tasks);
  const running = new Map<string, Promise<void>>();
  const texts = new Map<Task, string>();

  const settle = (task: Task, end: TaskEnd, startedAt: Date | null): void => {
    const endedAt = clock.now();
    results.set(task.id, { task, end, startedAt, endedAt });
    const durationMs = startedAt === null ? 0 : endedAt.getTime() - startedAt.getTime();
    emit({ type: 'task-ended', task, end, durationMs });
  };
  const run = async (task: Task): Promise<void> => {
    const startedAt = clock.now();
    texts.set(task, '');
    emit({ type: 'task-started', task, round });
    const end = await endOf(runner, task, (text) => {
      texts.set(task, text);
      emit({ type: 'task-progress', task, text });
    });
    texts.delete(task);
    running.delete(task.id);
    settle(task, end, startedAt);
  };
  const isEnded = (id: string): boolean => results.has(id);
  const proceed = (): void => {
    for (const task of waiting) {
      if (!stop.aborted && ![...task.needs, ...task.after].every(isEnded)) continue;
      waiting.delete(task);
      const missing = task.needs.find((id) => !isSuccess(results.get(id)));
      if (stop.aborted) settle(task, { outcome: 'stopped' }, null);
      else if (missing !== undefined) settle(task, { outcome: 'skipped', because: missing }, null);
      else running.set(task.id, run(task));
    }
  };

  const heart = setInterval(() => {
    emit({ type: 'heartbeat', running: [...texts].map(([task, text]) => ({ task, text })) });
  }, runner.heartbeatMs ?? HEARTBEAT_MS);
  try {
    // Settling one may free another that comes before it.
    while (waiting.size > 0 || running.size > 0) {
      const size = waiting.size;
      proceed();
      if (waiting.size === size && running.size > 0) await Promise.race(running.values());
    }
  } finally {
    clearInterval(heart);
  }
  return results;
}

function isSuccess(result: TaskResult | undefined): boolean {
  return result?.end.outcome === 'done' || result?.end.outcome === 'gone';
}

async function endOf({ perform, stop }: Runner, task: Task, say: (text: string) => void): Promise<TaskEnd> {
  try {
    return { outcome: await perform(task, say) };
  } catch (error) {
    if (stop.aborted) return { outcome: 'stopped' };
    return { outcome: 'failed', error: error as Error };
  }
}
