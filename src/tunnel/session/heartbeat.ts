import type { Cancel, Clock, Socket } from '../ports.ts';

const PING_MS = 25_000;
const MISSES = 2;
/** After a sleep of the machine the answer must come sooner: the network was most likely away. */
const AFTER_WAKE_MS = 5000;

export interface HeartbeatEvents {
  /** Nothing has come back for too long. */
  dead(): void;
}

/**
 * Finds out that a connection is dead although nobody has said so. Any frame is a sign of life. A gateway that has
 * never answered a ping is not judged by pings.
 */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #socket: Pick<Socket, 'ping'>;
  readonly #events: HeartbeatEvents;
  #hasPonged = false;
  #isAlive = true;
  #misses = 0;
  #cancel: Cancel;

  /** Pings at once. */
  constructor(clock: Clock, socket: Pick<Socket, 'ping'>, events: HeartbeatEvents) {
    this.#clock = clock;
    this.#socket = socket;
    this.#events = events;
    this.#cancel = this.#ping(PING_MS, () => this.#beat());
  }

  pong(): void {
    this.#hasPonged = true;
    this.#isAlive = true;
  }

  heard(): void {
    this.#isAlive = true;
  }

  /** The machine has slept. */
  woke(): void {
    this.#cancel();
    this.#cancel = this.#ping(AFTER_WAKE_MS, () => {
      if (!this.#isAlive && this.#hasPonged) this.#events.dead();
      else this.#beat();
    });
  }

  stop(): void {
    this.#cancel();
  }

  #beat(): void {
    this.#misses = this.#isAlive ? 0 : this.#misses + 1;
    if (this.#misses >= MISSES && this.#hasPonged) return this.#events.dead();
    this.#cancel = this.#ping(PING_MS, () => this.#beat());
  }

  #ping(waitMs: number, then: () => void): Cancel {
    this.#isAlive = false;
    this.#socket.ping();
    return this.#clock.after(waitMs, then);
  }
}
