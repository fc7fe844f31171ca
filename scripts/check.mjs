// `npm run check`: types, lint, format, generated files and the import directions; quiet when all is well.
import { spawn } from 'node:child_process';

const CHECKS = [
  ['types', 'npx', ['tsc', '-p', '.']],
  ['lint', 'npx', ['eslint', '--cache', '--cache-location', '.cache/eslint', '--max-warnings', '0', '.']],
  [
    'format',
    'npx',
    ['prettier', '--check', '--cache', '--cache-location', '.cache/prettier', '--log-level', 'warn', '.'],
  ],
  ['generated SQL', 'node', ['scripts/build-sql.mjs', '--check']],
  ['generated documents', 'node', ['--import', 'tsx', 'scripts/build-docs.ts', '--check']],
  ['import directions', 'node', ['--import', 'tsx', '--test', 'test/architecture.test.ts']],
];

function check([name, program, args]) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
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
