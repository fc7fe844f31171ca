import type { VerifyReport } from '../../etl/load/verify.ts';
import { partitionName } from '../../etl/time/partition.ts';
import { formatCount, formatCountOf } from '../numbers.ts';
import { oneLine, paint } from '../paint.ts';

const SHOWN = 10;

/**
 * What the raw store and the warehouse say of each other.
 *
 * @param places flags that lead to the same raw store and warehouse, starting with a space
 */
export function formatVerify(report: VerifyReport, places: string): string {
  const { objects, events } = report;
  const n = formatCount;
  const lines = [
    formatVerdict(report),
    `  objects    ${n(objects.read)} read, ${n(objects.unreadable)} unreadable`,
    `  events     ${n(events.read)} read = ${n(events.in_warehouse)} in the warehouse + ` +
      `${n(events.in_quarantine)} in quarantine + ${n(events.filtered)} filtered + ` +
      `${n(events.missing)} missing + ${n(events.different)} different`,
  ];
  if (report.rows_without_object > 0) {
    lines.push(
      `  rows       ${formatCountOf(report.rows_without_object, 'row')} whose raw object is not in the store`,
    );
  }
  for (const finding of report.findings.slice(0, SHOWN)) {
    const id = finding.event_id === null ? '' : `  event ${oneLine(finding.event_id, 128)}`;
    lines.push(`  ${finding.kind.padEnd(11)}${oneLine(finding.source_key)} #${finding.source_index}${id}`);
  }
  const more = events.missing + events.different - Math.min(SHOWN, report.findings.length);
  if (more > 0) lines.push(`             and ${n(more)} more (--json has up to 100)`);
  for (const { key, reason } of report.unreadable.slice(0, SHOWN)) {
    lines.push(`  unreadable ${oneLine(key)}  ${oneLine(reason)}`);
  }
  if (events.missing > 0) lines.push(`  load them  sbw etl backfill ${windowFlags(report)}${places}`);
  else if (events.different > 0)
    lines.push(`  rewrite    sbw etl backfill ${windowFlags(report)} --reprocess all${places}`);
  return lines.join('\n');
}

function formatVerdict({ consistent, events }: VerifyReport): string {
  if (consistent) return `${paint.green('ok')}  every raw event is accounted for`;
  return events.missing + events.different === 0
    ? `${paint.yellow('INCOMPLETE')}  not every raw event could be checked`
    : `${paint.red('DIFFERENT')}  raw store and warehouse disagree`;
}

function windowFlags({ window }: VerifyReport): string {
  return `--from ${partitionName(window.fromMs)} --to ${partitionName(window.beforeMs)}`;
}
