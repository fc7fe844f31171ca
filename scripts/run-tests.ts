// Starts the oldest and the newest supported PostgreSQL once, and runs the test files against them.
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { startSharedClusters } from '../test/support/postgres.ts';

const PER_FILE_MS = 10 * 60_000;

function testFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return testFiles(path);
      return entry.name.endsWith('.test.ts') ? [path] : [];
    })
    .sort();
}

/** Runs the files in processes of their own; prints as it goes, the totals last. */
async function runFiles(files: readonly string[]): Promise<{ passed: number; failed: number }> {
  const counts = { passed: 0, failed: 0 };
  const unheard = new Set(files.map((file) => resolve(file)));
  const left = new AbortController();
  // First of all listeners, since the next one ends this process: the test processes must go before it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.prependListener(signal, () => left.abort());
  }
  const stream = run({ files: [...files], concurrency: 2, timeout: PER_FILE_MS, signal: left.signal });
  stream.on('test:pass', ({ name, details, skip, todo, file }) => {
    // A file without a test is reported as one test with the file's name.
    if (file === undefined || resolve(name) === file) return;
    unheard.delete(file);
    // A skipped test is a test that did not run: nothing is skipped here.
    if (skip !== undefined || todo !== undefined) counts.failed += 1;
    else if (details.type !== 'suite') counts.passed += 1;
  });
  stream.on('test:fail', ({ details, file }) => {
    if (file !== undefined) unheard.delete(file);
    // The tests below it are counted already; a broken hook, file or process is a failure of its own.
    const { failureType } = details.error as Error & { failureType?: string };
    if (failureType !== 'subtestsFailed') counts.failed += 1;
  });
  for await (const line of stream.compose(new spec())) process.stdout.write(line as string);
  for (const file of unheard) process.stdout.write(`no test ran in ${file}\n`);
  return { ...counts, failed: counts.failed + unheard.size };
}

const wanted = process.argv.slice(2);
const files = testFiles('test').filter(
  (file) => wanted.length === 0 || wanted.some((part) => file.includes(part)),
);
if (files.length === 0) {
  process.stderr.write(`no test file matches ${wanted.join(' ')}\n`);
  process.exit(1);
}

const clusters = await startSharedClusters();
Object.assign(process.env, clusters.env);
try {
  const { passed, failed } = await runFiles(files);
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
} finally {
  await clusters.stop();
}
