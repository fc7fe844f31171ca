import type { SbwError } from '../errors.ts';
import type { Emit, TunnelSummary } from './events.ts';
import { forward, USUAL_LIMITS } from './forward/forward.ts';
import type { Forward, ForwardLimits } from './forward/forward.ts';
import type { Listen, Listener, LocalConnection } from './ports.ts';
import { Keeper } from './session/keeper.ts';
import type { Session, SessionDeps, SessionOptions } from './session/session.ts';

export interface TunnelDeps extends SessionDeps {
  readonly listen: Listen;
  readonly emit: Emit;
}

export interface TunnelOptions extends SessionOptions {
  readonly address: { readonly host: string; readonly port: number };
  /** Connections are spread over so many sessions: the agent sends at most 0.66 MB/s in each. */
  readonly sessions: number;
  readonly limits?: ForwardLimits;
}

/** More programs than this do not wait for a session. */
const MAX_WAITING = 256;

/** A local port that leads to the target, over one or more sessions that come and go behind it. */
export class Tunnel {
  readonly #deps: TunnelDeps;
  readonly #limits: ForwardLimits;
  readonly #keepers: readonly Keeper[];
  readonly #forwards = new Set<Forward>();
  readonly #waiting: LocalConnection[] = [];
  readonly #startedAtMs: number;
  readonly #counts = { connections: 0, bytesSent: 0, bytesReceived: 0 };
  #listener: Listener | null = null;
  /** Until then `open` works on the first session: who comes early waits for that one. */
  #isUp = false;
  #isClosed = false;
  #hasSaidQueued = false;

  private constructor(deps: TunnelDeps, options: TunnelOptions) {
    this.#deps = deps;
    this.#limits = options.limits ?? USUAL_LIMITS;
    this.#startedAtMs = deps.clock.nowMs();
    this.#keepers = Array.from(
      { length: options.sessions },
      () =>
        new Keeper(deps, options, {
          emit: deps.emit,
          available: () => this.#placeWaiting(),
          unavailable: (error) => this.#unavailable(error),
        }),
    );
  }

  /**
   * Takes the port first, since a busy one costs nothing then, and opens the sessions. Ready when the first of them
   * is up; the others follow.
   *
   * @throws SbwError as Listen and Session.open; nothing is left behind then
   */
  static async open(deps: TunnelDeps, options: TunnelOptions, signal: AbortSignal): Promise<Tunnel> {
    const tunnel = new Tunnel(deps, options);
    const stop = (): void => void tunnel.close();
    signal.addEventListener('abort', stop);
    try {
      tunnel.#listener = await deps.listen(options.address, (local) => tunnel.#accept(local));
      const [first, ...others] = tunnel.#keepers;
      await first!.open();
      tunnel.#isUp = true;
      for (const keeper of others) keeper.request();
      return tunnel;
    } catch (error) {
      await tunnel.close();
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  get host(): string {
    return this.#listener?.host ?? '';
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  /** Those that are up. */
  get sessions(): readonly Session[] {
    return this.#keepers.flatMap(({ session }) => session ?? []);
  }

  /** Programs that are connected. */
  get connections(): number {
    return this.#forwards.size + this.#waiting.length;
  }

  get summary(): TunnelSummary {
    return { ...this.#counts, durationMs: this.#deps.clock.nowMs() - this.#startedAtMs };
  }

  /** Closes every stream, ends the sessions, frees the port: within 2 s. Never throws. May be repeated. */
  async close(): Promise<TunnelSummary> {
    this.#isClosed = true;
    const freed = this.#listener?.close();
    for (const one of this.#forwards) one.reset();
    for (const local of this.#waiting.splice(0)) local.destroy();
    await Promise.all([freed, ...this.#keepers.map((keeper) => keeper.close())]);
    return this.summary;
  }

  #accept(local: LocalConnection): void {
    this.#counts.connections += 1;
    if (this.#isClosed || (!this.#place(local) && this.#waiting.length >= MAX_WAITING)) {
      local.destroy();
    }
  }

  /** False when the connection has to wait. */
  #place(local: LocalConnection): boolean {
    const session = this.#roomiest();
    if (session !== null && this.#forward(local, session)) return true;
    local.on('error', () => undefined);
    local.once('close', () => {
      const at = this.#waiting.indexOf(local);
      if (at >= 0) this.#waiting.splice(at, 1);
    });
    this.#waiting.push(local);
    if (this.#isUp) for (const keeper of this.#keepers) keeper.request();
    const isQueue = session === null && this.sessions.some(({ isBasic }) => isBasic);
    if (isQueue && !this.#hasSaidQueued) {
      this.#hasSaidQueued = true;
      this.#deps.emit({ type: 'queued', waiting: this.#waiting.length });
    }
    return false;
  }

  #placeWaiting(): void {
    while (this.#waiting.length > 0) {
      const session = this.#roomiest();
      if (session === null) return;
      const local = this.#waiting.shift()!;
      if (!local.destroyed) this.#forward(local, session);
    }
  }

  #roomiest(): Session | null {
    const [least] = this.sessions
      .filter(({ hasRoom }) => hasRoom)
      .toSorted((left, right) => left.streams - right.streams);
    return least ?? null;
  }

  #forward(local: LocalConnection, session: Session): boolean {
    const one = forward(local, (handlers) => session.openStream(handlers), this.#deps.clock, this.#limits, {
      sent: (bytes) => (this.#counts.bytesSent += bytes),
      received: (bytes) => (this.#counts.bytesReceived += bytes),
      unread: () => [...this.#forwards].reduce((sum, { unreadBytes }) => sum + unreadBytes, 0),
      isSettled: () => session.isSettled,
      slow: (unreadBytes) => this.#deps.emit({ type: 'slow_reader', unreadBytes }),
      over: () => {
        if (one !== null) this.#forwards.delete(one);
      },
    });
    if (one !== null) this.#forwards.add(one);
    return one !== null;
  }

  /** Waiting makes sense only while somebody works on a session. */
  #unavailable(error: SbwError): void {
    if (this.#keepers.some(({ session, isRenewing }) => session !== null || isRenewing)) return;
    for (const local of this.#waiting.splice(0)) local.destroy(error);
  }
}
