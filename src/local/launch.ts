import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXIT_CODE, SbwError } from '../errors.ts';
import type { LocalHome } from './home.ts';
import { readLogTail, sizeOfLog } from './machine/log-tail.ts';
import { commandOf, signal, waitUntil } from './machine/process.ts';
import { isHealthy, isRunning } from './platform.ts';
import type { ProcessMark } from './state.ts';

const READY_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 30_000;
const LOG_LIMIT_BYTES = 10 * 1024 * 1024;

export interface LaunchOptions {
  /** On 127.0.0.1; free a moment ago. */
  readonly port: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The process exists; it is not ready yet. */
  onSpawned(mark: ProcessMark): Promise<void>;
}

/**
 * Starts `sbw local serve` as a process that outlives this one and its terminal, and waits until it answers.
 *
 * @throws SbwError PORT_TAKEN (refused), SERVICE_START_FAILED with the end of its log
 */
export async function launchService(home: LocalHome, options: LaunchOptions): Promise<ProcessMark> {
  const { port } = options;
  await rotateLog(home.serviceLog);
  const logStart = await sizeOfLog(home.serviceLog);
  const log = await open(home.serviceLog, 'a', 0o600);
  const [program, ...args] = ownCommand();
  const child = spawn(program!, [...args, 'local', 'serve', '--home', home.directory], {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    cwd: '/',
    env: { ...options.environment, NO_COLOR: '1' },
  });
  const ended: { code: number | null | undefined; reason: string } = { code: undefined, reason: '' };
  child.once('error', (error) => Object.assign(ended, { code: null, reason: error.message }));
  child.once('exit', (code, killer) => Object.assign(ended, { code, reason: killer ?? `exit code ${code}` }));
  child.unref();
  await log.close();
  const mark =
    child.pid === undefined ? null : { pid: child.pid, command: (await commandOf(child.pid)) ?? '' };
  if (mark !== null) await options.onSpawned(mark);
  const isReady = await waitUntil(
    async () => ended.code !== undefined || (await isHealthy(`http://127.0.0.1:${port}`)),
    READY_TIMEOUT_MS,
  );
  if (isReady && ended.code === undefined && mark !== null) return mark;
  if (ended.code === EXIT_CODE.refused) {
    throw new SbwError('PORT_TAKEN', `another program listens on port ${port} of 127.0.0.1`, {
      kind: 'refused',
    });
  }
  if (mark !== null) await stopService(mark);
  const tail = await readLogTail(home.serviceLog, logStart);
  const reason = ended.code === undefined ? 'it did not get ready in time' : `it ended (${ended.reason})`;
  throw new SbwError('SERVICE_START_FAILED', `the local service did not start: ${reason}\n${tail}`, {
    fix: `the whole log: ${home.serviceLog}`,
  });
}

/**
 * Lets the service finish its requests and the hours it is loading, then ends it; kills it when it takes too
 * long. A pid that now belongs to another program is left alone.
 * @returns false when it was not running
 */
export async function stopService(mark: ProcessMark, timeoutMs = STOP_TIMEOUT_MS): Promise<boolean> {
  if (!(await isRunning(mark))) return false;
  for (const name of ['SIGTERM', 'SIGKILL'] as const) {
    signal(mark.pid, name);
    if (await waitUntil(async () => !(await isRunning(mark)), timeoutMs)) return true;
  }
  throw new SbwError('SERVICE_STOP_FAILED', `the local service (pid ${mark.pid}) does not stop`);
}

/** This program again: the built one, or the sources where those are run. */
function ownCommand(): string[] {
  const here = fileURLToPath(import.meta.url);
  if (here.endsWith('.ts')) {
    const start =
      'const { main } = await import(process.argv[1]); process.exitCode = await main(process.argv.slice(2))';
    const main = new URL('../main.ts', import.meta.url).href;
    return [
      process.execPath,
      '--import',
      import.meta.resolve('tsx'),
      '--input-type=module',
      '--eval',
      start,
      main,
    ];
  }
  let folder = dirname(here);
  while (!existsSync(join(folder, 'bin', 'sbw.js'))) folder = dirname(folder);
  return [process.execPath, join(folder, 'bin', 'sbw.js')];
}

/** One old log is kept; a service that ran for months must not fill the disk. */
async function rotateLog(file: string): Promise<void> {
  if ((await sizeOfLog(file)) > LOG_LIMIT_BYTES) await rename(file, `${file}.1`);
}
