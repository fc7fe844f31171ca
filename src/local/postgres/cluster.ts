import { spawn } from 'node:child_process';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SbwError } from '../../errors.ts';
import { readLogTail, sizeOfLog } from '../machine/log-tail.ts';
import { programOf } from './binaries.ts';
import type { ClusterPlace } from './placement.ts';
import { commandOf, isAlive, signal, waitUntil } from '../machine/process.ts';

export interface RunningCluster {
  readonly pid: number;
  /** On 127.0.0.1. */
  readonly port: number;
}

export interface StartOptions {
  /** On 127.0.0.1. */
  readonly port: number;
  /** The server appends to it; it need not exist. */
  readonly logFile: string;
  /** False makes commits fast and a power cut fatal: for tests only. */
  readonly isDurable?: boolean;
  /** How long crash recovery may take. Milliseconds. */
  readonly timeoutMs?: number;
}

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;

/** For a machine that also does something else; loads write much and want few checkpoints. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  // A socket's path must be short and its folder writable; TCP on the loopback needs neither.
  unix_socket_directories: '',
  timezone: 'UTC',
  log_timezone: 'UTC',
  shared_buffers: '128MB',
  max_wal_size: '2GB',
  // Compiling costs more than it saves here: 45 against 28 microseconds an event.
  jit: 'off',
  logging_collector: 'off',
  log_checkpoints: 'off',
};

const NOT_DURABLE: Readonly<Record<string, string>> = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
};

/**
 * Starts the server of a data directory and waits until it takes connections. It outlives this process and its
 * terminal. A server that runs already is left as it is, whatever its port.
 *
 * @throws SbwError CLUSTER_PORT_TAKEN (refused); CLUSTER_START_FAILED with the end of the log
 */
export async function startCluster(place: ClusterPlace, options: StartOptions): Promise<RunningCluster> {
  const running = await findRunningCluster(place.dataDirectory);
  if (running !== null) return running;
  await removeAlienPidFile(place.dataDirectory);
  await mkdir(dirname(options.logFile), { recursive: true });
  const logStart = await sizeOfLog(options.logFile);
  // Opened here and inherited: the server's user needs no way to the file.
  const log = await open(options.logFile, 'a', 0o600);
  const ended: { reason: string | null } = { reason: null };
  let pid: number | undefined;
  try {
    const settings = { ...SETTINGS, ...(options.isDurable === false ? NOT_DURABLE : {}), port: options.port };
    const child = spawn(
      programOf(place.binaries, 'postgres'),
      [
        '-D',
        place.dataDirectory,
        ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      { detached: true, stdio: ['ignore', log.fd, log.fd], ...serverSurroundings(place) },
    );
    child.once('error', (error) => (ended.reason = error.message));
    child.once('exit', (code, killer) => (ended.reason = `it ended with ${killer ?? `exit code ${code}`}`));
    child.unref();
    pid = child.pid;
  } finally {
    await log.close();
  }
  const isReady = await waitUntil(
    async () => ended.reason !== null || (await isAccepting(place.dataDirectory, pid)),
    options.timeoutMs ?? START_TIMEOUT_MS,
  );
  if (isReady && ended.reason === null && pid !== undefined) return { pid, port: options.port };
  if (pid !== undefined && ended.reason === null) signal(pid, 'SIGQUIT');
  throw startError(
    options,
    ended.reason ?? 'it did not get ready in time',
    await readLogTail(options.logFile, logStart),
  );
}

function startError({ port, logFile }: StartOptions, reason: string, log: string): SbwError {
  if (/could not bind|Address already in use/i.test(log)) {
    return new SbwError('CLUSTER_PORT_TAKEN', `another program listens on port ${port} of 127.0.0.1`, {
      kind: 'refused',
      fix: 'name a free port: sbw local up --pg-port <port>',
    });
  }
  return new SbwError('CLUSTER_START_FAILED', `PostgreSQL did not start: ${reason}\n${log}`, {
    fix: `the whole log: ${logFile}`,
  });
}

/**
 * Stops the server: open transactions are rolled back, everything committed is kept.
 *
 * @returns false when none was running
 * @throws SbwError CLUSTER_STOP_FAILED
 */
export async function stopCluster(dataDirectory: string, timeoutMs = STOP_TIMEOUT_MS): Promise<boolean> {
  const running = await findRunningCluster(dataDirectory);
  if (running === null) return false;
  const { pid } = running;
  const hasEnded = async (): Promise<boolean> => !isAlive(pid) || (await commandOf(pid)) === null;
  // "Fast": clients are sent away, a checkpoint is written. "Immediate" is a crash that the next start repairs.
  for (const name of ['SIGINT', 'SIGQUIT'] as const) {
    signal(pid, name);
    if (await waitUntil(hasEnded, timeoutMs)) return true;
  }
  throw new SbwError('CLUSTER_STOP_FAILED', `PostgreSQL (pid ${pid}) does not stop`, {
    fix: `kill -9 ${pid}`,
  });
}

/** The server that runs on this data directory, or null. A pid file that a crash left behind does not deceive it. */
export async function findRunningCluster(dataDirectory: string): Promise<RunningCluster | null> {
  const file = await readPidFile(dataDirectory);
  if (file === null || !isAlive(file.pid)) return null;
  return (await isServerOf(file.pid, dataDirectory)) ? { pid: file.pid, port: file.port } : null;
}

/**
 * After a crash and a reboot the pid in the file may belong to any other process of this user, and PostgreSQL
 * would then refuse to start. A dead pid is left to PostgreSQL, which also checks for orphaned shared memory.
 */
async function removeAlienPidFile(dataDirectory: string): Promise<void> {
  const file = await readPidFile(dataDirectory);
  if (file === null || !isAlive(file.pid) || (await isServerOf(file.pid, dataDirectory))) return;
  await rm(join(dataDirectory, 'postmaster.pid'), { force: true });
}

async function isServerOf(pid: number, dataDirectory: string): Promise<boolean> {
  const command = await commandOf(pid);
  return command !== null && command.includes('postgres') && command.includes(`-D ${dataDirectory} `);
}

async function isAccepting(dataDirectory: string, pid: number | undefined): Promise<boolean> {
  const file = await readPidFile(dataDirectory);
  return file !== null && file.pid === pid && file.isReady;
}

/** postmaster.pid: pid, data directory, start time, port, socket folder, address, shared memory, state. */
async function readPidFile(
  dataDirectory: string,
): Promise<{ pid: number; port: number; isReady: boolean } | null> {
  const text = await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8').catch(() => null);
  if (text === null) return null;
  const lines = text.split('\n');
  return { pid: Number(lines[0]), port: Number(lines[3]), isReady: lines[7]?.trim() === 'ready' };
}

/** How a server program is spawned: as its user, from a folder that everybody may enter, without our environment. */
export function serverSurroundings({ user }: Pick<ClusterPlace, 'user'>): {
  cwd: string;
  env: Record<string, string>;
  uid?: number;
  gid?: number;
} {
  // PGPORT, PGDATA, PGOPTIONS and the like of the operator's shell are meant for another server.
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
  return user === null ? { cwd: '/', env } : { cwd: '/', env, uid: user.uid, gid: user.gid };
}
