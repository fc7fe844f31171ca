import type { Clock } from '../ports.ts';
import type { Outgoing } from '../channel/channel.ts';
import { PAYLOAD_TYPE } from '../wire/message.ts';
import type { Carrier, CarrierEvents, RemoteStream, StreamHandlers } from './carrier.ts';
import { COMMAND, encodeHeader, FrameParser, HEADER_BYTES, MAX_DATA_BYTES } from './frame.ts';
import { MuxStream } from './mux-stream.ts';

/** Streams count 3, 5, 7 ...: odd numbers are the client's. */
const FIRST_STREAM = 3;
const LAST_STREAM = 0xffff_ffff;
/** A frame in what is left of a message costs a header; for less than this it waits for the next. */
const WORTH_BYTES = 64;
/** Streams take turns after so much. A frame of it fits the usual message of 1024 bytes. */
const TURN_BYTES = 1024 - HEADER_BYTES;
/** The agent's "could not connect" and the end of the stream that it is about come together. */
const REFUSAL_MS = 1000;

/** Many streams in one session: smux version 1. */
export class Mux implements Carrier {
  readonly #clock: Clock;
  readonly #events: CarrierEvents;
  readonly #streams = new Map<number, MuxStream>();
  /** Those with something to send, in turn. */
  readonly #ready = new Set<MuxStream>();
  readonly #parser: FrameParser;
  #next: number;
  #owesNop = false;
  /** When the agent said that it could not connect, for each stream that has not ended over it yet. */
  #refusedAtMs: number[] = [];

  /** @param firstStream for tests of the last numbers */
  constructor(clock: Clock, events: CarrierEvents, firstStream = FIRST_STREAM) {
    this.#clock = clock;
    this.#events = events;
    this.#next = firstStream;
    this.#parser = new FrameParser({
      data: (id, chunk) => this.#streams.get(id)?.received(chunk),
      closed: (id) => this.#closed(id),
    });
  }

  get streams(): number {
    return this.#streams.size;
  }

  get hasRoom(): boolean {
    return this.#next <= LAST_STREAM;
  }

  open(handlers: StreamHandlers): RemoteStream | null {
    if (!this.hasRoom) return null;
    const stream = new MuxStream(this.#next, handlers, {
      ready: () => this.#wake(stream),
      gone: () => this.#remove(stream),
    });
    this.#next += 2;
    this.#streams.set(stream.id, stream);
    // The agent connects to the target at once: some servers speak first.
    this.#wake(stream);
    return stream;
  }

  receive(payload: Buffer): void {
    const wrong = this.#parser.push(payload);
    if (wrong !== null) this.#events.broken(wrong);
  }

  refused(): void {
    this.#refusedAtMs.push(this.#clock.nowMs());
  }

  keepAlive(): void {
    this.#owesNop = true;
    this.#events.wake();
  }

  abandon(): void {
    const lost = [...this.#streams.values()];
    this.#streams.clear();
    this.#ready.clear();
    for (const stream of lost) stream.ended('lost');
  }

  take(maxBytes: number): Outgoing | null {
    const parts: Buffer[] = [];
    let room = maxBytes;
    if (this.#owesNop) {
      this.#owesNop = false;
      parts.push(encodeHeader(COMMAND.nop, 0));
      room -= HEADER_BYTES;
    }
    // A stream that is put back while this runs comes around again.
    for (const stream of this.#ready) {
      if (parts.length > 0 && room < WORTH_BYTES) break;
      this.#ready.delete(stream);
      room -= stream.moveTo(parts, room, this.#turnBytes());
      if (stream.hasMore) this.#ready.add(stream);
    }
    if (parts.length === 0) return null;
    return { payloadType: PAYLOAD_TYPE.output, payload: Buffer.concat(parts) };
  }

  /** Alone, a stream need not interrupt itself. */
  #turnBytes(): number {
    return this.#ready.size === 0 ? MAX_DATA_BYTES : TURN_BYTES;
  }

  #wake(stream: MuxStream): void {
    this.#ready.add(stream);
    this.#events.wake();
  }

  #closed(id: number): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    stream.ended(stream.receivedBytes === 0 && this.#takeRefusal() ? 'refused' : 'closed');
  }

  #takeRefusal(): boolean {
    const nowMs = this.#clock.nowMs();
    this.#refusedAtMs = this.#refusedAtMs.filter((atMs) => nowMs - atMs <= REFUSAL_MS);
    return this.#refusedAtMs.shift() !== undefined;
  }

  #remove(stream: MuxStream): void {
    if (!stream.hasMore) this.#ready.delete(stream);
    if (this.#streams.delete(stream.id)) this.#events.freed();
  }
}
