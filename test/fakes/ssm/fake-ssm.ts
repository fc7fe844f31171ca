/**
 * Session Manager on 127.0.0.1: the `ssm` API, the `ssmmessages` gateway and the agents behind it. How each part
 * behaves, and how that is known, stands in README.md.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { AgentOptions } from './agent.ts';
import { FakeSession } from './session.ts';
import type { GatewayOptions } from './session.ts';
import { refuseUpgrade } from './upgrade.ts';
import type { Keys } from './upgrade.ts';

export const KEYS: Keys = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'session-token',
};
export const REGION = 'us-west-1';
export const INSTANCE = 'i-0123456789abcdef0';

export interface FakeSsmOptions {
  readonly targetPort: number;
  readonly agent?: Partial<AgentOptions>;
  readonly gateway?: Partial<GatewayOptions>;
  /** Appended to the stream URL, such as `&cell-number=AAEA%2Bb`. */
  readonly urlSuffix?: string;
}

/** An answer of the API that is an error. */
export interface Refusal {
  readonly status: number;
  /** `TargetNotConnected`, `AccessDeniedException` ... */
  readonly name: string;
  readonly message?: string;
}

type Operation = 'StartSession' | 'ResumeSession' | 'TerminateSession';

export class FakeSsm {
  readonly #options: FakeSsmOptions;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: 1 << 20 });
  readonly sessions: FakeSession[] = [];
  /** Accepted access keys; empty it to have all credentials expire. */
  keys: Keys[] = [KEYS];
  /** Answers to the next calls of an operation, in order; `always` for all of them. */
  readonly refusals = new Map<Operation, Refusal[]>();
  readonly always = new Map<Operation, Refusal>();
  /** Operations that never answer, nor do anything. */
  readonly mute = new Set<Operation>();
  /** Refuse that many upgrades with 403. */
  refusedUpgrades = 0;
  /** Why upgrades were refused. */
  readonly upgradeErrors: string[] = [];
  readonly calls: { operation: string; body: Record<string, unknown> }[] = [];
  agent: Partial<AgentOptions>;
  gateway: Partial<GatewayOptions>;

  constructor(options: FakeSsmOptions) {
    this.#options = options;
    this.agent = options.agent ?? {};
    this.gateway = options.gateway ?? {};
    this.#server = createServer((request, response) => {
      this.#answer(request)
        .catch((error: unknown) => failure(500, 'InternalServerError', String(error)))
        .then(({ status, body }) => {
          response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
          response.end(JSON.stringify(body));
        });
    });
    this.#server.on('upgrade', (request, socket, head) => {
      const session = this.#sessionOf(request);
      const refusal = session === null ? 'no such session' : this.#refuse(request);
      if (session === null || refusal !== null) {
        this.upgradeErrors.push(refusal ?? '');
        socket.end(
          `HTTP/1.1 403 Forbidden\r\nDate: ${new Date().toUTCString()}\r\nContent-Length: 0\r\n\r\n`,
        );
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (client) => session.connect(client));
    });
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get endpointUrl(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Everything the clients did wrong. */
  get violations(): string[] {
    return this.sessions.flatMap(({ violations }) => violations);
  }

  /** Sessions that would stand in ListSessions as active. */
  get active(): FakeSession[] {
    return this.sessions.filter(({ isEnded }) => !isEnded);
  }

  /** The newest session. */
  get last(): FakeSession {
    const session = this.sessions.at(-1);
    if (session === undefined) throw new Error('no session yet');
    return session;
  }

  async close(): Promise<void> {
    for (const session of this.sessions) session.close();
    this.#sockets.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #refuse(request: IncomingMessage): string | null {
    if (this.refusedUpgrades > 0) {
      this.refusedUpgrades -= 1;
      return 'told to refuse';
    }
    return refuseUpgrade(request, this.keys, REGION);
  }

  #sessionOf({ url = '' }: IncomingMessage): FakeSession | null {
    const match = /^\/v1\/data-channel\/([^?]+)\?role=publish_subscribe(.*)$/.exec(url);
    if (match === null) return null;
    return this.sessions.find(({ id, isEnded }) => id === decodeURIComponent(match[1]!) && !isEnded) ?? null;
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body: object }> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const operation = String(request.headers['x-amz-target']).replace('AmazonSSM.', '') as Operation;
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
    this.calls.push({ operation, body });
    if (this.mute.has(operation)) await new Promise(() => undefined);
    const credential = /Credential=([^/]+)\/\d{8}\/[^/]+\/ssm\//.exec(request.headers.authorization ?? '');
    if (!this.keys.some(({ accessKeyId }) => accessKeyId === credential?.[1])) {
      return failure(400, 'ExpiredTokenException', 'The security token included in the request is expired');
    }
    const refusal = this.refusals.get(operation)?.shift() ?? this.always.get(operation);
    if (refusal !== undefined) return failure(refusal.status, refusal.name, refusal.message ?? refusal.name);
    if (operation === 'StartSession') return { status: 200, body: this.#start(body) };
    const session = this.sessions.find(({ id }) => id === body['SessionId']);
    if (session === undefined || (session.isEnded && operation === 'ResumeSession')) {
      return failure(400, 'DoesNotExistException', 'The session does not exist');
    }
    if (operation === 'ResumeSession') {
      session.counts.resumptions += 1;
      return { status: 200, body: session.grant() };
    }
    session.counts.terminations += 1;
    session.end('');
    return { status: 200, body: { SessionId: session.id } };
  }

  #start(body: Record<string, unknown>): object {
    const parameters = body['Parameters'] as Record<string, string[]>;
    if (Object.values(parameters).some((value) => !Array.isArray(value)))
      throw new Error('Parameters: no list');
    const isSsh = body['DocumentName'] === 'AWS-StartSSHSession';
    const agent: AgentOptions = {
      version: '3.3.987.0',
      target: { host: '127.0.0.1', port: this.#options.targetPort },
      forwardingType: isSsh ? '' : 'LocalPortForwarding',
      notReadyMs: 0,
      messagesPerSecond: 651,
      hurry: 1,
      customerMessage: '',
      extraActions: [],
      ...this.agent,
    };
    const gateway: GatewayOptions = {
      toClient: {},
      toAgent: {},
      seed: this.sessions.length,
      maxPayload: 128 * 1024,
      maxPerSecond: 1000,
      ...this.gateway,
    };
    const session = new FakeSession(
      `user@example.com-${String(this.sessions.length).padStart(4, '0')}`,
      agent,
      gateway,
      (id) =>
        `ws://127.0.0.1:${this.port}/v1/data-channel/${id}?role=publish_subscribe${this.#options.urlSuffix ?? ''}`,
    );
    this.sessions.push(session);
    return session.grant();
  }
}

function failure(status: number, name: string, message: string): { status: number; body: object } {
  return { status, body: { __type: name, message } };
}

export async function startFakeSsm(options: FakeSsmOptions): Promise<FakeSsm> {
  return new FakeSsm(options).listen();
}
