import type { Database } from '../ports.ts';
import { refreshRollups, type RefreshReport } from './refresh.ts';

/** A refresh has a price of its own, some 30 ms: so many events are worth it. */
const WORTH_A_REFRESH = 10_000;

/**
 * Keeps the rollups up beside a run: what is committed is rolled up while the next hours are read, so that a long
 * backfill shows on the dashboard as it goes and does not end with all of that work.
 */
export class Upkeep {
  readonly #database: Database;
  readonly #stop: AbortSignal;
  #waiting = 0;
  #running: Promise<void> | null = null;
  #done: RefreshReport = { hours: 0, events: 0, version: null };

  /** @param stop no further batch once aborted */
  constructor(database: Database, stop: AbortSignal) {
    this.#database = database;
    this.#stop = stop;
  }

  /** So many events were committed. Never throws: what fails stays marked, and finish() meets it again. */
  noteCommitted(events: number): void {
    this.#waiting += events;
    if (this.#running !== null || this.#waiting < WORTH_A_REFRESH) return;
    this.#waiting = 0;
    this.#running = this.#refresh()
      .catch(() => undefined)
      .finally(() => (this.#running = null));
  }

  /** Ends what goes on; after it nothing of this uses the database. */
  async settle(): Promise<void> {
    await this.#running;
  }

  /** Rolls up the rest. @returns the work of the whole run */
  async finish(): Promise<RefreshReport> {
    await this.settle();
    await this.#refresh();
    return this.#done;
  }

  async #refresh(): Promise<void> {
    const { hours, events, version } = await refreshRollups(this.#database, { stop: this.#stop });
    this.#done = {
      hours: this.#done.hours + hours,
      events: this.#done.events + events,
      version: version ?? this.#done.version,
    };
  }
}
