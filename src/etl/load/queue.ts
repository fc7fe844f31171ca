import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ObjectInfo } from '../ports.ts';

/**
 * Decoding and reads of a local directory are synchronous; after so long the sockets get their turn. PostgreSQL
 * waits for the next piece of COPY meanwhile, so this must be short.
 */
const MAX_TURN_MS = 2;

/** The time that synchronous work has held the event loop. */
export class Turn {
  #startedAt = performance.now();

  get isOver(): boolean {
    return performance.now() - this.#startedAt > MAX_TURN_MS;
  }

  async next(): Promise<void> {
    await nextTurn();
    this.#startedAt = performance.now();
  }
}

/** Hands the objects of a listing to several readers, one page in memory at a time. */
export class ObjectQueue {
  readonly #pages: AsyncIterator<readonly ObjectInfo[]>;
  readonly #turn: Turn;
  #page: readonly ObjectInfo[] = [];
  #next = 0;
  #paging: Promise<void> | null = null;
  #done = false;

  constructor(pages: AsyncIterable<readonly ObjectInfo[]>, turn: Turn) {
    this.#turn = turn;
    this.#pages = pages[Symbol.asyncIterator]();
  }

  /** The next object, or null at the end of the listing. */
  async take(): Promise<ObjectInfo | null> {
    if (this.#turn.isOver) await this.#turn.next();
    while (this.#next >= this.#page.length) {
      if (this.#done) return null;
      // All readers wait for the same page.
      this.#paging ??= this.#nextPage().finally(() => (this.#paging = null));
      await this.#paging;
    }
    return this.#page[this.#next++]!;
  }

  async #nextPage(): Promise<void> {
    const { done, value } = await this.#pages.next();
    this.#done = done === true;
    this.#page = done === true ? [] : value;
    this.#next = 0;
  }
}

/**
 * Bounds what runs at once over all partitions of a run. Who came first goes first: partitions then end one after
 * the other, and PostgreSQL finishes one while the next is read.
 */
export class Limit {
  #free: number;
  readonly #waiting = new Map<number, (() => void)[]>();
  #ranks = 0;

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** For a newcomer, to give to each `run`. */
  newRank(): number {
    return this.#ranks++;
  }

  async run<T>(task: () => Promise<T>, rank = 0): Promise<T> {
    if (!this.tryTake()) await this.take(rank);
    try {
      return await task();
    } finally {
      this.release();
    }
  }

  /** @returns false when all are taken: then wait with `take` */
  tryTake(): boolean {
    if (this.#free === 0) return false;
    this.#free -= 1;
    return true;
  }

  take(rank: number): Promise<void> {
    return new Promise((resolve) => this.#enqueue(resolve, rank));
  }

  release(): void {
    const next = this.#dequeue();
    if (next === undefined) this.#free += 1;
    else next();
  }

  #enqueue(go: () => void, rank: number): void {
    const waiting = this.#waiting.get(rank);
    if (waiting === undefined) this.#waiting.set(rank, [go]);
    else waiting.push(go);
  }

  #dequeue(): (() => void) | undefined {
    if (this.#waiting.size === 0) return undefined;
    const rank = Math.min(...this.#waiting.keys());
    const waiting = this.#waiting.get(rank)!;
    // Those of one rank are alike, so the last one may go first: taking it costs nothing.
    const next = waiting.pop();
    if (waiting.length === 0) this.#waiting.delete(rank);
    return next;
  }
}
