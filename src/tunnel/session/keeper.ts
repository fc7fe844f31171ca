import { SbwError } from '../../errors.ts';
import type { Emit } from '../events.ts';
import type { Cancel } from '../ports.ts';
import { Backoff } from './backoff.ts';
import { connectionLost, targetRefused } from './ending.ts';
import { Session, USUAL_PAYLOAD_BYTES } from './session.ts';
import type { SessionDeps, SessionEvents, SessionOptions } from './session.ts';

/** How long a new session is tried for when one was lost: a reboot of the instance takes minutes. */
const RENEW_BUDGET_MS = 5 * 60_000;
/** What trying again does not change. */
const FINAL: ReadonlySet<string> = new Set([
  'AWS_ACCESS_DENIED',
  'TUNNEL_ADDRESS_FORBIDDEN',
  'TUNNEL_AGENT_TOO_OLD',
  'TUNNEL_DOCUMENT_INVALID',
  'TUNNEL_HANDSHAKE_REFUSED',
  'TUNNEL_HOST_REFUSED',
  'TUNNEL_TARGET_REFUSED',
]);

export interface KeeperEvents {
  readonly emit: Emit;
  /** There may be room for a stream now. */
  available(): void;
  /** There will be no session before somebody asks again. */
  unavailable(error: SbwError): void;
}

/** Keeps one session: opens it, replaces it when it is lost, opens it again when somebody needs it. */
export class Keeper {
  readonly #deps: SessionDeps;
  readonly #events: KeeperEvents;
  readonly #backoff: Backoff;
  #options: SessionOptions;
  #session: Session | null = null;
  /** The one that is being opened. */
  #opening: Session | null = null;
  #isRenewing = false;
  #isClosed = false;
  #skipPause: (() => void) | null = null;

  constructor(deps: SessionDeps, options: SessionOptions, events: KeeperEvents) {
    this.#deps = deps;
    this.#options = options;
    this.#events = events;
    this.#backoff = new Backoff(deps.random);
  }

  /** Null while there is none. Its connection may be down at the moment: streams wait for it. */
  get session(): Session | null {
    return this.#session;
  }

  get isRenewing(): boolean {
    return this.#isRenewing;
  }

  /** The first session. @throws SbwError as Session.open */
  async open(): Promise<void> {
    try {
      await this.#openOne();
    } catch (error) {
      if (!(error instanceof SbwError) || error.code !== 'TUNNEL_MESSAGE_TOO_LARGE') throw error;
      this.#options = { ...this.#options, maxPayloadBytes: USUAL_PAYLOAD_BYTES };
      this.#events.emit({ type: 'small_messages' });
      await this.#openOne();
    }
  }

  /** Somebody needs a session: opens one, unless there is one or it is under way. */
  request(): void {
    if (this.#session === null && !this.#isRenewing && !this.#isClosed) void this.#renew();
  }

  /** Never throws; within 2 s. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#skipPause?.();
    await Promise.all([this.#session?.close(), this.#opening?.close()]);
  }

  async #openOne(): Promise<void> {
    const session: Session = new Session(
      this.#deps,
      this.#options,
      this.#eventsOf(() => session.id),
    );
    this.#opening = session;
    try {
      await session.open();
    } finally {
      this.#opening = null;
    }
    if (this.#isClosed) return session.close();
    this.#session = session;
    const { id: sessionId, agentVersion, isBasic } = session;
    this.#events.emit({ type: 'session_opened', sessionId, agentVersion, isBasic });
    this.#events.available();
  }

  #eventsOf(id: () => string): SessionEvents {
    const { emit } = this.#events;
    return {
      dropped: (reason) => emit({ type: 'dropped', sessionId: id(), reason }),
      resumed: (gapMs) => emit({ type: 'resumed', sessionId: id(), gapMs }),
      retrying: (error) => emit({ type: 'retrying', sessionId: id(), error }),
      refused: () => emit({ type: 'target_refused', error: targetRefused(this.#options.targetName) }),
      message: (text) => emit({ type: 'message', text }),
      freed: this.#events.available,
      left: (error) => emit({ type: 'session_left', sessionId: id(), error }),
      ended: ({ error, isRenewable }) => {
        this.#session = null;
        if (this.#isClosed) return;
        emit({ type: 'session_ended', sessionId: id(), error, isRenewing: isRenewable });
        if (isRenewable) void this.#renew();
        else this.#events.unavailable(error);
      },
    };
  }

  async #renew(): Promise<void> {
    const { clock } = this.#deps;
    const startedAtMs = clock.nowMs();
    this.#isRenewing = true;
    this.#backoff.reset();
    for (;;) {
      try {
        await this.open();
        break;
      } catch (error) {
        if (this.#isClosed) break;
        const known = error instanceof SbwError ? error : connectionLost(error);
        const isSpent = clock.nowMs() - startedAtMs > RENEW_BUDGET_MS;
        if (isSpent || FINAL.has(known.code)) {
          this.#isRenewing = false;
          this.#events.emit({ type: 'unavailable', error: known });
          return this.#events.unavailable(known);
        }
        this.#events.emit({ type: 'retrying', sessionId: '', error: known });
      }
      await this.#pause();
    }
    this.#isRenewing = false;
  }

  #pause(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel: Cancel = this.#deps.clock.after(this.#backoff.next(), () => this.#skipPause?.());
      this.#skipPause = () => {
        this.#skipPause = null;
        cancel();
        resolve();
      };
    });
  }
}
