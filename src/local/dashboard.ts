import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SbwError } from '../errors.ts';
import type { LocalHome } from './home.ts';
import { stopService } from './launch.ts';
import { readLogTail, sizeOfLog } from './machine/log-tail.ts';
import { findFreePort } from './machine/port.ts';
import { commandOf, waitUntil } from './machine/process.ts';
import { isRunning } from './platform.ts';
import type { LocalPlatform } from './platform.ts';
import type { ProcessMark } from './state.ts';

/** dashboard.json: R as it was started. */
export interface LocalDashboard {
  readonly schema: 'sbw.local-dashboard/1';
  /** `http://localhost:<port>/sbw_dashboard` */
  readonly url: string;
  readonly process: ProcessMark;
}

const PORT = 3838;
const READY_TIMEOUT_MS = 20_000;
const HEALTH_TIMEOUT_MS = 5000;
/** What Shiny prints when the port is its own. */
const LISTENS = /^Listening on http/m;

/**
 * Starts the dashboard over the platform's warehouse, unless it runs already. R reads as dashboard_reader.
 * @param environment of the child: PATH must lead to Rscript
 * @throws SbwError R_MISSING (environment) with the line that installs R, DASHBOARD_START_FAILED
 */
export async function startDashboard(
  platform: LocalPlatform,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<LocalDashboard> {
  const { home } = platform;
  const running = await readDashboard(home);
  if (running !== null && (await isRunning(running.process))) {
    // One whose `up` was killed may still be getting ready.
    if (await waitUntil(() => answers(running.url), READY_TIMEOUT_MS)) return running;
    await stopDashboard(home);
  }
  const port = await findFreePort(PORT);
  const url = `http://localhost:${port}/sbw_dashboard`;
  const logStart = await sizeOfLog(logOf(home));
  const { pid, ended } = await spawnR(platform, port, environment);
  // Another program may have taken the port meanwhile, and answer there: ours says in its log that it listens.
  let isReady = false;
  await waitUntil(async () => {
    if (pid !== undefined) await keep(home, url, pid);
    isReady = LISTENS.test(await readLogTail(logOf(home), logStart)) && (await answers(url));
    return ended.reason !== undefined || isReady;
  }, READY_TIMEOUT_MS);
  if (pid === undefined || ended.reason !== undefined || !isReady) {
    if (pid !== undefined && ended.reason === undefined) process.kill(pid, 'SIGKILL');
    await rm(fileOf(home), { force: true });
    throw startFailed(ended.reason, await readLogTail(logOf(home), logStart), home);
  }
  return keep(home, url, pid);
}

/** Starts R in a session of its own; `ended.reason` appears when it has ended. */
async function spawnR(
  platform: LocalPlatform,
  port: number,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<{ pid: number | undefined; ended: { reason?: string } }> {
  const log = await open(logOf(platform.home), 'a', 0o600);
  const child = spawn('Rscript', ['--no-save', '--no-restore', '-e', 'shiny::runApp(".")'], {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    cwd: dashboardFolder(),
    env: {
      ...environment,
      ...libpqOf(platform),
      SBW_DASHBOARD_PORT: String(port),
      // Messages name the commands that help here.
      SBW_DASHBOARD_PLATFORM: 'local',
      LC_ALL: 'C.UTF-8',
    },
  });
  const ended: { reason?: string } = {};
  child.once('error', (error: NodeJS.ErrnoException) => (ended.reason = error.code ?? error.message));
  child.once('exit', (code, signal) => (ended.reason = signal ?? `exit code ${code}`));
  child.unref();
  await log.close();
  return { pid: child.pid, ended };
}

/** Again and again until R is ready: Rscript becomes a shell and then R, and its command line with it. */
async function keep(home: LocalHome, url: string, pid: number): Promise<LocalDashboard> {
  const mark = { pid, command: (await commandOf(pid)) ?? '' };
  const dashboard: LocalDashboard = { schema: 'sbw.local-dashboard/1', url, process: mark };
  await writeFile(fileOf(home), `${JSON.stringify(dashboard)}\n`);
  return dashboard;
}

/** Ends it; false when it was not running. */
export async function stopDashboard(home: LocalHome): Promise<boolean> {
  const dashboard = await readDashboard(home);
  const wasRunning = dashboard !== null && (await stopService(dashboard.process));
  await rm(fileOf(home), { force: true });
  return wasRunning;
}

/** Files of its own in the home. */
export function dashboardFiles(home: LocalHome): string[] {
  return [fileOf(home), logOf(home)];
}

async function readDashboard(home: LocalHome): Promise<LocalDashboard | null> {
  try {
    const read = JSON.parse(await readFile(fileOf(home), 'utf8')) as LocalDashboard;
    return read.schema === 'sbw.local-dashboard/1' ? read : null;
  } catch {
    return null;
  }
}

const fileOf = (home: LocalHome): string => join(home.directory, 'dashboard.json');
const logOf = (home: LocalHome): string => join(home.directory, 'dashboard.log');

/** In the installed package, or in the sources where those are run. */
function dashboardFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const found = [join(folder, 'instance', 'dashboard'), join(folder, 'dashboard')].find((place) =>
      existsSync(join(place, 'app.R')),
    );
    if (found !== undefined) return found;
    if (folder === dirname(folder)) {
      throw new SbwError('DASHBOARD_START_FAILED', "this installation of sbw lacks the dashboard's files", {
        fix: 'install sbw again',
      });
    }
  }
}

/** Passwords stay in the pgpass file; that of a given warehouse goes by the environment, which only its owner sees. */
function libpqOf({ home, state, warehouseUrl }: LocalPlatform): Record<string, string> {
  const { hostname, port, username, password, pathname } = new URL(warehouseUrl);
  const place = {
    PGHOST: decodeURIComponent(hostname),
    PGPORT: port || '5432',
    PGDATABASE: decodeURIComponent(pathname.slice(1)),
  };
  if (state.warehouse.kind === 'embedded') {
    return { ...place, PGUSER: 'dashboard_reader', PGPASSFILE: home.passFile };
  }
  return {
    ...place,
    PGUSER: decodeURIComponent(username),
    ...(password === '' ? {} : { PGPASSWORD: decodeURIComponent(password) }),
  };
}

/** Whether R answers; the warehouse may still be starting. */
async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) });
    await response.body?.cancel();
    return response.status === 200 || response.status === 503;
  } catch {
    return false;
  }
}

function startFailed(reason: string | undefined, tail: string, home: LocalHome): SbwError {
  if (reason === 'ENOENT' || /there is no package called/.test(tail)) {
    return new SbwError(
      'R_MISSING',
      'the dashboard needs R with shiny and RPostgreSQL; all else is running',
      {
        kind: 'environment',
        fix: 'sudo apt-get install --no-install-recommends r-base-core r-cran-shiny r-cran-rpostgresql',
      },
    );
  }
  return new SbwError(
    'DASHBOARD_START_FAILED',
    `the dashboard did not start: ${reason ?? 'it did not get ready in time'}\n${tail}`,
    { fix: `the whole log: ${logOf(home)}` },
  );
}
