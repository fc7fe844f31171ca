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
  /** By id, of tasks that have ended: who is skipped waited for one of them. */
  const titles = new Map<string, string>();
  const nowMs = (): number => clock.now().getTime();
  const block = openLiveBlock(terminal, () =>
    [...running].flatMap(([task, { startedAtMs, text }]) => formatRunning(task, text, nowMs() - startedAtMs)),
  );
  return {
    emit: (event) => {
      track(running, event, nowMs());
      if (event.type === 'task-ended') titles.set(event.task.id, formatTask(event.task));
      block.print(formatEvent(event, terminal.isInteractive, (id) => titles.get(id) ?? oneLine(id)));
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
  return [`  run   ${formatTask(task)}  ${formatDuration(elapsedMs)}`, ...said];
}

function formatEvent(
  event: TeardownEvent,
  isInteractive: boolean,
  titleOf: (id: string) => string,
): string[] {
  switch (event.type) {
    case 'task-ended':
      return [formatEnd(event.task, event.end, event.durationMs, titleOf)];
    case 'heartbeat':
      return isInteractive
        ? []
        : event.running.map(
            ({ task, text }) => `  ...   ${formatTask(task)}${text === '' ? '' : `: ${oneLine(text, 120)}`}`,
          );
    case 'retrying':
      return [`  once more: ${formatCountOf(event.tasks.length, 'task')} that did not succeed`];
    case 'checking':
      return ['  looking for what is left'];
    default:
      return [];
  }
}

function formatEnd(task: Task, end: TaskEnd, durationMs: number, titleOf: (id: string) => string): string {
  const title = formatTask(task);
  switch (end.outcome) {
    case 'done':
      return `  ${paint.green('ok')}    ${title}  ${formatDuration(durationMs)}`;
    case 'gone':
      return `  ${paint.green('ok')}    ${title}  was gone already`;
    case 'failed':
      return `  ${paint.red('FAIL')}  ${title}: ${oneLine(end.error.message, 1000)}`;
    case 'skipped':
      return `  ${paint.yellow('skip')}  ${title}: not without: ${titleOf(end.because)}`;
    case 'stopped':
      return `  ${paint.yellow('stop')}  ${title}`;
  }
}
