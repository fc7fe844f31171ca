import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';

/** The zips as the package ships them, and each unpacked. */
export interface Bundles {
  /** Holds `ingest.zip` and `etl.zip`. */
  readonly folder: string;
  /** Part of the package's manifest. */
  readonly manifest: Readonly<Record<string, { readonly file: string; readonly sha256: string }>>;
  /** Folder of a function's `index.js`. */
  unpacked(name: 'ingest' | 'etl'): string;
  remove(): void;
}

const BUILD = `import { buildLambdas } from './scripts/build/lambdas.mjs';
process.stdout.write(JSON.stringify(await buildLambdas(process.argv[1])));`;

export async function buildBundles(): Promise<Bundles> {
  const folder = mkdtempSync(join(tmpdir(), 'sbw-lambda-'));
  const arguments_ = ['--input-type=module', '-e', BUILD, folder];
  const { stdout } = await promisify(execFile)(process.execPath, arguments_);
  for (const name of ['ingest', 'etl']) {
    mkdirSync(join(folder, name));
    const files = unzipSync(readFileSync(join(folder, `${name}.zip`)));
    for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, name, file), content);
  }
  return {
    folder,
    manifest: JSON.parse(stdout) as Bundles['manifest'],
    unpacked: (name) => join(folder, name),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

export interface Invocation {
  /** What the handler returned; undefined when it threw. */
  readonly result: Readonly<Record<string, unknown>> | undefined;
  readonly error: { readonly name: string; readonly message: string } | undefined;
  /** The lines of its log. */
  readonly log: readonly string[];
  /** All that the process said anywhere. */
  readonly output: string;
}

/** Plays the runtime: loads the function, calls it once, gives its answer to file descriptor 3. */
const RUNNER = `
const { createWriteStream } = require('node:fs');
const { text } = require('node:stream/consumers');
text(process.stdin).then(async (input) => {
  const { folder, event, remainingMs } = JSON.parse(input);
  const endsAt = Date.now() + remainingMs;
  const context = { functionName: 'SBW_Lamda_ETL', awsRequestId: 'req-1', getRemainingTimeInMillis: () => endsAt - Date.now() };
  const answer = await Promise.resolve(require(folder).handler(event, context)).then(
    (result) => ({ result }),
    ({ name, message }) => ({ error: { name, message } }),
  );
  createWriteStream('', { fd: 3 }).end(JSON.stringify(answer), () => process.exit(0));
});`;

/**
 * Runs an unpacked bundle in a process of its own with this environment only. As in Lambda the SDK is found by
 * NODE_PATH, and the answer is there while timers may still run.
 */
export async function invoke(
  folder: string,
  environment: Readonly<Record<string, string>>,
  event: unknown,
  remainingMs = 60_000,
): Promise<Invocation> {
  const child = spawn(process.execPath, ['-e', RUNNER], {
    cwd: folder,
    env: { ...environment, PATH: process.env['PATH'], NODE_PATH: resolve('node_modules') },
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(JSON.stringify({ folder, event, remainingMs }));
  const [stdout, stderr, answer] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    text(child.stdio[3] as NodeJS.ReadableStream),
    once(child, 'exit'),
  ]);
  if (answer === '') throw new Error(`the function did not answer:\n${stdout}${stderr}`);
  const { result, error } = JSON.parse(answer) as Pick<Invocation, 'result' | 'error'>;
  const log = stdout.split('\n').filter((line) => line !== '');
  return { result, error, log, output: stdout + stderr + answer };
}
