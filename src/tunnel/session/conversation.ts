import type { Carrier, RemoteStream, StreamHandlers } from '../carrier/carrier.ts';
import { COMMAND, encodeHeader, HEADER_BYTES } from '../carrier/frame.ts';
import { Channel } from '../channel/channel.ts';
import type { PaceOptions } from '../channel/pace.ts';
import type { Clock } from '../ports.ts';
import { takesTerminateFlag, wantsKeepAlive } from '../version.ts';
import { customerMessage } from '../wire/handshake.ts';
import { FLAG, PAYLOAD_TYPE } from '../wire/message.ts';
import { defer } from './deadline.ts';
import * as ending from './ending.ts';
import type { Ending } from './ending.ts';
import { carrierFor, greet } from './greeting.ts';
import type { Greeting } from './greeting.ts';
import { KeepAlive } from './keep-alive.ts';

export interface ConversationOptions {
  readonly pace: PaceOptions;
  /** Of one message to the agent. */
  readonly maxPayloadBytes: number;
  /** Keeps the session busy, so that no idle limit ends it. */
  readonly keepAlive: boolean;
  /** For people: `i-0abc port 3838`. */
  readonly targetName: string;
}

export interface ConversationEvents {
  /** There will be no more: the service or the agent has ended it, or makes no sense. */
  over(ending: Ending): void;
  /** The agent could not connect to the target. */
  refused(): void;
  /** What the account's administrator tells everybody. */
  message(text: string): void;
  /** A stream is over. */
  freed(): void;
}

/** An old agent whose target does not listen dies so soon after the handshake. */
const EARLY_DEATH_MS = 2000;
const PROBE_MS = 3000;

/** What is said with the agent, whatever connection carries it: handshake, streams, flags. */
export class Conversation {
  readonly #clock: Clock;
  readonly #options: ConversationOptions;
  readonly #events: ConversationEvents;
  readonly channel: Channel;
  readonly #complete = defer<void>();
  #greeting: Greeting | null = null;
  #carrier: Carrier | null = null;
  #keepAlive: KeepAlive | null = null;
  #isUp = false;
  #completedAtMs = 0;

  constructor(
    deps: { readonly clock: Clock; newId(): string },
    options: ConversationOptions,
    events: ConversationEvents,
  ) {
    this.#clock = deps.clock;
    this.#options = options;
    this.#events = events;
    this.channel = new Channel(
      { clock: deps.clock, newId: deps.newId, pace: options.pace },
      {
        deliver: (type, payload) => this.#deliver(type, payload),
        closed: (words) => this.#events.over(this.#endingOf(words)),
        silent: () => this.#events.over({ error: ending.agentSilent(), isRenewable: true }),
      },
    );
  }

  /** Resolves when the handshake is complete, so that data may flow; rejects with what `stop` is given. */
  get complete(): Promise<void> {
    return this.#complete.promise;
  }

  /** '' before the handshake. */
  get agentVersion(): string {
    return this.#greeting?.agentVersion ?? '';
  }

  /** One connection at a time: the agent is old. */
  get isBasic(): boolean {
    return this.#greeting?.isMux === false;
  }

  get streams(): number {
    return this.#carrier?.streams ?? 0;
  }

  get hasRoom(): boolean {
    return this.#carrier?.hasRoom === true;
  }

  /** Whether a connection carries it at the moment. */
  set isUp(isUp: boolean) {
    this.#isUp = isUp;
  }

  /** Null when there is no room. */
  openStream(handlers: StreamHandlers): RemoteStream | null {
    return this.#carrier?.open(handlers) ?? null;
  }

