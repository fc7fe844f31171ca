import { SbwError } from '../../errors.ts';
import { emptyAccounting, type Accounting } from '../accounting.ts';
import { decodeStream, decodeWhole } from '../decode/body.ts';
import type { Decoded } from '../event.ts';
import { ObjectDigests, digestOf } from '../plan/digests.ts';
import type { PartitionPlan } from '../plan/plan.ts';
import { listPartition, PartitionSum } from '../plan/survey.ts';
import type { Clock, Database, ObjectBody, ObjectInfo, ObjectStore, Session } from '../ports.ts';
import { readPartition, writePartition } from '../store/ledger.ts';
import { applicationName } from '../store/runs.ts';
import { forgetUnreadable, writeUnreadable } from '../store/unreadable.ts';
import { Chunk } from './chunk.ts';
import { writeChunk, prepareLoad, type Written } from './write.ts';
import { lockPartition } from './lock.ts';
import { Limit, ObjectQueue, Turn } from './queue.ts';
import type { LoadEvent, PartitionResult } from './report.ts';

export interface LoadDeps {
  readonly store: ObjectStore;
  readonly database: Database;
  readonly clock: Clock;
  emit(event: LoadEvent): void;
  /** Stop at once, losing what this partition did so far (nothing is committed before its end). */
  readonly now: AbortSignal;
  /** Over all partitions of the run. */
  readonly reads: Limit;
  /** Of these, so many may be of large objects: they stay in memory until they are decoded. */
  readonly largeReads: Limit;
  /** Readers of one partition. */
  readonly readsInFlight: number;
}

/** Decoded without a look at the clock, dozens of events at most. */
const SMALL_BYTES = 64 * 1024;
/** A look at the clock costs too much to be had for each event. */
const EVENTS_BETWEEN_LOOKS = 32;
/** How often a partition tells how far it is. */
const PROGRESS_MS = 100;

/**
 * Loads one partition: rows, quarantine and ledger row in one transaction, so that a kill at any point leaves
 * either all of it or nothing. Another run on the same partition is waited for.
 * @throws SbwError PARTITION_HELD when the wait was in vain; store and database errors as they come
 */
export async function loadPartition(
  deps: LoadDeps,
  plan: PartitionPlan,
  runId: string,
): Promise<PartitionResult> {
  const startedAt = deps.clock.now().getTime();
  return deps.database.withTransaction(async (session) => {
    // Whoever waits for this partition is told by whom it is held.
    await session.query(`SELECT set_config('application_name', $1, true)`, [applicationName(runId)]);
    await lockPartition(deps, session, plan.partition);
    await prepareLoad(session);
    const load = new PartitionLoad(deps, session, plan, runId);
    await load.readAll();
    await load.finish();
    return load.result(deps.clock.now().getTime() - startedAt);
  });
}

/** The state of one load of one partition, inside its transaction. */
class PartitionLoad {
  readonly #accounting: Accounting = emptyAccounting();
  readonly #quarantine: Record<string, number> = {};
  readonly #unknownNames: Record<string, number> = {};
  readonly #unreadable: { key: string; reason: string }[] = [];
  readonly #sum: PartitionSum;
  #digests = new ObjectDigests();
  #chunk: Chunk;
  /** Written and empty again. */
  #spare: Chunk | null = null;
  #writing: Promise<void> = Promise.resolve();
  #isWriterIdle = true;
  readonly #turn = new Turn();
  readonly #rank: number;
  /** One large object at a time: decoded, it takes several times its bytes. */
  readonly #decoding = new Limit(1);
  #toldAt = 0;

  readonly #deps: LoadDeps;
  readonly #session: Session;
  readonly #plan: PartitionPlan;
  readonly #runId: string;

  constructor(deps: LoadDeps, session: Session, plan: PartitionPlan, runId: string) {
    this.#deps = deps;
    this.#session = session;
    this.#plan = plan;
    this.#runId = runId;
    this.#rank = deps.reads.newRank();
    this.#sum = new PartitionSum(plan.partition);
    this.#chunk = new Chunk(plan.partition);
  }

