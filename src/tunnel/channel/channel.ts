import type { Cancel, Clock, Socket } from '../ports.ts';
import { acknowledgedSequence, encodeAcknowledge } from '../wire/acknowledge.ts';
import { closedOutput } from '../wire/handshake.ts';
import { decodeMessage, encodeMessage, MESSAGE_TYPE } from '../wire/message.ts';
import type { Message } from '../wire/message.ts';
import { Fifo } from './fifo.ts';
import { Inbox } from './inbox.ts';
import { Outbox } from './outbox.ts';
import { Pace } from './pace.ts';
import type { PaceOptions } from './pace.ts';
import { RoundTrip } from './round-trip.ts';
import { SendWindow } from './window.ts';

/** One message to be sent. */
export interface Outgoing {
  readonly payloadType: number;
  /** Never empty: agents take an empty message for the end. */
  readonly payload: Buffer;
  /** Called once, when the agent has processed it. */
  readonly acknowledged?: (() => void) | undefined;
}

/** Where the channel's data comes from: asked when there is room on the way, so nothing queues in between. */
export interface Source {
  take(maxBytes: number): Outgoing | null;
}

export interface ChannelEvents {
  /** In order, each message once. */
  deliver(payloadType: number, payload: Buffer): void;
  /** The service has closed the session for good, and says why; often ''. */
  closed(output: string): void;
  /** The connection is up and the agent has not acknowledged anything for minutes. */
  silent(): void;
}

export interface ChannelOptions {
  readonly clock: Clock;
  newId(): string;
  readonly pace: PaceOptions;
}

/** Above this the socket is the bottleneck; it says when it has drained. */
const MAX_BUFFERED_BYTES = 128 * 1024;
/** What may still lie in the socket is not lost, so it is not sent again. */
const RESEND_BELOW_BYTES = 16 * 1024;
/** How long `pause_publication` holds new data back when nobody lifts it. */
const MAX_PAUSE_MS = 2000;
const SILENT_AFTER_MS = 5 * 60_000;
/** An agent at its fastest would have acknowledgements use up the pace: data keeps every tenth turn. */
const ACKNOWLEDGEMENTS_IN_A_ROW = 9;

/**
 * A reliable, ordered exchange of messages with the agent over connections that come and go: sequence numbers,
 * acknowledgements, retransmission. It outlives its sockets; `attach` gives it the next one.
 */
export class Channel {
  readonly #options: ChannelOptions;
  readonly #events: ChannelEvents;
  readonly #inbox = new Inbox();
  readonly #outbox = new Outbox();
  readonly #roundTrip = new RoundTrip();
  readonly #window = new SendWindow();
  readonly #pace: Pace;
  /** The session's own words: they go before data, and before there is a source. */
  readonly #first: Outgoing[] = [];
  /** What has come and is not acknowledged yet, as it came. */
  readonly #owed = new Fifo<Message>();
  #inARow = 0;
  #source: Source | null = null;
  #maxPayloadBytes = 1024;
  #socket: Socket | null = null;
  #sequence = 0;
  #pausedUntilMs = -Infinity;
  #wasFull = false;
  #heardAtMs = 0;
  #cancelWake: Cancel | null = null;
  readonly #counts = { sent: 0, sentAgain: 0, received: 0, refused: 0 };

  constructor(options: ChannelOptions, events: ChannelEvents) {
    this.#options = options;
    this.#events = events;
    this.#pace = new Pace(options.pace, options.clock.nowMs());
  }

  /** Messages: sent (each once), sent again, received, and frames that were no true message. */
  get counts(): Readonly<{ sent: number; sentAgain: number; received: number; refused: number }> {
    return this.#counts;
  }

  /** Null before the first acknowledgement. */
  get roundTripMs(): number | null {
    return this.#roundTrip.smoothedMs;
  }

  /** Messages sent and not acknowledged. */
  get unacknowledged(): number {
    return this.#outbox.messages;
  }

  /** Data may flow from now on: the handshake is complete. */
  open(source: Source, maxPayloadBytes: number): void {
    this.#source = source;
    this.#maxPayloadBytes = maxPayloadBytes;
    this.pump();
  }

  /** A new connection: whatever is unacknowledged goes first, in order. The agent drops what it has already. */
  attach(socket: Socket): void {
    this.#socket = socket;
    this.#heardAtMs = this.#options.clock.nowMs();
    this.#pausedUntilMs = -Infinity;
    this.#outbox.sendAllAgain();
    this.pump();
  }

  detach(): void {
    this.#socket = null;
    this.#cancelWake?.();
    this.#cancelWake = null;
  }

  /** Sends a message of the session itself, before all waiting data. */
  send(outgoing: Outgoing): void {
    this.#first.push(outgoing);
    this.pump();
  }

  /** A frame from the socket. Never throws, whatever is in it. */
  receive(frame: Buffer): void {
    const message = decodeMessage(frame);
    if (message === null) {
      this.#counts.refused += 1;
      return;
    }
    switch (message.type) {
      case MESSAGE_TYPE.output:
        return this.#receiveData(message);
      case MESSAGE_TYPE.acknowledge:
        return this.#receiveAcknowledgement(message);
      case MESSAGE_TYPE.pause:
        this.#pausedUntilMs = this.#options.clock.nowMs() + MAX_PAUSE_MS;
        return;
      case MESSAGE_TYPE.start:
        this.#pausedUntilMs = -Infinity;
        return this.pump();
      case MESSAGE_TYPE.closed:
        return this.#events.closed(closedOutput(message.payload));
    }
  }

