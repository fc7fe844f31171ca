import { FIELDS } from '../contract/fields.ts';
import type { EventRow, EventSource } from '../event.ts';
import type { Session } from '../ports.ts';
import { copyBuffers, copyLine, slicesOf } from './copy.ts';

/** A row on its way into the warehouse. */
export interface StagedRow {
  readonly row: EventRow;
  readonly source: EventSource;
}

const names = FIELDS.map((field) => field.column);
const COLUMNS = [...names, 'source_key', 'source_index'].join(', ');
/** What the client sent. A retry of the same event differs in none of these. */
const CONTENT = names.filter(
  (name) => !['event_id', 'event_timestamp', 'received_at', 'is_bot'].includes(name),
);
const contentOf = (alias: string): string => `(${CONTENT.map((name) => `${alias}.${name}`).join(', ')})`;
/** The first received is the row, the others are its duplicates or conflict with it: the same in any order of loading. */
const rankOf = (alias: string): string =>
  `(${alias}.event_timestamp, ${alias}.source_key, ${alias}.source_index)`;
const isSame = `${contentOf('s')} IS NOT DISTINCT FROM ${contentOf('e')}`;
const isEarlier = `${rankOf('s')} < ${rankOf('e')}`;
/** Staged rows that INSERT did not add, with the row that was there. */
const MET = `sbw_stage s JOIN public.clickstream_events e USING (event_id)
  WHERE (e.source_key, e.source_index, e.loaded_run) IS DISTINCT FROM (s.source_key, s.source_index, $1)`;

/** Makes the temporary table that rows pass through; once per transaction. */
export async function prepareStage(session: Session): Promise<void> {
  await session.query(
    `CREATE TEMP TABLE IF NOT EXISTS sbw_stage ON COMMIT DELETE ROWS AS
     SELECT ${COLUMNS} FROM public.clickstream_events WITH NO DATA`,
  );
}

/**
 * COPY of rows into the stage, in place of what was there.
 * @param lines whole lines of stageLine, in buffers of any length
 * @returns rows staged, as PostgreSQL counted them
 */
export async function stageRows(session: Session, lines: Iterable<Buffer>): Promise<number> {
  await session.query('TRUNCATE sbw_stage');
  return session.copyIn(`COPY sbw_stage (${COLUMNS}) FROM STDIN`, slicesOf(lines));
}

/** A staged row as a line of COPY. */
export function stageLine({ row, source }: StagedRow): string {
  return copyLine([...row, source.key, String(source.index)]);
}

/**
 * Adds the staged rows whose ids are new, and marks their hours for the rollups in the same breath: rows and marks
 * are there together or not at all. @returns rows really added
 */
export async function insertStaged(session: Session, runId: string): Promise<number> {
  const { rows } = await session.query<{ added: string }>(
    // In id order: two loaders that meet the same ids wait for each other instead of locking each other out.
    `WITH added AS (
       INSERT INTO public.clickstream_events (${COLUMNS}, loaded_run)
       SELECT ${COLUMNS}, $1 FROM sbw_stage ORDER BY event_id ON CONFLICT (event_id) DO NOTHING
       RETURNING event_timestamp),
     hours AS (SELECT date_trunc('hour', event_timestamp) AS hour, count(*) AS events FROM added GROUP BY 1),
     marked AS (INSERT INTO dash.dirty SELECT hour FROM hours)
     SELECT coalesce(sum(events), 0)::text AS added FROM hours`,
    [runId],
  );
  return Number(rows[0]!.added);
}

/** A row that stands in the warehouse although an earlier receipt of the same id turned up. */
export interface Displaced {
  readonly event_id: string;
  readonly source_key: string;
  readonly source_index: number;
  /** The whole row as JSON, in case its raw object is gone. */
  readonly row: Record<string, unknown>;
  readonly event_timestamp: Date;
}

/**
 * Staged events that were received before the row of the same id take its place, so that the table does not
 * depend on the order of loading. With `rewrite`, a staged event also replaces its own older version (the rules
 * or the object changed).
 * @returns how many took over, and the rows with other content that had to go
 */
export async function displaceLater(
  session: Session,
  runId: string,
  rewrite: boolean,
): Promise<{ replaced: number; displaced: Displaced[] }> {
  const isOwn = '(s.source_key, s.source_index) = (e.source_key, e.source_index)';
  const isOld = `(NOT ${isSame} OR s.is_bot IS DISTINCT FROM e.is_bot)`;
  const takesOver = `(${isEarlier}${rewrite ? ` OR (${isOwn} AND ${isOld})` : ''})`;
  const { rows } = await session.query<Displaced>(
    `SELECT e.event_id, e.source_key, e.source_index, e.event_timestamp, to_jsonb(e) AS row
       FROM ${MET} AND ${isEarlier} AND NOT (${isSame}) ORDER BY e.event_id FOR UPDATE OF e`,
    [runId],
  );
  const assignments = [...names.slice(1), 'source_key', 'source_index'].map((name) => `${name} = s.${name}`);
  const { rowCount } = await session.query(
    `UPDATE public.clickstream_events e SET ${assignments.join(', ')}, loaded_run = $1 FROM sbw_stage s
      WHERE s.event_id = e.event_id AND ${takesOver}
        AND (e.source_key, e.source_index, e.loaded_run) IS DISTINCT FROM (s.source_key, s.source_index, $1)`,
    [runId],
  );
  return { replaced: rowCount, displaced: rows };
}

