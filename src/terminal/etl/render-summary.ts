import { imbalance } from '../../etl/accounting.ts';
import type { Accounting } from '../../etl/accounting.ts';
import type { RunReport } from '../../etl/load/report.ts';
import { formatCount, formatDuration } from '../numbers.ts';
import { oneLine, paint } from '../paint.ts';
import { formatPartition } from './render-plan.ts';

/** Lines of one kind in a summary; the JSON and `sbw runs show` have them all. */
const SHOWN = 5;

export interface SummaryHints {
  /** Pasteable; loads what is not done. */
  readonly again: string;
  /** Pasteable; shows what this run quarantined. */
  readonly quarantine: string;
}

/** What a run did, as text: the two identities, what was rejected, what is left, and how to go on. */
export function formatRunSummary(report: RunReport, hints: SummaryHints): string {
  const { partitions, accounting } = report;
  const notDone = [
    ...partitions.failed.map(
      ({ partition, code, message }) => `${formatPartition(partition)}  ${code}: ${oneLine(message)}`,
    ),
    ...partitions.held.map((partition) => `${formatPartition(partition)}  held by another run`),
    ...partitions.notStarted.map((partition) => `${formatPartition(partition)}  not started`),
  ];
  const unreadable = report.unreadable.map(({ key, reason }) => `${oneLine(key)}  ${oneLine(reason)}`);
  const lines = [
    formatEnd(report),
    ...formatAccounting(accounting),
    ...formatReasons('quarantine', report.quarantine),
    ...formatReasons('new names', report.unknownNames),
    ...formatLeft('unreadable', unreadable, accounting.objects.unreadable),
    ...formatLeft('not done', notDone, notDone.length),
  ];
  if (notDone.length > 0 || accounting.objects.unreadable > 0) lines.push(labelled('go on', hints.again));
  if (accounting.events.quarantined > 0) lines.push(labelled('see', hints.quarantine));
  return lines.join('\n');
}

function formatEnd({ partitions, interrupted, durationMs, runId }: RunReport): string {
  // A run with nothing to do is not kept, so its name leads nowhere.
  if (partitions.planned === 0) return `Nothing to load (${formatDuration(durationMs)})`;
  return `${interrupted ? 'Stopped after' : 'Done in'} ${formatDuration(durationMs)}   run ${runId}`;
}

/** The two identities, one line each, and whether they hold. */
export function formatAccounting(accounting: Accounting): string[] {
  const { objects, events } = accounting;
  const off = imbalance(accounting);
  const n = formatCount;
  return [
    labelled(
      'objects',
      `${n(objects.listed)} listed = ${n(objects.read)} read + ${n(objects.unreadable)} unreadable + ` +
        `${n(objects.already_loaded)} already loaded${off.objects === 0 ? '' : `   ${notBalanced(off.objects)}`}`,
    ),
    labelled(
      'events',
      `${n(events.read)} read = ${n(events.loaded)} loaded + ${n(events.duplicates)} duplicates + ` +
        `${n(events.quarantined)} quarantined + ${n(events.filtered)} filtered   ${verdict(off)}`,
    ),
  ];
}

function verdict(off: { objects: number; events: number }): string {
  if (off.events !== 0) return notBalanced(off.events);
  return off.objects === 0 ? paint.green('balanced') : '';
}

function notBalanced(by: number): string {
  return paint.red(`NOT BALANCED by ${formatCount(by)}`);
}

function formatReasons(label: string, counts: Readonly<Record<string, number>>): string[] {
  const sorted = Object.entries(counts).sort(([, a], [, b]) => b - a);
  if (sorted.length === 0) return [];
  const shown = sorted.slice(0, SHOWN).map(([name, count]) => `${formatCount(count)} ${oneLine(name, 60)}`);
  if (sorted.length > SHOWN) shown.push(`and ${formatCount(sorted.length - SHOWN)} more`);
  return [labelled(label, shown.join('   '))];
}

function formatLeft(label: string, items: readonly string[], total: number): string[] {
  const lines = items.slice(0, SHOWN).map((item, index) => labelled(index === 0 ? label : '', item));
  if (total > lines.length)
    lines.push(labelled(lines.length === 0 ? label : '', `${formatCount(total - lines.length)} more`));
  return lines;
}

function labelled(label: string, text: string): string {
  return `  ${label.padEnd(11)}${text}`.trimEnd();
}
