import type { EventSource } from '../../etl/event.ts';
import type { StoredRow } from '../../etl/store/events.ts';
import type { QuarantineRow } from '../../etl/store/quarantine.ts';
import { oneLine } from '../paint.ts';
import { formatQuarantined, formatRaw } from './render-quarantine.ts';

/** All that is known of one event id. */
export interface FoundEvent {
  readonly event_id: string;
  readonly row: StoredRow | null;
  readonly source: (EventSource & { readonly store: string }) | null;
  readonly raw: string | null;
  /** Why `raw` is null although there is a source. */
  readonly raw_problem: string | null;
  readonly quarantine: readonly QuarantineRow[];
}

/** `sbw data show`: the row's filled columns, its raw text, and what quarantine has under the same id. */
export function formatEvent(found: FoundEvent): string {
  const { row, source } = found;
  const lines = [`event ${oneLine(found.event_id, 128)}   ${row === null ? 'not loaded' : 'loaded'}`];
  if (row !== null) {
    const width = Math.max(...Object.keys(row).map((column) => column.length));
    for (const [column, value] of Object.entries(row)) {
      if (value !== null) lines.push(`  ${column.padEnd(width)}  ${oneLine(value, 1000)}`);
    }
  }
  if (source !== null)
    lines.push(
      `  source     ${oneLine(`${source.store.replace(/\/$/, '')}/${source.key} #${source.index}`, 400)}`,
    );
  if (row !== null) {
    lines.push(
      found.raw === null
        ? `  raw        not shown: ${oneLine(found.raw_problem ?? 'no source is known')}`
        : formatRaw(found.raw),
    );
  }
  for (const rejected of found.quarantine) lines.push('', formatQuarantined(rejected));
  return lines.join('\n');
}
