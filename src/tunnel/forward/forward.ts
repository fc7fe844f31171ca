import { QUEUE_BYTES } from '../carrier/carrier.ts';
import type { RemoteStream, StreamEnd, StreamHandlers } from '../carrier/carrier.ts';
import type { Cancel, Clock, LocalConnection } from '../ports.ts';

/**
 * The protocol has no half-close: when we say "closed", an answer on its way is lost. So a program that has only
 * ended its own direction is given this long without data before the stream is closed.
 */
const LINGER_MS = 1000;
/** The agent answers a close with a close. When that is lost with the session, nothing else tells. */
const CLOSE_MS = 10_000;

export interface ForwardLimits {
  /** Of one program that does not read. The agent cannot be slowed down, so this much is kept for it. */
  readonly connectionBytes: number;
  /** Of all of them together. */
  readonly totalBytes: number;
}

export const USUAL_LIMITS: ForwardLimits = {
  connectionBytes: 32 * 1024 * 1024,
  totalBytes: 256 * 1024 * 1024,
};

export interface ForwardHooks {
  /** Bytes that went through. */
  sent(bytes: number): void;
  received(bytes: number): void;
  /** What all programs together have not read. */
  unread(): number;
  /** Nothing of this connection is on its way to the agent. */
  isSettled(): boolean;
  /** Cut off: it has not read `unreadBytes`. */
  slow(unreadBytes: number): void;
  /** Once: the program's connection is gone. */
  over(): void;
}

export interface Forward {
  /** Bytes that the program has not read. */
  readonly unreadBytes: number;
  /** Ends it now; the program sees an error. */
  reset(): void;
}

/**
 * Joins a program's connection with a stream to the target, until one of them ends. A slow program never slows the
 * session down: above the limits it is cut off.
 *
 * @param open makes the stream; null when there is no room
 * @returns null when there was no room; the connection is untouched then
 */
export function forward(
  local: LocalConnection,
  open: (handlers: StreamHandlers) => RemoteStream | null,
  clock: Clock,
  limits: ForwardLimits,
  hooks: ForwardHooks,
): Forward | null {
  const one = new Forwarding(local, clock, limits, hooks);
  const stream = open(one);
  if (stream === null) return null;
  one.begin(stream);
  return one;
}

class Forwarding implements Forward, StreamHandlers {
  readonly #local: LocalConnection;
  readonly #clock: Clock;
  readonly #limits: ForwardLimits;
  readonly #hooks: ForwardHooks;
  #stream: RemoteStream | null = null;
  #cancelLinger: Cancel | null = null;
  /** The program will send no more. */
  #hasEnded = false;

  constructor(local: LocalConnection, clock: Clock, limits: ForwardLimits, hooks: ForwardHooks) {
    this.#local = local;
    this.#clock = clock;
    this.#limits = limits;
    this.#hooks = hooks;
  }

  get unreadBytes(): number {
    return this.#local.writableLength;
  }

  begin(stream: RemoteStream): void {
    this.#stream = stream;
    const local = this.#local;
    local.on('data', (chunk: Buffer) => {
      this.#hooks.sent(chunk.length);
      stream.write(chunk);
      if (stream.queuedBytes >= QUEUE_BYTES) local.pause();
    });
    local.on('end', () => {
      this.#hasEnded = true;
      this.#linger();
    });
    local.on('error', () => undefined);
    local.on('close', () => this.#closed());
  }

  data(chunk: Buffer): void {
    if (this.#local.destroyed) return;
    this.#hooks.received(chunk.length);
    if (this.#hasEnded) this.#linger();
    if (this.#local.write(chunk)) return;
    const unread = this.unreadBytes;
    const isTooMuch =
      unread > this.#limits.connectionBytes ||
      (unread > this.#limits.connectionBytes / 32 && this.#hooks.unread() > this.#limits.totalBytes);
    if (!isTooMuch) return;
    this.#hooks.slow(unread);
    this.reset();
  }

  drained(): void {
    this.#local.resume();
  }

  ended(how: StreamEnd): void {
    this.#stream = null;
    if (how !== 'closed') return this.reset();
    // What the program has not read yet is still its own; then both directions are over.
    this.#cancelLinger?.();
    this.#local.end(() => this.#local.destroy());
  }

  reset(): void {
    this.#stream?.destroy();
    this.#stream = null;
    // A clean end would make a program take half an answer for a whole one.
    const local = this.#local;
    // After `end` a reset fails and leaves the system's socket open for ever.
    if (local.resetAndDestroy === undefined || local.writableEnded) local.destroy();
    else local.resetAndDestroy();
  }

  /** Waits for the answer to a program that has said all it has to say. */
  #linger(): void {
    this.#cancelLinger?.();
    this.#cancelLinger = this.#clock.after(LINGER_MS, () => {
      const stream = this.#stream;
      if (stream === null) return;
      if (stream.queuedBytes > 0 || !this.#hooks.isSettled()) return this.#linger();
      stream.end();
      this.#cancelLinger = this.#clock.after(CLOSE_MS, () => this.reset());
    });
  }

  /** The program's connection is gone on both sides. */
  #closed(): void {
    const stream = this.#stream;
    this.#stream = null;
    // What a program had said before it left is still delivered.
    if (this.#hasEnded) stream?.leave();
    else stream?.destroy();
    this.#cancelLinger?.();
    this.#hooks.over();
  }
}
