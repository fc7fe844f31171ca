// Makes a fresh clone ready: installs the locked packages when they are missing or older than the lock file.
import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 17)) {
  process.stderr.write(`This needs Node 20.17 or newer; this is ${process.versions.node}.\n`);
  process.exit(3);
}

/** Written by npm at the end of an install. */
const INSTALLED = 'node_modules/.package-lock.json';

export function setUp() {
  const isFresh =
    existsSync(INSTALLED) && statSync(INSTALLED).mtimeMs >= statSync('package-lock.json').mtimeMs;
  if (!isFresh) run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}

/** Runs a program with this terminal; a failure ends us with its exit code. */
export function run(program, args, env = process.env) {
  try {
    execFileSync(program, args, { stdio: 'inherit', env });
  } catch (error) {
    process.stderr.write(`failed: ${program} ${args.join(' ')}\n`);
    process.exit(error.status ?? 1);
  }
}
