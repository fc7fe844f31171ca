import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { promisify } from 'node:util';
import WebSocket, { WebSocketServer } from 'ws';
import { standUp } from '../fakes/ssm/stand.ts';
import { startTestPostgres } from '../support/postgres.ts';
import { randomBytesOf } from './traffic.ts';

/** Nobody's agent is so fast, and 50 MB at the real pace are more than a minute. */
const FAST = { agent: { messagesPerSecond: 20_000 }, gateway: { maxPerSecond: Infinity } };
const UNPACED = { perSecond: 1e6, burst: 1e5 };
const COPY_BYTES = 50_000_000;

test('psql through the tunnel to a real PostgreSQL: COPY of 50 MB in and out again', async (t) => {
  const postgres = await startTestPostgres(18);
  t.after(() => postgres.stop());
  const url = new URL(await postgres.createDatabase());
  const { ssm, tunnel, close, events } = await standUp({
    ssm: { ...FAST, targetPort: Number(url.port) },
    tunnel: { pace: UNPACED, maxPayloadBytes: 16_384 },
  });
  t.after(close);
  url.hostname = '127.0.0.1';
  url.port = String(tunnel.port);
  const row = `${'x'.repeat(98)}\n`;
  const rows = Math.ceil(COPY_BYTES / row.length);
  const psql = (sql: string): string[] => ['--no-psqlrc', '-qAt', '-v', 'ON_ERROR_STOP=1', '-c', sql];
  const env = { ...process.env, ...libpqOf(url) };
  await promisify(execFile)('psql', psql('CREATE TABLE t (line text)'), { env });

  const copyIn = spawn('psql', psql('COPY t FROM STDIN'), { env, stdio: ['pipe', 'inherit', 'inherit'] });
  const exited = new Promise((resolve) => copyIn.once('exit', resolve));
  for (let left = rows; left > 0; left -= 1000) {
    if (!copyIn.stdin.write(row.repeat(Math.min(1000, left)))) {
      await new Promise((resolve) => copyIn.stdin.once('drain', resolve));
    }
  }
  copyIn.stdin.end();
  // In the middle of it, as every hour.
  ssm.last.cut();
  assert.equal(await exited, 0);
  const { stdout: count } = await promisify(execFile)('psql', psql('SELECT count(*) FROM t'), { env });
  assert.equal(Number(count), rows);

  const copyOut = spawn('psql', psql('COPY t TO STDOUT'), { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [got, wanted] = [createHash('sha256'), createHash('sha256')];
  for await (const chunk of copyOut.stdout) got.update(chunk as Buffer);
  wanted.update(row.repeat(rows));
  assert.equal(got.digest('hex'), wanted.digest('hex'));
  assert.deepEqual(ssm.violations, []);
  assert.equal(events.filter(({ type }) => type === 'resumed').length, 1);
});

test('a page with a hundred files and a websocket, as a browser loads it', async (t) => {
  const files = new Map(
    Array.from({ length: 100 }, (_, index) => [`/f${index}`, randomBytesOf(index, 1000 + index * 37)]),
  );
  const server = createServer((request, response) => {
    response.end(files.get(request.url ?? '') ?? 'page');
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) =>
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { ssm, tunnel, close } = await standUp({
    ssm: { targetPort: (server.address() as AddressInfo).port },
  });
  t.after(async () => {
    await close();
    server.closeAllConnections();
    server.close();
  });
  const socket = new WebSocket(`ws://127.0.0.1:${tunnel.port}/websocket/`);
  await new Promise((resolve) => socket.once('open', resolve));
  const loads = [...files].map(async ([path, bytes]) => {
    const response = await fetch(`http://127.0.0.1:${tunnel.port}${path}`);
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), bytes);
  });
  for (let round = 0; round < 20; round += 1) {
    socket.send(`message ${round}`);
    const [data] = await new Promise<[Buffer]>((resolve) =>
      socket.once('message', (one: Buffer) => resolve([one])),
    );
    assert.equal(String(data), `message ${round}`);
  }
  await Promise.all(loads);
  socket.terminate();
  assert.deepEqual(ssm.violations, []);
});

/** By variables: a password has no place among the arguments. */
function libpqOf({ hostname, port, username, password, pathname }: URL): Record<string, string> {
  return {
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: pathname.slice(1),
    PGSSLMODE: 'disable',
  };
}
