// Makes .cache/debian-13/dashboard, a Debian 13 with R and the dashboard's packages: what the private host runs, so
// that the tests run on it too. Done at once when it is there. .cache/debian-13/base is the bare system, for others
// to copy. About 25 s and 20 s; 0.2 GB and 0.7 GB.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { run } from './setup.mjs';

const HOME = '.cache/debian-13';
const BASE = `${HOME}/base`;
const TREE = `${HOME}/dashboard`;
/** Written last: a run that was interrupted starts anew. */
const INSTALLED = `${TREE}/sbw-installed.txt`;
const MIRROR = process.env.SBW_DEBIAN_MIRROR ?? 'http://deb.debian.org/debian';

const ofDashboard = readFileSync('src/instance/dashboard/packages.txt', 'utf8').trim().split('\n');
const packages = [...ofDashboard, 'r-cran-testthat', 'r-cran-lintr'];
const wanted = `${packages.join('\n')}\n`;

if (!existsSync(INSTALLED) || readFileSync(INSTALLED, 'utf8') !== wanted) {
  if (process.getuid?.() !== 0) {
    process.stderr.write(
      'The tests of the dashboard make a Debian 13 in .cache, which takes root: run them with sudo.\n',
    );
    process.exit(3);
  }
  if (!existsSync(BASE)) await makeBase();
  await makeTree();
}

async function makeBase() {
  const partial = `${BASE}.partial-${process.pid}`;
  mkdirSync(HOME, { recursive: true });
  await run('debootstrap', ['--variant=minbase', 'trixie', partial, MIRROR]);
  // Another run may have finished in the meantime; either tree will do.
  if (existsSync(BASE)) rmSync(partial, { recursive: true, force: true });
  else renameSync(partial, BASE);
}

async function makeTree() {
  const partial = `${TREE}.partial-${process.pid}`;
  await run('cp', ['-a', BASE, partial]);
  const apt = ['chroot', partial, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq'];
  const [program, ...start] = apt;
  await run(program, [...start, 'update']);
  await run(program, [...start, 'install', '-y', '--no-install-recommends', ...packages]);
  rmSync(`${partial}/var/cache/apt/archives`, { recursive: true, force: true });
  writeFileSync(`${partial}/sbw-installed.txt`, wanted);
  rmSync(TREE, { recursive: true, force: true });
  renameSync(partial, TREE);
}
