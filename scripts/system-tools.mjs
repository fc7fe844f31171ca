// Installs the programs that tests use and npm and PyPI do not have. As root on Debian it does so itself; elsewhere it
// says what to install. Nothing that is missing is skipped.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './setup.mjs';

/** Program and the Debian package it comes in. */
const TOOLS = [
  ['chromium', 'chromium'],
  ['debootstrap', 'debootstrap'],
  ['shellcheck', 'shellcheck'],
  ['psql', 'postgresql-client'],
  ['ip', 'iproute2'],
  ['openssl', 'openssl'],
  ['zsh', 'zsh'],
  ['fish', 'fish'],
];

const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
const has = (program) => folders.some((folder) => existsSync(join(folder, program)));

const packages = TOOLS.filter(([program]) => !has(program)).map(([, name]) => name);
if (packages.length > 0) {
  const install = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
  if (process.getuid?.() !== 0 || !has('apt-get')) {
    process.stderr.write(`The tests need more programs: sudo apt-get ${install.join(' ')}\n`);
    process.exit(3);
  }
  process.env.DEBIAN_FRONTEND = 'noninteractive';
  await run('apt-get', ['update', '-qq']);
  await run('apt-get', install);
}