/**
 * Tells the staged rows that are not in the warehouse apart: the same content again is a duplicate, other
 * content a conflict.
 */
export async function judgeStaged(
  session: Session,
  runId: string,
): Promise<{ duplicates: number; conflicts: EventSource[] }> {
  const counted = await session.query<{ duplicates: string; conflicts: string }>(
    `SELECT count(*) FILTER (WHERE ${isSame}) AS duplicates, count(*) FILTER (WHERE NOT (${isSame})) AS conflicts
       FROM ${MET}`,
    [runId],
  );
  const { duplicates, conflicts } = counted.rows[0]!;
  if (conflicts === '0') return { duplicates: Number(duplicates), conflicts: [] };
  const { rows } = await session.query<{ source_key: string; source_index: number }>(
    `SELECT s.source_key, s.source_index FROM ${MET} AND NOT (${isSame})`,
    [runId],
  );
  return {
    duplicates: Number(duplicates),
    conflicts: rows.map((row) => ({ key: row.source_key, index: row.source_index })),
  };
}

/** Closes quarantine rows whose events are staged: after a change of rules they load. */
export async function resolveStaged(session: Session, runId: string): Promise<void> {
  await session.query(
    `UPDATE sbw.quarantine q SET state = 'resolved', resolved_at = now(), resolved_run = $1
       FROM sbw_stage s JOIN public.clickstream_events e USING (event_id)
      WHERE q.state = 'open' AND (q.source_key, q.source_index) = (s.source_key, s.source_index)
        AND (e.source_key, e.source_index) = (s.source_key, s.source_index)`,
    [runId],
  );
}

/** What verify asks of a staged event: whether the warehouse or the quarantine accounts for it. */
export async function compareStaged(session: Session): Promise<{
  in_warehouse: number;
  in_quarantine: number;
  findings: { kind: 'missing' | 'different'; source_key: string; source_index: number; event_id: string }[];
}> {
  const matched = `sbw_stage s LEFT JOIN public.clickstream_events e USING (event_id)
    LEFT JOIN sbw.quarantine q ON (q.source_key, q.source_index) = (s.source_key, s.source_index)`;
  const isRow = `(e.source_key IS NOT NULL AND ${isSame})`;
  const counted = await session.query<{ in_warehouse: string; in_quarantine: string }>(
    `SELECT count(*) FILTER (WHERE ${isRow}) AS in_warehouse,
            count(*) FILTER (WHERE NOT ${isRow} AND q.quarantine_id IS NOT NULL) AS in_quarantine FROM ${matched}`,
  );
  const { rows } = await session.query<{
    kind: 'missing' | 'different';
    source_key: string;
    source_index: number;
    event_id: string;
  }>(
    `SELECT CASE WHEN e.source_key IS NULL THEN 'missing' ELSE 'different' END AS kind,
            s.source_key, s.source_index, s.event_id
       FROM ${matched} WHERE NOT ${isRow} AND q.quarantine_id IS NULL ORDER BY 2, 3`,
  );
  const { in_warehouse, in_quarantine } = counted.rows[0]!;
  return { in_warehouse: Number(in_warehouse), in_quarantine: Number(in_quarantine), findings: rows };
}

/** Notes keys that the raw store has, for countStrangers in the same transaction. */
export async function rememberKeys(session: Session, keys: readonly string[]): Promise<void> {
  await session.query(
    'CREATE TEMP TABLE IF NOT EXISTS sbw_keys (key text COLLATE "C") ON COMMIT DELETE ROWS',
  );
  await session.copyIn('COPY sbw_keys FROM STDIN', copyBuffers(keys.map((key) => copyLine([key]))));
}

/** Rows from objects of the range that rememberKeys was not told of. */
export async function countStrangers(
  session: Session,
  range: { readonly from: string; readonly before: string },
): Promise<number> {
  await rememberKeys(session, []);
  const { rows } = await session.query<{ count: string }>(
    `SELECT count(*) FROM public.clickstream_events e WHERE source_key >= $1 AND source_key < $2
       AND source_key ~ '^events/\\d{4}/\\d{2}/\\d{2}/\\d{2}/'
       AND NOT EXISTS (SELECT FROM sbw_keys k WHERE k.key = e.source_key)`,
    [range.from, range.before],
  );
  return Number(rows[0]!.count);
}