  /** Sends what may be sent now. To be called when the source has something new or the socket has drained. */
  pump(): void {
    const socket = this.#socket;
    if (socket === null) return;
    for (;;) {
      const nowMs = this.#options.clock.nowMs();
      if (socket.bufferedBytes > MAX_BUFFERED_BYTES) return this.#wakeIn(this.#roundTrip.timeoutMs);
      const waitMs = this.#pace.waitMs(nowMs);
      if (waitMs > 0) return this.#wakeIn(waitMs);
      if (!this.#sendNext(socket, nowMs)) break;
      // The socket may have failed while sending.
      if (this.#socket !== socket) return;
    }
    this.#wakeForLate();
  }

  /** Acknowledgements first: they are small, and the agent waits for them. */
  #sendNext(socket: Socket, nowMs: number): boolean {
    if (this.#inARow < ACKNOWLEDGEMENTS_IN_A_ROW && this.#acknowledge(socket, nowMs)) return true;
    if (this.#sendAgain(socket, nowMs) || this.#sendNew(socket, nowMs)) {
      this.#inARow = 0;
      return true;
    }
    return this.#acknowledge(socket, nowMs);
  }

  #acknowledge(socket: Socket, nowMs: number): boolean {
    const message = this.#owed.shift();
    if (message === undefined) return false;
    const { clock, newId } = this.#options;
    socket.send(encodeAcknowledge(message, newId(), clock.wallMs()));
    this.#pace.spend(nowMs);
    this.#inARow += 1;
    return true;
  }

  #receiveData(message: Message): void {
    if (!this.#inbox.accept(message)) return;
    this.#owed.push(message);
    // Before anything is delivered: what the programs do must not delay it.
    this.pump();
    for (;;) {
      const next = this.#inbox.take();
      if (next === null) return;
      this.#counts.received += 1;
      this.#events.deliver(next.payloadType, next.payload);
    }
  }

  #receiveAcknowledgement({ payload }: Message): void {
    const sequence = acknowledgedSequence(payload);
    const sent = sequence === null ? null : this.#outbox.settle(sequence);
    const nowMs = this.#options.clock.nowMs();
    this.#heardAtMs = nowMs;
    this.#pausedUntilMs = -Infinity;
    if (sent === null) return;
    // Of a message that was sent twice nobody knows which one was acknowledged.
    if (sent.sends === 1) {
      this.#roundTrip.addSample(nowMs - sent.sentAtMs);
      this.#window.acknowledged(nowMs - sent.sentAtMs, this.#wasFull, nowMs);
    }
    sent.acknowledged?.();
    this.pump();
  }

  #sendAgain(socket: Socket, nowMs: number): boolean {
    if (socket.bufferedBytes > RESEND_BELOW_BYTES) return false;
    const sent = this.#outbox.overdue(this.#roundTrip, nowMs, () =>
      this.#window.lost(this.#roundTrip.timeoutMs, nowMs),
    );
    if (sent === null || (this.#isPaused(nowMs) && sent !== this.#outbox.oldest())) return false;
    this.#outbox.sentAgain(sent, nowMs, this.#roundTrip.timeoutMs);
    this.#counts.sentAgain += 1;
    this.#pace.spend(nowMs);
    socket.send(sent.frame);
    if (nowMs - this.#heardAtMs > SILENT_AFTER_MS) this.#events.silent();
    return true;
  }

  #sendNew(socket: Socket, nowMs: number): boolean {
    if (this.#isPaused(nowMs)) return false;
    this.#wasFull = !this.#window.hasRoom(this.#outbox.messages, this.#outbox.bytes);
    if (this.#wasFull) return false;
    const outgoing = this.#first.shift() ?? this.#source?.take(this.#maxPayloadBytes) ?? null;
    if (outgoing === null) return false;
    const sequence = this.#sequence++;
    const frame = encodeMessage({
      type: MESSAGE_TYPE.input,
      sequence,
      flags: 0,
      id: this.#options.newId(),
      createdAtMs: this.#options.clock.wallMs(),
      payloadType: outgoing.payloadType,
      payload: outgoing.payload,
    });
    const { acknowledged } = outgoing;
    this.#outbox.add({ sequence, frame, acknowledged, sentAtMs: nowMs, sends: 1 }, this.#roundTrip.timeoutMs);
    this.#counts.sent += 1;
    this.#pace.spend(nowMs);
    socket.send(frame);
    return true;
  }

  #isPaused(nowMs: number): boolean {
    return nowMs < this.#pausedUntilMs;
  }

  #wakeForLate(): void {
    const nowMs = this.#options.clock.nowMs();
    const lookAtMs = Math.min(this.#outbox.lookAtMs, this.#isPaused(nowMs) ? this.#pausedUntilMs : Infinity);
    // What is due and was still not sent (paused, or the socket is full) is looked at again a little later.
    if (lookAtMs < Infinity) this.#wakeIn(Math.max(lookAtMs - nowMs, lookAtMs <= nowMs ? 50 : 0));
    else {
      this.#cancelWake?.();
      this.#cancelWake = null;
    }
  }

  #wakeIn(ms: number): void {
    this.#cancelWake?.();
    this.#cancelWake = this.#options.clock.after(ms, () => {
      this.#cancelWake = null;
      this.pump();
    });
  }
}
