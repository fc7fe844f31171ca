import type { RemoteStream, StreamHandlers } from '../carrier/carrier.ts';
import type { Channel } from '../channel/channel.ts';
import type { SbwError } from '../../errors.ts';
import type { Cancel, Clock, Dial, Grant, SessionApi, SessionRequest } from '../ports.ts';
import { openMessage } from '../wire/handshake.ts';
import { connect } from './connection.ts';
import type { Connection } from './connection.ts';
import { Conversation } from './conversation.ts';
import type { ConversationEvents, ConversationOptions } from './conversation.ts';
import { defer, settledWithin } from './deadline.ts';
import * as ending from './ending.ts';
import type { Ending } from './ending.ts';
import { Reconnection } from './reconnection.ts';
import { watchWake } from './wake.ts';

export interface SessionDeps {
  readonly api: SessionApi;
  readonly dial: Dial;
  readonly clock: Clock;
  newId(): string;
  /** 0 to 1, as Math.random. */
  random(): number;
}

export interface SessionOptions extends ConversationOptions {
  readonly request: SessionRequest;
}

export interface SessionEvents extends Omit<ConversationEvents, 'over'> {
  dropped(reason: string): void;
  resumed(gapMs: number): void;
  /** A try to resume has failed; there will be more. */
  retrying(error: SbwError): void;
  /** Once, when a session that was open ends by itself. */
  ended(ending: Ending): void;
  /** Session Manager could not be told that it is over. */
  left(error: SbwError): void;
}

export const USUAL_PAYLOAD_BYTES = 1024;

const HANDSHAKE_MS = 30_000;
/** Together under 2 s, which is what an operator waits after Ctrl-C. */
const GOODBYE_MS = 500;
const TERMINATE_MS = 1200;
const OPENING_MS = 1700;

/** One session of Session Manager: from StartSession to TerminateSession, over as many connections as it takes. */
export class Session {
  readonly #deps: SessionDeps;
  readonly #options: SessionOptions;
  readonly #events: SessionEvents;
  readonly #conversation: Conversation;
  readonly #reconnection: Reconnection;
  readonly #clientId: string;
  readonly #abort = new AbortController();
  /** Ends calls whose answer nobody waits for any more: they would keep the process. */
  readonly #patience = new AbortController();
  readonly #timers: Cancel[] = [];
  /** Settles when the first connection is lost. */
  readonly #firstLost = defer<void>();
  #stage: 'opening' | 'open' | 'over' = 'opening';
  #opening: Promise<void> | null = null;
  #discarding: Promise<void> | null = null;
  #grant: Grant | null = null;
  #streamUrl = '';
  #connection: Connection | null = null;

