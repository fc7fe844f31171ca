/**
 * The gateway closes connections that send about 1000 messages a second for long. Rate and burst together stay at 900
 * in any second.
 */
export const USUAL_PACE: PaceOptions = { perSecond: 868, burst: 32 };

export interface PaceOptions {
  readonly perSecond: number;
  /** So many at once after a silence. */
  readonly burst: number;
}

/** A token bucket of messages. */
export class Pace {
  readonly #options: PaceOptions;
  #tokens: number;
  #atMs: number;

  constructor(options: PaceOptions, nowMs: number) {
    this.#options = options;
    this.#tokens = options.burst;
    this.#atMs = nowMs;
  }

  /** How long until one more message may go; 0 for now. */
  waitMs(nowMs: number): number {
    this.#refill(nowMs);
    // Fractions of a token are rounding noise: without the margin a timer can fire a hair too early for ever.
    return this.#tokens >= 0.999 ? 0 : ((1 - this.#tokens) * 1000) / this.#options.perSecond;
  }

  /** One message goes: `waitMs` was 0. */
  spend(nowMs: number): void {
    this.#refill(nowMs);
    this.#tokens -= 1;
  }

  #refill(nowMs: number): void {
    const earned = ((nowMs - this.#atMs) * this.#options.perSecond) / 1000;
    this.#tokens = Math.min(this.#options.burst, this.#tokens + Math.max(0, earned));
    this.#atMs = nowMs;
  }
}
