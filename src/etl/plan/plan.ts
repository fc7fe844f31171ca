import { createHash } from 'node:crypto';
import type { PartitionStart } from '../time/partition.ts';

/** Which partitions a run loads: what the ledger misses, what ended open, or everything in the window. */
export type Reprocess = 'missing' | 'failed' | 'all';
export type PartitionOrder = 'newest' | 'oldest';

/** What a listing says of one partition. Held per partition, never per object: memory must not grow with N. */
export interface PartitionListing {
  readonly partition: PartitionStart;
  readonly objects: number;
  /** Of those, the ones in the seeds' layout, whose keys name no hour. */
  readonly flatObjects: number;
  readonly bytes: number;
  readonly newestModifiedAtMs: number;
  /** Hash over every key and version of the partition, in key order. Equal: nothing changed. */
  readonly fingerprint: string;
}

/** What the ledger says of one partition. */
export interface LedgerSummary {
  readonly partition: PartitionStart;
  readonly state: 'loaded' | 'open';
  readonly fingerprint: string;
  /** Of the newest listing, the objects that are loaded. */
  readonly objectsLoaded: number;
}

/** Why a partition is loaded: nothing loaded yet, objects came late, some were unreadable, or asked for. */
export type PlanReason = 'new' | 'late' | 'open' | 'reprocess';

export interface PartitionPlan {
  readonly partition: PartitionStart;
  readonly reason: PlanReason;
  readonly objects: number;
  readonly flatObjects: number;
  readonly bytes: number;
  /** Objects the ledger already has; the rest of `objects` will be read. 0 when reprocessing. */
  readonly alreadyLoaded: number;
}

export interface Window {
  /** Inclusive, epoch milliseconds, on the hour. */
  readonly fromMs: number;
  /** Exclusive, epoch milliseconds, on the hour. */
  readonly beforeMs: number;
}

/** As every JSON output gives it. */
export function windowToJson({ fromMs, beforeMs }: Window): { from: string; to: string } {
  return { from: new Date(fromMs).toISOString(), to: new Date(beforeMs).toISOString() };
}

export interface LoadPlan {
  /** Hash of everything below: the plan shown is the plan run. */
  readonly id: string;
  readonly window: Window;
  readonly reprocess: Reprocess;
  readonly partitions: readonly PartitionPlan[];
  /** Partitions whose listing equals the ledger: nothing is read. */
  readonly unchanged: {
    readonly partitions: number;
    /** As the listing counts them. */
    readonly objects: number;
    /** As the ledger counts them; the accounting holds the two against each other. */
    readonly objectsLoaded: number;
  };
  /** Keys in the window that are no raw events (no day in their name): counted, never read. */
  readonly foreignObjects: number;
}

/**
 * Turns what is there and what is loaded into what to do. Pure: the dry run prints this value, the run
 * executes it.
 */
export function planLoad(input: {
  readonly window: Window;
  readonly listings: readonly PartitionListing[];
  readonly ledger: readonly LedgerSummary[];
  readonly reprocess: Reprocess;
  readonly order: PartitionOrder;
  readonly foreignObjects: number;
}): LoadPlan {
  const ledger = new Map(input.ledger.map((entry) => [entry.partition, entry]));
  const partitions: PartitionPlan[] = [];
  const unchanged = { partitions: 0, objects: 0, objectsLoaded: 0 };
  for (const listing of input.listings) {
    const entry = ledger.get(listing.partition);
    const reason = reasonToLoad(listing, entry, input.reprocess);
    if (reason === 'leave') continue;
    if (reason === null) {
      unchanged.partitions += 1;
      unchanged.objects += listing.objects;
      unchanged.objectsLoaded += entry?.objectsLoaded ?? 0;
      continue;
    }
    partitions.push({
      partition: listing.partition,
      reason,
      objects: listing.objects,
      flatObjects: listing.flatObjects,
      bytes: listing.bytes,
      alreadyLoaded: reason === 'reprocess' ? 0 : Math.min(entry?.objectsLoaded ?? 0, listing.objects),
    });
  }
  const direction = input.order === 'newest' ? -1 : 1;
  partitions.sort((a, b) => direction * (a.partition - b.partition));
  const plan = {
    window: input.window,
    reprocess: input.reprocess,
    partitions,
    unchanged,
    foreignObjects: input.foreignObjects,
  };
  const id = `p_${createHash('sha256').update(JSON.stringify(plan)).digest('hex').slice(0, 8)}`;
  return { id, ...plan };
}

function reasonToLoad(
  listing: PartitionListing,
  entry: LedgerSummary | undefined,
  reprocess: Reprocess,
): PlanReason | 'leave' | null {
  if (reprocess === 'all') return 'reprocess';
  // What was never loaded, or came late, has not failed: it is not this run's business, nor in its accounting.
  if (reprocess === 'failed') return entry?.state === 'open' ? 'open' : 'leave';
  if (entry === undefined) return 'new';
  if (entry.state === 'open') return 'open';
  return entry.fingerprint === listing.fingerprint ? null : 'late';
}
