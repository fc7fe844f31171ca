import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import pg from 'pg';
import { runDown } from '../../src/commands/local/down.ts';
import { runStatus } from '../../src/commands/local/status.ts';
import { runUp } from '../../src/commands/local/up.ts';
import type { UpOptions } from '../../src/commands/local/up.ts';
import { homeAt } from '../../src/local/home.ts';
import { findFreePort, isPortFree } from '../../src/local/machine/port.ts';
import { commandOf, isAlive, waitUntil } from '../../src/local/machine/process.ts';
import { findLocalPlatform, isHealthy } from '../../src/local/platform.ts';
import { findRunningCluster } from '../../src/local/postgres/cluster.ts';
import { readCredentials, readState, writeState } from '../../src/local/state.ts';
import type { LocalState } from '../../src/local/state.ts';
import { fakeContext } from '../support/context.ts';
import type { FakeContext } from '../support/context.ts';
import { startTestPostgres } from '../support/postgres.ts';

const root = await mkdtemp(join(tmpdir(), 'sbw-test-platform-'));
await chmod(root, 0o755);
const home = homeAt(join(root, 'project', 'home'));
await mkdir(join(root, 'project'));
after(async () => {
  await runDown(contextAt(home.directory), {});
  await rm(root, { recursive: true, force: true, maxRetries: 5 });
});

const ports = { port: await findFreePort(20_000 + (process.pid % 20_000)), pgPort: await findFreePort(0) };

function contextAt(directory: string, answer?: boolean): FakeContext {
  const env = { SBW_LOCAL_HOME: directory, PATH: process.env['PATH'] ?? '' };
  return fakeContext({ env, ...(answer === undefined ? {} : { answer }) });
}

async function up(flags: Partial<UpOptions> = {}, directory = home.directory): Promise<FakeContext> {
  const ctx = contextAt(directory);
  const code = await runUp(ctx, { every: 1, ...ports, version: '1.0.0', json: true, ...flags });
  assert.equal(code, 0);
  return ctx;
}

async function status(): Promise<{ code: number; json: Record<string, unknown>; text: string }> {
  const [json, text] = [contextAt(home.directory), contextAt(home.directory)];
  const code = await runStatus(json, { json: true });
  assert.equal(await runStatus(text, {}), code);
  return { code, json: JSON.parse(json.stdout[0] ?? ''), text: text.stdout.join('\n') };
}

async function stateOf(directory = home.directory): Promise<LocalState> {
  const state = await readState(homeAt(directory));
  assert.ok(state !== null);
  return state;
}

