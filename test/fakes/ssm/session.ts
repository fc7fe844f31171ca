/** One session of the fake service: the agent at one end, at most one client connection at the other. */
import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import { FakeAgent } from './agent.ts';
import type { AgentOptions } from './agent.ts';
import { Link } from './link.ts';
import type { Faults } from './link.ts';
import { serviceMessage } from './wire.ts';

export interface GatewayOptions {
  readonly toClient: Faults;
  readonly toAgent: Faults;
  readonly seed: number;
  /** The largest payload that the gateway takes; a larger one ends the connection. */
  readonly maxPayload: number;
  /** More messages a second than this, two seconds running, end the connection. */
  readonly maxPerSecond: number;
}

const HEADER = 120;
const OPEN_KEYS = ['MessageSchemaVersion', 'RequestId', 'TokenValue', 'ClientId', 'ClientVersion'];

export class FakeSession {
  readonly id: string;
  readonly agent: FakeAgent;
  readonly toClient: Link;
  readonly toAgent: Link;
  readonly #options: GatewayOptions;
  readonly #pathOf: (id: string) => string;
  #token = '';
  #expiring = 0;
  /** All that were granted. */
  readonly tokens: string[] = [];
  #client: WebSocket | null = null;
  #clientId = '';
  #second = { startedAtMs: 0, messages: 0, over: 0 };
  isEnded = false;
  /** What the client did that it must not, the agent's list included. */
  readonly #violations: string[] = [];
  readonly counts = { connections: 0, resumptions: 0, terminations: 0, busiestSecond: 0, largestPayload: 0 };

  constructor(id: string, agent: AgentOptions, gateway: GatewayOptions, pathOf: (id: string) => string) {
    this.id = id;
    this.#options = gateway;
    this.#pathOf = pathOf;
    this.toClient = new Link(gateway.toClient, gateway.seed);
    this.toAgent = new Link(gateway.toAgent, gateway.seed + 1);
    this.agent = new FakeAgent(agent, {
      send: (frame) => this.toClient.carry(frame, (one) => this.#client?.send(one)),
      ended: (output) => this.end(output),
    });
  }

  get violations(): readonly string[] {
    return [...this.#violations, ...this.agent.violations];
  }

  get isConnected(): boolean {
    return this.#client !== null;
  }

  /** A new token; the old one opens nothing any more. */
  grant(): { SessionId: string; TokenValue: string; StreamUrl: string } {
    this.#token = randomBytes(24).toString('base64');
    this.tokens.push(this.#token);
    return { SessionId: this.id, TokenValue: this.#token, StreamUrl: this.#pathOf(this.id) };
  }

  /** The next so many tokens are worth nothing when they are shown: whoever was given them was too slow. */
  expireTokens(count: number): void {
    this.#expiring = count;
  }

  /** A WebSocket whose upgrade was in order. Its first message must be the token. */
  connect(socket: WebSocket): void {
    let isOpen = false;
    socket.on('message', (data: Buffer, isBinary) => {
      if (isOpen) return this.#carry(data, isBinary, socket);
      if (this.#expiring > 0) {
        this.#expiring -= 1;
        this.#token = '';
        return socket.close(1008, 'token expired');
      }
      const refusal = isBinary ? 'binary before the open message' : this.#open(data.toString());
      if (refusal !== null) {
        this.#violations.push(refusal);
        socket.close(1008, 'refused');
        return;
      }
      isOpen = true;
      this.#client?.close(1000, 'replaced');
      this.#client = socket;
      this.#second = { startedAtMs: 0, messages: 0, over: 0 };
      this.counts.connections += 1;
      this.agent.begin();
      this.agent.resume();
    });
    socket.on('close', () => this.#lose(socket));
    socket.on('error', () => undefined);
  }

  /** Once an hour the real gateway does this. */
  cut(): void {
    const client = this.#client;
    if (client !== null) this.#lose(client);
    client?.close(1000, 'Bye');
  }

  /** A cable pulled: nobody says a word. */
  vanish(): void {
    this.#client?.terminate();
  }

  pauseClient(): void {
    this.#client?.send(serviceMessage('pause_publication'));
  }

  startClient(): void {
    this.#client?.send(serviceMessage('start_publication'));
  }

  /** The end, told to the client. `output`: the reason, often empty. */
  end(output = ''): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.#token = '';
    const closed = { MessageId: 'x', CreatedDate: 'y', SessionId: this.id, SchemaVersion: 1, Output: output };
    this.#client?.send(serviceMessage('channel_closed', JSON.stringify(closed)));
    this.agent.end();
  }

  /** Everything, for the end of a test. */
  close(): void {
    this.isEnded = true;
    this.agent.end();
    this.toClient.cut();
    this.toAgent.cut();
    this.#client?.terminate();
  }

  /** The agent is told that nobody listens; what is on its way is lost. */
  #lose(socket: WebSocket): void {
    if (this.#client !== socket) return;
    this.#client = null;
    this.toClient.cut();
    this.toAgent.cut();
    this.agent.pause();
  }

  #open(text: string): string | null {
    const message = JSON.parse(text) as Record<string, string>;
    if (Object.keys(message).join() !== OPEN_KEYS.join())
      return `open message with ${Object.keys(message).join()}`;
    const { TokenValue, ClientId = '', ClientVersion = '' } = message;
    if (TokenValue !== this.#token || this.#token === '') return 'token is not valid';
    this.#token = '';
    if (!isRecent(ClientVersion)) return `client version ${ClientVersion}`;
    if (this.#clientId !== '' && this.#clientId !== ClientId) return 'another client id';
    this.#clientId = ClientId;
    return null;
  }

  #carry(data: Buffer, isBinary: boolean, socket: WebSocket): void {
    if (socket !== this.#client) return;
    if (!isBinary) {
      this.#violations.push('text after the open message');
      return;
    }
    this.counts.largestPayload = Math.max(this.counts.largestPayload, data.length - HEADER);
    if (data.length - HEADER > this.#options.maxPayload) return socket.close(1009, 'too big');
    if (this.#isTooFast()) {
      this.#violations.push(`${this.counts.busiestSecond} messages in a second`);
      return socket.close(1008, 'too fast');
    }
    this.toAgent.carry(data, (frame) => this.agent.receive(frame));
  }

  #isTooFast(): boolean {
    const nowMs = performance.now();
    if (nowMs - this.#second.startedAtMs >= 1000) {
      const over = this.#second.messages > this.#options.maxPerSecond ? this.#second.over + 1 : 0;
      this.#second = { startedAtMs: nowMs, messages: 0, over };
    }
    this.#second.messages += 1;
    this.counts.busiestSecond = Math.max(this.counts.busiestSecond, this.#second.messages);
    return this.#second.over >= 2;
  }
}

/** The least that the service takes is 1.2.764.0. */
function isRecent(version: string): boolean {
  const [a = 0, b = 0, c = 0] = version.split('.').map(Number);
  return version.split('.').length === 4 && a * 1e6 + b * 1e4 + c >= 1_020_764;
}
