import type { Config } from '../config.ts';
import type { Database } from '../etl/ports.ts';
import { isOurs, isOwn, locateHome } from './home.ts';
import type { LocalHome } from './home.ts';
import { commandOf } from './machine/process.ts';
import { findRunningCluster } from './postgres/cluster.ts';
import { readCredentials, readState } from './state.ts';
import type { Credentials, LocalState, ProcessMark } from './state.ts';

/** The local platform as it was started; parts of it may have died since: see examinePlatform. */
export interface LocalPlatform {
  readonly home: LocalHome;
  readonly state: LocalState;
  /** Directory of the raw store. */
  readonly rawUrl: string;
  /** As etl_writer, with the password: never print it. */
  readonly warehouseUrl: string;
  /** `http://127.0.0.1:<port>` */
  readonly ingestUrl: string;
}

export type OpenDatabase = (url: string, name: string) => Promise<Database>;

/** What of a platform answers. */
export interface Liveness {
  /** The ingest answers on /sbw/health and is ours. */
  readonly service: boolean;
  /** `SELECT 1` worked. */
  readonly warehouse: boolean;
}

const HEALTH_TIMEOUT_MS = 2000;

/** The platform that `sbw local up` started here and `down` has not stopped; null when there is none. */
export async function findLocalPlatform(
  config: Pick<Config, 'cwd' | 'localHome'>,
): Promise<LocalPlatform | null> {
  return readPlatform(locateHome(config));
}

/** @see findLocalPlatform */
export async function readPlatform(home: LocalHome): Promise<LocalPlatform | null> {
  if (!isOurs(home) || !(await isOwn(home))) return null;
  const [state, credentials] = await Promise.all([readState(home), readCredentials(home)]);
  if (state === null || credentials === null) return null;
  return {
    home,
    state,
    rawUrl: state.raw,
    warehouseUrl: warehouseUrlOf(state, credentials),
    ingestUrl: state.ingest.url,
  };
}

function warehouseUrlOf(state: LocalState, credentials: Credentials): string {
  if (credentials.warehouse_url !== null) return credentials.warehouse_url;
  const url = new URL(state.warehouse.url);
  url.username = 'etl_writer';
  url.password = credentials.etl_writer;
  return url.href;
}

/** Asks both halves whether they live. */
export async function examinePlatform(
  { state, warehouseUrl }: LocalPlatform,
  openDatabase: OpenDatabase,
): Promise<Liveness> {
  const [service, warehouse] = await Promise.all([
    state.service !== null && isRunning(state.service).then((runs) => runs && isHealthy(state.ingest.url)),
    isWarehouseUp(state, warehouseUrl, openDatabase),
  ]);
  return { service, warehouse };
}

/** False also when the pid now belongs to another program. */
export async function isRunning({ pid, command }: ProcessMark): Promise<boolean> {
  return (await commandOf(pid)) === command;
}

export async function isHealthy(ingestUrl: string): Promise<boolean> {
  try {
    const response = await fetch(`${ingestUrl}/sbw/health`, {
      signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
}

/** False when our own server has ended. Another may have taken its port since: it must not be offered the password. */
export async function isServerOurs({ warehouse }: LocalState): Promise<boolean> {
  const { data_directory: dataDirectory } = warehouse;
  return dataDirectory === null || (await findRunningCluster(dataDirectory)) !== null;
}

async function isWarehouseUp(state: LocalState, url: string, openDatabase: OpenDatabase): Promise<boolean> {
  if (!(await isServerOurs(state))) return false;
  const database = await openDatabase(url, 'sbw local status');
  try {
    await database.withSession((session) => session.query('SELECT 1'));
    return true;
  } catch {
    return false;
  } finally {
    await database.close();
  }
}
