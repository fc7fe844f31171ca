// Makes a fresh clone ready: installs the locked packages when they are missing or older than the lock file.
import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { constants } from 'node:os';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 17)) {
  process.stderr.write(`This needs Node 20.17 or newer; this is ${process.versions.node}.\n`);
  process.exit(3);
}

/** Written by npm at the end of an install. */
const INSTALLED = 'node_modules/.package-lock.json';

export async function setUp() {
  const isFresh =
    existsSync(INSTALLED) && statSync(INSTALLED).mtimeMs >= statSync('package-lock.json').mtimeMs;
  if (!isFresh) await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}

/**
 * Runs a program with this terminal; a failure ends us with its exit code. Signals are passed on and the program's
 * end is awaited: it may have servers to stop.
 */
export async function run(program, args) {
  const child = spawn(program, args, { stdio: 'inherit' });
  const passOn = (signal) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, passOn);
  const code = await new Promise((resolve) => {
    child.once('error', (error) => {
      process.stderr.write(`${error.message}\n`);
      resolve(3);
    });
    child.once('exit', (status, signal) => resolve(status ?? 128 + constants.signals[signal]));
  });
  for (const signal of signals) process.off(signal, passOn);
  if (code === 0) return;
  process.stderr.write(`failed (exit ${code}): ${program} ${args.join(' ')}\n`);
  process.exit(code);
}
