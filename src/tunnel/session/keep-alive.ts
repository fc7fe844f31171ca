import type { Cancel, Clock } from '../ports.ts';

/** What agents up to 3.1.1511.0 expect of their client, and do themselves. */
const SPEAK_MS = 10_000;
const DEAF_MS = 30_000;
/** Often enough for the shortest idle limit that an account can set. */
const BUSY_MS = 50_000;

interface Hooks {
  speak(): void;
  isUp(): boolean;
  /** An agent that must speak has not. */
  dead(): void;
}

/** Sends something that means nothing from time to time. */
export class KeepAlive {
  readonly #clock: Clock;
  readonly #hooks: Hooks;
  readonly #isMutual: boolean;
  #heardAtMs: number;
  #cancel: Cancel;

  /** @param isMutual the agent does the same, and its silence means that it is gone */
  constructor(clock: Clock, isMutual: boolean, hooks: Hooks) {
    this.#clock = clock;
    this.#isMutual = isMutual;
    this.#hooks = hooks;
    this.#heardAtMs = clock.nowMs();
    this.#cancel = this.#later();
  }

  heard(): void {
    this.#heardAtMs = this.#clock.nowMs();
  }

  stop(): void {
    this.#cancel();
  }

  #later(): Cancel {
    return this.#clock.after(this.#isMutual ? SPEAK_MS : BUSY_MS, () => this.#beat());
  }

  #beat(): void {
    // While the connection is down nobody can be heard.
    if (!this.#hooks.isUp()) this.heard();
    if (this.#isMutual && this.#clock.nowMs() - this.#heardAtMs > DEAF_MS) return this.#hooks.dead();
    this.#hooks.speak();
    this.#cancel = this.#later();
  }
}
