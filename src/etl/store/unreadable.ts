import type { Session } from '../ports.ts';
import type { PartitionStart } from '../time/partition.ts';

export interface Unreadable {
  readonly key: string;
  readonly reason: string;
}

/** Objects of the partition that were read at last (or are gone) leave the list. */
export async function forgetUnreadable(
  session: Session,
  partition: PartitionStart,
  still: readonly Unreadable[],
): Promise<void> {
  await session.query('DELETE FROM sbw.unreadable WHERE partition_start = $1 AND source_key <> ALL ($2)', [
    new Date(partition).toISOString(),
    still.map(({ key }) => key),
  ]);
}

/** Objects that could not be read now; the next run tries them again. */
export async function writeUnreadable(
  session: Session,
  partition: PartitionStart,
  unreadable: readonly Unreadable[],
  runId: string,
): Promise<void> {
  if (unreadable.length === 0) return;
  await session.query(
    `INSERT INTO sbw.unreadable AS u (source_key, reason, partition_start, run_id)
     SELECT key, reason, $3, $4 FROM unnest($1::text[], $2::text[]) AS t (key, reason)
     ON CONFLICT (source_key) DO UPDATE SET reason = excluded.reason, run_id = excluded.run_id,
       attempts = u.attempts + 1, last_seen_at = now()`,
    [unreadable.map((u) => u.key), unreadable.map((u) => u.reason), new Date(partition).toISOString(), runId],
  );
}