  /** Asks the agent to end the session. Resolves when it has heard; null: it does not know how to. */
  sayGoodbye(): Promise<void> | null {
    if (!this.#isUp || !takesTerminateFlag(this.agentVersion)) return null;
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(FLAG.terminateSession);
    return this.#send(PAYLOAD_TYPE.flag, payload);
  }

  /**
   * Sends one message of the largest size with nothing in it: whoever does not take such messages ends the session
   * now, before data depends on it.
   * @param lost settles when the connection is lost meanwhile
   */
  async takesLargeMessages(lost: Promise<unknown>): Promise<boolean> {
    const nops = Math.floor(this.#options.maxPayloadBytes / HEADER_BYTES);
    const payload = Buffer.concat(Array.from({ length: nops }, () => encodeHeader(COMMAND.nop, 0)));
    const late = defer<void>();
    const cancel = this.#clock.after(PROBE_MS, late.resolve);
    const arrived = this.#send(PAYLOAD_TYPE.output, payload).then(() => true);
    const failed = Promise.race([late.promise, lost]).then(() => false);
    const takes = await Promise.race([arrived, failed]);
    cancel();
    return takes;
  }

  /** Ends every stream; nothing is said any more. */
  stop(why: Error): void {
    this.#keepAlive?.stop();
    this.channel.detach();
    this.#carrier?.abandon();
    this.#complete.reject(why);
  }

  #send(payloadType: number, payload: Buffer): Promise<void> {
    const { promise, resolve } = defer<void>();
    this.channel.send({ payloadType, payload, acknowledged: resolve });
    return promise;
  }

  #deliver(payloadType: number, payload: Buffer): void {
    this.#keepAlive?.heard();
    switch (payloadType) {
      case PAYLOAD_TYPE.handshakeRequest:
        return this.#greet(payload);
      case PAYLOAD_TYPE.handshakeComplete:
        return this.#begin(payload);
      case PAYLOAD_TYPE.output:
        if (this.#greeting === null) return this.#events.over(ending.agentTooOld());
        return this.#carrier?.receive(payload);
      case PAYLOAD_TYPE.flag:
        if (payload.length < 4 || payload.readUInt32BE() !== FLAG.connectToPortError) return;
        this.#carrier?.refused();
        return this.#events.refused();
    }
  }

  #greet(payload: Buffer): void {
    if (this.#greeting !== null) return;
    this.#greeting = greet(payload);
    if (this.#greeting === null) {
      const error = ending.protocolBroken('a handshake that cannot be read');
      return this.#events.over({ error, isRenewable: false });
    }
    const { response, refusal } = this.#greeting;
    this.channel.send({ payloadType: PAYLOAD_TYPE.handshakeResponse, payload: response });
    if (refusal !== null) this.#events.over({ error: ending.handshakeRefused(refusal), isRenewable: false });
  }

  #begin(payload: Buffer): void {
    if (this.#greeting === null || this.#carrier !== null) return;
    this.#completedAtMs = this.#clock.nowMs();
    this.#carrier = carrierFor(this.#greeting, this.#clock, {
      wake: () => this.channel.pump(),
      broken: (what) => this.#events.over({ error: ending.protocolBroken(what), isRenewable: true }),
      freed: this.#events.freed,
    });
    this.channel.open(this.#carrier, this.#options.maxPayloadBytes);
    this.#stayAlive(this.#greeting);
    const text = customerMessage(payload);
    if (text !== '') this.#events.message(text);
    this.#complete.resolve();
  }

  #stayAlive({ isMux, agentVersion }: Greeting): void {
    const mustSpeak = isMux && wantsKeepAlive(agentVersion);
    if (!mustSpeak && !this.#options.keepAlive) return;
    this.#keepAlive = new KeepAlive(this.#clock, mustSpeak, {
      speak: () => this.#carrier?.keepAlive(),
      isUp: () => this.#isUp,
      dead: () => this.#events.over({ error: ending.agentSilent(), isRenewable: true }),
    });
  }

  #endingOf(words: string): Ending {
    const diedEarly = this.isBasic && this.#clock.nowMs() - this.#completedAtMs < EARLY_DEATH_MS;
    if (!diedEarly || this.#carrier === null) return ending.endingOf(words);
    return { error: ending.targetRefused(this.#options.targetName), isRenewable: false };
  }
}
