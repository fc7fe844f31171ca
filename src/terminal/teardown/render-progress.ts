import type { Terminal } from '../../context.ts';
import type { TaskEnd, TeardownEvent } from '../../stacks/teardown/apply/event.ts';
import type { Task } from '../../stacks/teardown/plan/task.ts';
import { openLiveBlock } from '../live-block.ts';
import { formatCountOf, formatDuration } from '../numbers.ts';
import { oneLine, paint } from '../paint.ts';
import { formatTask } from './render-plan.ts';

export interface TeardownRenderer {
  emit(event: TeardownEvent): void;
  /** A line for the operator, above the live block; not silenced by --quiet. */
  say(text: string): void;
  /** Removes the live block. Call it in `finally`, before anything else is printed. */
  close(): void;
}

interface Running {
  readonly startedAtMs: number;
  text: string;
}

/**
 * Teardown on stderr: a line for each task that ended; below them, on a terminal, a block of those that run.
 * Elsewhere a heartbeat line says every thirty seconds what is waited for.
 */
export function renderTeardown(terminal: Terminal, clock: { now(): Date }): TeardownRenderer {
  const running = new Map<Task, Running>();
  const nowMs = (): number => clock.now().getTime();
  const block = openLiveBlock(terminal, () =>
    [...running].flatMap(([task, { startedAtMs, text }]) => formatRunning(task, text, nowMs() - startedAtMs)),
  );
  return {
    emit: (event) => {
      track(running, event, nowMs());
      block.print(formatEvent(event, terminal.isInteractive));
    },
    say: block.say,
    close: block.close,
  };
}

function track(running: Map<Task, Running>, event: TeardownEvent, nowMs: number): void {
  if (event.type === 'task-started') running.set(event.task, { startedAtMs: nowMs, text: '' });
  if (event.type === 'task-ended') running.delete(event.task);
  if (event.type !== 'task-progress') return;
  const entry = running.get(event.task);
  if (entry !== undefined) entry.text = event.text;
}

function formatRunning(task: Task, text: string, elapsedMs: number): string[] {
  const said = text === '' ? [] : [`        . ${oneLine(text, 120)}`];
  return [`  run   ${shortTitle(task)}  ${formatDuration(elapsedMs)}`, ...said];
}

function formatEvent(event: TeardownEvent, isInteractive: boolean): string[] {
  switch (event.type) {
    case 'task-ended':
      return [formatEnd(event.task, event.end, event.durationMs)];
    case 'heartbeat':
      return isInteractive
        ? []
        : event.running.map(
            ({ task, text }) => `  ...   ${shortTitle(task)}${text === '' ? '' : `: ${oneLine(text, 120)}`}`,
          );
    case 'retrying':
      return [`  once more: ${formatCountOf(event.tasks.length, 'task')} that did not succeed`];
    case 'checking':
      return ['  looking for what is left'];
    default:
      return [];
  }
}

function formatEnd(task: Task, end: TaskEnd, durationMs: number): string {
  const title = shortTitle(task);
  switch (end.outcome) {
    case 'done':
      return `  ${paint.green('ok')}    ${title}  ${formatDuration(durationMs)}`;
    case 'gone':
      return `  ${paint.green('ok')}    ${title}  was gone already`;
    case 'failed':
      return `  ${paint.red('FAIL')}  ${title}: ${oneLine(end.error.message, 1000)}`;
    case 'skipped':
      return `  ${paint.yellow('skip')}  ${title}: needs ${oneLine(end.because)}`;
    case 'stopped':
      return `  ${paint.yellow('stop')}  ${title}`;
  }
}

/** The task without what only the plan has to say. */
function shortTitle(task: Task): string {
  return formatTask(task).replace(/ \([^()]*\)$/, '');
}
