/** One direction of a network that may lose, double, delay and shuffle messages: the same each time for one seed. */
export interface Faults {
  /** Probabilities, 0 to 1. */
  readonly drop?: number;
  readonly duplicate?: number;
  /** Held back for a few milliseconds, so that later ones overtake it. */
  readonly reorder?: number;
  /** For every message. */
  readonly delayMs?: number;
}

export class Link {
  faults: Faults;
  readonly #random: () => number;
  readonly #timers = new Set<NodeJS.Timeout>();
  dropped = 0;

  constructor(faults: Faults, seed: number) {
    this.faults = faults;
    this.#random = randomOf(seed);
  }

  carry(frame: Buffer, deliver: (frame: Buffer) => void): void {
    const { drop = 0, duplicate = 0, reorder = 0, delayMs = 0 } = this.faults;
    if (this.#random() < drop) {
      this.dropped += 1;
      return;
    }
    const later = this.#random() < reorder ? 1 + this.#random() * 20 : 0;
    this.#after(delayMs + later, () => deliver(frame));
    if (this.#random() < duplicate) this.#after(delayMs + this.#random() * 20, () => deliver(frame));
  }

  /** What is on its way is lost. */
  cut(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #after(ms: number, run: () => void): void {
    if (ms === 0) return run();
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
  }
}

/** mulberry32 */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
