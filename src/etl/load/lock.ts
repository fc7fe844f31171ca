import { SbwError } from '../../errors.ts';
import type { Session } from '../ports.ts';
import { HOUR_MS, partitionName, type PartitionStart } from '../time/partition.ts';
import type { LoadDeps } from './load.ts';

/** The first half of the advisory lock's key, so that other users of advisory locks do not meet ours. */
const LOCK_SPACE = 0x5b77;
const POLL_MS = 250;
/** An hour of ordinary size is loaded in seconds; after this the next run will see to it. */
const PATIENCE_MS = 60_000;

/**
 * Takes the partition for this transaction; the lock goes with it, however it ends. While another run holds the
 * partition we wait, and then find in the ledger what it loaded.
 * @throws SbwError PARTITION_HELD after a minute
 */
export async function lockPartition(
  deps: Pick<LoadDeps, 'clock' | 'emit' | 'now'>,
  session: Session,
  partition: PartitionStart,
): Promise<void> {
  const hour = partition / HOUR_MS;
  const startedAt = deps.clock.now().getTime();
  for (let isFirst = true; ; isFirst = false) {
    const { rows } = await session.query<{ locked: boolean }>(
      'SELECT pg_try_advisory_xact_lock($1, $2) AS locked',
      [LOCK_SPACE, hour],
    );
    if (rows[0]?.locked === true) return;
    const holder = isFirst ? await findHolder(session, hour) : '';
    if (isFirst) deps.emit({ type: 'partition-held', partition, holder });
    if (deps.now.aborted || deps.clock.now().getTime() - startedAt > PATIENCE_MS) {
      throw new SbwError('PARTITION_HELD', `Another run holds ${partitionName(partition)}.`, {
        kind: 'incomplete',
      });
    }
    await deps.clock.sleep(POLL_MS);
  }
}

async function findHolder(session: Session, hour: number): Promise<string> {
  const { rows } = await session.query<{ application_name: string }>(
    `SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid)
      WHERE l.locktype = 'advisory' AND l.granted AND l.classid = $1 AND l.objid = $2
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [LOCK_SPACE, hour],
  );
  return rows[0]?.application_name ?? 'another run';
}
