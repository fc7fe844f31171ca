import type { Accounting } from '../accounting.ts';
import type { LedgerSummary, Window } from '../plan/plan.ts';
import type { Session } from '../ports.ts';
import type { PartitionStart } from '../time/partition.ts';

/** What one load adds to the ledger row of its partition. */
export interface LedgerUpdate {
  readonly partition: PartitionStart;
  readonly state: 'loaded' | 'open';
  readonly fingerprint: string;
  readonly bytes: number;
  readonly newestModifiedAtMs: number;
  readonly objectDigests: Buffer;
  readonly accounting: Accounting;
  readonly runId: string;
}

const instant = (ms: number): string => new Date(ms).toISOString();

/** The ledger's rows within the window, for planning. */
export async function readLedger(session: Session, window: Window): Promise<LedgerSummary[]> {
  const { rows } = await session.query<SummaryRow>(
    `SELECT partition_start, state, fingerprint, objects_loaded FROM sbw.ledger
      WHERE partition_start >= $1 AND partition_start < $2`,
    [instant(window.fromMs), instant(window.beforeMs)],
  );
  return rows.map(summaryOf);
}

/** What the ledger holds of one partition, with the objects it remembers; null when it was never loaded. */
export async function readPartition(
  session: Session,
  partition: PartitionStart,
): Promise<(LedgerSummary & { objectDigests: Buffer }) | null> {
  const { rows } = await session.query<SummaryRow & { object_digests: Buffer }>(
    `SELECT partition_start, state, fingerprint, objects_loaded, object_digests FROM sbw.ledger
      WHERE partition_start = $1`,
    [instant(partition)],
  );
  const row = rows[0];
  return row === undefined ? null : { ...summaryOf(row), objectDigests: row.object_digests };
}

/** Partitions that wait for another try: those that ended open. */
export async function readOpenPartitions(session: Session): Promise<PartitionStart[]> {
  const { rows } = await session.query<{ partition_start: Date }>(
    `SELECT partition_start FROM sbw.ledger WHERE state = 'open' ORDER BY partition_start`,
  );
  return rows.map((row) => row.partition_start.getTime());
}

/** The newest loaded partition: where an incremental run goes on from. Null when nothing was loaded yet. */
export async function readNewestPartition(session: Session): Promise<PartitionStart | null> {
  const { rows } = await session.query<{ newest: Date | null }>(
    'SELECT max(partition_start) AS newest FROM sbw.ledger',
  );
  return rows[0]?.newest?.getTime() ?? null;
}

/** Events read per partition of the window, whatever became of them; for comparing hours with each other. */
export async function readHourlyEvents(
  session: Session,
  window: Window,
): Promise<Map<PartitionStart, number>> {
  const { rows } = await session.query<{ partition_start: Date; events_read: string }>(
    `SELECT partition_start, events_read - duplicates AS events_read FROM sbw.ledger
      WHERE partition_start >= $1 AND partition_start < $2`,
    [instant(window.fromMs), instant(window.beforeMs)],
  );
  return new Map(rows.map((row) => [row.partition_start.getTime(), Number(row.events_read)]));
}

/** Writes the partition's row; event counts add up over all loads, object counts are those of the last listing. */
export async function writePartition(session: Session, update: LedgerUpdate): Promise<void> {
  const { objects, events } = update.accounting;
  await session.query(
    `INSERT INTO sbw.ledger AS l (partition_start, state, fingerprint, objects_listed, objects_loaded, bytes,
       newest_modified_at, object_digests, events_read, loaded, duplicates, quarantined, filtered, run_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
     ON CONFLICT (partition_start) DO UPDATE SET
       state = excluded.state, fingerprint = excluded.fingerprint, objects_listed = excluded.objects_listed,
       objects_loaded = excluded.objects_loaded, bytes = excluded.bytes,
       newest_modified_at = excluded.newest_modified_at, object_digests = excluded.object_digests,
       events_read = l.events_read + excluded.events_read, loaded = l.loaded + excluded.loaded,
       duplicates = l.duplicates + excluded.duplicates, quarantined = l.quarantined + excluded.quarantined,
       filtered = l.filtered + excluded.filtered, run_id = excluded.run_id, loaded_at = now()`,
    [
      instant(update.partition),
      update.state,
      update.fingerprint,
      objects.listed,
      objects.read + objects.already_loaded,
      update.bytes,
      instant(update.newestModifiedAtMs),
      update.objectDigests,
      events.read,
      events.loaded,
      events.duplicates,
      events.quarantined,
      events.filtered,
      update.runId,
    ],
  );
}

interface SummaryRow {
  partition_start: Date;
  state: 'loaded' | 'open';
  fingerprint: string;
  objects_loaded: number;
}

function summaryOf(row: SummaryRow): LedgerSummary {
  return {
    partition: row.partition_start.getTime(),
    state: row.state,
    fingerprint: row.fingerprint,
    objectsLoaded: row.objects_loaded,
  };
}
