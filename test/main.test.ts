import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '../src/adapters/postgres.ts';
import { HOUR_MS } from '../src/etl/time/partition.ts';
import { startTestPostgres } from './support/postgres.ts';
import type { TestPostgres } from './support/postgres.ts';
import { makeRawDirectory } from './support/raw-directory.ts';
import type { RawDirectory } from './support/raw-directory.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const LAUNCH = `import { main } from ${JSON.stringify(MAIN)}; process.exitCode = await main(process.argv.slice(1));`;
const DAY = Date.parse('2025-12-06T00:00:00Z');
const HOURS = 24;

let postgres: TestPostgres;
let raw: RawDirectory;
const children: ChildProcess[] = [];

before(async () => {
  postgres = await startTestPostgres(18);
  raw = await makeRawDirectory();
  for (let hour = 0; hour < HOURS; hour += 1) {
    const folder = `events/2025/12/06/${String(hour).padStart(2, '0')}`;
    await raw.put(`${folder}/event-1.json`, { eventId: `e${hour}`, eventName: 'page_view' });
  }
});
after(async () => {
  for (const child of children) child.kill('SIGKILL');
  await raw.remove();
  await postgres.stop();
});

/** A real `sbw` process, the way bin/sbw.js starts it. */
function start(argv: string[], env: Record<string, string> = {}) {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', LAUNCH, '--', ...argv],
    {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  children.push(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  const ended = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
  }));
  const said = async (pattern: RegExp): Promise<void> => {
    for (let waited = 0; !pattern.test(output.stderr); waited += 20) {
      assert.ok(waited < 20_000 && child.exitCode === null, `no ${pattern} in:\n${output.stderr}`);
      await setTimeout(20);
    }
  };
  return { child, output, ended, said };
}

test('help goes to stdout and exits 0; a typo goes to stderr and exits 64', async () => {
  const help = start(['--help']);
  assert.equal((await help.ended).code, 0);
  assert.match(help.output.stdout, /^Usage: sbw/);
  assert.equal(help.output.stderr, '');
  const typo = start(['etl', 'rnu']);
  assert.equal((await typo.ended).code, 64);
  assert.equal(typo.output.stdout, '');
  assert.match(typo.output.stderr, /Did you mean run\?/);
});

test('a reader that goes away is no crash', async () => {
  const help = start(['etl', 'backfill', '--help']);
  help.child.stdout?.destroy();
  assert.equal((await help.ended).code, 0, help.output.stderr);
  assert.equal(help.output.stderr, '');
});

test('one Ctrl-C finishes the hour that runs, prints the object and exits 130', async () => {
  const warehouse = await postgres.createDatabase();
  const flags = ['--raw', raw.path, '--parallel', '1', '--json'];
  const run = start(['etl', 'run', ...flags], { SBW_WAREHOUSE: warehouse });
  await run.said(/2025-12-06 \d\dh {2}1 object /);
  run.child.kill('SIGINT');
  assert.equal((await run.ended).code, 130, run.output.stderr);
  const json = JSON.parse(run.output.stdout) as {
    partitions: { loaded: number; not_started: string[] };
    balanced: boolean;
  };
  assert.ok(json.partitions.loaded >= 1 && json.partitions.not_started.length >= 1);
  assert.equal(json.partitions.loaded + json.partitions.not_started.length, HOURS);
  assert.equal(json.balanced, true);
  assert.match(run.output.stderr, /Stopping[\s\S]*go on +sbw etl retry r_\w+ --raw/);
});

test('a second Ctrl-C leaves at once, though another run holds the hour', async () => {
  const warehouse = await postgres.createDatabase();
  const holder = await openDatabase(warehouse, 'sbw r_holder');
  try {
    await holder.withSession(async (session) => {
      // The lock of load/lock.ts on 2025-12-06T05.
      await session.query('SELECT pg_advisory_lock($1, $2)', [0x5b77, DAY / HOUR_MS + 5]);
      const window = ['--from', '2025-12-06T05', '--to', '2025-12-06T06'];
      const run = start(['etl', 'backfill', ...window, '--raw', raw.path], { SBW_WAREHOUSE: warehouse });
      await run.said(/waiting: held by sbw r_holder/);
      run.child.kill('SIGINT');
      await run.said(/Stopping when the running hours are done/);
      const pressedAt = Date.now();
      run.child.kill('SIGINT');
      assert.equal((await run.ended).code, 130, run.output.stderr);
      assert.ok(Date.now() - pressedAt < 3000);
      assert.match(run.output.stdout, /not done +2025-12-06 05h {2}held by another run/);
    });
  } finally {
    await holder.close();
  }
});

test('a command with nothing to finish is ended by the first signal', async () => {
  const warehouse = await postgres.createDatabase();
  const holder = await openDatabase(warehouse, 'test');
  try {
    await holder.withTransaction(async (session) => {
      // Migrating waits for this lock, so the command hangs.
      await session.query('SELECT pg_advisory_xact_lock(7308332101337001)');
      const runs = start(['runs', 'ls', '--warehouse', warehouse]);
      await setTimeout(1500);
      assert.equal(runs.child.exitCode, null);
      runs.child.kill('SIGINT');
      assert.equal((await runs.ended).signal, 'SIGINT');
    });
  } finally {
    await holder.close();
  }
});
