import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A disk as EC2 attaches it: the serial number is the volume's id without its hyphen. */
export interface Disk {
  readonly device: string;
  readonly volumeId: string;
}

export interface RemovableDisk extends Disk {
  /** While it is attached. */
  resize(megabytes: number): void;
  remove(): void;
}

/** A booted Debian in namespaces of its own, with loopback as its only network. */
export interface Machine {
  readonly root: string;
  /** Runs a program in it, as its root. */
  run(command: readonly string[], input?: string): Result;
  /** The same for shell lines, which must succeed: their output. */
  shell(lines: string): string;
  /** Starts a program of this computer in the machine's network. */
  spawnInNetwork(command: readonly string[]): ReturnType<typeof spawn>;
  /** What was written to the serial console. */
  console(): string;
  /** Attaches one more disk. */
  attach(disk: Disk): void;
  /** As if the plug were pulled. */
  kill(): Promise<void>;
}

export interface MachineOptions {
  /** The tree it starts from, which is not written to. */
  readonly base: string;
  readonly disks: readonly Disk[];
  /** Addresses on loopback, such as `10.0.131.112/20`. */
  readonly addresses: readonly string[];
  /** Called before it boots, with its tree. */
  prepare(root: string): void;
}

const BOOT_SCRIPT = resolve('test/instance/support/boot-machine.sh');
const BOOT_MS = 60_000;

/** Must be root. The machine ends with `kill`, or with this process. */
export async function startMachine(options: MachineOptions): Promise<Machine> {
  const place = mkdtempSync(join(tmpdir(), 'sbw-machine-'));
  const root = mountTree(place, options.base);
  options.prepare(root);
  const cgroup = `sbw-machine-${randomUUID()}`;
  const devices = options.disks.map(({ device }) => device);
  const boot = spawn(
    // Should this process be killed, the machine goes with it.
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', 'unshare'],
      ...['--fork', '--kill-child', '--mount', '--net', '--pid', '--ipc', '--uts'],
      ...['bash', BOOT_SCRIPT, root, cgroup, ...options.addresses, '--', ...devices],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [boot.stdout, boot.stderr]) stream.on('data', (text) => (output += String(text)));
  const ended = new Promise((resolveEnd) => boot.once('close', resolveEnd));
  const machine = machineAt(
    root,
    () => initOf(boot.pid!),
    async () => {
      boot.kill('SIGKILL');
      await ended;
      removeTree(place, cgroup);
    },
  );
  const giveUpAt = Date.now() + BOOT_MS;
  while (!isRunning(machine)) {
    if (boot.exitCode !== null || Date.now() > giveUpAt) {
      await machine.kill();
      throw new Error(`the machine did not boot: ${output}`);
    }
    await sleep(200);
  }
  for (const disk of options.disks) announce(machine, disk);
  return machine;
}

function machineAt(root: string, init: () => number, kill: () => Promise<void>): Machine {
  const enter = (...namespaces: string[]): string[] => ['--target', String(init()), ...namespaces, '--'];
  const inside = [
    ...['/usr/bin/env', '--ignore-environment', 'HOME=/root', 'LANG=C.UTF-8'],
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  ];
  const run = (command: readonly string[], input = ''): Result => {
    const { status, stdout, stderr } = spawnSync(
      'nsenter',
      [
        ...enter('--mount', '--net', '--pid', '--ipc', '--uts', '--cgroup'),
        ...['chroot', root, ...inside, ...command],
      ],
      { encoding: 'utf8', input, maxBuffer: 64 * 1024 * 1024 },
    );
    return { code: status, stdout, stderr };
  };
  const machine: Machine = {
    root,
    run,
    shell: (lines) => {
      const { code, stdout, stderr } = run(['bash', '-euo', 'pipefail', '-c', lines]);
      assert.equal(code, 0, `${lines}\n${stdout}${stderr}`);
      return stdout;
    },
    spawnInNetwork: (command) =>
      spawn('nsenter', [...enter('--net'), ...command], { stdio: ['ignore', 'pipe', 'inherit'] }),
    console: () => run(['cat', '/dev/console']).stdout,
    attach: (disk) => {
      const numbers = spawnSync('stat', ['--format', '0x%t 0x%T', disk.device], { encoding: 'utf8' });
      machine.shell(`mknod ${disk.device} b ${numbers.stdout.trim()}`);
      announce(machine, disk);
    },
    kill,
  };
  return machine;
}

function isRunning({ run }: Machine): boolean {
  return /^(running|degraded)/.test(run(['systemctl', 'is-system-running']).stdout);
}

/** The machine's process 1. */
function initOf(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return Number(children.split(' ')[0]);
}

/** Memory above the base: packages unpack quickly, and what a machine wrote is gone with it. */
function mountTree(place: string, base: string): string {
  mount('-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', place);
  const [upper, work, root] = ['upper', 'work', 'root'].map((name) => join(place, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [upper, work, root]) mkdirSync(folder);
  mount('-t', 'overlay', 'overlay', '-o', `lowerdir=${base},upperdir=${upper},workdir=${work}`, root);
  return root;
}

function mount(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' });
  assert.equal(status, 0, `mount ${args.join(' ')}: ${stderr}`);
}

function removeTree(place: string, cgroup: string): void {
  // The last processes take a moment to die. In a mount namespace of its own: where this computer has its cgroups is
  // its own affair.
  const script = `
    mount -t cgroup2 none /mnt
    for _ in $(seq 100); do
      [ -d "/mnt/$0" ] || exit 0
      find "/mnt/$0" -depth -type d -exec rmdir {} ';' 2> /dev/null
      sleep 0.1
    done`;
  spawnSync('unshare', ['--mount', 'bash', '-c', script, cgroup]);
  spawnSync('umount', [join(place, 'root')]);
  spawnSync('umount', [place]);
  rmSync(place, { recursive: true });
}

/** What udev would know of an NVMe disk; there is no udev in here, since hardware is not the machine's own. */
function announce(machine: Machine, { device, volumeId }: Disk): void {
  machine.shell(`
    mkdir -p /run/udev/data
    numbers=$(stat --format '%Hr:%Lr' ${device})
    printf 'I:1\\nE:ID_SERIAL_SHORT=%s\\n' ${volumeId.replace('-', '')} > "/run/udev/data/b$numbers"
    touch /run/udev/control`);
}

/** A blank disk of so many megabytes, or a copy of an image. It is gone with `remove`. */
export function makeDisk(image: string, volumeId: string, megabytes?: number): RemovableDisk {
  if (megabytes !== undefined) {
    rmSync(image, { force: true });
    writeFileSync(image, '');
    const { status } = spawnSync('truncate', ['--size', `${megabytes}M`, image]);
    assert.equal(status, 0);
  }
  const { status, stdout, stderr } = spawnSync('losetup', ['--find', '--show', image], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const device = stdout.trim();
  return {
    ...{ device, volumeId },
    resize: (size) => {
      for (const command of [
        ['truncate', '--size', `${size}M`, image],
        ['losetup', '--set-capacity', device],
      ]) {
        assert.equal(spawnSync(command[0]!, command.slice(1)).status, 0);
      }
    },
    remove: () => void spawnSync('losetup', ['--detach', device]),
  };
}

/** Names that the machine finds without a DNS. */
export function addHosts(root: string, address: string, names: readonly string[]): void {
  appendFileSync(join(root, 'etc/hosts'), `${address} ${names.join(' ')}\n`);
}
