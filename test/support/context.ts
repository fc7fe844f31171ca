import { randomUUID } from 'node:crypto';
import { openDatabase } from '../../src/adapters/postgres.ts';
import { run } from '../../src/cli.ts';
import { readConfig } from '../../src/config.ts';
import type { Context } from '../../src/context.ts';
import { SbwError } from '../../src/errors.ts';
import { defuse, withoutColour } from '../../src/terminal/paint.ts';

export interface FakeContext extends Context {
  /** Every call of `result`, as it stands on stdout. */
  readonly stdout: string[];
  /** Every call of `info` and `error`. */
  readonly stderr: string[];
  /** Every call of `draw`. */
  readonly drawn: string[];
  /** The questions asked. */
  readonly asked: string[];
  /** What a signal does: the first call stops, the second leaves. */
  signal(name: NodeJS.Signals): void;
}

export interface FakeContextOptions {
  /** The environment; nothing of the real one gets in. */
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** The clock stands still here. Default: the real clock. */
  readonly now?: Date;
  readonly isInteractive?: boolean;
  /** What the operator says to every question; undefined: nobody is there. */
  readonly answer?: boolean;
}

/** A Context with a terminal of string arrays, over the real stores and the real PostgreSQL. */
export function fakeContext(options: FakeContextOptions = {}): FakeContext {
  const [stdout, stderr, drawn, asked]: string[][] = [[], [], [], []];
  const [stop, now] = [new AbortController(), new AbortController()];
  const config = readConfig(
    { SBW_LOCAL_HOME: '/nonexistent', XDG_CONFIG_HOME: '/nonexistent', ...options.env },
    options.cwd,
  );
  const plain = (text: string): string => withoutColour(defuse(text));
  return {
    stdout: stdout ?? [],
    stderr: stderr ?? [],
    drawn: drawn ?? [],
    asked: asked ?? [],
    signal: (name) => (stop.signal.aborted ? now : stop).abort(name),
    config,
    clock: {
      now: () => options.now ?? new Date(),
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    },
    interrupts: { stop: stop.signal, now: now.signal },
    newId: randomUUID,
    openStore: async (url) => (await import('../../src/adapters/open-store.ts')).openStore(url, config),
    openDatabase,
    openPlatform: async (options) =>
      (await import('../../src/adapters/aws/platform.ts')).openPlatform(config, options),
    openTunnelWorld: async (options) =>
      (await import('../../src/adapters/tunnel/world.ts')).openTunnelWorld(config, options),
    terminal: {
      isInteractive: options.isInteractive ?? false,
      width: 80,
      result: (text) => void stdout?.push(plain(text)),
      info: (text) => void stderr?.push(plain(text)),
      error: (text) => void stderr?.push(plain(text)),
      draw: (text) => void drawn?.push(text),
      confirm: async (question, flag) => {
        asked?.push(question);
        if (options.answer !== undefined) return options.answer;
        throw new SbwError('ANSWER_MISSING', question, { kind: 'usage', fix: `add ${flag}` });
      },
    },
  };
}

/** Runs `sbw <argv>` in this process. stdout and stderr hold what this call printed. */
export async function runSbw(
  ctx: FakeContext,
  ...argv: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  ctx.stdout.length = 0;
  ctx.stderr.length = 0;
  const code = await run(argv, ctx, '0.0.0-test');
  return { code, stdout: ctx.stdout.join('\n'), stderr: ctx.stderr.join('\n') };
}
