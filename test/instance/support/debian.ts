import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Kept from run to run; each part is made anew when what it is made of changes. */
const CACHE = resolve('.cache/host');
const MIRROR = 'http://deb.debian.org/debian';
/** Beside systemd, what Debian's machine images for EC2 have and the steps rely on. */
const IN_IMAGE = 'systemd-sysv,udev,dbus,python3,e2fsprogs,iproute2,ca-certificates';

function run(program: string, args: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  assert.equal(status, 0, `${program} ${args.join(' ')}: ${String(error)}\n${stdout}${stderr}`);
}

/** The folder, made once by `make`. Others who want it wait; a run that was killed leaves nothing that looks whole. */
function cached(name: string, make: (draft: string) => void): string {
  const folder = join(CACHE, name);
  mkdirSync(CACHE, { recursive: true });
  const lock = openSync(join(CACHE, 'lock'), 'w');
  try {
    // The lock is that of the open file, which is this process's too, and ends with it.
    spawnSync('flock', ['--exclusive', '3'], { stdio: ['ignore', 'ignore', 'inherit', lock] });
    if (existsSync(folder)) return folder;
    const draft = `${folder}.partial`;
    run('rm', ['-rf', '--one-file-system', draft]);
    make(draft);
    renameSync(draft, folder);
    return folder;
  } finally {
    closeSync(lock);
  }
}

/** A bare Debian 13, as a new server has it: about a minute at the first time. */
export function debianTree(): string {
  return cached('debian-13', (draft) =>
    run('debootstrap', ['--variant=minbase', `--include=${IN_IMAGE}`, 'trixie', draft, MIRROR]),
  );
}

/** bundle.tar, built by the script that CodeBuild runs; the SSM agent in it is a stand-in that only stays alive. */
export function hostBundle(): { readonly file: string; readonly sha256: string } {
  const source = resolve('src/instance/bundle');
  const parts = ['build.sh', 'packages.txt', 'carried.txt'].map((name) => readFileSync(join(source, name)));
  const hash = createHash('sha256').update(Buffer.concat(parts)).digest('hex').slice(0, 16);
  const folder = cached(`bundle-${hash}`, (draft) => {
    const scratch = mkdtempSync(join(tmpdir(), 'sbw-bundle-'));
    run('bash', [join(source, 'build.sh'), scratch, agentPackage(scratch)]);
    for (const name of readdirSync(CACHE)) {
      if (/^bundle-[0-9a-f]{16}$/.test(name)) rmSync(join(CACHE, name), { recursive: true });
    }
    mkdirSync(draft);
    run('cp', [join(scratch, 'bundle.tar'), draft]);
    rmSync(scratch, { recursive: true });
  });
  const file = join(folder, 'bundle.tar');
  const { stdout } = spawnSync('sha256sum', [file], { encoding: 'utf8' });
  return { file, sha256: stdout.slice(0, 64) };
}

/** AWS's package cannot be had from everywhere. This one has its name and its unit. */
function agentPackage(scratch: string): string {
  const tree = join(scratch, 'agent');
  const units = join(tree, 'usr/lib/systemd/system');
  for (const folder of [units, join(tree, 'DEBIAN')]) mkdirSync(folder, { recursive: true });
  const fields = {
    Package: 'amazon-ssm-agent',
    Version: '3.3.0',
    Architecture: 'amd64',
    Maintainer: 'none',
    Description: 'Stand-in',
  };
  const control = Object.entries(fields).map(([name, value]) => `${name}: ${value}\n`);
  writeFileSync(join(tree, 'DEBIAN/control'), control.join(''));
  writeFileSync(
    join(units, 'amazon-ssm-agent.service'),
    '[Service]\nExecStart=/usr/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n',
  );
  const file = join(scratch, 'agent.deb');
  run('dpkg-deb', ['--root-owner-group', '--build', tree, file]);
  return file;
}
