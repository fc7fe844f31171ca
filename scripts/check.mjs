// `npm run check`: types, lint, format, generated files, the documents and the import directions; quiet when all is
// well.
import { spawn } from 'node:child_process';

const CHECKS = [
  ['types', ['node_modules/typescript/bin/tsc', '-p', '.']],
  [
    'lint',
    [
      'node_modules/eslint/bin/eslint.js',
      '--cache',
      '--cache-location',
      '.cache/eslint',
      '--max-warnings',
      '0',
      '.',
    ],
  ],
  [
    'format',
    [
      'node_modules/prettier/bin/prettier.cjs',
      '--check',
      '--cache',
      '--cache-location',
      '.cache/prettier',
      '--log-level',
      'warn',
      '.',
    ],
  ],
  ['generated SQL', ['scripts/build-sql.mjs', '--check']],
  [
    'architecture and documents',
    ['--import', 'tsx', '--test', '--test-reporter=spec', 'test/architecture.test.ts', 'test/docs.test.ts'],
  ],
];

function check([name, args]) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (text) => (output += text));
    child.stderr.on('data', (text) => (output += text));
    child.on('close', (code) => resolve({ name, output, isFine: code === 0 }));
  });
}

const results = await Promise.all(CHECKS.map(check));
const broken = results.filter(({ isFine }) => !isFine);
for (const { name, output } of broken) process.stdout.write(`-- ${name}\n${output}\n`);
process.stdout.write(
  broken.length === 0 ? 'check: all well\n' : `check: ${broken.map(({ name }) => name).join(', ')}\n`,
);
process.exitCode = broken.length === 0 ? 0 : 1;
