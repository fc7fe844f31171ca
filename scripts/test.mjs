// `npm test`: everything, from a fresh clone: set-up, build, checks, then all tests on real servers.
// With arguments: only the test files whose path contains one of them, without the checks.
import { existsSync } from 'node:fs';
import { run, setUp } from './setup.mjs';

const wanted = process.argv.slice(2);
if (!existsSync('../shared/data/README.md')) {
  process.stderr.write(
    'The real input for tests is missing: ../shared/data must stand beside this checkout.\n',
  );
  process.exit(3);
}
await setUp();
await run('node', ['scripts/system-tools.mjs']);
await run('node', ['scripts/python-tools.mjs']);
await run('node', ['scripts/r-tools.mjs']);
await run('node', ['scripts/build.mjs']);
if (wanted.length === 0) await run('node', ['scripts/check.mjs']);
await run('node', ['--import', 'tsx', 'scripts/run-tests.ts', ...wanted]);
