import type { GapsReport } from '../../etl/plan/gaps.ts';
import { HOUR_MS, partitionName } from '../../etl/time/partition.ts';
import { formatBytes, formatCount, formatCountOf } from '../numbers.ts';
import { paint } from '../paint.ts';
import { formatTable } from '../table.ts';
import { formatPartition } from './render-plan.ts';

/**
 * The hours with gaps in order, what is wrong with each, and the command that loads them.
 *
 * @param places flags that lead to the same raw store and warehouse, starting with a space
 */
export function formatGaps(report: GapsReport, places: string): string {
  const rows = [
    ...report.missing.map(({ partition, objects, bytes }) => ({
      partition,
      cells: ['missing', `${formatCountOf(objects, 'object')}, ${formatBytes(bytes)}, never loaded`],
    })),
    ...report.late.map(({ partition, objects, objectsLoaded }) => ({
      partition,
      cells: [
        'late',
        `${formatCount(objectsLoaded)} of ${formatCountOf(objects, 'object')} loaded, the listing changed since`,
      ],
    })),
    ...report.open.map(({ partition, objects, objectsLoaded }) => ({
      partition,
      cells: [
        'open',
        `${formatCount(objectsLoaded)} of ${formatCountOf(objects, 'object')} loaded, the rest was unreadable`,
      ],
    })),
  ];
  const quiet = report.quiet.map(({ partition, events, expected }) => ({
    partition,
    cells: ['quiet', `${formatCountOf(events, 'event')}, usually ${formatCount(expected)}`],
  }));
  if (rows.length + quiet.length === 0) return `${paint.green('ok')}  no gaps`;
  const all = [...rows, ...quiet].sort((a, b) => a.partition - b.partition);
  const table = formatTable(
    [{ title: 'hour (UTC)' }, { title: 'gap' }, { title: '' }],
    all.map(({ partition, cells }) => [formatPartition(partition), ...cells]),
  );
  if (rows.length === 0) return table;
  const starts = rows.map(({ partition }) => partition).sort((a, b) => a - b);
  const from = partitionName(starts[0] ?? 0);
  const to = partitionName((starts.at(-1) ?? 0) + HOUR_MS);
  return `${table}\n\nload them  sbw etl backfill --from ${from} --to ${to}${places}`;
}
