import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Network } from './settings.ts';

const TIMEOUT_MS = 15_000;
/** A proxy's answer to CONNECT is a few lines. */
const MAX_ANSWER_BYTES = 16 * 1024;

/**
 * A TCP or TLS connection to where `url` leads, through the proxy if there is one. Rejects with the system's error.
 */
export async function openSocket(url: URL, network: Network, signal: AbortSignal): Promise<Socket> {
  const isSecure = url.protocol === 'wss:' || url.protocol === 'https:';
  const host = hostOf(url);
  const port = portOf(url);
  const proxy = network.proxyFor(url);
  const raw =
    proxy === null
      ? await whenReady(connectTcp({ host, port, noDelay: true }), 'connect', signal)
      : await throughProxy(proxy, `${url.hostname}:${port}`, network, signal);
  if (!isSecure) return raw;
  return secure(raw, host, network, signal);
}

async function throughProxy(
  proxy: URL,
  authority: string,
  network: Network,
  signal: AbortSignal,
): Promise<Socket> {
  const host = hostOf(proxy);
  const plain = connectTcp({ host, port: portOf(proxy), noDelay: true });
  let socket = await whenReady(plain, 'connect', signal);
  if (proxy.protocol === 'https:') socket = await secure(socket, host, network, signal);
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const authorization =
    proxy.username === ''
      ? ''
      : `Proxy-Authorization: Basic ${Buffer.from(credentials).toString('base64')}\r\n`;
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${authorization}\r\n`);
  const status = await readAnswer(socket, signal);
  if (status === 200) return socket;
  socket.destroy();
  throw new Error(`the proxy ${proxy.host} answers ${status} to CONNECT`);
}

function secure(socket: Socket, host: string, { ca }: Network, signal: AbortSignal): Promise<Socket> {
  const name = isIP(host) === 0 ? { servername: host } : {};
  const tls = connectTls({
    socket,
    ...name,
    host,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    ...(ca === undefined ? {} : { ca }),
  });
  return whenReady(tls, 'secureConnect', signal);
}

function whenReady<S extends Socket>(socket: S, event: string, signal: AbortSignal): Promise<S> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      settle();
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(() => fail(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS);
    const abort = (): void => fail(new Error('given up'));
    const close = (): void => fail(new Error('connection closed'));
    const ready = (): void => {
      settle();
      resolve(socket);
    };
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      socket.off('error', fail).off('close', close).off(event, ready);
    };
    socket.once('error', fail).once('close', close).once(event, ready);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort);
  });
}

/** The status of the proxy's answer; what comes after its head goes back into the socket. */
async function readAnswer(socket: Socket, signal: AbortSignal): Promise<number> {
  let head = Buffer.alloc(0);
  for (;;) {
    await whenReady(socket, 'readable', signal);
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) continue;
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end >= 0) {
      if (head.length > end + 4) socket.unshift(head.subarray(end + 4));
      return Number(/^HTTP\/1\.[01] (\d{3})/.exec(head.toString('latin1'))?.[1] ?? 0);
    }
    if (head.length > MAX_ANSWER_BYTES) throw new Error('the proxy answers something else than HTTP');
  }
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port);
  return protocol === 'wss:' || protocol === 'https:' ? 443 : 80;
}