async function post(event: unknown): Promise<number> {
  const response = await fetch(`${(await stateOf()).ingest.url}/clickstream`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(event),
  });
  return response.status;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<unknown[]>({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

test('before the first up: not running is exit 3, and down has nothing to do', async () => {
  const { code, json } = await status();
  assert.equal(code, 3);
  assert.deepEqual(json, { schema: 'sbw.local-status/1', running: false });
  const ctx = contextAt(home.directory);
  assert.equal(await runDown(ctx, {}), 0);
  assert.match(ctx.stdout[0] ?? '', /There is no local platform/);
  assert.equal(await findLocalPlatform(ctx.config), null);
});

test('up says where everything listens, and an event becomes a row by itself', async () => {
  const ctx = await up();
  const answer = JSON.parse(ctx.stdout[0] ?? '');
  assert.equal(answer.outcome, 'started');
  assert.equal(answer.ingest_url, `http://127.0.0.1:${ports.port}/clickstream`);
  assert.equal(answer.warehouse.port, ports.pgPort);
  assert.equal(await post({ eventName: 'page_view', eventId: 'a-1' }), 200);
  assert.equal(await post({ eventName: 'page_view', eventId: 'a-2', product: { price: 'abc' } }), 200);
  await waitUntil(async () => (await status()).json['rows'] === 1, 15_000);
  const { code, json, text } = await status();
  assert.equal(code, 0);
  const { rows, quarantined, raw_objects_today: objects, running, received } = json;
  assert.deepEqual(
    { rows, quarantined, objects, running },
    { rows: 1, quarantined: 1, objects: 2, running: true },
  );
  assert.deepEqual(received, { total: 2, good: 1, bad: 1 });
  assert.match(text, /is up/);
  assert.match(text, /2 events since the start: 1 good, 1 bad/);
});

test('the psql line of up works: the dashboard reads and cannot write', async () => {
  const passwords = (await readFile(home.passFile, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => line.split(':'));
  const reader = passwords.find((fields) => fields[3] === 'dashboard_reader') ?? [];
  const url = `postgres://${reader[3]}:${reader[4]}@${reader[0]}:${reader[1]}/${reader[2]}`;
  assert.deepEqual(await query(url, 'SELECT count(*)::int FROM clickstream_events'), [1]);
  await assert.rejects(query(url, 'SELECT client_id FROM clickstream_events'), { code: '42501' });
  await assert.rejects(query(url, 'SET TRANSACTION READ WRITE; DELETE FROM clickstream_events'), {
    code: '42501',
  });
});

test('secrets stand in the two 0600 files and nowhere else', async () => {
  const passwords = (await readCredentials(home))!;
  const secrets = [passwords.superuser, passwords.etl_writer, passwords.dashboard_reader];
  for (const file of [home.credentials, home.passFile]) assert.equal((await stat(file)).mode & 0o777, 0o600);
  const platform = await findLocalPlatform(contextAt(home.directory).config);
  assert.ok(platform !== null);
  assert.ok(platform.warehouseUrl.includes(passwords.etl_writer), 'commands get it in memory');
  const { service, warehouse } = platform.state;
  const server = await findRunningCluster(warehouse.data_directory!);
  const shown = [
    (await status()).text,
    JSON.stringify((await status()).json),
    await readFile(home.state, 'utf8'),
    await readFile(home.serviceLog, 'utf8'),
    await readFile(home.postgresLog, 'utf8'),
    (await commandOf(service!.pid)) ?? '',
    (await commandOf(server!.pid)) ?? '',
  ];
  for (const text of shown) for (const secret of secrets) assert.ok(!text.includes(secret), text);
});

test('up again: already running, exit 0, the same processes; other flags are not applied silently', async () => {
  const before = await stateOf();
  const ctx = await up();
  assert.equal(JSON.parse(ctx.stdout[0] ?? '').outcome, 'already_running');
  assert.deepEqual(await stateOf(), before);
  const other = await up({ every: 7 });
  assert.match(other.stderr.join('\n'), /stays as it is.*sbw local down/);
});

test('kill -9 of the service: status says which half is down, up repairs it and loses nothing', async () => {
  const { service } = await stateOf();
  process.kill(service!.pid, 'SIGKILL');
  await waitUntil(async () => (await commandOf(service!.pid)) === null, 5000);
  const dead = await status();
  assert.equal(dead.code, 1);
  const { service_up: serviceUp, warehouse_up: warehouseUp, rows } = dead.json;
  assert.deepEqual({ serviceUp, warehouseUp, rows }, { serviceUp: false, warehouseUp: true, rows: 1 });
  assert.match(dead.text, /DOWN service/);
  const ctx = await up();
  assert.match(ctx.stderr.join('\n'), /cleaned up/);
  assert.notEqual((await stateOf()).service?.pid, service?.pid);
  assert.equal((await status()).code, 0);
});

test('kill -9 of PostgreSQL: the same', async () => {
  const { warehouse, service } = await stateOf();
  const server = await findRunningCluster(warehouse.data_directory!);
  process.kill(server!.pid, 'SIGKILL');
  await waitUntil(async () => (await findRunningCluster(warehouse.data_directory!)) === null, 5000);
  const dead = await status();
  assert.equal(dead.code, 1);
  assert.deepEqual([dead.json['service_up'], dead.json['warehouse_up']], [true, false]);
  assert.match(dead.text, /DOWN warehouse/);
  await up();
  assert.equal((await status()).json['rows'], 1);
  assert.equal(await commandOf(service!.pid), null, 'the old service was ended');
});

test('down stops both and frees the ports; down again is fine', async () => {
  const { service } = await stateOf();
  const ctx = contextAt(home.directory);
  assert.equal(await runDown(ctx, { json: true }), 0);
  assert.deepEqual(JSON.parse(ctx.stdout[0] ?? '').stopped, { service: true, warehouse: true });
  assert.equal(await commandOf(service!.pid), null);
  assert.deepEqual([await isPortFree(ports.port), await isPortFree(ports.pgPort)], [true, true]);
  assert.match(await readFile(home.serviceLog, 'utf8'), /stopped\n$/, 'it was not killed');
  assert.equal(await runDown(ctx, {}), 0);
  assert.equal((await status()).code, 3);
});

test('a state from before a reboot: pids of other programs are left alone, up starts', async () => {
  const sleeper = spawn('sleep', ['60'], { stdio: 'ignore' });
  try {
    await up();
    const state = await stateOf();
    await runDown(contextAt(home.directory), {});
    const stale = { ...state, service: { pid: sleeper.pid!, command: state.service!.command } };
    await writeState(home, stale);
    assert.equal((await status()).code, 1);
    await runDown(contextAt(home.directory), {});
    await writeState(home, stale);
    await up();
    assert.equal((await status()).code, 0);
    await runDown(contextAt(home.directory), {});
    assert.ok(isAlive(sleeper.pid!) && sleeper.exitCode === null && sleeper.signalCode === null);
  } finally {
    sleeper.kill('SIGKILL');
  }
});

test('two ups at once: one starts, the other finds it running', async () => {
  // The service of the test before was disowned by its state; it still has the port.
  const contexts = await Promise.all([
    up({ port: await findFreePort(0) }),
    up({ port: await findFreePort(0) }),
  ]);
  const outcomes = contexts.map((ctx) => JSON.parse(ctx.stdout[0] ?? '').outcome as string);
  assert.deepEqual(outcomes.sort(), ['already_running', 'started']);
  assert.match(contexts.flatMap((ctx) => ctx.stderr).join('\n'), /waiting/);
  await runDown(contextAt(home.directory), {});
});

test('lost passwords are replaced', async () => {
  await rm(home.credentials);
  await up();
  assert.equal((await status()).json['rows'], 1);
  await runDown(contextAt(home.directory), {});
});

test('ports that are taken: named ones are refused and nothing stays; default ones move on, aloud', async () => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => blocker.once('listening', resolve));
  const { port } = blocker.address() as AddressInfo;
  for (const flags of [{ port }, { pgPort: port }]) {
    await assert.rejects(up(flags), {
      code: 'PORT_TAKEN',
      kind: 'refused',
      message: new RegExp(String(port)),
    });
    assert.equal(await readState(home), null);
    assert.equal(await findRunningCluster(home.dataDirectory), null);
  }
  const { startPlatform } = await import('../../src/local/start.ts');
  const said: string[] = [];
  const { platform } = await startPlatform(
    { ...contextAt(home.directory), say: (text) => said.push(text), stop: new AbortController().signal },
    {
      version: '1.0.0',
      port: { port, isStrict: false },
      warehousePort: { port, isStrict: false },
      everySeconds: 60,
      warehouse: undefined,
      service: 'detached',
    },
  );
  assert.ok(platform.state.ingest.port > port && platform.state.warehouse.port! > port);
  assert.match(said.join('\n'), new RegExp(`port ${port} is taken: the warehouse listens on`));
  assert.match(said.join('\n'), new RegExp(`port ${port} is taken: the ingest listens on`));
  await runDown(contextAt(home.directory), {});
  blocker.close();
});

test('a service that cannot start: its log is quoted, and the warehouse is stopped again', async () => {
  await rename(home.raw, `${home.raw}-aside`);
  await writeFile(home.raw, 'a file in the way');
  await assert.rejects(up(), { code: 'SERVICE_START_FAILED', message: /RAW_STORE_MISSING/ });
  assert.equal(await readState(home), null);
  assert.equal(await findRunningCluster(home.dataDirectory), null);
  await rm(home.raw);
  await rename(`${home.raw}-aside`, home.raw);
});

test('Ctrl-C while starting: what was started is stopped again', async () => {
  const ctx = contextAt(home.directory);
  ctx.signal('SIGINT');
  const flags = { every: 1, ...ports, version: '1.0.0' };
  await assert.rejects(runUp(ctx, flags), { code: 'CANCELLED', kind: 'cancelled' });
  assert.equal(await findRunningCluster(home.dataDirectory), null);
  assert.equal(await readState(home), null);
});

test('--foreground runs here until the signal, and then everything is stopped', async () => {
  const ctx = contextAt(home.directory);
  const running = runUp(ctx, { every: 1, ...ports, version: '1.0.0', foreground: true });
  await waitUntil(async () => (await readState(home))?.service != null, 15_000);
  await waitUntil(async () => isHealthy((await stateOf()).ingest.url), 15_000);
  assert.equal((await status()).code, 0);
  assert.equal(await post({ eventName: 'click', eventId: 'a-3' }), 200);
  ctx.signal('SIGTERM');
  assert.equal(await running, 0);
  assert.equal((await status()).code, 3);
  assert.equal(await findRunningCluster(home.dataDirectory), null);
});

test('down ends a platform that runs in the foreground of another terminal', async () => {
  const script = `
    const { main } = await import(process.argv[1]);
    process.exitCode = await main(process.argv.slice(2));`;
  const main = new URL('../../src/main.ts', import.meta.url).href;
  const flags = ['--port', String(ports.port), '--pg-port', String(ports.pgPort)];
  const child = spawn(
    process.execPath,
    [
      ...process.execArgv,
      '--input-type=module',
      '--eval',
      script,
      main,
      'local',
      'up',
      '--foreground',
      ...flags,
    ],
    { env: { ...process.env, SBW_LOCAL_HOME: home.directory }, stdio: 'ignore' },
  );
  await waitUntil(async () => (await readState(home))?.service != null, 15_000);
  await waitUntil(async () => isHealthy((await stateOf()).ingest.url), 15_000);
  const ctx = contextAt(home.directory);
  assert.equal(await runDown(ctx, { json: true }), 0);
  assert.deepEqual(JSON.parse(ctx.stdout[0] ?? '').stopped, { service: true, warehouse: true });
  assert.ok(await waitUntil(() => child.exitCode !== null || child.signalCode !== null, 5000));
  assert.equal(child.signalCode, null, 'it left by itself');
});

test('--warehouse: the own server gets the schema, and its password is not shown', async () => {
  const server = await startTestPostgres(15);
  const url = await server.createDatabase();
  const secret = new URL(url).password;
  const ctx = await up({ warehouse: url });
  assert.ok(!ctx.stdout.join('').includes(secret));
  assert.ok(!(await readFile(home.state, 'utf8')).includes(secret));
  const { warehouse, psql } = JSON.parse(ctx.stdout[0] ?? '');
  assert.deepEqual([warehouse.kind, psql], ['given', null]);
  assert.equal((await findLocalPlatform(ctx.config))?.warehouseUrl, url);
  await waitUntil(async () => (await status()).json['rows'] === 2, 15_000);
  assert.equal((await status()).json['rows'], 2, 'the raw events of before are loaded into it');
  await runDown(contextAt(home.directory), { wipe: true, yes: true });
  assert.deepEqual(
    await query(url, 'SELECT count(*)::int FROM clickstream_events'),
    [2],
    'a wipe leaves it alone',
  );
  await server.stop();
});

test('down --wipe names what dies, asks, and deletes only its own', async () => {
  await up();
  assert.equal(await post({ eventName: 'click', eventId: 'b-1' }), 200);
  await waitUntil(async () => (await status()).json['rows'] === 1, 15_000);
  await writeFile(join(home.directory, 'mine.txt'), 'not of sbw');

  await assert.rejects(runDown(contextAt(home.directory), { wipe: true }), {
    code: 'ANSWER_MISSING',
    kind: 'usage',
  });
  const no = contextAt(home.directory, false);
  await assert.rejects(runDown(no, { wipe: true }), { code: 'CANCELLED', kind: 'cancelled' });
  assert.match(no.stderr.join('\n'), /1 raw object \(.*\n.*1 row and 0 quarantined events/);
  assert.equal((await status()).code, 0, 'no: everything runs on');

  assert.equal(await runDown(contextAt(home.directory, true), { wipe: true }), 0);
  assert.deepEqual(await readdir(home.directory), ['mine.txt']);
});

test('a folder that sbw did not make is refused by up and not touched by a wipe', async () => {
  const directory = join(root, 'foreign');
  await mkdir(join(directory, 'raw'), { recursive: true });
  await writeFile(join(directory, 'raw', 'thesis.txt'), 'years of work');
  await assert.rejects(up({}, directory), { code: 'LOCAL_HOME_FOREIGN', kind: 'refused' });
  assert.equal(await runDown(contextAt(directory), { wipe: true, yes: true }), 0);
  assert.ok(existsSync(join(directory, 'raw', 'thesis.txt')));
});
