const FIRST_MESSAGES = 64;
const MIN_MESSAGES = 16;
const MAX_MESSAGES = 1000;
/** The agent holds 4 MiB for all streams together; what it cannot place it does not acknowledge. */
const MAX_BYTES = 4 * 1024 * 1024;
/** Waiting in somebody's queue: more makes typing through the tunnel feel slow. */
const MAX_QUEUE_MS = 150;
/** A path may get longer for good: the shortest time counts for one to two of these. */
const SHORTEST_FOR_MS = 10_000;

/**
 * How much may be on its way unacknowledged: grows while it is what holds us back and round trips stay short, shrinks
 * when they get long (a queue builds up on the way) or messages are lost.
 */
export class SendWindow {
  #messages = FIRST_MESSAGES;
  #shortestMs = Infinity;
  #shortestBeforeMs = Infinity;
  #sinceMs = 0;
  #shrunkAtMs = -Infinity;

  get messages(): number {
    return Math.floor(this.#messages);
  }

  hasRoom(messages: number, bytes: number): boolean {
    return messages < this.messages && bytes < MAX_BYTES;
  }

  /** @param wasFull whether the window was what held sending back when this was acknowledged */
  acknowledged(roundTripMs: number, wasFull: boolean, nowMs: number): void {
    if (nowMs - this.#sinceMs > SHORTEST_FOR_MS) {
      this.#shortestBeforeMs = this.#shortestMs;
      this.#shortestMs = roundTripMs;
      this.#sinceMs = nowMs;
    }
    this.#shortestMs = Math.min(this.#shortestMs, roundTripMs);
    const queueMs = roundTripMs - Math.min(this.#shortestMs, this.#shortestBeforeMs);
    if (queueMs > MAX_QUEUE_MS) this.#shrink(0.8, roundTripMs, nowMs);
    else if (wasFull) this.#messages = Math.min(MAX_MESSAGES, this.#messages + 1);
  }

  lost(roundTripMs: number, nowMs: number): void {
    this.#shrink(0.5, roundTripMs, nowMs);
  }

  /** Once per round trip: what was sent before the last shrinking says nothing new. */
  #shrink(to: number, roundTripMs: number, nowMs: number): void {
    if (nowMs - this.#shrunkAtMs < roundTripMs) return;
    this.#shrunkAtMs = nowMs;
    this.#messages = Math.max(MIN_MESSAGES, this.#messages * to);
  }
}
