import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ObjectInfo } from '../ports.ts';

/** Reads of a local directory are synchronous; after so long the sockets get their turn. */
const MAX_TURN_MS = 4;

/** Hands the objects of a listing to several readers, one page in memory at a time. */
export class ObjectQueue {
  readonly #pages: AsyncIterator<readonly ObjectInfo[]>;
  #page: readonly ObjectInfo[] = [];
  #next = 0;
  #turning: Promise<void> | null = null;
  #done = false;
  #turnStartedAt = performance.now();

  constructor(pages: AsyncIterable<readonly ObjectInfo[]>) {
    this.#pages = pages[Symbol.asyncIterator]();
  }

  /** The next object, or null at the end of the listing. */
  async take(): Promise<ObjectInfo | null> {
    if (performance.now() - this.#turnStartedAt > MAX_TURN_MS) {
      await nextTurn();
      this.#turnStartedAt = performance.now();
    }
    while (this.#next >= this.#page.length) {
      if (this.#done) return null;
      // All readers wait for the same page.
      this.#turning ??= this.#turn().finally(() => (this.#turning = null));
      await this.#turning;
    }
    return this.#page[this.#next++]!;
  }

  async #turn(): Promise<void> {
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
