import { COLUMNS } from '../contract/fields.ts';
import type { EventSource } from '../event.ts';
import type { Session } from '../ports.ts';

/** A row of public.clickstream_events by column, in PostgreSQL's text form (times in the session's zone, UTC). */
export type StoredRow = Readonly<Record<string, string | null>>;

/** The row of an event, or null when no event with this id is loaded. */
export async function findRow(session: Session, eventId: string): Promise<StoredRow | null> {
  // As text: a JavaScript number would round a NUMERIC.
  const columns = COLUMNS.map((column) => `${column}::text`).join(', ');
  const { rows } = await session.query<StoredRow>(
    `SELECT ${columns} FROM public.clickstream_events WHERE event_id = $1`,
    [eventId],
  );
  return rows[0] ?? null;
}

/** Where a row came from; null for rows that something else than sbw wrote. */
export function sourceOf(row: StoredRow): EventSource | null {
  const { source_key: key, source_index: index } = row;
  return key === null || key === undefined ? null : { key, index: Number(index ?? 0) };
}
