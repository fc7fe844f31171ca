import type { LoadPlan, PlanReason, Window } from '../../etl/plan/plan.ts';
import { wallClock } from '../../etl/time/instant.ts';
import { HOUR_MS } from '../../etl/time/partition.ts';
import type { PartitionStart } from '../../etl/time/partition.ts';
import { formatBytes, formatCount, formatCountOf, formatTime } from '../numbers.ts';
import { paint } from '../paint.ts';
import { formatTable } from '../table.ts';

const REASON: Readonly<Record<PlanReason, string>> = {
  new: 'new',
  late: 'late objects',
  open: 'left open',
  reprocess: 'reprocess',
};

/** `2025-12-06 05h`: a partition in tables and lines; UTC. */
export function formatPartition(partition: PartitionStart): string {
  return `${new Date(partition).toISOString().slice(0, 13).replace('T', ' ')}h`;
}

/**
 * `Window  2025-12-01 00:00 -> 2025-12-08 00:00 UTC (end not included)  168 hours`
 *
 * @param zone also shows both ends on this zone's clock
 * @param widened the operator named ends inside an hour
 */
export function formatWindow(window: Window, zone: string | null = null, widened = false): string {
  const hours = (window.beforeMs - window.fromMs) / HOUR_MS;
  const ends = `${formatTime(window.fromMs)} -> ${formatTime(window.beforeMs)} UTC (end not included)`;
  const lines = [
    `Window  ${ends}  ${formatCountOf(hours, 'hour')}${widened ? ', widened to whole hours' : ''}`,
  ];
  if (zone !== null) {
    lines.push(`        ${wallClock(window.fromMs, zone)} -> ${wallClock(window.beforeMs, zone)} ${zone}`);
  }
  return lines.join('\n');
}

/** One line of totals: what the plan reads and what it leaves. */
export function formatPlanTotals(plan: LoadPlan): string {
  const { objects, bytes, alreadyLoaded } = totalsOf(plan);
  const unchanged = formatCountOf(plan.unchanged.partitions, 'hour');
  const rest =
    plan.unchanged.partitions === 0
      ? ''
      : `${unchanged} with ${formatCountOf(plan.unchanged.objects, 'object')} unchanged   `;
  const todo =
    plan.partitions.length === 0
      ? 'nothing to load'
      : `read ${formatCount(objects - alreadyLoaded)} of ${formatCountOf(objects, 'object')} ` +
        `(${formatBytes(bytes)}) in ` +
        formatCountOf(plan.partitions.length, 'hour');
  const lines = [`Plan ${plan.id}   ${todo}   ${paint.dim(`${rest}reprocess: ${plan.reprocess}`)}`];
  if (plan.foreignObjects > 0) {
    lines.push(`  ${formatCountOf(plan.foreignObjects, 'object')} in the window are no raw events; not read`);
  }
  return lines.join('\n');
}

/** The totals and one row per hour: the dry run's answer. */
export function formatPlan(plan: LoadPlan): string {
  if (plan.partitions.length === 0) return formatPlanTotals(plan);
  const table = formatTable(
    [
      { title: 'hour (UTC)' },
      { title: 'objects', align: 'right' },
      { title: 'bytes', align: 'right' },
      { title: 'already loaded', align: 'right' },
      { title: 'reason' },
    ],
    plan.partitions.map(({ partition, objects, bytes, alreadyLoaded, reason }) => [
      formatPartition(partition),
      formatCount(objects),
      formatBytes(bytes),
      formatCount(alreadyLoaded),
      REASON[reason],
    ]),
  );
  return `${formatPlanTotals(plan)}\n\n${table}`;
}

function totalsOf(plan: LoadPlan): { objects: number; bytes: number; alreadyLoaded: number } {
  const totals = { objects: 0, bytes: 0, alreadyLoaded: 0 };
  for (const partition of plan.partitions) {
    totals.objects += partition.objects;
    totals.bytes += partition.bytes;
    totals.alreadyLoaded += partition.alreadyLoaded;
  }
  return totals;
}
