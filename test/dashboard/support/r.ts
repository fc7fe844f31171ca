import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { findFreePort } from '../../../src/local/machine/port.ts';

/** Debian 13 with R, as the private host has it; made by scripts/r-tools.mjs. */
const TREE = resolve('.cache/debian-13/dashboard');
const INSIDE = '/srv/sbw_dashboard';
const APP = resolve('src/instance/dashboard');
/** Below the ports that outgoing connections take; not the same for two test files that start at once. */
const firstPort = (): number => 20_000 + Math.floor(Math.random() * 10_000);
const READY_MS = 30_000;
const KEPT_BYTES = 200_000;

export interface DashboardOptions {
  /** Superuser's or reader's URL of the warehouse. */
  readonly warehouse: string;
  /** Settings of the dashboard, as in docs/dashboard.md. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Dashboard {
  /** `http://localhost:<port>/sbw_dashboard` */
  readonly url: string;
  readonly pid: number;
  /** What R printed. */
  log(): string;
  stop(): Promise<void>;
}

/** Runs R in the Debian tree, the dashboard's folder at /srv/sbw_dashboard; the network is this machine's. */
export function spawnR(args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  mkdirSync(`${TREE}${INSIDE}`, { recursive: true });
  // A mount namespace of its own: the mounts go with the process, however it ends.
  const script = `mount --bind "$APP" "$TREE${INSIDE}" && mount -t proc proc "$TREE/proc" && exec chroot "$TREE" "$@"`;
  return spawn('unshare', ['-m', 'sh', '-c', script, 'sh', 'Rscript', '--no-save', '--no-restore', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      HOME: '/tmp',
      APP,
      TREE,
      ...env,
    },
  });
}

/** Runs an R program to its end. */
export async function runR(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; output: string }> {
  const child = spawnR(args, env);
  const output = collect(child);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output: output() };
}

/** Starts the dashboard and waits until it answers, whether or not its warehouse does. */
export async function startDashboard({ warehouse, env = {} }: DashboardOptions): Promise<Dashboard> {
  const port = await findFreePort(firstPort());
  const start = [`-e`, `shiny::runApp('${INSIDE}')`];
  const child = spawnR(start, { ...libpqOf(warehouse), SBW_DASHBOARD_PORT: String(port), ...env });
  const log = collect(child);
  const url = `http://localhost:${port}/sbw_dashboard`;
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
  };
  const end = Date.now() + READY_MS;
  // Another dashboard may have taken the port meanwhile, and answer there.
  while (!log().includes('Listening on http') || !(await answers(url))) {
    if (child.exitCode !== null || Date.now() > end) {
      await stop();
      throw new Error(`The dashboard does not answer:\n${log()}`);
    }
    await new Promise((wake) => setTimeout(wake, 100));
  }
  return { url, pid: child.pid!, log, stop };
}

/** Where a PostgreSQL URL points, in the variables that libpq reads. */
export function libpqOf(warehouse: string): Record<string, string> {
  const { hostname, port, username, password, pathname } = new URL(warehouse);
  return {
    PGHOST: hostname,
    PGPORT: port || '5432',
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: decodeURIComponent(pathname.slice(1)),
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health`);
    await response.body?.cancel();
    return true;
  } catch {
    return false;
  }
}

function collect(child: ChildProcess): () => string {
  let text = '';
  const add = (chunk: Buffer): void => {
    text = (text + chunk.toString()).slice(-KEPT_BYTES);
  };
  child.stdout?.on('data', add);
  child.stderr?.on('data', add);
  return () => text;
}
