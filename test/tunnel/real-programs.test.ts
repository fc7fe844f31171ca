import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  // No two alike: what comes twice, not at all or elsewhere shows.
  const filler = randomBytesOf(1, 45).toString('hex');
  const rowsFrom = (first: number): string =>
    Array.from({ length: 1000 }, (_, at) => `${String(first + at).padStart(9, '0')}${filler}\n`).join('');
  const rows = 1000 * Math.ceil(COPY_BYTES / rowsFrom(0).length);
  const wanted = createHash('sha256');
  const psql = (sql: string): string[] => ['--no-psqlrc', '-qAt', '-v', 'ON_ERROR_STOP=1', '-c', sql];
  const env = { ...process.env, ...libpqOf(url) };
  await promisify(execFile)('psql', psql('CREATE TABLE t (line text)'), { env });

  const copyIn = spawn('psql', psql('COPY t FROM STDIN'), { env, stdio: ['pipe', 'inherit', 'inherit'] });
  const exited = new Promise((resolve) => copyIn.once('exit', resolve));
  for (let first = 0; first < rows; first += 1000) {
    const text = rowsFrom(first);
    wanted.update(text);
    if (!copyIn.stdin.write(text)) {
      await new Promise((resolve) => copyIn.stdin.once('drain', resolve));
    }
  }
  copyIn.stdin.end();
  // In the middle of it, as every hour.
  ssm.last.cut();
  assert.equal(await exited, 0);
  const { stdout: count } = await promisify(execFile)('psql', psql('SELECT count(*) FROM t'), { env });
  assert.equal(Number(count), rows);

  // Into a file: this process has agent, gateway and tunnel in it, and would be the slowest of readers.
  const folder = mkdtempSync(join(tmpdir(), 'sbw-copy-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'out');
  // In the order in which they are stored; a scan may begin where the last one was.
  const sql = 'COPY (SELECT line FROM t ORDER BY ctid) TO STDOUT';
  await promisify(execFile)('psql', [...psql(sql), '-o', file], { env });
  const got = createHash('sha256').update(readFileSync(file));
  assert.equal(got.digest('hex'), wanted.digest('hex'));
  assert.deepEqual(ssm.violations, []);
  assert.deepEqual(
    events.map(({ type }) => type),
    ['session_opened', 'dropped', 'resumed'],
  );
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