  /** Every object of the partition that is not loaded yet: read, decoded, transformed, written. */
  async readAll(): Promise<void> {
    const { store, readsInFlight } = this.#deps;
    const entry = await readPartition(this.#session, this.#plan.partition);
    this.#digests = new ObjectDigests(entry?.objectDigests);
    const listing = listPartition(store, this.#plan.partition, this.#plan.flatObjects > 0);
    const queue = new ObjectQueue(listing, this.#turn);
    let failed = false;
    const reader = async (): Promise<void> => {
      for (;;) {
        const object = failed ? null : await queue.take();
        if (object === null) return;
        this.#stopIfAsked();
        await this.#see(object);
      }
    };
    // One failing reader must not leave the others at work on a session that is being rolled back.
    const guarded = Array.from({ length: readsInFlight }, () =>
      reader().catch((error: unknown) => {
        failed = true;
        throw error;
      }),
    );
    const results = await Promise.allSettled(guarded);
    const failure = results.find((result) => result.status === 'rejected');
    if (failure !== undefined) {
      await this.#writing.catch(() => undefined);
      throw failure.reason;
    }
    await this.#flush();
    await this.#writing;
  }

  /** The ledger row: the last thing before the commit. */
  async finish(): Promise<void> {
    const listing = this.#sum.listing();
    await forgetUnreadable(this.#session, this.#plan.partition, this.#unreadable);
    await writeUnreadable(this.#session, this.#plan.partition, this.#unreadable, this.#runId);
    await writePartition(this.#session, {
      partition: this.#plan.partition,
      state: this.#unreadable.length === 0 ? 'loaded' : 'open',
      fingerprint: listing.fingerprint,
      bytes: listing.bytes,
      newestModifiedAtMs: listing.newestModifiedAtMs,
      objectDigests: this.#digests.bytes(),
      accounting: this.#accounting,
      runId: this.#runId,
    });
  }

  result(durationMs: number): PartitionResult {
    return {
      partition: this.#plan.partition,
      accounting: this.#accounting,
      quarantine: this.#quarantine,
      unknownNames: this.#unknownNames,
      unreadable: this.#unreadable,
      durationMs,
    };
  }

  async #see(object: ObjectInfo): Promise<void> {
    const { objects } = this.#accounting;
    objects.listed += 1;
    this.#sum.add(object);
    const digest = digestOf(object);
    const isKnown = this.#digests.has(digest);
    if (isKnown && this.#plan.reason !== 'reprocess') {
      objects.already_loaded += 1;
      return;
    }
    try {
      await this.#read(object);
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      objects.unreadable += 1;
      this.#unreadable.push({ key: object.key, reason: `${error.code}: ${error.message}` });
      return;
    }
    objects.read += 1;
    if (!isKnown) this.#digests.add(digest);
    this.#tell();
  }

  async #read(object: ObjectInfo): Promise<void> {
    if (object.size < SMALL_BYTES) {
      const body = await this.#fetch(object);
      const decoded = decodeWhole(body);
      if (decoded === null) return this.#addStream(body, object);
      for (let index = 0; index < decoded.length; index += 1) this.#add(decoded[index]!, object, index);
      if (this.#wantsFlush) await this.#flush();
      return;
    }
    await this.#deps.largeReads.run(async () => {
      const body = await this.#fetch(object);
      await this.#decoding.run(() => this.#addStream(body, object));
    }, this.#rank);
  }

  async #fetch(object: ObjectInfo): Promise<ObjectBody> {
    const { reads, store } = this.#deps;
    if (!reads.tryTake()) await reads.take(this.#rank);
    try {
      return await store.read(object);
    } finally {
      reads.release();
    }
  }

  async #addStream(body: ObjectBody, object: ObjectInfo): Promise<void> {
    let index = 0;
    for await (const decoded of decodeStream(body)) {
      this.#stopIfAsked();
      for (const one of decoded) {
        this.#add(one, object, index);
        if (this.#wantsFlush) await this.#flush();
        if (index % EVENTS_BETWEEN_LOOKS === 0 && this.#turn.isOver) await this.#turn.next();
        index += 1;
      }
    }
  }

  #add(decoded: Decoded, { key, modifiedAtMs }: ObjectInfo, index: number): void {
    this.#accounting.events.read += 1;
    this.#chunk.add(decoded, { key, index }, modifiedAtMs);
  }

  get #wantsFlush(): boolean {
    return this.#chunk.isFull || (this.#isWriterIdle && this.#chunk.isWorthWriting);
  }

  /** Hands the chunk to the writer; the next one fills meanwhile, but no third is begun. */
  async #flush(): Promise<void> {
    const chunk = this.#chunk;
    if (chunk.isEmpty) return;
    this.#chunk = this.#spare ?? new Chunk(this.#plan.partition);
    this.#spare = null;
    const before = this.#writing;
    this.#writing = before.then(() => this.#write(chunk));
    // The error comes out where the next await is; here it must only not count as unhandled.
    this.#writing.catch(() => undefined);
    await before;
  }

  async #write(chunk: Chunk): Promise<void> {
    this.#isWriterIdle = false;
    const rewrite = this.#plan.reason === 'reprocess';
    const deps = { store: this.#deps.store, session: this.#session };
    this.#count(await writeChunk(deps, chunk, { runId: this.#runId, rewrite }));
    this.#isWriterIdle = true;
    chunk.clear();
    this.#spare = chunk;
    this.#tell();
  }

  #count(written: Written): void {
    const { events } = this.#accounting;
    events.loaded += written.loaded;
    events.duplicates += written.duplicates;
    events.quarantined += written.quarantined;
    events.filtered += written.filtered;
    addCounts(this.#quarantine, written.reasons);
    addCounts(this.#unknownNames, written.unknownNames);
  }

  #tell(): void {
    const now = this.#deps.clock.now().getTime();
    if (now - this.#toldAt < PROGRESS_MS) return;
    this.#toldAt = now;
    const { objects, events } = this.#accounting;
    this.#deps.emit({
      type: 'partition-progress',
      partition: this.#plan.partition,
      accounting: { objects: { ...objects }, events: { ...events } },
    });
  }

  #stopIfAsked(): void {
    if (this.#deps.now.aborted) {
      throw new SbwError('RUN_STOPPED', 'Stopped in the middle of a partition; nothing of it was kept.', {
        kind: 'cancelled',
      });
    }
  }
}

/** The object's own fault: it is recorded and tried again. Everything else stops the partition. */
function isUnreadable(error: unknown): error is SbwError {
  return error instanceof SbwError && error.code.startsWith('RAW_OBJECT_');
}

export function addCounts(total: Record<string, number>, more: Iterable<readonly [string, number]>): void {
  for (const [name, count] of more) total[name] = (total[name] ?? 0) + count;
}
