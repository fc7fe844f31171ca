/** The agent's end of smux version 1, written from its description; see README.md. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';

export interface SmuxServerEvents {
  /** There is something to take. */
  wake(): void;
  /** The agent could not connect. */
  refused(): void;
  /** A frame that smux version 1 does not know: the session ends. */
  invalid(reason: string): void;
}

interface Stream {
  readonly socket: Socket;
  /** Bytes received for a target that does not take them. */
  held: number;
  isOver: boolean;
  /** Read from the target, not yet on its way. It is read on when this is gone. */
  unsent: Buffer | null;
}

const HEADER = 8;
const [SYN, FIN, PSH, NOP] = [0, 1, 2, 3] as const;
/** For the whole session: version 1 has no window of its own for a stream. */
const MAX_RECEIVE_BUFFER = 4 * 1024 * 1024;
/** What the agent reads from a target at once. */
const MAX_FRAME = 32_768;

export class SmuxServer {
  readonly #target: { host: string; port: number };
  readonly #events: SmuxServerEvents;
  readonly #streams = new Map<number, Stream>();
  #pending: Buffer = Buffer.alloc(0);
  #held = 0;
  /** Frames without data: closes go after all data. */
  readonly #control: Buffer[] = [];
  #onRoom: (() => void) | null = null;
  /** For the tests: streams ever opened, and when something was last heard. */
  opened = 0;
  heardAtMs = performance.now();

  constructor(target: { host: string; port: number }, events: SmuxServerEvents) {
    this.#target = target;
    this.#events = events;
  }

  get streams(): number {
    return this.#streams.size;
  }

  /** False: all is full, because a target does not read; `onRoom` says when to go on. */
  get hasRoom(): boolean {
    return this.#held < MAX_RECEIVE_BUFFER;
  }

  set onRoom(run: () => void) {
    this.#onRoom = run;
  }

  receive(bytes: Buffer): void {
    this.heardAtMs = performance.now();
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    while (this.#pending.length >= HEADER) {
      const length = this.#pending.readUInt16LE(2);
      const command = this.#pending[1]!;
      const size = HEADER + (command === PSH ? length : 0);
      if (this.#pending[0] !== 1) return this.#events.invalid('invalid protocol');
      if (command > NOP) return this.#events.invalid(`invalid command ${command}`);
      if (command !== PSH && length !== 0) return this.#events.invalid('length where none belongs');
      if (this.#pending.length < size) return;
      this.#frame(command, this.#pending.readUInt32LE(4), this.#pending.subarray(HEADER, size));
      this.#pending = this.#pending.subarray(size);
    }
  }

  nop(): void {
    this.#control.push(frame(NOP, 0));
    this.#events.wake();
  }

  /** The next frame for the client: streams take turns. */
  take(): Buffer | null {
    for (const [id, stream] of this.#streams) {
      const { unsent, socket } = stream;
      if (unsent === null) continue;
      const data = unsent.subarray(0, MAX_FRAME);
      stream.unsent = data.length < unsent.length ? unsent.subarray(data.length) : null;
      if (stream.unsent === null) socket.resume();
      // To the end of the row.
      this.#streams.delete(id);
      this.#streams.set(id, stream);
      return Buffer.concat([frame(PSH, id, data.length), data]);
    }
    return this.#control.shift() ?? null;
  }

  close(): void {
    for (const { socket } of this.#streams.values()) socket.destroy();
    this.#streams.clear();
  }

  #frame(command: number, id: number, data: Buffer): void {
    if (command === SYN && !this.#streams.has(id)) {
      if (id % 2 === 0) return this.#events.invalid(`client opened even stream ${id}`);
      this.#open(id);
    }
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    if (command === FIN) {
      // Both directions, at once: an answer that is still to come is lost.
      this.#finish(id);
      stream.socket.destroySoon();
    }
    if (command === PSH) this.#hold(stream, data);
  }

  #hold(stream: Stream, data: Buffer): void {
    stream.held += data.length;
    this.#held += data.length;
    stream.socket.write(data, () => {
      if (stream.isOver) return;
      stream.held -= data.length;
      this.#held -= data.length;
      if (this.hasRoom) this.#onRoom?.();
    });
  }

  #open(id: number): void {
    this.opened += 1;
    const socket = connect({ ...this.#target, noDelay: true });
    this.#streams.set(id, { socket, held: 0, isOver: false, unsent: null });
    let isConnected = false;
    socket.on('connect', () => (isConnected = true));
    socket.on('data', (bytes) => {
      const stream = this.#streams.get(id);
      if (stream === undefined) return;
      stream.unsent = bytes;
      socket.pause();
      this.#events.wake();
    });
    socket.on('error', () => {
      // First the flag, then the end of the stream.
      if (!isConnected) this.#events.refused();
    });
    socket.on('close', () => this.#finish(id));
    socket.on('end', () => this.#finish(id));
  }

  #finish(id: number): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    this.#streams.delete(id);
    this.#held -= stream.held;
    stream.isOver = true;
    for (let left = stream.unsent; left !== null && left.length > 0; left = left.subarray(MAX_FRAME)) {
      const data = left.subarray(0, MAX_FRAME);
      this.#control.push(Buffer.concat([frame(PSH, id, data.length), data]));
    }
    this.#control.push(frame(FIN, id));
    this.#events.wake();
    stream.socket.end();
    this.#onRoom?.();
  }
}

function frame(command: number, id: number, length = 0): Buffer {
  const header = Buffer.from([1, command, 0, 0, 0, 0, 0, 0]);
  header.writeUInt16LE(length, 2);
  header.writeUInt32LE(id, 4);
  return header;
}
