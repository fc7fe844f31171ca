const FIRST_RTO_MS = 200;
const MIN_RTO_MS = 200;
const MAX_RTO_MS = 1000;
/** The clock's grain, RFC 6298's G. */
const GRAIN_MS = 10;

/**
 * How long to wait for an acknowledgement: RFC 6298 with Karn's rule (the caller gives no samples of messages that
 * were sent twice), between 200 ms and 1 s.
 */
export class RoundTrip {
  #smoothedMs: number | null = null;
  #variationMs = 0;
  #backoff = 1;

  /** Null before the first sample. */
  get smoothedMs(): number | null {
    return this.#smoothedMs;
  }

  get timeoutMs(): number {
    const base =
      this.#smoothedMs === null ? FIRST_RTO_MS : this.#smoothedMs + Math.max(GRAIN_MS, 4 * this.#variationMs);
    return Math.min(MAX_RTO_MS, Math.max(MIN_RTO_MS, base) * this.#backoff);
  }

  addSample(ms: number): void {
    this.#backoff = 1;
    if (this.#smoothedMs === null) {
      this.#smoothedMs = ms;
      this.#variationMs = ms / 2;
      return;
    }
    // The variation first: it compares with the average from before.
    this.#variationMs += (Math.abs(this.#smoothedMs - ms) - this.#variationMs) / 4;
    this.#smoothedMs += (ms - this.#smoothedMs) / 8;
  }

  /** Nothing came back in time: wait twice as long. */
  backOff(): void {
    this.#backoff = Math.min(8, this.#backoff * 2);
  }
}