  constructor(deps: SessionDeps, options: SessionOptions, events: SessionEvents) {
    this.#deps = deps;
    this.#options = options;
    this.#events = events;
    this.#clientId = deps.newId();
    this.#conversation = new Conversation(deps, options, {
      over: (how) => this.#end(how),
      refused: events.refused,
      message: events.message,
      freed: events.freed,
    });
    this.#reconnection = new Reconnection(deps, this.#abort.signal, {
      connect: (grant) => this.#connect(grant),
      retrying: events.retrying,
    });
  }

  /** '' before it has one. */
  get id(): string {
    return this.#grant?.sessionId ?? '';
  }

  get agentVersion(): string {
    return this.#conversation.agentVersion;
  }

  /** One connection at a time: the agent is old. */
  get isBasic(): boolean {
    return this.#conversation.isBasic;
  }

  get streams(): number {
    return this.#conversation.streams;
  }

  get hasRoom(): boolean {
    return this.#stage === 'open' && this.#conversation.hasRoom;
  }

  /** Everything that was written has arrived at the agent. */
  get isSettled(): boolean {
    return this.#connection !== null && this.channel.unacknowledged === 0;
  }

  get channel(): Pick<Channel, 'counts' | 'roundTripMs' | 'unacknowledged'> {
    return this.#conversation.channel;
  }

  /** Null when there is no room. */
  openStream(handlers: StreamHandlers): RemoteStream | null {
    return this.#stage === 'open' ? this.#conversation.openStream(handlers) : null;
  }

  /**
   * Starts it and waits until data can flow.
   * @throws SbwError as SessionApi.start and Dial; TUNNEL_HANDSHAKE_*, TUNNEL_MESSAGE_TOO_LARGE, and what `ending.ts`
   * knows. Nothing is left behind then.
   */
  open(): Promise<void> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** Ends it: tells the agent and the service, within 2 s. Never throws. */
  async close(): Promise<void> {
    if (this.#stage === 'opening') {
      // What is being started must be ended too: without waiting it would be an orphan.
      this.#stage = 'over';
      this.#abort.abort();
      this.#conversation.stop(ending.sessionGone());
      if (this.#opening !== null) await settledWithin(this.#deps.clock, OPENING_MS, this.#opening);
      this.#patience.abort();
      return;
    }
    if (this.#stage === 'open') {
      this.#stage = 'over';
      const heard = this.#conversation.sayGoodbye();
      if (heard !== null) await settledWithin(this.#deps.clock, GOODBYE_MS, heard);
    }
    await this.#discard();
  }

  async #open(): Promise<void> {
    const { api, clock } = this.#deps;
    const conversation = this.#conversation;
    this.#grant = await api.start(this.#options.request, this.#patience.signal);
    try {
      if (this.#stage === 'over') throw ending.sessionGone();
      this.#timers.push(watchWake(clock, () => this.#woke()));
      const late = (): void => this.#end({ error: ending.handshakeTimedOut(), isRenewable: false });
      const deadline = clock.after(HANDSHAKE_MS, late);
      this.#timers.push(deadline);
      await Promise.race([this.#connect(this.#grant), conversation.complete]);
      await conversation.complete;
      deadline();
      const { maxPayloadBytes } = this.#options;
      if (maxPayloadBytes > USUAL_PAYLOAD_BYTES && !this.isBasic) {
        const isFine = await conversation.takesLargeMessages(this.#firstLost.promise);
        if (!isFine) throw ending.messageTooLarge(maxPayloadBytes);
      }
      this.#stage = 'open';
    } catch (error) {
      await this.#discard();
      throw error;
    }
  }

  async #connect({ streamUrl, token }: Grant): Promise<void> {
    if (streamUrl !== null) this.#streamUrl = streamUrl;
    const { channel } = this.#conversation;
    const open = openMessage(token, this.#deps.newId(), this.#clientId);
    try {
      this.#connection = await connect(
        this.#deps,
        this.#streamUrl,
        open,
        {
          opened: (socket) => channel.attach(socket),
          frame: (data) => channel.receive(data),
          drained: () => channel.pump(),
          down: (reason) => this.#down(reason),
        },
        this.#abort.signal,
      );
      this.#conversation.isUp = true;
    } catch (error) {
      channel.detach();
      throw error;
    }
  }

  #down(reason: string): void {
    this.#connection = null;
    this.#conversation.isUp = false;
    this.#conversation.channel.detach();
    this.#firstLost.resolve();
    if (this.#stage === 'over') return;
    this.#events.dropped(reason);
    void this.#reconnection.run(this.id).then((outcome) => {
      if (this.#stage === 'over') return;
      if ('error' in outcome) this.#end(outcome);
      else this.#events.resumed(outcome.gapMs);
    });
  }

  #woke(): void {
    this.#connection?.woke();
    this.#reconnection.woke();
  }

  #end(how: Ending): void {
    if (this.#stage === 'over') return;
    const wasOpen = this.#stage === 'open';
    this.#stage = 'over';
    this.#conversation.stop(how.error);
    void this.#discard();
    if (wasOpen) this.#events.ended(how);
  }

  /** Ends what is left of it, here and at the service; once. */
  #discard(): Promise<void> {
    this.#stage = 'over';
    this.#abort.abort();
    for (const cancel of this.#timers.splice(0)) cancel();
    this.#conversation.stop(ending.sessionGone());
    this.#connection?.close();
    this.#connection = null;
    this.#discarding ??= this.#terminate();
    return this.#discarding;
  }

  async #terminate(): Promise<void> {
    if (this.#grant === null) return;
    const { api, clock } = this.#deps;
    const { sessionId } = this.#grant;
    let failure: unknown = new Error(`no answer within ${TERMINATE_MS} ms`);
    const ended = api.terminate(sessionId, this.#patience.signal).then(
      () => (failure = null),
      (error: unknown) => (failure = error),
    );
    await settledWithin(clock, TERMINATE_MS, ended);
    this.#patience.abort();
    if (failure !== null) this.#events.left(ending.sessionLeft(sessionId, failure));
  }
}
