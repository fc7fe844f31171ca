import { SbwError } from '../../errors.ts';
import { migrate } from '../../etl/store/migrate.ts';
import type { LocalHome } from '../home.ts';
import { findFreePort, isPortFree } from '../machine/port.ts';
import type { OpenDatabase } from '../platform.ts';
import { findPostgresBinaries } from './binaries.ts';
import { findRunningCluster, startCluster, stopCluster } from './cluster.ts';
import type { RunningCluster } from './cluster.ts';
import { initCluster, SUPERUSER } from './init.ts';
import { resetSuperuserPassword, scramVerifier } from './password.ts';
import { placeCluster } from './placement.ts';
import type { ClusterPlace } from './placement.ts';
import { makeCredentials, readCredentials, writeCredentials, writePassFile } from '../state.ts';
import type { Credentials } from '../state.ts';

/** The seeds' name. */
export const WAREHOUSE_NAME = 'clickstream_dw';

/** A strict port is the one or none; another is where the search begins. */
export interface PortWish {
  readonly port: number;
  readonly isStrict: boolean;
}

export interface EmbeddedWarehouse {
  /** `postgres://127.0.0.1:<port>/clickstream_dw`, without user and password. */
  readonly url: string;
  readonly port: number;
  readonly dataDirectory: string;
  /** False when the server ran before. */
  readonly wasStarted: boolean;
}

export interface EmbeddedOptions {
  readonly port: PortWish;
  /** SUDO_UID of the environment. */
  readonly sudoUid: string | undefined;
  readonly openDatabase: OpenDatabase;
  say(text: string): void;
}

/**
 * Starts the embedded PostgreSQL, with everything an empty folder lacks: cluster, database, schema, and the two
 * roles that may log in. Safe to repeat.
 *
 * @throws SbwError CLUSTER_*, POSTGRES_*; PORT_TAKEN (refused)
 */
export async function startEmbeddedWarehouse(
  home: LocalHome,
  options: EmbeddedOptions,
): Promise<EmbeddedWarehouse> {
  const binaries = await findPostgresBinaries();
  const { dataDirectory: wanted } = home;
  const place = await placeCluster({ binaries, dataDirectory: wanted, sudoUid: options.sudoUid });
  for (const note of place.notes) options.say(note);
  const known = await readCredentials(home);
  const credentials = { ...(known ?? makeCredentials()), warehouse_url: null };
  // Written before the cluster exists: a cluster whose password nobody knows would be worse than none.
  await writeCredentials(home, credentials);
  const isNew = await initCluster(place, { password: credentials.superuser });
  if (!isNew && known === null) {
    await stopCluster(place.dataDirectory);
    await resetSuperuserPassword(place, credentials.superuser);
  }
  const before = await findRunningCluster(place.dataDirectory);
  const { port } = await startOnFreePort(home, place, options);
  const warehouse = {
    url: `postgres://127.0.0.1:${port}/${WAREHOUSE_NAME}`,
    port,
    dataDirectory: place.dataDirectory,
    wasStarted: before === null,
  };
  try {
    await prepareDatabase(port, credentials, options.openDatabase);
    await writePassFile(home, port, WAREHOUSE_NAME, credentials);
  } catch (error) {
    if (warehouse.wasStarted) await stopCluster(place.dataDirectory);
    throw error;
  }
  return warehouse;
}

async function startOnFreePort(
  home: LocalHome,
  place: ClusterPlace,
  { port: wish, say }: EmbeddedOptions,
): Promise<RunningCluster> {
  const running = await findRunningCluster(place.dataDirectory);
  if (running !== null && (!wish.isStrict || running.port === wish.port)) return running;
  if (running !== null) await stopCluster(place.dataDirectory);
  for (let first = wish.port; ; first += 1) {
    const port = await choosePort({ ...wish, port: first }, '--pg-port');
    try {
      const started = await startCluster(place, { port, logFile: home.postgresLog });
      if (port !== wish.port) say(`port ${wish.port} is taken: the warehouse listens on ${port}`);
      return started;
    } catch (error) {
      const isTaken = error instanceof SbwError && error.code === 'CLUSTER_PORT_TAKEN';
      if (!isTaken || wish.isStrict) throw error;
    }
  }
}

/** @throws SbwError PORT_TAKEN (refused) for a strict wish */
export async function choosePort({ port, isStrict }: PortWish, flag: string): Promise<number> {
  if (!isStrict) return findFreePort(port);
  if (await isPortFree(port)) return port;
  throw new SbwError('PORT_TAKEN', `another program listens on port ${port} of 127.0.0.1`, {
    kind: 'refused',
    fix: `name another with ${flag}, or leave ${flag} out: then a free one is found`,
  });
}

async function prepareDatabase(
  port: number,
  credentials: Credentials,
  openDatabase: OpenDatabase,
): Promise<void> {
  const superuserUrl = (name: string): string =>
    `postgres://${SUPERUSER}:${encodeURIComponent(credentials.superuser)}@127.0.0.1:${port}/${name}`;
  await run(superuserUrl('postgres'), openDatabase, async (database) => {
    await database.withSession(async (session) => {
      const found = await session.query('SELECT FROM pg_database WHERE datname = $1', [WAREHOUSE_NAME]);
      if (found.rowCount === 0) await session.query(`CREATE DATABASE ${WAREHOUSE_NAME}`);
    });
  });
  await run(superuserUrl(WAREHOUSE_NAME), openDatabase, async (database) => {
    await migrate(database);
    await database.withTransaction(async (session) => {
      for (const role of ['etl_writer', 'dashboard_reader'] as const) {
        await session.query(`ALTER ROLE ${role} LOGIN PASSWORD '${scramVerifier(credentials[role])}'`);
      }
      await session.query('ALTER ROLE dashboard_reader SET default_transaction_read_only = on');
      await session.query(`ALTER DATABASE ${WAREHOUSE_NAME} OWNER TO sbw_owner`);
    });
  });
}

async function run(
  url: string,
  openDatabase: OpenDatabase,
  use: (database: Awaited<ReturnType<OpenDatabase>>) => Promise<void>,
): Promise<void> {
  const database = await openDatabase(url, 'sbw local up');
  try {
    await use(database);
  } finally {
    await database.close();
  }
}
