import { createHash } from 'node:crypto';
import type { EventSource, Rejection } from '../event.ts';
import type { Session } from '../ports.ts';
import type { PartitionStart } from '../time/partition.ts';
import { copyLine, copyBuffers } from './copy.ts';

/** A rejected event on its way into quarantine. */
export interface Quarantined {
  readonly source: EventSource;
  readonly rejection: Rejection;
  readonly eventId: string | null;
  readonly partition: PartitionStart;
  readonly modifiedAtMs: number;
  readonly text: string;
}

/** Of an event this much text is kept; the raw object always has all of it. */
const MAX_RAW_CHARACTERS = 256 * 1024;

/** The same event has the same name in quarantine, however often it is rejected. */
export function quarantineId({ key, index }: EventSource): string {
  return `q_${createHash('sha256').update(`${key}#${index}`).digest('hex').slice(0, 16)}`;
}

const COLUMNS =
  'quarantine_id, reason, field, expected, found, event_id, source_key, source_index, partition_start, modified_at, raw_text';

/** Makes the temporary table of writeQuarantine; once per transaction. */
export async function prepareQuarantine(session: Session): Promise<void> {
  await session.query(
    `CREATE TEMP TABLE IF NOT EXISTS sbw_rejected (
       quarantine_id text COLLATE "C", reason text, field text, expected text, found text, event_id text,
       source_key text, source_index integer, partition_start timestamptz, modified_at timestamptz,
       raw_text text) ON COMMIT DELETE ROWS`,
  );
}

/**
 * Writes rejected events; one that is there already counts another attempt.
 * @returns how many are in quarantine now, and how many had been resolved before (a replay loaded them): those
 *   are duplicates of rows, not new rejections
 */
export async function writeQuarantine(
  session: Session,
  events: readonly Quarantined[],
  runId: string,
): Promise<{ quarantined: number; resolved: number }> {
  if (events.length === 0) return { quarantined: 0, resolved: 0 };
  await session.query('TRUNCATE sbw_rejected');
  await session.copyIn(`COPY sbw_rejected (${COLUMNS}) FROM STDIN`, copyBuffers(events.map(lineOf)));
  const written = await session.query(
    `INSERT INTO sbw.quarantine AS q (${COLUMNS}, run_id)
     SELECT ${COLUMNS}, $1 FROM sbw_rejected ORDER BY quarantine_id
     ON CONFLICT (quarantine_id) DO UPDATE SET
       reason = excluded.reason, field = excluded.field, expected = excluded.expected, found = excluded.found,
       raw_text = excluded.raw_text, run_id = excluded.run_id, attempts = q.attempts + 1, last_seen_at = now()
     WHERE q.state = 'open'`,
    [runId],
  );
  const resolved = await session.query<{ count: string }>(
    `SELECT count(*) FROM sbw_rejected JOIN sbw.quarantine q USING (quarantine_id) WHERE q.state = 'resolved'`,
  );
  return { quarantined: written.rowCount, resolved: Number(resolved.rows[0]!.count) };
}

function lineOf({ source, rejection, eventId, partition, modifiedAtMs, text }: Quarantined): string {
  return copyLine([
    quarantineId(source),
    rejection.reason,
    rejection.field,
    rejection.expected,
    rejection.found,
    eventId,
    source.key,
    String(source.index),
    new Date(partition).toISOString(),
    new Date(modifiedAtMs).toISOString(),
    text.slice(0, MAX_RAW_CHARACTERS).toWellFormed(),
  ]);
}
