import type { Terminal } from '../../context.ts';
import type { Accounting } from '../../etl/accounting.ts';
import type { LoadEvent, PartitionResult } from '../../etl/load/report.ts';
import type { Clock } from '../../etl/ports.ts';
import { openLiveBlock } from '../live-block.ts';
import { formatCount, formatCountOf, formatDuration, formatRate } from '../numbers.ts';
import { oneLine, paint } from '../paint.ts';
import { measurePace, objectsRead, startProgress, trackEvent } from './progress.ts';
import type { Progress } from './progress.ts';
import { formatPartition } from './render-plan.ts';

const BAR_CELLS = 14;
/** Hours shown one by one; the rest is a count, so that the block fits small terminals. */
const SHOWN_PARTITIONS = 6;

export interface LoadRenderer {
  emit(event: LoadEvent): void;
  /** A line for the operator, above the live block; not silenced by --quiet. */
  say(text: string): void;
  /** Removes the live block. Call it in `finally`, before anything else is printed. */
  close(): void;
}

/**
 * Turns load events into text on stderr: a block that is redrawn on a terminal, one line per partition
 * elsewhere. Trouble (an hour held, retried, failed) is a line of its own in both.
 */
export function renderLoad(terminal: Terminal, clock: Pick<Clock, 'now'>): LoadRenderer {
  const progress = startProgress(clock.now().getTime());
  const block = openLiveBlock(terminal, () => formatBlock(progress, clock.now().getTime()));
  return {
    emit: (event) => {
      trackEvent(progress, event);
      const line = formatTrouble(event) ?? (terminal.isInteractive ? null : formatHistory(event));
      if (line !== null) block.print([line]);
    },
    say: block.say,
    close: block.close,
  };
}

/** The live block: a line per running hour and two for the whole run. */
export function formatBlock(progress: Progress, nowMs: number): string[] {
  const pace = measurePace(progress, nowMs);
  const running = [...progress.running].sort(([a], [b]) => a - b);
  const lines = running.slice(0, SHOWN_PARTITIONS).map(([partition, { objects, accounting, holder }]) => {
    const state =
      holder === null
        ? `${formatBar(objectsRead(accounting), objects)}  ${formatEventCounts(accounting)}`
        : `waiting: held by ${oneLine(holder, 60)}`;
    return `  ${formatPartition(partition)}  ${state}`;
  });
  if (running.length > SHOWN_PARTITIONS) {
    lines.push(`  and ${formatCountOf(running.length - SHOWN_PARTITIONS, 'hour')} more`);
  }
  const hours = `${formatCount(progress.partitionsDone + progress.partitionsFailed)}/${formatCount(progress.partitions)} hours`;
  const left = pace.leftMs === null ? '' : `  left ${formatDuration(pace.leftMs)}`;
  lines.push(
    `  ${formatBar(pace.objectsDone, progress.objects)}  ${formatRate(pace.eventsPerSecond)}${left}  ${hours}`,
    `  ${formatEventCounts(pace.accounting)}`,
  );
  return lines;
}

function formatBar(done: number, total: number): string {
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const cells = Math.floor(share * BAR_CELLS);
  return `[${'#'.repeat(cells)}${'-'.repeat(BAR_CELLS - cells)}] ${formatCount(done)}/${formatCount(total)}`;
}

function formatEventCounts({ events }: Accounting): string {
  const filtered = events.filtered > 0 ? `  filtered ${formatCount(events.filtered)}` : '';
  return (
    `loaded ${formatCount(events.loaded)}  dup ${formatCount(events.duplicates)}  ` +
    `quarantined ${formatCount(events.quarantined)}${filtered}`
  );
}

function formatHistory(event: LoadEvent): string | null {
  return event.type === 'partition-done' ? `  ${formatDone(event.result)}` : null;
}

function formatDone({ partition, accounting, durationMs }: PartitionResult): string {
  const { objects, events } = accounting;
  const unreadable = objects.unreadable > 0 ? `  unreadable ${formatCount(objects.unreadable)}` : '';
  const rate = formatRate(events.read / Math.max(0.001, durationMs / 1000));
  return (
    `${formatPartition(partition)}  ${formatCountOf(objects.listed, 'object')}  ` +
    `${formatEventCounts(accounting)}${unreadable}  ${rate}`
  );
}

function formatTrouble(event: LoadEvent): string | null {
  switch (event.type) {
    case 'partition-held':
      return `  ${formatPartition(event.partition)}  waiting: held by ${oneLine(event.holder, 60)}`;
    case 'retrying':
      return `  ${formatPartition(event.partition)}  attempt ${event.attempt}: ${oneLine(event.message)}`;
    case 'partition-failed':
      return `  ${formatPartition(event.partition)}  ${paint.red('FAILED')} ${event.code}: ${oneLine(event.message)}`;
    case 'rollups-failed':
      return `  ${paint.yellow('The dashboard shows this load with the next run')}: ${oneLine(event.message)}`;
    default:
      return null;
  }
}
