import type { IncomingMessage } from 'node:http';
import WebSocket from 'ws';
import { SbwError } from '../../../errors.ts';
import type { Dial, Socket, SocketHandlers } from '../../../tunnel/ports.ts';
import type { AwsCredentials } from '../../sigv4.ts';
import { openSocket } from './open-socket.ts';
import type { Network } from './settings.ts';
import { isPresigned, signUpgrade } from './sign-upgrade.ts';
import { checkStreamUrl } from './stream-host.ts';
import type { HostRule } from './stream-host.ts';

export interface DialOptions {
  readonly region: string;
  /** Asked for every connection anew. */
  credentials(): Promise<AwsCredentials> | AwsCredentials;
  readonly network: Network;
  readonly host: HostRule;
}

type Signing = 'space' | 'plus' | 'none';

const MAX_PAYLOAD = 1024 * 1024;
const CLOSE_TIMEOUT_MS = 1000;
const SKEW_MS = 5 * 60_000;

/** Opens data channels over `ws`. Which way of signing the service accepts is tried once and remembered. */
export function createDial(options: DialOptions): Dial {
  let accepted: Signing | null = null;
  return async (text, handlers, signal) => {
    const url = checkStreamUrl(text, options.host);
    const ways = accepted === null ? waysFor(text) : [accepted];
    for (const [index, way] of ways.entries()) {
      try {
        const socket = await open(url, way, options, handlers, signal);
        accepted = way;
        return socket;
      } catch (error) {
        const isRefused = error instanceof SbwError && error.code === 'TUNNEL_UPGRADE_REFUSED';
        if (!isRefused || index === ways.length - 1) throw error;
      }
    }
    throw new SbwError('TUNNEL_UPGRADE_REFUSED', 'Session Manager refuses the data channel.');
  };
}

function waysFor(url: string): Signing[] {
  if (isPresigned(url)) return ['none'];
  return url.includes('+') ? ['space', 'plus', 'none'] : ['space', 'none'];
}

async function open(
  url: URL,
  way: Signing,
  { region, credentials, network }: DialOptions,
  handlers: SocketHandlers,
  signal: AbortSignal,
): Promise<Socket> {
  const headers = way === 'none' ? {} : signUpgrade(url, region, await credentials(), new Date(), way);
  const raw = await openSocket(url, network, signal).catch((cause: unknown) => {
    throw unreachable(url, network, cause);
  });
  const socket = new WebSocket(url, {
    createConnection: () => raw,
    headers,
    perMessageDeflate: false,
    maxPayload: MAX_PAYLOAD,
    skipUTF8Validation: true,
    closeTimeout: CLOSE_TIMEOUT_MS,
  } as WebSocket.ClientOptions);
  await opened(socket, url, network, signal);
  return wrap(socket, raw, handlers);
}

function opened(socket: WebSocket, url: URL, network: Network, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => socket.terminate();
    const settle = (): void => signal.removeEventListener('abort', abort);
    socket.once('open', () => {
      settle();
      resolve();
    });
    socket.once('unexpected-response', (_request, response: IncomingMessage) => {
      settle();
      reject(refusedWith(url, response));
      socket.on('error', () => undefined);
      socket.terminate();
    });
    socket.on('error', (cause) => {
      settle();
      reject(unreachable(url, network, cause));
    });
    signal.addEventListener('abort', abort);
  });
}

function wrap(socket: WebSocket, raw: { cork(): void; uncork(): void }, handlers: SocketHandlers): Socket {
  let isCorked = false;
  const flushed = (): void => {
    if (socket.bufferedAmount === 0) handlers.drained();
  };
  /** What is sent in one go leaves in one packet: an acknowledgement is small, and there are many. */
  const corkOnce = (): void => {
    if (isCorked) return;
    isCorked = true;
    raw.cork();
    process.nextTick(() => {
      isCorked = false;
      raw.uncork();
    });
  };
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) handlers.frame(data);
  });
  socket.on('pong', () => handlers.pong());
  socket.on('close', (code, reason) =>
    handlers.closed(`${code} ${reason.toString('utf8').slice(0, 123)}`.trim()),
  );
  return {
    send: (data) => {
      if (socket.readyState !== WebSocket.OPEN) return;
      corkOnce();
      socket.send(data, { compress: false }, flushed);
    },
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
    ping: () => {
      if (socket.readyState === WebSocket.OPEN) socket.ping('keepalive');
    },
    close: () => socket.close(1000),
    destroy: () => socket.terminate(),
  };
}

function refusedWith(url: URL, response: IncomingMessage): SbwError {
  response.resume();
  if (response.statusCode !== 403 && response.statusCode !== 401) {
    return new SbwError(
      'TUNNEL_UNREACHABLE',
      `${url.host} answers ${response.statusCode} to the data channel.`,
      {
        kind: 'environment',
        fix: 'a proxy on the way may not let WebSockets through',
      },
    );
  }
  const skewMs = Math.abs(Date.parse(response.headers.date ?? '') - Date.now());
  const fix =
    skewMs > SKEW_MS
      ? `the clock of this computer is ${Math.round(skewMs / 60_000)} minutes off; set it right`
      : 'allow ssmmessages:OpenDataChannel on arn:aws:ssm:*:*:session/${aws:userid}-* in the policy of the caller';
  return new SbwError(
    'TUNNEL_UPGRADE_REFUSED',
    `Session Manager refuses the data channel (${response.statusCode}).`,
    {
      kind: 'environment',
      fix,
    },
  );
}

function unreachable(url: URL, network: Network, cause: unknown): SbwError {
  if (cause instanceof SbwError) return cause;
  const { message, code = '' } = cause as NodeJS.ErrnoException;
  const proxy = network.proxyFor(url);
  const through = proxy === null ? '' : ` through the proxy ${proxy.host}`;
  const isTrust = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ISSUER/.test(code);
  return new SbwError('TUNNEL_UNREACHABLE', `Cannot connect to ${url.host}${through}: ${message || code}.`, {
    kind: 'environment',
    fix: isTrust
      ? `a proxy that looks into TLS needs its certificate named: export AWS_CA_BUNDLE=<file>${network.caName === '' ? '' : ` (now ${network.caName})`}`
      : 'check the network, HTTPS_PROXY and NO_PROXY; inside a VPC the ssmmessages endpoint must be reachable',
    cause,
  });
}
