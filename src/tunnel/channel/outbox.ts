import type { RoundTrip } from './round-trip.ts';

/** A message on its way. */
export interface Sent {
  readonly sequence: number;
  readonly frame: Buffer;
  readonly acknowledged: (() => void) | undefined;
  sentAtMs: number;
  sends: number;
}

/** What was sent and not acknowledged, oldest first, and what of it is to be sent again. */
export class Outbox {
  readonly #sent = new Map<number, Sent>();
  #again: Sent[] = [];
  #bytes = 0;
  /** Nothing is overdue before; spares looking at everything for every message. */
  #lookAtMs = Infinity;

  get messages(): number {
    return this.#sent.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** When `overdue` may have something, on the clock of `sentAtMs`. */
  get lookAtMs(): number {
    return this.#again.length > 0 ? -Infinity : this.#lookAtMs;
  }

  add(sent: Sent, timeoutMs: number): void {
    this.#sent.set(sent.sequence, sent);
    this.#bytes += sent.frame.length;
    this.#lookAtMs = Math.min(this.#lookAtMs, sent.sentAtMs + timeoutMs);
  }

  /** Null for what is not waited for (any more). */
  settle(sequence: number): Sent | null {
    const sent = this.#sent.get(sequence);
    if (sent === undefined) return null;
    this.#sent.delete(sequence);
    this.#bytes -= sent.frame.length;
    if (this.#sent.size === 0) this.#lookAtMs = Infinity;
    return sent;
  }

  /** Everything, in order, at once: a new connection knows nothing of what the old one swallowed. */
  sendAllAgain(): void {
    this.#again = [...this.#sent.values()];
  }

  oldest(): Sent | null {
    for (const sent of this.#sent.values()) return sent;
    return null;
  }

  /**
   * The next message to send again, null for none. A message that is late backs the timeout off once, however many
   * are late with it.
   */
  overdue(roundTrip: RoundTrip, nowMs: number, lost: () => void): Sent | null {
    if (this.#again.length === 0 && nowMs >= this.#lookAtMs) this.#collect(roundTrip, nowMs, lost);
    for (;;) {
      const next = this.#again[0];
      if (next === undefined) return null;
      if (this.#sent.has(next.sequence)) return next;
      this.#again.shift();
    }
  }

  /** `overdue`'s answer has gone out. */
  sentAgain(sent: Sent, nowMs: number, timeoutMs: number): void {
    if (this.#again[0] === sent) this.#again.shift();
    sent.sentAtMs = nowMs;
    sent.sends += 1;
    this.#lookAtMs = Math.min(this.#lookAtMs, nowMs + timeoutMs);
  }

  #collect(roundTrip: RoundTrip, nowMs: number, lost: () => void): void {
    const timeoutMs = roundTrip.timeoutMs;
    this.#lookAtMs = Infinity;
    for (const sent of this.#sent.values()) {
      const dueAtMs = sent.sentAtMs + timeoutMs;
      if (dueAtMs <= nowMs) this.#again.push(sent);
      else this.#lookAtMs = Math.min(this.#lookAtMs, dueAtMs);
    }
    if (this.#again.length === 0) return;
    roundTrip.backOff();
    lost();
  }
}
