import type { ReplayReport } from '../../etl/load/replay.ts';
import type { countQuarantine, QuarantineRow } from '../../etl/store/quarantine.ts';
import { formatCount, formatCountOf, formatTime } from '../numbers.ts';
import { oneLine, paint, printable } from '../paint.ts';
import { formatTable } from '../table.ts';

export type QuarantineGroup = Awaited<ReturnType<typeof countQuarantine>>[number];

/** Raw text shown of one event; `--json` and the raw object have all of it. */
const RAW_SHOWN = 4000;

/** `sbw data quarantine ls`: how many for which reason, then the events themselves. */
export function formatQuarantine(groups: readonly QuarantineGroup[], rows: readonly QuarantineRow[]): string {
  const total = groups.reduce((sum, group) => sum + group.events, 0);
  if (total === 0) return 'nothing in quarantine';
  const reasons = formatTable(
    [
      { title: 'reason' },
      { title: 'field' },
      { title: 'events', align: 'right' },
      { title: 'first seen (UTC)' },
      { title: 'last seen' },
    ],
    groups.map((group) => [
      oneLine(group.reason, 40),
      oneLine(group.field ?? '-', 40),
      formatCount(group.events),
      formatTime(group.first_seen_at),
      formatTime(group.last_seen_at),
    ]),
  );
  const events = formatTable(
    [
      { title: 'id' },
      { title: 'reason' },
      { title: 'found' },
      { title: 'tries', align: 'right' },
      { title: 'source' },
    ],
    rows.map((row) => [
      row.quarantine_id,
      row.state === 'resolved' ? `${oneLine(row.reason, 40)} (resolved)` : oneLine(row.reason, 40),
      oneLine(row.found, 40),
      formatCount(row.attempts),
      oneLine(`${row.source_key} #${row.source_index}`, 120),
    ]),
  );
  const shown =
    rows.length < total
      ? `\n${formatCount(rows.length)} of ${formatCountOf(total, 'event')} shown; more with --limit`
      : '';
  return `${reasons}\n\n${events}${shown}`;
}

/** `sbw data quarantine show`: one event, why it was rejected, and how to try it again. */
export function formatQuarantined(row: QuarantineRow): string {
  const lines = [
    `${row.quarantine_id}  ${formatRejection(row)}`,
    `  state      ${row.state}${row.resolved_run === null ? '' : ` by run ${row.resolved_run}`}, tried ${formatCountOf(row.attempts, 'time')}`,
    `  seen       first ${formatTime(row.first_seen_at)}, last ${formatTime(row.last_seen_at)} UTC, by run ${row.run_id}`,
    `  event id   ${oneLine(row.event_id ?? 'none', 128)}`,
    `  source     ${oneLine(`${row.source_key} #${row.source_index}`, 400)}`,
    formatRaw(row.raw_text),
  ];
  if (row.state === 'open')
    lines.push(`  try again  sbw data quarantine replay ${row.quarantine_id}${exampleEdit(row)} --dry-run`);
  return lines.join('\n');
}

/** `price_not_number  product.price: expected a decimal number, found "19,99"`. */
export function formatRejection(row: QuarantineRow): string {
  const field = row.field === null ? '' : `${oneLine(row.field, 80)}: `;
  return `${paint.yellow(row.reason)}  ${field}expected ${oneLine(row.expected)}, found ${oneLine(row.found)}`;
}

/** The raw text of an event as the last part of a description. */
export function formatRaw(text: string): string {
  const cut =
    text.length > RAW_SHOWN
      ? `${text.slice(0, RAW_SHOWN)}\n... ${formatCount(text.length - RAW_SHOWN)} more characters`
      : text;
  return `  raw        ${printable(cut).replaceAll('\n', '\n             ')}`;
}

export function formatReplay(report: ReplayReport): string {
  const { tried, loaded, duplicates, quarantined, filtered } = report;
  const n = formatCount;
  const balance = report.balanced ? paint.green('balanced') : paint.red('NOT BALANCED');
  const lines = [
    report.isDryRun ? 'Dry run: nothing was changed' : `Done   run ${report.runId}`,
    `  events     ${n(tried)} tried = ${n(loaded)} loaded + ${n(duplicates)} duplicates + ` +
      `${n(quarantined)} still rejected + ${n(filtered)} filtered   ${balance}`,
  ];
  const reasons = Object.entries(report.reasons).sort(([, a], [, b]) => b - a);
  if (reasons.length > 0) {
    lines.push(
      `  rejected   ${reasons.map(([reason, count]) => `${n(count)} ${oneLine(reason, 40)}`).join('   ')}`,
    );
  }
  return lines.join('\n');
}

/** The edit that most often repairs this reason; empty when there is none to suggest. */
function exampleEdit({ reason, field }: QuarantineRow): string {
  if (field === null || !/^[\w.]+$/.test(field)) return '';
  if (reason === 'price_not_number') return ` --set '${field}|=comma_decimal'`;
  if (reason === 'nul_character') return ` --set '${field}|=strip_nul'`;
  if (reason === 'not_boolean') return ` --set '${field}=false'`;
  return '';
}
