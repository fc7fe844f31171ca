import { SbwError } from '../../errors.ts';
import type { Cancel, Clock, Grant, SessionApi } from '../ports.ts';
import { Backoff } from './backoff.ts';
import { connectionLost, resumeDenied, sessionGone } from './ending.ts';
import type { Ending } from './ending.ts';

/** How long to try before the session is given up. */
const BUDGET_MS = 5 * 60_000;
/** A connection that lasted so long was a good one: the next outage starts afresh, and tries at once. */
const GOOD_MS = 5000;
/** The longest pause after a connection that came up and was soon lost. */
const FLAP_MS = 1000;

interface Deps {
  readonly api: Pick<SessionApi, 'resume'>;
  readonly clock: Clock;
  random(): number;
}

interface Hooks {
  connect(grant: Grant): Promise<void>;
  retrying(error: SbwError): void;
}

export type Outcome = { readonly gapMs: number } | Ending;

/** Brings a session back after its connection was lost: ResumeSession and a new WebSocket, again and again. */
export class Reconnection {
  readonly #deps: Deps;
  readonly #signal: AbortSignal;
  readonly #hooks: Hooks;
  readonly #backoff: Backoff;
  #backAtMs = -Infinity;
  #sinceMs = 0;
  #skipPause: (() => void) | null = null;

  constructor(deps: Deps, signal: AbortSignal, hooks: Hooks) {
    this.#deps = deps;
    this.#signal = signal;
    this.#hooks = hooks;
    this.#backoff = new Backoff(deps.random);
    signal.addEventListener('abort', () => this.#skipPause?.());
  }

  /** The machine has slept: what failed before says nothing. */
  woke(): void {
    this.#sinceMs = this.#deps.clock.nowMs();
    this.#backoff.reset();
    this.#skipPause?.();
  }

  /** Never throws. */
  async run(sessionId: string): Promise<Outcome> {
    const { clock } = this.#deps;
    const startedAtMs = clock.nowMs();
    // Many short connections in a row are one outage.
    const isFresh = startedAtMs - this.#backAtMs >= GOOD_MS;
    if (isFresh) {
      this.#backoff.reset();
      this.#sinceMs = startedAtMs;
    } else await this.#pause(FLAP_MS);
    try {
      return (await this.#try(sessionId)) ?? { gapMs: clock.nowMs() - startedAtMs };
    } finally {
      this.#backAtMs = clock.nowMs();
    }
  }

  async #try(sessionId: string): Promise<Ending | null> {
    for (;;) {
      try {
        const grant = this.#signal.aborted ? null : await this.#deps.api.resume(sessionId, this.#signal);
        if (grant === null || grant.token === '') return { error: sessionGone(), isRenewable: true };
        await this.#hooks.connect(grant);
        return null;
      } catch (error) {
        const verdict = this.#judge(error);
        if (verdict !== null) return verdict;
      }
      await this.#pause();
    }
  }

  #judge(error: unknown): Ending | null {
    const known = error instanceof SbwError ? error : null;
    if (known?.code === 'AWS_ACCESS_DENIED') return { error: resumeDenied(error), isRenewable: true };
    const isSpent = this.#deps.clock.nowMs() - this.#sinceMs > BUDGET_MS;
    if (isSpent || this.#signal.aborted) return { error: connectionLost(error), isRenewable: false };
    this.#hooks.retrying(known ?? connectionLost(error));
    return null;
  }

  #pause(maxMs?: number): Promise<void> {
    if (this.#signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel: Cancel = this.#deps.clock.after(this.#backoff.next(maxMs), () => this.#skipPause?.());
      this.#skipPause = () => {
        this.#skipPause = null;
        cancel();
        resolve();
      };
    });
  }
}
