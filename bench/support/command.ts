import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { memoryOf } from './cpu.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface CommandRun {
  readonly stdout: string;
  readonly wallMs: number;
  /** Largest resident memory, bytes, as the kernel noted it. */
  readonly peakBytes: number;
  /** Resident memory at even times from beginning to end, bytes. */
  readonly samples: readonly number[];
}

const SAMPLE_MS = 100;

/** Bundles the CLI: what is measured is the program as users have it, without the TypeScript loader. */
export async function buildCommand(): Promise<void> {
  const child = spawn(process.execPath, ['scripts/build.mjs'], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`The build ended with ${String(code)}.`);
}

/** `sbw ...` as a process of its own, watched. @throws when it does not exit with 0 */
export async function runCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<CommandRun> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['bin/sbw.js', ...args], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-4096)));
  const samples: number[] = [];
  let peakBytes = 0;
  const timer = setInterval(() => {
    const memory = memoryOf(child.pid!);
    if (memory === null) return;
    samples.push(memory.now);
    peakBytes = Math.max(peakBytes, memory.peak);
  }, SAMPLE_MS);
  const [code] = (await once(child, 'close')) as [number | null];
  clearInterval(timer);
  if (code !== 0) throw new Error(`sbw ${args.join(' ')} ended with ${String(code)}: ${stderr}`);
  return { stdout, wallMs: performance.now() - startedAt, peakBytes, samples };
}
