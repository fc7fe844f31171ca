import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openStore } from '../../src/adapters/open-store.ts';
import { readConfig } from '../../src/config.ts';
import { handleIngest } from '../../src/etl/ingest/handler.ts';
import { startHttpDoor } from '../../src/local/door/http-door.ts';
import { generateTraffic, type TrafficRequest } from '../../src/local/traffic/generate.ts';
import { postTraffic, type PostOptions } from '../../src/local/traffic/post.ts';
import { Watch } from '../../src/local/door/watch.ts';

const request = (body: string, more: Partial<TrafficRequest> = {}): TrafficRequest => ({
  body,
  receivedAt: new Date('2026-03-01T05:06:07.890Z'),
  fate: 'row',
  code: null,
  events: 1,
  ...more,
});
const optionsFor = (url: string, more: Partial<PostOptions> = {}): PostOptions => ({
  url,
  requestsInFlight: 4,
  stop: new AbortController().signal,
  onProgress: () => undefined,
  ...more,
});

/** A server whose answer to each request is up to the test; gives the bodies it got. */
async function listen(
  t: TestContext,
  answer: (nth: number, response: ServerResponse, request: IncomingMessage) => void,
): Promise<{ url: string; bodies: string[] }> {
  const bodies: string[] = [];
  const server = createServer((incoming, response) => {
    let body = '';
    incoming.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    incoming.on('end', () => answer(bodies.push(body), response, incoming));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies };
}

test('through the real door, events land in the hours they tell of and every answer is counted', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'sbw-test-traffic-'));
  const store = await openStore(root, readConfig({}, root));
  const deps = { store, clock: { now: () => new Date() }, newId: randomUUID, allowedOrigins: [] };
  const watch = new Watch();
  const door = await startHttpDoor({
    host: '127.0.0.1',
    port: 0,
    watch,
    handle: (incoming) => handleIngest(deps, incoming),
  });
  t.after(async () => {
    await door.close();
    await store.close();
    await rm(root, { recursive: true, force: true });
  });
  const endsAt = new Date('2026-03-04T17:20:31.456Z');
  const traffic = [...generateTraffic({ seed: 7, days: 2, eventsPerDay: 300, badShare: 0.1, endsAt })];
  const report = await postTraffic(traffic, optionsFor(door.url));

  const sumOf = (fate: TrafficRequest['fate']): number =>
    traffic.reduce((sum, { events, fate: its }) => sum + (its === fate ? events : 0), 0);
  assert.equal(report.requests, traffic.length);
  assert.ok(sumOf('refused') > 0);
  assert.equal(
    Object.values(report.refused).reduce((sum, events) => sum + events, 0),
    sumOf('refused'),
  );
  assert.equal(report.accepted, report.sent - sumOf('refused'));
  assert.deepEqual(report.expected, {
    rows: sumOf('row'),
    duplicates: sumOf('duplicate'),
    quarantined: sumOf('quarantine'),
    refused: sumOf('refused'),
  });

  const hourOf = (key: string): string => key.slice(0, key.lastIndexOf('/'));
  const keys = (await readdir(root, { recursive: true })).filter((key) => /json$/.test(key));
  const wanted = traffic
    .filter(({ fate }) => fate !== 'refused')
    .map(({ receivedAt }) => `events/${receivedAt.toISOString().slice(0, 13).replaceAll(/[-T]/g, '/')}`);
  assert.deepEqual(keys.map(hourOf).sort(), wanted.sort());
});

test('an answer of 503 and a lost connection are sent again with the same bytes, and counted once', async (t) => {
  const { url, bodies } = await listen(t, (nth, response, incoming) => {
    if (nth === 1) response.writeHead(503, { 'retry-after': '1' }).end('{}');
    else if (nth === 2) incoming.socket.destroy();
    // The head arrives, the rest is lost.
    else if (nth === 3)
      response.writeHead(200, { 'content-length': '100' }).write('{', () => incoming.socket.destroy());
    else response.writeHead(200).end('{}');
  });
  const report = await postTraffic([request('{"eventName":"Tiếng \\u0000 🛒"}')], optionsFor(url));
  assert.equal(bodies.length, 4);
  assert.equal(new Set(bodies).size, 1);
  assert.deepEqual(
    { requests: report.requests, sent: report.sent, accepted: report.accepted, refused: report.refused },
    { requests: 1, sent: 1, accepted: 1, refused: {} },
  );
});

test('refusals are counted by code, also those of something that is no ingest', async (t) => {
  const { url } = await listen(t, (nth, response) => {
    if (nth === 1) response.writeHead(400).end('{"error":{"code":"invalid_json"}}');
    else response.writeHead(404).end('<html>');
  });
  const report = await postTraffic(
    [request('a'), request('b', { events: 5 })],
    optionsFor(url, { requestsInFlight: 1 }),
  );
  assert.deepEqual(report.refused, { invalid_json: 1, http_404: 5 });
  assert.equal(report.accepted, 0);
});

test('a stop sends nothing more, and does not sit out a pause', async (t) => {
  const stop = new AbortController();
  const { url, bodies } = await listen(t, (nth, response) => {
    if (nth === 3) stop.abort('SIGINT');
    response.writeHead(nth < 3 ? 200 : 503).end('{}');
  });
  const traffic = Array.from({ length: 100 }, (_, index) => request(`${index}`));
  const report = await postTraffic(traffic, optionsFor(url, { requestsInFlight: 1, stop: stop.signal }));
  assert.equal(bodies.length, 3);
  assert.equal(report.sent, 2);
});

test('nobody there is an error of the environment, and ends the other requests too', async (t) => {
  const { url, bodies } = await listen(t, (_, response) => response.writeHead(503).end());
  let taken = 0;
  const traffic = (function* () {
    for (; taken < 1000; taken += 1) yield request(`${taken}`);
  })();
  await assert.rejects(postTraffic(traffic, optionsFor(url)), {
    code: 'INGEST_UNREACHABLE',
    kind: 'environment',
    fix: 'sbw local status',
  });
  const atTheEnd = bodies.length;
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.ok(bodies.length - atTheEnd <= 3, 'it goes on sending');
  assert.ok(taken < 10);
});
