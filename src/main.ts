import packageJson from '../package.json' with { type: 'json' };
import { systemClock } from './adapters/system-clock.ts';
import { run } from './cli.ts';
import { readConfig } from './config.ts';
import type { Config } from './config.ts';
import type { Context, Interrupts } from './context.ts';
import { createTerminal } from './terminal/terminal.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** After the second signal: long enough to roll back, short enough to feel like leaving at once. */
const LEAVE_WITHIN_MS = 2000;

/** The composition root of the CLI: the real world behind every port. Returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  // A reader that has seen enough (`sbw ... | head`) is no error; what is written from then on is lost.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe);
  const interrupts = watchInterrupts();
  try {
    return await run(argv, createContext(argv, readConfig(), interrupts.get), packageJson.version);
  } finally {
    interrupts.release();
  }
}

function createContext(argv: readonly string[], config: Config, interrupts: () => Interrupts): Context {
  const has = (...names: string[]): boolean => names.some((name) => argv.includes(name));
  const flags = { quiet: has('-q', '--quiet'), noInput: has('--no-input'), noColour: has('--no-color') };
  return {
    terminal: createTerminal(config, flags, process),
    clock: systemClock,
    config,
    get interrupts() {
      return interrupts();
    },
    newId: () => crypto.randomUUID(),
    // Adapters load when they are needed: the help must not wait for pg.
    openStore: async (url) => (await import('./adapters/open-store.ts')).openStore(url, config),
    openDatabase: async (url, name) => (await import('./adapters/postgres.ts')).openDatabase(url, name),
    openPlatform: async (options) =>
      (await import('./adapters/aws/platform.ts')).openPlatform(config, options),
    openTunnelWorld: async (options) =>
      (await import('./adapters/tunnel/world.ts')).openTunnelWorld(config, options),
  };
}

/**
 * Signals are caught from the first `get` on. A command that never asks keeps the system's own behaviour, which
 * ends it at once: right for everything that has nothing to finish.
 */
function watchInterrupts(): { get: () => Interrupts; release: () => void } {
  const stop = new AbortController();
  const now = new AbortController();
  let isWatching = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (!stop.signal.aborted) {
      stop.abort(signal);
      return;
    }
    now.abort(signal);
    release();
    // Whoever listens to `now` leaves well before this; nobody else may keep the operator waiting.
    setTimeout(() => process.kill(process.pid, signal), LEAVE_WITHIN_MS).unref();
  };
  const release = (): void => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  const get = (): Interrupts => {
    if (!isWatching) for (const signal of SIGNALS) process.on(signal, onSignal);
    isWatching = true;
    return { stop: stop.signal, now: now.signal };
  };
  return { get, release };
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
