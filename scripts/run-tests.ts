// Starts the oldest and the newest supported PostgreSQL once, and runs the test files against them.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
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

const wanted = process.argv.slice(2);
const files = testFiles('test').filter(
  (file) => wanted.length === 0 || wanted.some((part) => file.includes(part)),
);
if (files.length === 0) throw new Error(`no test file matches ${wanted.join(' ')}`);

const clusters = await startSharedClusters();
Object.assign(process.env, clusters.env);
const counts = { passed: 0, failed: 0 };
try {
  const stream = run({ files, concurrency: 2, timeout: PER_FILE_MS });
  stream.on('test:pass', (event) => {
    // A skipped test is a test that did not run: nothing is skipped here.
    const didRun = event.skip === undefined && event.todo === undefined;
    if (event.details.type !== 'suite') counts[didRun ? 'passed' : 'failed'] += 1;
  });
  stream.on('test:fail', (event) => {
    if (event.details.type !== 'suite') counts.failed += 1;
  });
  for await (const line of stream.compose(new spec())) process.stdout.write(line as string);
} finally {
  await clusters.stop();
}
process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed\n`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
