import type { RefreshReport } from '../../etl/rollups/refresh.ts';
import { formatCountOf, formatDuration } from '../numbers.ts';

/** `  24 hours, 6,938 events` */
export function formatRebuildProgress({ hours, events }: RefreshReport): string {
  return `  ${formatCountOf(hours, 'hour')}, ${formatCountOf(events, 'event')}`;
}

export function formatRebuilt(done: RefreshReport, isStopped: boolean, durationMs: number): string {
  const what = `${formatCountOf(done.events, 'event')} of ${formatCountOf(done.hours, 'hour')}`;
  return isStopped
    ? `Stopped after ${formatDuration(durationMs)}: ${what} rolled up. The next load goes on, or: sbw etl run`
    : `Done in ${formatDuration(durationMs)}: ${what} rolled up`;
}
