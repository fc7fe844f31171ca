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
  #page: readonly ObjectInfo[] = [];
  #next = 0;
  #paging: Promise<void> | null = null;
  #done = false;
  readonly #turn: Turn;

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
    const next = await this.#pages.next();
    this.#next = 0;
    this.#page = next.done === true ? [] : next.value;
    this.#done = next.done === true;
  }
}

/** Bounds what runs at once over all partitions of a run. */
export class Limit {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
