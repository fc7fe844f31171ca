import type { Config } from '../config.ts';
import { SbwError } from '../errors.ts';
import { migrate } from '../etl/store/migrate.ts';
import type { Clock } from '../etl/ports.ts';
import { locateHome, prepareHome } from './home.ts';
import type { LocalHome } from './home.ts';
import { launchService, stopService } from './launch.ts';
import { withLock } from './machine/lock.ts';
import { commandOf } from './machine/process.ts';
import { examinePlatform, readPlatform } from './platform.ts';
import type { LocalPlatform, OpenDatabase } from './platform.ts';
import { stopCluster } from './postgres/cluster.ts';
import { makeCredentials, readCredentials, writeCredentials, writeState } from './state.ts';
import type { LocalState } from './state.ts';
import { removeTraces } from './stop.ts';
import { choosePort, startEmbeddedWarehouse } from './postgres/warehouse.ts';
import type { PortWish } from './postgres/warehouse.ts';

export interface StartDeps {
  readonly config: Pick<Config, 'cwd' | 'localHome' | 'childEnvironment'>;
  readonly clock: Clock;
  readonly openDatabase: OpenDatabase;
  /** Something the operator should know. */
  say(text: string): void;
  /** Aborted: undo what was started and throw. */
  readonly stop: AbortSignal;
}

export interface StartOptions {
  readonly version: string;
  readonly port: PortWish;
  readonly warehousePort: PortWish;
  readonly everySeconds: number;
  /** One's own server, as postgres URL; undefined: the embedded one. */
  readonly warehouse: string | undefined;
  /** 'here': the caller runs the service in this process; see service.ts. */
  readonly service: 'detached' | 'here';
}

export interface Started {
  readonly outcome: 'started' | 'already_running';
  readonly platform: LocalPlatform;
}

/**
 * Starts what is not running: warehouse, then the service. What an earlier platform left half dead is stopped
 * first. When it fails, nothing that was started here stays.
 *
 * @throws SbwError PORT_TAKEN, LOCAL_BUSY, LOCAL_HOME_* (refused), CLUSTER_*, SERVICE_START_FAILED, CANCELLED
 */
export async function startPlatform(deps: StartDeps, options: StartOptions): Promise<Started> {
  const home = locateHome(deps.config);
  await prepareHome(home);
  const onWait = (pid: number): void =>
    deps.say(`another sbw (pid ${pid}) is starting or stopping it: waiting`);
  return withLock(home.lock, () => startLocked(home, deps, options), onWait);
}

async function startLocked(home: LocalHome, deps: StartDeps, options: StartOptions): Promise<Started> {
  const running = await readPlatform(home);
  if (running !== null) {
    const live = await examinePlatform(running, deps.openDatabase);
    if (live.service && live.warehouse && running.state.version === options.version) {
      return { outcome: 'already_running', platform: running };
    }
    if (running.state.service !== null) await stopService(running.state.service);
    await removeTraces(home);
    deps.say(
      live.service && live.warehouse
        ? `restarting: sbw ${running.state.version} started it`
        : 'cleaned up after a local platform that had died',
    );
  }
  const undo: (() => Promise<unknown>)[] = [];
  try {
    await startParts(home, deps, options, undo);
  } catch (error) {
    for (const step of undo.reverse()) await step();
    throw error;
  }
  const platform = await readPlatform(home);
  if (platform === null) throw new SbwError('LOCAL_STATE_LOST', `${home.state} vanished while starting`);
  return { outcome: 'started', platform };
}

/** Each step adds to `undo` how it is taken back. */
async function startParts(
  home: LocalHome,
  deps: StartDeps,
  options: StartOptions,
  undo: (() => Promise<unknown>)[],
): Promise<void> {
  const warehouse =
    options.warehouse === undefined
      ? await startEmbedded(home, deps, options, undo)
      : await adoptWarehouse(home, options.warehouse, deps.openDatabase);
  const { version, everySeconds } = options;
  for (let first = options.port.port; ; first += 1) {
    throwIfStopped(deps.stop);
    const port = await choosePort({ ...options.port, port: first }, '--port');
    const state: LocalState = {
      schema: 'sbw.local-state/1',
      version,
      started_at: deps.clock.now().toISOString(),
      every_seconds: everySeconds,
      raw: home.raw,
      ingest: { url: `http://127.0.0.1:${port}`, port },
      service: null,
      warehouse,
    };
    undo.push(() => removeTraces(home));
    await writeState(home, state);
    if (options.service === 'here') {
      const command = (await commandOf(process.pid)) ?? '';
      return writeState(home, { ...state, service: { pid: process.pid, command } });
    }
    try {
      await launch(home, deps, state, undo);
      throwIfStopped(deps.stop);
      if (port !== options.port.port)
        deps.say(`port ${options.port.port} is taken: the ingest listens on ${port}`);
      return;
    } catch (error) {
      const isTaken = error instanceof SbwError && error.code === 'PORT_TAKEN';
      if (!isTaken || options.port.isStrict) throw error;
    }
  }
}

async function launch(
  home: LocalHome,
  { config }: StartDeps,
  state: LocalState,
  undo: (() => Promise<unknown>)[],
): Promise<void> {
  await launchService(home, {
    port: state.ingest.port,
    environment: config.childEnvironment,
    onSpawned: async (mark) => {
      undo.push(() => stopService(mark));
      await writeState(home, { ...state, service: mark });
    },
  });
}

async function startEmbedded(
  home: LocalHome,
  { config, openDatabase, say }: StartDeps,
  { warehousePort }: StartOptions,
  undo: (() => Promise<unknown>)[],
): Promise<LocalState['warehouse']> {
  const { url, port, dataDirectory, wasStarted } = await startEmbeddedWarehouse(home, {
    port: warehousePort,
    sudoUid: config.childEnvironment['SUDO_UID'],
    openDatabase,
    say,
  });
  if (wasStarted) undo.push(() => stopCluster(dataDirectory));
  return { kind: 'embedded', url, port, data_directory: dataDirectory };
}

/** Makes sure that one's own server answers and has our schema. */
async function adoptWarehouse(
  home: LocalHome,
  url: string,
  openDatabase: OpenDatabase,
): Promise<LocalState['warehouse']> {
  const database = await openDatabase(url, 'sbw local up');
  try {
    await migrate(database);
  } finally {
    await database.close();
  }
  const credentials = (await readCredentials(home)) ?? makeCredentials();
  await writeCredentials(home, { ...credentials, warehouse_url: url });
  return { kind: 'given', url: database.url, port: null, data_directory: null };
}

function throwIfStopped(stop: AbortSignal): void {
  if (!stop.aborted) return;
  throw new SbwError('CANCELLED', 'stopped; what was started has been stopped again', {
    kind: stop.reason === 'SIGINT' ? 'cancelled' : 'terminated',
  });
}
