import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SbwError } from '../errors.ts';
import type { ObjectStore } from '../etl/ports.ts';
import { dashboardFiles, stopDashboard } from './dashboard.ts';
import { isOurs, requireOwn } from './home.ts';
import type { LocalHome } from './home.ts';
import { stopService } from './launch.ts';
import { withLock } from './machine/lock.ts';
import { isPortFree } from './machine/port.ts';
import { waitUntil } from './machine/process.ts';
import { examinePlatform, readPlatform } from './platform.ts';
import type { OpenDatabase } from './platform.ts';
import { findRunningCluster, stopCluster } from './postgres/cluster.ts';
import { dataDirectoriesOf } from './postgres/placement.ts';
import { readState } from './state.ts';

const PORT_TIMEOUT_MS = 10_000;
/** Long enough for an `up` that only looks; a `down` waits for us, and must not wait for nothing. */
const LEAVE_LOCK_MS = 1000;

export interface StopDeps {
  readonly openDatabase: OpenDatabase;
  openStore(url: string): Promise<ObjectStore>;
  say(text: string): void;
}

export interface Stopped {
  readonly service: boolean;
  readonly warehouse: boolean;
}

/** What a wipe would destroy. */
export interface Losses {
  readonly objects: number;
  readonly bytes: number;
  /** Null when the warehouse does not run, so that nobody can count. */
  readonly rows: number | null;
  readonly quarantined: number | null;
}

/**
 * Stops the service, then the embedded warehouse, and waits until their ports are free. Whatever is dead already
 * is fine.
 *
 * @param options.wipe also delete everything in the home: the caller has asked
 * @throws SbwError LOCAL_BUSY, LOCAL_HOME_OTHER_USER (refused), SERVICE_STOP_FAILED, CLUSTER_STOP_FAILED
 */
export async function stopPlatform(
  home: LocalHome,
  { wipe }: { wipe: boolean },
  deps: Pick<StopDeps, 'say'>,
): Promise<Stopped> {
  if (!isOurs(home)) return { service: false, warehouse: false };
  await requireOwn(home);
  const onWait = (pid: number): void =>
    deps.say(`another sbw (pid ${pid}) is starting or stopping it: waiting`);
  const stopped = await withLock(
    home.lock,
    async () => {
      const parts = await stopParts(home);
      await (wipe ? removeEverything(home) : removeTraces(home));
      return parts;
    },
    onWait,
  );
  if (wipe) await removeHome(home);
  return stopped;
}

/**
 * The end of a service that ran in this process: stops the warehouse, unless another sbw is doing so (it may be
 * waiting for us) or has started a new platform meanwhile.
 */
export async function stopAfterService(home: LocalHome): Promise<void> {
  const stop = async (): Promise<void> => {
    if ((await readState(home))?.service?.pid !== process.pid) return;
    await stopParts(home);
    await removeTraces(home);
  };
  await withLock(home.lock, stop, () => undefined, LEAVE_LOCK_MS).catch((error: unknown) => {
    if (!(error instanceof SbwError) || error.code !== 'LOCAL_BUSY') throw error;
  });
}

async function stopParts(home: LocalHome): Promise<Stopped> {
  const state = await readState(home);
  const stopped = { service: false, warehouse: false };
  const ports: number[] = [];
  await stopDashboard(home);
  if (state?.service != null && state.service.pid !== process.pid) {
    stopped.service = await stopService(state.service);
    if (stopped.service) ports.push(state.ingest.port);
  }
  // Also without a state: an `up` that was killed may have got as far as the server.
  for (const directory of dataDirectoriesOf(home.dataDirectory)) {
    const running = await findRunningCluster(directory);
    if (running === null) continue;
    await stopCluster(directory);
    stopped.warehouse = true;
    ports.push(running.port);
  }
  for (const port of ports) await waitUntil(() => isPortFree(port), PORT_TIMEOUT_MS);
  return stopped;
}

/** After this nothing is meant to run. */
export async function removeTraces(home: LocalHome): Promise<void> {
  await rm(home.state, { force: true });
}

/** Only what we made ourselves, name by name. */
async function removeEverything(home: LocalHome): Promise<void> {
  const files = [
    home.state,
    home.credentials,
    home.passFile,
    home.lastRun,
    home.serviceLog,
    home.postgresLog,
    ...dashboardFiles(home),
  ];
  const folders = [home.raw, ...dataDirectoriesOf(home.dataDirectory)];
  for (const path of [...files, `${home.serviceLog}.1`, ...folders]) {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The folder itself goes when nothing of anybody else's is in it. */
async function removeHome(home: LocalHome): Promise<void> {
  for (const name of await readdir(home.directory)) {
    if (/^postgres(ql-|\.init-)/.test(name))
      await rm(join(home.directory, name), { recursive: true, force: true });
  }
  await rm(home.marker, { force: true });
  if ((await readdir(home.directory)).length === 0) await rm(home.directory, { recursive: true });
}

/** Counts what a wipe would destroy; a given warehouse is not ours to wipe and counts as nothing. */
export async function countLosses(home: LocalHome, deps: StopDeps): Promise<Losses> {
  const losses = { objects: 0, bytes: 0, rows: null as number | null, quarantined: null as number | null };
  const store = await deps.openStore(home.raw).catch((error: unknown) => {
    if (error instanceof SbwError && error.code === 'RAW_STORE_MISSING') return null;
    throw error;
  });
  for await (const page of store?.list({ from: '', before: '\uffff' }) ?? []) {
    losses.objects += page.length;
    for (const { size } of page) losses.bytes += size;
  }
  await store?.close();
  const platform = await readPlatform(home);
  if (platform?.state.warehouse.kind !== 'embedded') return losses;
  if (!(await examinePlatform(platform, deps.openDatabase)).warehouse) return losses;
  const database = await deps.openDatabase(platform.warehouseUrl, 'sbw local down');
  try {
    const { rows } = await database.withSession((session) =>
      session.query<{ rows: string; quarantined: string }>(
        `SELECT (SELECT count(*) FROM public.clickstream_events) AS rows,
                (SELECT count(*) FROM sbw.quarantine WHERE state = 'open') AS quarantined`,
      ),
    );
    return { ...losses, rows: Number(rows[0]?.rows), quarantined: Number(rows[0]?.quarantined) };
  } finally {
    await database.close();
  }
}
