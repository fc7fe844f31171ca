import type { Terminal } from '../../context.ts';
import type { DeployEvent, ResourceProgress, TaskId } from '../../stacks/deploy/apply/event.ts';
import { layerOf, LAYER_NAMES, type LayerName } from '../../stacks/catalog.ts';
import type { DeployPlan } from '../../stacks/deploy/plan/plan.ts';
import { openLiveBlock } from '../live-block.ts';
import { formatDuration } from '../numbers.ts';
import { oneLine, paint } from '../paint.ts';
import {
  type DeployProgress,
  type TaskProgress,
  countResources,
  startProgress,
  trackEvent,
  waitingTasks,
} from './progress.ts';
import { STEP_MINUTES, titleOf } from './task-titles.ts';

const TITLE_WIDTH = 30;
/** Resources of one stack that are shown while they are worked on. */
const SHOWN_RESOURCES = 4;

export interface DeployRenderer {
  emit(event: DeployEvent): void;
  /** A line for the operator, above the live block; not silenced by --quiet. */
  say(text: string): void;
  /** Takes the live block away while somebody is asked something. */
  pause(): void;
  resume(): void;
  /** Removes the live block. Call it in `finally`, before anything else is printed. */
  close(): void;
}

/**
 * A deploy on stderr. On a terminal: a line for each task that ended, and below them a block of what runs, with the
 * resources that are being worked on. Elsewhere: a line for each change.
 *
 * @param plan null: somebody else's deploy is watched
 */
export function renderDeploy(
  terminal: Terminal,
  clock: { now(): Date },
  plan: DeployPlan | null,
): DeployRenderer {
  const nowMs = (): number => clock.now().getTime();
  const progress = startProgress(plan, nowMs());
  const block = openLiveBlock(terminal, () => formatBlock(progress, nowMs()));
  return {
    emit: (event) => {
      trackEvent(progress, event, nowMs());
      block.print(formatEvent(progress, event, terminal.isInteractive));
    },
    say: block.say,
    pause: block.pause,
    resume: block.resume,
    close: block.close,
  };
}

/** The live block: what runs, what waits, and a line for the whole. */
export function formatBlock(progress: DeployProgress, nowMs: number): string[] {
  const { plan, tasks, startedAtMs } = progress;
  const running = [...tasks].filter(([, { end }]) => end === null);
  const waiting = waitingTasks(progress).map((task) => titleOf(task, plan));
  const { done, total } = countResources(progress);
  return [
    ...running.flatMap(([id, task]) => formatRunning(id, task, plan, nowMs)),
    ...(waiting.length === 0 ? [] : [`  wait  ${waiting.join(' - ')}`]),
    `${formatDuration(nowMs - startedAtMs)}  ${done} of ${total} resources   ctrl-c to stop waiting`,
  ];
}

function formatRunning(id: TaskId, task: TaskProgress, plan: DeployPlan | null, nowMs: number): string[] {
  const minutes = usualMinutes(id);
  const usual = minutes === undefined ? '' : `  (usually ${minutes} m)`;
  const title = oneLine(titleOf(id, plan), TITLE_WIDTH).padEnd(TITLE_WIDTH);
  const worked = [...task.resources.values()].filter(({ status }) => status.endsWith('_IN_PROGRESS'));
  const texts = worked.length === 0 && task.text !== '' ? [oneLine(task.text, 100)] : [];
  return [
    `  run   ${title} ${formatDuration(nowMs - task.startedAtMs)}${usual}`,
    ...[...worked.slice(0, SHOWN_RESOURCES).map(formatWork), ...texts].map((text) => `        . ${text}`),
    ...(worked.length > SHOWN_RESOURCES ? [`        . and ${worked.length - SHOWN_RESOURCES} more`] : []),
  ];
}

function usualMinutes(id: TaskId): number | undefined {
  const isLayer = (LAYER_NAMES as readonly string[]).includes(id);
  return isLayer ? layerOf(id as LayerName).typicalMinutes : STEP_MINUTES[id];
}

function formatEvent({ plan, tasks }: DeployProgress, event: DeployEvent, isInteractive: boolean): string[] {
  switch (event.type) {
    case 'task-started':
      return isInteractive ? [] : [`  run   ${oneLine(titleOf(event.task, plan))}`];
    case 'task-progress':
      return isInteractive
        ? []
        : [`        ${oneLine(titleOf(event.task, plan))}: ${oneLine(event.text, 200)}`];
    case 'resource-changed':
      return isInteractive || event.resource.status.endsWith('_IN_PROGRESS')
        ? []
        : [formatHistory(event.resource)];
    case 'smoke-step':
      return [];
    case 'task-ended':
      return [formatEnd(event, plan, tasks.get(event.task))];
  }
}

function formatHistory(resource: ResourceProgress): string {
  const text = `        ${resource.at.toISOString().slice(11, 19)}  ${formatWork(resource)}`;
  return resource.status.endsWith('_FAILED') ? `${text}: ${oneLine(resource.reason, 300)}` : text;
}

function formatEnd(
  { task, end, durationMs }: Extract<DeployEvent, { type: 'task-ended' }>,
  plan: DeployPlan | null,
  progress: TaskProgress | undefined,
): string {
  const title = oneLine(titleOf(task, plan), TITLE_WIDTH);
  const made = progress?.resources.size ?? 0;
  const size = made === 0 ? '' : `  ${made} ${made === 1 ? 'resource' : 'resources'}`;
  const line = (word: string, text: string): string =>
    `  ${word} ${title.padEnd(TITLE_WIDTH)} ${text}`.trimEnd();
  switch (end.outcome) {
    case 'done':
      return line(paint.green('ok   '), `${formatDuration(durationMs)}${size}`);
    case 'unchanged':
      return line(paint.green('ok   '), 'no change');
    case 'failed':
      return line(paint.red('FAIL '), `${formatDuration(durationMs)}  ${oneLine(end.error.message, 200)}`);
    case 'skipped':
      return line(paint.yellow('skip '), `needs ${titleOf(end.because, plan)}`);
    case 'stopped':
      return line(paint.yellow('stop '), durationMs === 0 ? 'not begun' : 'left to itself');
  }
}

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^CREATE_IN/, 'being made'],
  [/^CREATE_COMPLETE/, 'made'],
  [/^UPDATE_(?:ROLLBACK_)?IN/, 'being changed'],
  [/^UPDATE_(?:ROLLBACK_)?COMPLETE/, 'changed'],
  [/^DELETE_IN/, 'being deleted'],
  [/^DELETE_COMPLETE/, 'deleted'],
  [/^DELETE_SKIPPED/, 'left behind'],
  [/_FAILED$/, 'FAILED'],
];

function formatWork({ title, status }: ResourceProgress): string {
  const word =
    WORDS.find(([pattern]) => pattern.test(status))?.[1] ?? status.toLowerCase().replaceAll('_', ' ');
  return `${oneLine(title, 60)}  ${oneLine(word)}`;
}
