/** The SSM agent's side of one port session, as strict as the real one; see README.md. */
import { BasicServer } from './basic-server.ts';
import { SmuxServer } from './smux-server.ts';
import { acknowledge, read, write } from './wire.ts';
import type { WireMessage } from './wire.ts';

export interface AgentOptions {
  /** `3.3.987.0` */
  readonly version: string;
  readonly target: { readonly host: string; readonly port: number };
  /** '' is the SSH document. */
  readonly forwardingType: string;
  /** After the handshake messages are not taken yet: no acknowledgement, they must come again. */
  readonly notReadyMs: number;
  /** The sender's loop: at most 1024 bytes, then a nap of a millisecond; 651 a second were measured. */
  readonly messagesPerSecond: number;
  /** Keep-alive of 10 s and death after 30 s, divided by this. */
  readonly hurry: number;
  readonly customerMessage: string;
  /** Asked for beside the session type. */
  readonly extraActions: readonly unknown[];
}

export interface AgentEvents {
  send(frame: Buffer): void;
  ended(output: string): void;
}

interface Unacknowledged {
  readonly frame: Buffer;
  sentAtMs: number;
}

const MAX_PAYLOAD = 1024;
const SCAN_MS = 100;
const [OUTPUT, REQUEST, RESPONSE, COMPLETE, FLAG] = [1, 5, 6, 7, 10] as const;

type Stage = 'new' | 'asked' | 'complete' | 'blocked' | 'ended';

export class FakeAgent {
  readonly #options: AgentOptions;
  readonly #events: AgentEvents;
  #stage: Stage = 'new';
  #server: SmuxServer | BasicServer | null = null;
  #sequence = 0n;
  #expected = 0n;
  readonly #early = new Map<bigint, WireMessage>();
  /** Frames that came while the session's receive buffer was full: the reader stands still. */
  readonly #waiting: Buffer[] = [];
  readonly #unacknowledged = new Map<bigint, Unacknowledged>();
  /** The rest of what was taken from the server. */
  #output: Buffer = Buffer.alloc(0);
  #roundTripMs = 100;
  #readyAtMs = 0;
  #isPaused = false;
  #dueAtMs = 0;
  #timers: NodeJS.Timeout[] = [];
  #sender: NodeJS.Timeout | null = null;
  /** What the client did that it must not. Tests end with none. */
  readonly violations: string[] = [];
  readonly counts = { sent: 0, sentAgain: 0, received: 0, swallowed: 0 };
  clientVersion = '';

  constructor(options: AgentOptions, events: AgentEvents) {
    this.#options = options;
    this.#events = events;
  }

  get isEnded(): boolean {
    return this.#stage === 'ended';
  }

  get streams(): number {
    return this.#server?.streams ?? 0;
  }

  get opened(): number {
    return this.#server?.opened ?? 0;
  }

