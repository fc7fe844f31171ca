const FIRST_MS = 200;
const MAX_MS = 10_000;

/** Growing pauses between tries, 0.2 s to 10 s, each between half and all of it so that many clients spread. */
export class Backoff {
  readonly #random: () => number;
  #nextMs = FIRST_MS;

  /** @param random 0 to 1, as Math.random */
  constructor(random: () => number) {
    this.#random = random;
  }

  next(maxMs = MAX_MS): number {
    const ms = Math.min(maxMs, this.#nextMs) * (0.5 + this.#random() / 2);
    this.#nextMs = Math.min(MAX_MS, this.#nextMs * 2);
    return ms;
  }

  reset(): void {
    this.#nextMs = FIRST_MS;
  }
}
