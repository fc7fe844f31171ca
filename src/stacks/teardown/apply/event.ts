import type { Task } from '../plan/task.ts';

/** How a task ended. */
export type TaskEnd =
  | { readonly outcome: 'done' }
  /** There was nothing left to do. */
  | { readonly outcome: 'gone' }
  | { readonly outcome: 'failed'; readonly error: Error }
  /** Another task, that it needs, did not succeed. */
  | { readonly outcome: 'skipped'; readonly because: string }
  /** The operator stopped; it was not begun, or left halfway. */
  | { readonly outcome: 'stopped' };

export type TaskOutcome = TaskEnd['outcome'];

export type TeardownEvent =
  | { readonly type: 'task-started'; readonly task: Task; readonly round: number }
  | { readonly type: 'task-progress'; readonly task: Task; readonly text: string }
  | { readonly type: 'task-ended'; readonly task: Task; readonly end: TaskEnd; readonly durationMs: number }
  /** Every thirty seconds while anything runs, with the latest words of each task. */
  | {
      readonly type: 'heartbeat';
      readonly running: readonly { readonly task: Task; readonly text: string }[];
    }
  /** Failed tasks are tried once more: what they met may have gone away meanwhile. */
  | { readonly type: 'retrying'; readonly tasks: readonly Task[] }
  | { readonly type: 'checking' };
