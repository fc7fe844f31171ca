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

/** One row of `sbw.quarantine`, as commands show it. */
export interface QuarantineRow {
  readonly quarantine_id: string;
  readonly state: 'open' | 'resolved';
  readonly reason: string;
  readonly field: string | null;
  readonly expected: string;
  readonly found: string;
  readonly event_id: string | null;
  readonly source_key: string;
  readonly source_index: number;
  readonly partition_start: Date;
  readonly modified_at: Date;
  readonly raw_text: string;
  readonly run_id: string;
  readonly attempts: number;
  readonly first_seen_at: Date;
  readonly last_seen_at: Date;
  readonly resolved_at: Date | null;
  readonly resolved_run: string | null;
}

export interface QuarantineFilter {
  readonly ids?: readonly string[];
  readonly reason?: string;
  readonly runId?: string;
  readonly eventId?: string;
  readonly state: 'open' | 'resolved' | 'all';
  /** Of the partition. */
  readonly fromMs?: number;
  readonly beforeMs?: number;
  readonly limit?: number;
}

/** Quarantined events in the order of their ids; `afterId` goes on behind one, for walking through all. */
export async function listQuarantine(
  session: Session,
  filter: QuarantineFilter,
  afterId = '',
): Promise<QuarantineRow[]> {
  const { sql, params } = conditionsOf(filter);
  params.push(afterId, filter.limit ?? 1_000_000);
  const { rows } = await session.query<QuarantineRow>(
    `SELECT * FROM sbw.quarantine WHERE ${sql} AND quarantine_id > $${params.length - 1}
      ORDER BY quarantine_id LIMIT $${params.length}`,
    params,
  );
  return rows;
}

export async function findQuarantined(session: Session, id: string): Promise<QuarantineRow | null> {
  return (await listQuarantine(session, { ids: [id], state: 'all' }))[0] ?? null;
}

/** How many there are by reason and field, most first. */
export async function countQuarantine(
  session: Session,
  filter: QuarantineFilter,
): Promise<
  {
    reason: string;
    field: string | null;
    events: number;
    first_seen_at: Date;
    last_seen_at: Date;
    example: string;
  }[]
> {
  const { sql, params } = conditionsOf(filter);
  const { rows } = await session.query<{
    reason: string;
    field: string | null;
    events: string;
    first_seen_at: Date;
    last_seen_at: Date;
    example: string;
  }>(
    `SELECT reason, field, count(*) AS events, min(first_seen_at) AS first_seen_at,
            max(last_seen_at) AS last_seen_at, min(quarantine_id) AS example
       FROM sbw.quarantine WHERE ${sql} GROUP BY reason, field ORDER BY count(*) DESC, reason, field`,
    params,
  );
  return rows.map((row) => ({ ...row, events: Number(row.events) }));
}

function conditionsOf(filter: QuarantineFilter): { sql: string; params: unknown[] } {
  const conditions = ['true'];
  const params: unknown[] = [];
  const add = (condition: string, value: unknown): void => {
    if (value === undefined) return;
    params.push(value);
    conditions.push(condition.replace('?', `$${params.length}`));
  };
  const instant = (ms: number | undefined): string | undefined =>
    ms === undefined ? ms : new Date(ms).toISOString();
  add('quarantine_id = ANY (?)', filter.ids);
  add('reason = ?', filter.reason);
  add('run_id = ?', filter.runId);
  add('event_id = ?', filter.eventId);
  add('state = ?', filter.state === 'all' ? undefined : filter.state);
  add('partition_start >= ?', instant(filter.fromMs));
  add('partition_start < ?', instant(filter.beforeMs));
  return { sql: conditions.join(' AND '), params };
}
