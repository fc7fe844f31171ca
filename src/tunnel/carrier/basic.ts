import type { Cancel, Clock } from '../ports.ts';
import type { Outgoing } from '../channel/channel.ts';
import { FLAG, PAYLOAD_TYPE } from '../wire/message.ts';
import { ByteQueue } from './byte-queue.ts';
import { QUEUE_BYTES } from './carrier.ts';
import type { Carrier, CarrierEvents, RemoteStream, StreamHandlers } from './carrier.ts';

/**
 * After the agent has closed the old connection, what it had read from it may still be on its way. The protocol has
 * no mark between two connections, only this silence.
 */
const SETTLE_MS = 100;
/** A server that speaks first may do so before the first program connects. */
const MAX_EARLY_BYTES = 1024 * 1024;

/**
 * The bytes of a single connection, bare: agents up to 3.0.196.0. The agent connects to the target when the session
 * begins, and again for the first byte after it was told to disconnect.
 */
export class Basic implements Carrier {
  readonly #clock: Clock;
  readonly #events: CarrierEvents;
  readonly #queue = new ByteQueue();
  #early: Buffer[] | null = [];
  #earlyBytes = 0;
  #handlers: StreamHandlers | null = null;
  /** From the moment a connection ends until the next one may begin. */
  #isSettling = false;
  /** What to do when the agent has disconnected; null: it need not. */
  #disconnect: (() => void) | null = null;
  /** Of this connection something was sent, so what arrives is meant for it. */
  #hasSpoken = false;
  #isFull = false;
  #cancelSettled: Cancel | null = null;

  constructor(clock: Clock, events: CarrierEvents) {
    this.#clock = clock;
    this.#events = events;
  }

  get streams(): number {
    return this.#handlers === null ? 0 : 1;
  }

  get hasRoom(): boolean {
    return this.#handlers === null && !this.#isSettling;
  }

  open(handlers: StreamHandlers): RemoteStream | null {
    if (!this.hasRoom) return null;
    this.#handlers = handlers;
    const early = this.#early;
    // Only the first connection was made before anybody asked; whatever comes early later belongs to the last one.
    this.#hasSpoken = early !== null;
    this.#early = null;
    this.#earlyBytes = 0;
    if (early !== null && early.length > 0)
      queueMicrotask(() => early.forEach((chunk) => handlers.data(chunk)));
    return this.#streamFor(handlers);
  }

  receive(payload: Buffer): void {
    if (this.#handlers !== null && this.#hasSpoken) this.#handlers.data(payload);
    else if (this.#early !== null && this.#earlyBytes < MAX_EARLY_BYTES) {
      this.#early.push(payload);
      this.#earlyBytes += payload.length;
    }
  }

  /** Agents of this mode end the session instead. */
  refused(): void {}

  /** No frames, so nothing that would not reach the target. */
  keepAlive(): void {}

  abandon(): void {
    const handlers = this.#handlers;
    this.#cancelSettled?.();
    this.#handlers = null;
    this.#queue.clear();
    handlers?.ended('lost');
  }

  take(maxBytes: number): Outgoing | null {
    if (this.#queue.length > 0) {
      const parts: Buffer[] = [];
      this.#queue.moveTo(parts, maxBytes);
      this.#hasSpoken = true;
      this.#sayDrained();
      return { payloadType: PAYLOAD_TYPE.output, payload: Buffer.concat(parts) };
    }
    const ended = this.#disconnect;
    if (ended === null) return null;
    this.#disconnect = null;
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(FLAG.disconnectToPort);
    const acknowledged = (): void => {
      ended();
      this.#settle();
    };
    return { payloadType: PAYLOAD_TYPE.flag, payload, acknowledged };
  }

  #streamFor(handlers: StreamHandlers): RemoteStream {
    const isCurrent = (): boolean => this.#handlers === handlers;
    const finish = (ended: () => void): void => {
      if (!isCurrent()) return;
      this.#handlers = null;
      // The agent has not connected for it, so there is nothing to disconnect.
      if (!this.#hasSpoken && this.#queue.length === 0) {
        ended();
        return this.#events.freed();
      }
      this.#isSettling = true;
      this.#disconnect = ended;
      this.#events.wake();
    };
    const queue = this.#queue;
    return {
      get queuedBytes() {
        return isCurrent() ? queue.length : 0;
      },
      write: (chunk) => {
        if (!isCurrent()) return;
        this.#queue.push(chunk);
        if (this.#queue.length >= QUEUE_BYTES) this.#isFull = true;
        this.#events.wake();
      },
      end: () => finish(() => handlers.ended('closed')),
      leave: () => finish(() => undefined),
      destroy: () => {
        if (isCurrent()) this.#queue.clear();
        finish(() => undefined);
      },
    };
  }

  #settle(): void {
    this.#cancelSettled = this.#clock.after(SETTLE_MS, () => {
      this.#isSettling = false;
      this.#events.freed();
    });
  }

  #sayDrained(): void {
    if (!this.#isFull || this.#queue.length > QUEUE_BYTES / 2) return;
    this.#isFull = false;
    this.#handlers?.drained();
  }
}
