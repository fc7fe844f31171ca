import { ByteQueue } from './byte-queue.ts';
import { QUEUE_BYTES } from './carrier.ts';
import type { RemoteStream, StreamEnd, StreamHandlers } from './carrier.ts';
import { COMMAND, encodeHeader, HEADER_BYTES } from './frame.ts';

export interface MuxStreamEvents {
  /** It has something to send. */
  ready(): void;
  /** It is over on both sides; its number means nothing any more. */
  gone(): void;
}

/** One stream of a Mux. */
export class MuxStream implements RemoteStream {
  readonly id: number;
  readonly #handlers: StreamHandlers;
  readonly #events: MuxStreamEvents;
  readonly #queue = new ByteQueue();
  #isFull = false;
  #owesOpen = true;
  #owesClose = false;
  #isClosed = false;
  /** The agent has ended it, or nobody here wants to hear more. */
  #isDeaf = false;
  #receivedBytes = 0;

  constructor(id: number, handlers: StreamHandlers, events: MuxStreamEvents) {
    this.id = id;
    this.#handlers = handlers;
    this.#events = events;
  }

  get queuedBytes(): number {
    return this.#queue.length;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  get hasMore(): boolean {
    return this.#owesOpen || this.#owesClose || this.#queue.length > 0;
  }

  write(chunk: Buffer): void {
    if (this.#owesClose || this.#isClosed || chunk.length === 0) return;
    this.#queue.push(chunk);
    if (this.#queue.length >= QUEUE_BYTES) this.#isFull = true;
    this.#events.ready();
  }

  end(): void {
    if (this.#owesClose || this.#isClosed) return;
    this.#owesClose = true;
    this.#events.ready();
  }

  leave(): void {
    this.#isDeaf = true;
    if (this.#isClosed) this.#events.gone();
    else this.end();
  }

  destroy(): void {
    this.#isDeaf = true;
    this.#queue.clear();
    if (this.#owesOpen) this.#forget();
    else if (this.#isClosed) this.#events.gone();
    else this.end();
  }

  received(chunk: Buffer): void {
    this.#receivedBytes += chunk.length;
    if (!this.#isDeaf) this.#handlers.data(chunk);
  }

  /** From the agent's side. What is still queued can reach nobody. */
  ended(how: StreamEnd): void {
    const wasDeaf = this.#isDeaf;
    this.#isDeaf = true;
    this.#queue.clear();
    if (this.#owesOpen) this.#forget();
    else this.end();
    this.#events.gone();
    if (!wasDeaf) this.#handlers.ended(how);
  }

  /** Writes frames of at most `room` bytes with at most `turn` bytes of data; returns how many bytes it wrote. */
  moveTo(parts: Buffer[], room: number, turn: number): number {
    let left = room;
    if (this.#owesOpen) {
      this.#owesOpen = false;
      parts.push(encodeHeader(COMMAND.open, this.id));
      left -= HEADER_BYTES;
    }
    const data = Math.min(this.#queue.length, left - HEADER_BYTES, turn);
    if (data > 0) {
      parts.push(encodeHeader(COMMAND.data, this.id, data));
      this.#queue.moveTo(parts, data);
      left -= HEADER_BYTES + data;
      this.#sayDrained();
    }
    if (this.#owesClose && this.#queue.length === 0 && left >= HEADER_BYTES) {
      parts.push(encodeHeader(COMMAND.close, this.id));
      left -= HEADER_BYTES;
      this.#owesClose = false;
      this.#isClosed = true;
      // What still comes for it is for nobody.
      if (this.#isDeaf) this.#events.gone();
    }
    return room - left;
  }

  /** The agent never heard of it. */
  #forget(): void {
    this.#owesOpen = false;
    this.#owesClose = false;
    this.#isClosed = true;
    this.#events.gone();
  }

  #sayDrained(): void {
    if (!this.#isFull || this.#queue.length > QUEUE_BYTES / 2) return;
    this.#isFull = false;
    this.#handlers.drained();
  }
}