  /** The client is there for the first time. */
  begin(): void {
    if (this.#stage !== 'new') return;
    if (!atLeast(this.#options.version, '2.3.672.0')) {
      return this.end('Plugin with name Port is not supported by this version of ssm agent');
    }
    this.#stage = 'asked';
    const properties = { localPortNumber: '0', portNumber: String(this.#options.target.port) };
    const { forwardingType } = this.#options;
    this.#sendJson(REQUEST, {
      AgentVersion: this.#options.version,
      RequestedClientActions: [
        {
          ActionType: 'SessionType',
          ActionParameters: {
            SessionType: 'Port',
            Properties: forwardingType === '' ? properties : { ...properties, type: forwardingType },
          },
        },
        ...this.#options.extraActions,
      ],
    });
    this.#timers.push(setInterval(() => this.#scan(), SCAN_MS));
    this.#timers.push(
      setTimeout(() => {
        if (this.#stage === 'asked') this.end('Handshake timed out. Please ensure that you have the latest');
      }, 15_000 / this.#options.hurry),
    );
  }

  receive(frame: Buffer): void {
    if (this.#stage === 'ended' || this.#stage === 'blocked') return;
    if (this.#server !== null && !this.#server.hasRoom) {
      this.#waiting.push(frame);
      return;
    }
    try {
      this.#take(read(frame));
    } catch (error) {
      this.violations.push((error as Error).message);
    }
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#wakeSender();
  }

  end(output = ''): void {
    if (this.#stage === 'ended') return;
    this.#stage = 'ended';
    for (const timer of this.#timers) clearInterval(timer);
    if (this.#sender !== null) clearTimeout(this.#sender);
    this.#server?.close();
    this.#events.ended(output);
  }

  #take(message: WireMessage): void {
    this.resume();
    if (message.type === 'acknowledge') {
      if (message.flags !== 3n || message.sequence !== 0n) this.violations.push('acknowledgement: flags');
      return this.#acknowledged(message.payload);
    }
    if (message.flags !== 0n) this.violations.push(`data with flags ${message.flags}`);
    if (message.sequence > this.#expected) {
      this.#early.set(message.sequence, message);
      return this.#events.send(acknowledge(message));
    }
    if (message.sequence < this.#expected) return this.#events.send(acknowledge(message));
    if (!this.#process(message)) return;
    this.#expected += 1n;
    this.#events.send(acknowledge(message));
    for (let next = this.#early.get(this.#expected); next !== undefined;) {
      if (!this.#process(next)) return;
      this.#early.delete(this.#expected);
      this.#expected += 1n;
      next = this.#early.get(this.#expected);
    }
  }

  /** False: not ready, so the message must come again. */
  #process({ payloadType, payload }: WireMessage): boolean {
    this.counts.received += 1;
    if (payloadType === RESPONSE) return this.#answered(payload);
    if (payloadType !== OUTPUT && payloadType !== FLAG) return true;
    if (this.#stage !== 'complete') {
      // Acknowledged and thrown away, as the real one does.
      this.counts.swallowed += 1;
      this.violations.push('data before HandshakeComplete');
      return true;
    }
    if (performance.now() < this.#readyAtMs) return false;
    if (payloadType === FLAG) this.#flagged(payload.readUInt32BE(0));
    else this.#server?.receive(payload);
    return true;
  }

  #answered(payload: Buffer): boolean {
    if (this.#stage !== 'asked') {
      this.violations.push('second handshake response');
      this.#stage = 'blocked';
      return true;
    }
    const answer = JSON.parse(payload.toString()) as {
      ClientVersion: string;
      ProcessedClientActions: { ActionStatus: number }[];
    };
    this.clientVersion = answer.ClientVersion;
    if (answer.ProcessedClientActions.some(({ ActionStatus }) => ActionStatus !== 1)) {
      this.end('Handshake failed');
      return true;
    }
    this.#sendJson(COMPLETE, {
      HandshakeTimeToComplete: 64_718_145,
      CustomerMessage: this.#options.customerMessage,
    });
    this.#stage = 'complete';
    this.#readyAtMs = performance.now() + this.#options.notReadyMs;
    this.#serve();
    return true;
  }

  #serve(): void {
    const { target, forwardingType, version, hurry } = this.#options;
    const isLocal = forwardingType === 'LocalPortForwarding';
    const wake = (): void => this.#wakeSender();
    const isMux = isLocal && atLeast(version, '3.0.197.0') && atLeast(this.clientVersion, '1.1.70.0');
    if (!isMux) {
      const failed = (): void => this.end('');
      this.#server = new BasicServer(target, isLocal, { wake, failed });
      return;
    }
    const server = new SmuxServer(target, {
      wake,
      refused: () => this.#sendFlag(3),
      invalid: (reason) => {
        this.violations.push(reason);
        this.end('');
      },
    });
    this.#server = server;
    server.onRoom = () => this.#drainWaiting();
    if (atLeast(version, '3.1.1512.0') && atLeast(this.clientVersion, '1.2.332.0')) return;
    this.#timers.push(setInterval(() => server.nop(), 10_000 / hurry));
    this.#timers.push(
      setInterval(() => {
        if (performance.now() - server.heardAtMs > 30_000 / hurry) this.end('');
      }, 30_000 / hurry),
    );
  }

  #flagged(flag: number): void {
    if (flag === 1 && this.#server instanceof BasicServer) this.#server.disconnect();
    if (flag !== 2 || !atLeast(this.#options.version, '2.3.723.0')) return;
    // After the acknowledgement is out.
    setImmediate(() => this.end(''));
  }

  #drainWaiting(): void {
    while (this.#server?.hasRoom === true) {
      const frame = this.#waiting.shift();
      if (frame === undefined) return;
      this.receive(frame);
    }
  }

  #acknowledged(payload: Buffer): void {
    const { AcknowledgedMessageSequenceNumber: sequence } = JSON.parse(payload.toString()) as {
      AcknowledgedMessageSequenceNumber: number;
    };
    const sent = this.#unacknowledged.get(BigInt(sequence));
    if (sent === undefined) return;
    this.#unacknowledged.delete(BigInt(sequence));
    this.#roundTripMs += (performance.now() - sent.sentAtMs - this.#roundTripMs) / 8;
  }

  /** Only the oldest, once in 100 ms: that is how slowly the real one repairs a loss. */
  #scan(): void {
    for (const oldest of this.#unacknowledged.values()) {
      const nowMs = performance.now();
      if (nowMs - oldest.sentAtMs < Math.min(1000, this.#roundTripMs + 100)) return;
      oldest.sentAtMs = nowMs;
      this.counts.sentAgain += 1;
      this.#events.send(oldest.frame);
      return;
    }
  }

  #wakeSender(): void {
    if (this.#sender !== null || this.#isPaused || this.isEnded) return;
    const nowMs = performance.now();
    // A little is made up for what timers oversleep; a long silence is not.
    this.#dueAtMs = Math.max(this.#dueAtMs, nowMs - 20);
    while (this.#dueAtMs <= nowMs) {
      const payload = this.#takeOutput();
      if (payload === null) return;
      this.#dueAtMs += 1000 / this.#options.messagesPerSecond;
      this.#send(OUTPUT, payload);
    }
    this.#sender = setTimeout(() => {
      this.#sender = null;
      this.#wakeSender();
    }, this.#dueAtMs - nowMs);
  }

  /** What has gathered, at most 1024 bytes: the frames are one stream of bytes. */
  #takeOutput(): Buffer | null {
    while (this.#output.length < MAX_PAYLOAD) {
      const more = this.#server?.take() ?? null;
      if (more === null) break;
      this.#output = this.#output.length === 0 ? more : Buffer.concat([this.#output, more]);
    }
    const payload = this.#output.subarray(0, MAX_PAYLOAD);
    this.#output = this.#output.subarray(payload.length);
    return payload.length === 0 ? null : payload;
  }

  #sendFlag(flag: number): void {
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(flag);
    this.#send(FLAG, payload);
  }

  #sendJson(payloadType: number, value: unknown): void {
    this.#send(payloadType, Buffer.from(JSON.stringify(value)));
  }

  #send(payloadType: number, payload: Buffer): void {
    const sequence = this.#sequence;
    this.#sequence += 1n;
    const flags = sequence === 0n ? 1n : 0n;
    const frame = write({ type: 'output_stream_data', sequence, flags, payloadType, payload });
    this.#unacknowledged.set(sequence, { frame, sentAtMs: performance.now() });
    this.counts.sent += 1;
    this.#events.send(frame);
  }
}

export function atLeast(version: string, least: string): boolean {
  const parts = version.split('.').map(Number);
  for (const [index, part] of least.split('.').map(Number).entries()) {
    if ((parts[index] ?? 0) !== part) return (parts[index] ?? 0) > part;
  }
  return true;
}
