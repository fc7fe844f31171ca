/** The agent's end of the old mode, one bare connection; see README.md. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';

export interface BasicServerEvents {
  /** There is something to take. */
  wake(): void;
  /** The agent gives the session up. */
  failed(): void;
}

export class BasicServer {
  readonly #target: { host: string; port: number };
  readonly #events: BasicServerEvents;
  readonly #isLocalForwarding: boolean;
  #socket: Socket | null = null;
  #unsent: Buffer | null = null;
  /** For the tests: connections made. */
  opened = 0;

  /** Connects to the target at once: at the start of the session, before any program asks for it. */
  constructor(target: { host: string; port: number }, isLocalForwarding: boolean, events: BasicServerEvents) {
    this.#target = target;
    this.#isLocalForwarding = isLocalForwarding;
    this.#events = events;
    this.#dial(true);
  }

  get streams(): number {
    return this.#socket === null ? 0 : 1;
  }

  readonly hasRoom = true;
  set onRoom(_run: () => void) {
    // Always has room: it waits for nobody.
  }

  receive(bytes: Buffer): void {
    if (this.#socket === null) this.#dial(false);
    this.#socket?.write(bytes);
  }

  /** Flag 1. With the SSH document there is no second connection: the session ends. */
  disconnect(): void {
    this.#socket?.destroy();
    this.#socket = null;
    if (!this.#isLocalForwarding) this.#events.failed();
  }

  nop(): void {
    // No frames, no such thing.
  }

  /** The next bytes for the client. */
  take(): Buffer | null {
    const bytes = this.#unsent;
    this.#unsent = null;
    this.#socket?.resume();
    return bytes;
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = null;
  }

  #dial(isFirst: boolean): void {
    this.opened += 1;
    const socket = connect({ ...this.#target, noDelay: true });
    this.#socket = socket;
    socket.on('data', (bytes) => {
      if (this.#socket !== socket) return;
      this.#unsent = bytes;
      socket.pause();
      this.#events.wake();
    });
    socket.on('error', () => {
      // The worker dies over a target that is not there when the session begins.
      if (isFirst && this.#socket === socket) this.#events.failed();
    });
    // The target has closed: the client is not told.
    socket.on('close', () => {
      if (this.#socket === socket) this.#socket = null;
    });
  }
}
