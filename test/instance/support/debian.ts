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
import { basename, dirname, join, resolve } from 'node:path';

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
  const agent = JSON.stringify(AGENT);
  const hash = createHash('sha256')
    .update(Buffer.concat([...parts, Buffer.from(agent)]))
    .digest('hex')
    .slice(0, 16);
  const folder = cached(`bundle-${hash}`, (draft) => {
    const scratch = mkdtempSync(join(tmpdir(), 'sbw-bundle-'));
    run('bash', [join(source, 'build.sh'), scratch, makePackage(scratch, AGENT)]);
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

/** A package of our own; scripts by the name that dpkg has for them. */
export interface Package {
  readonly fields: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
  /** Path below the root -> content. */
  readonly files?: Readonly<Record<string, string>>;
}

/**
 * AWS's package cannot be had from everywhere. This one has its name and its unit, and does what AWS's does when a
 * newer one comes: it stops and disables the agent, and the newer one enables and starts it. Between the two it waits
 * while /run/stall is there.
 */
export const AGENT: Package = {
  fields: { Package: 'amazon-ssm-agent', Version: '3.3.0' },
  scripts: {
    prerm: 'systemctl stop amazon-ssm-agent; systemctl disable amazon-ssm-agent',
    preinst: 'while [ -e /run/stall ]; do touch /run/stalled; sleep 0.1; done',
    postinst: 'systemctl daemon-reload; systemctl enable amazon-ssm-agent; systemctl start amazon-ssm-agent',
  },
  files: {
    'usr/lib/systemd/system/amazon-ssm-agent.service':
      '[Service]\nExecStart=/usr/bin/sleep infinity\nKillMode=process\n[Install]\nWantedBy=multi-user.target\n',
  },
};

/** The .deb file. */
export function makePackage(scratch: string, { fields, scripts = {}, files = {} }: Package): string {
  const tree = mkdtempSync(join(scratch, 'package-'));
  const write = (path: string, content: string, mode: number): void => {
    const file = join(tree, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, { mode });
  };
  const all = { Architecture: 'amd64', Maintainer: 'none', Description: 'Stand-in', ...fields };
  const control = Object.entries(all).map(([name, value]) => `${name}: ${value}\n`);
  write('DEBIAN/control', control.join(''), 0o644);
  for (const [name, lines] of Object.entries(scripts)) {
    write(`DEBIAN/${name}`, `#!/bin/sh\nset -e\n${lines}\n`, 0o755);
  }
  for (const [path, content] of Object.entries(files)) write(path, content, 0o644);
  const file = `${tree}.deb`;
  run('dpkg-deb', ['--root-owner-group', '--build', tree, file]);
  return file;
}

/** A bundle of these packages alone, of which only the agent is to be installed where it is not. */
export function makeBundle(scratch: string, packages: readonly Package[]): string {
  const folder = mkdtempSync(join(scratch, 'bundle-'));
  const index = packages.map((one) => {
    const file = makePackage(scratch, one);
    run('cp', [file, folder]);
    const [fields, sha256, size] = [
      ['dpkg-deb', '--field', file],
      ['sha256sum', file],
      ['stat', '--format', '%s', file],
    ].map(([program, ...args]) => spawnSync(program!, args, { encoding: 'utf8' }).stdout);
    return `${fields}Filename: ./${basename(file)}\nSize: ${size}SHA256: ${sha256!.slice(0, 64)}\n`;
  });
  writeFileSync(join(folder, 'Packages'), `${index.join('\n')}\n`);
  writeFileSync(join(folder, 'install.txt'), `${AGENT.fields['Package']}\n`);
  const bundle = `${folder}.tar`;
  run('tar', ['--create', '--file', bundle, '--directory', folder, '.']);
  return bundle;
}
