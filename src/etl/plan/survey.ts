import type { ObjectInfo, ObjectStore } from '../ports.ts';
import {
  DAY_MS,
  dayPrefix,
  hourPrefix,
  keyRangeOf,
  partitionOf,
  timeOfKey,
  type PartitionStart,
} from '../time/partition.ts';
import { Fingerprint } from './digests.ts';
import type { PartitionListing, Window } from './plan.ts';

export interface Survey {
  readonly listings: PartitionListing[];
  /** Objects below `events/` in these days that are no raw events. */
  readonly foreignObjects: number;
}

/**
 * Lists the window once and sums it up per partition. Memory grows with the hours, not with the objects.
 */
export async function surveyWindow(store: ObjectStore, window: Window): Promise<Survey> {
  const partitions = new Map<PartitionStart, PartitionSum>();
  let foreignObjects = 0;
  for await (const page of store.list(keyRangeOf(window.fromMs, window.beforeMs))) {
    for (const object of page) {
      const partition = partitionOfObject(object);
      if (partition === null) foreignObjects += 1;
      else if (partition >= window.fromMs && partition < window.beforeMs) {
        let sum = partitions.get(partition);
        if (sum === undefined) partitions.set(partition, (sum = new PartitionSum(partition)));
        sum.add(object);
      }
    }
  }
  const listings = [...partitions.values()].map((sum) => sum.listing());
  listings.sort((a, b) => a.partition - b.partition);
  return { listings, foreignObjects };
}

/**
 * The partition of an object, from the listing alone: the hour its key names. The seeds' layout names only the
 * day; there it is the hour of LastModified when that lies in the day (the object was written on receipt),
 * else the first hour (a copied object). Null when the key is no raw event's.
 */
export function partitionOfObject(object: Pick<ObjectInfo, 'key' | 'modifiedAtMs'>): PartitionStart | null {
  const time = timeOfKey(object.key);
  if (time === null) return null;
  if (time.hourMs !== null) return time.hourMs;
  const isSameDay = object.modifiedAtMs >= time.dayMs && object.modifiedAtMs < time.dayMs + DAY_MS;
  return isSameDay ? partitionOf(object.modifiedAtMs) : time.dayMs;
}

/**
 * The objects of one partition. Those whose keys name the hour come first, then (when asked for) those of the
 * seeds' layout, for which the whole day must be listed.
 */
export async function* listPartition(
  store: ObjectStore,
  partition: PartitionStart,
  hasFlatObjects: boolean,
): AsyncIterable<ObjectInfo[]> {
  const hour = hourPrefix(partition);
  // '0' follows '/', so this is just behind the last key of the hour.
  for await (const page of store.list({ from: hour, before: `${hour.slice(0, -1)}0` })) yield [...page];
  if (!hasFlatObjects) return;
  const day = { from: dayPrefix(partition), before: dayPrefix(partition + DAY_MS) };
  for await (const page of store.list(day)) {
    yield page.filter((object) => isFlat(object) && partitionOfObject(object) === partition);
  }
}

/** Of the seeds' layout: the key names the day only. */
function isFlat({ key }: Pick<ObjectInfo, 'key'>): boolean {
  return timeOfKey(key)?.hourMs === null;
}

/** Sums up one partition; the fingerprint follows the order of listPartition. */
export class PartitionSum {
  readonly #partition: PartitionStart;
  readonly #fingerprint = new Fingerprint();
  readonly #flatFingerprint = new Fingerprint();
  #objects = 0;
  #flatObjects = 0;
  #bytes = 0;
  #newestModifiedAtMs = 0;

  constructor(partition: PartitionStart) {
    this.#partition = partition;
  }

  add(object: ObjectInfo): void {
    if (isFlat(object)) {
      this.#flatObjects += 1;
      this.#flatFingerprint.add(object);
    } else this.#fingerprint.add(object);
    this.#objects += 1;
    this.#bytes += object.size;
    this.#newestModifiedAtMs = Math.max(this.#newestModifiedAtMs, object.modifiedAtMs);
  }

  listing(): PartitionListing {
    const flat = this.#flatObjects === 0 ? '' : this.#flatFingerprint.digest();
    return {
      partition: this.#partition,
      objects: this.#objects,
      flatObjects: this.#flatObjects,
      bytes: this.#bytes,
      newestModifiedAtMs: this.#newestModifiedAtMs,
      fingerprint: `${this.#fingerprint.digest()}${flat}`,
    };
  }
}
