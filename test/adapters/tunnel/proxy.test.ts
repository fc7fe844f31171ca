import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { WebSocketServer } from 'ws';
import { createDial } from '../../../src/adapters/tunnel/network/dial.ts';
import { readNetwork } from '../../../src/adapters/tunnel/network/settings.ts';
import { SbwError } from '../../../src/errors.ts';
import { CERTIFICATE, KEY } from '../../fakes/ssm/certificate.ts';
import { KEYS, REGION } from '../../fakes/ssm/fake-ssm.ts';
import { refuseUpgrade } from '../../fakes/ssm/upgrade.ts';

const HOST = `ssmmessages.${REGION}.amazonaws.com`;
const STREAM_URL = `wss://${HOST}/v1/data-channel/user@example.com-1?role=publish_subscribe&cell-number=AA+b`;

/** The service behind TLS, and a proxy that leads every CONNECT to it. */
async function setUp(t: TestContext, proxyStatus = 200) {
  const errors: (string | null)[] = [];
  const connects: IncomingMessage[] = [];
  const sockets = new WebSocketServer({ noServer: true });
  const service = createHttps({ key: KEY, cert: CERTIFICATE });
  service.on('upgrade', (request, socket, head) => {
    errors.push(refuseUpgrade(request, [KEYS], REGION));
    sockets.handleUpgrade(request, socket, head, (client) =>
      client.on('message', (data) => client.send(data)),
    );
  });
  const proxy = createHttp();
  proxy.on('connect', (request, socket) => {
    connects.push(request);
    if (proxyStatus !== 200) return socket.end(`HTTP/1.1 ${proxyStatus} No\r\n\r\n`);
    const upstream = connect((service.address() as AddressInfo).port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  for (const server of [service, proxy]) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
  }
  t.after(() => sockets.clients.forEach((client) => client.terminate()));
  const bundle = join(mkdtempSync(join(tmpdir(), 'sbw-')), 'ca.pem');
  writeFileSync(bundle, CERTIFICATE);
  const { port } = proxy.address() as AddressInfo;
  return { errors, connects, bundle, proxyUrl: `http://me:s%20ecret@127.0.0.1:${port}` };
}

function dialWith(environment: Record<string, string>) {
  const dial = createDial({
    region: REGION,
    credentials: () => KEYS,
    network: readNetwork(environment),
    host: { isLoopbackTrusted: false },
  });
  const frames: Buffer[] = [];
  const events = { closed: '' };
  const handlers = {
    frame: (data: Buffer) => frames.push(data),
    drained: () => undefined,
    pong: () => undefined,
    closed: (reason: string) => (events.closed = reason),
  };
  return { frames, events, open: () => dial(STREAM_URL, handlers, new AbortController().signal) };
}

const failsWith = (code: string, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof SbwError, String(error));
  assert.equal(error.code, code);
  assert.match(`${error.message} ${error.fix}`, words);
  assert.doesNotMatch(`${error.message} ${error.fix}`, /ecret/);
  return true;
};

test('through the proxy and the private authority of a company to the real host name', async (t) => {
  const { errors, connects, bundle, proxyUrl } = await setUp(t);
  const { open, frames } = dialWith({ HTTPS_PROXY: proxyUrl, AWS_CA_BUNDLE: bundle });
  const socket = await open();
  socket.send(Buffer.from('\n'));
  while (frames.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(frames, [Buffer.from('\n')]);
  assert.deepEqual(errors, [null]);
  assert.deepEqual(
    connects.map(({ url, headers }) => [url, headers['proxy-authorization']]),
    [[`${HOST}:443`, `Basic ${Buffer.from('me:s ecret').toString('base64')}`]],
  );
  socket.close();
});

test('without the authority the certificate is refused, and the fix names the variable', async (t) => {
  const { proxyUrl } = await setUp(t);
  await assert.rejects(
    dialWith({ https_proxy: proxyUrl }).open(),
    failsWith('TUNNEL_UNREACHABLE', /AWS_CA_BUNDLE/),
  );
});

test('a proxy that says no is named, its password is not', async (t) => {
  const { proxyUrl, bundle } = await setUp(t, 407);
  await assert.rejects(
    dialWith({ HTTPS_PROXY: proxyUrl, AWS_CA_BUNDLE: bundle }).open(),
    failsWith('TUNNEL_UNREACHABLE', /through the proxy 127\.0\.0\.1:\d+.*407/),
  );
});

test('NO_PROXY, in the forms that tools know', () => {
  const url = new URL(STREAM_URL);
  for (const [exceptions, isProxied] of [
    ['', true],
    ['*', false],
    [HOST, false],
    ['.amazonaws.com', false],
    ['amazonaws.com', false],
    ['*.amazonaws.com', false],
    ['localhost, .amazonaws.com', false],
    ['azonaws.com', true],
    ['.amazonaws.com:8443', true],
    ['example.com', true],
  ] as const) {
    const network = readNetwork({ HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: exceptions });
    assert.equal(network.proxyFor(url) !== null, isProxied, exceptions);
  }
  const network = readNetwork({ HTTPS_PROXY: 'proxy:3128', HTTP_PROXY: 'http://other:1' });
  assert.equal(network.proxyFor(url)?.host, 'proxy:3128');
  assert.equal(network.proxyFor(new URL('ws://127.0.0.1:1/')), null);
  assert.equal(network.proxyFor(new URL('ws://10.0.0.1:1/'))?.host, 'other:1');
});

test('settings that cannot be used are named at once', () => {
  assert.throws(
    () => readNetwork({ HTTPS_PROXY: 'socks5://me:secret@x:1' }),
    failsWith('PROXY_INVALID', /HTTPS_PROXY/),
  );
  assert.throws(
    () => readNetwork({ AWS_CA_BUNDLE: '/nonexistent' }),
    failsWith('CA_BUNDLE_UNREADABLE', /nonexistent/),
  );
});
