import type { Clock } from '../../../src/tunnel/ports.ts';

interface Timer {
  readonly atMs: number;
  readonly run: () => void;
}

/** Time that passes when the test says so. Timers run in their order; what they start runs too, when it is due. */
export class ManualClock implements Clock {
  #nowMs = 1000;
  #asleepMs = 0;
  readonly #timers = new Set<Timer>();

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return 1_700_000_000_000 + this.#nowMs + this.#asleepMs;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { atMs: this.#nowMs + ms, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  get pending(): number {
    return this.#timers.size;
  }

  pass(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const [next] = [...this.#timers].sort((left, right) => left.atMs - right.atMs);
      if (next === undefined || next.atMs > untilMs) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
    }
    this.#nowMs = untilMs;
  }

  /** The machine sleeps: the wall clock goes on, timers do not. */
  sleep(ms: number): void {
    this.#asleepMs += ms;
  }
}
