import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { updateCommand } from '../../src/stacks/deploy/steps/host.ts';
import { AGENT, makeBundle, makePackage, type Package } from './support/debian.ts';
import {
  makeStage,
  releaseBundle,
  removeStage,
  showSettings,
  startHost,
  type Host,
  type Stage,
} from './support/host.ts';
import { makeDisk, type RemovableDisk } from './support/machine.ts';
import { provisionZip } from './support/provision-zip.ts';

/**
 * Newer packages on a server that runs, by the very command that a deploy sends. The bundles that come later hold what
 * is newer and nothing else. The tests go on from one another.
 */
const folder = mkdtempSync(join(tmpdir(), 'sbw-packages-'));
let stage: Stage;
let disk: RemovableDisk;
let host: Host;

before(async () => {
  stage = await makeStage(provisionZip());
  disk = makeDisk(join(folder, 'data.img'), 'vol-0123456789abcdef0', 1024);
  host = await startHost(stage, [disk]);
  const { code } = host.firstBoot();
  assert.equal(code, 0, host.machine.console());
});
after(async () => {
  await host?.close();
  disk?.remove();
  removeStage(stage);
  rmSync(folder, { recursive: true });
});

const agent = (Version: string): Package => ({ ...AGENT, fields: { ...AGENT.fields, Version } });
const tool = (Version: string, more: Record<string, string> = {}): Package => ({
  fields: { Package: 'sbw-tool', Version, ...more },
  files: { 'usr/share/sbw-tool/version': `${Version}\n` },
});

/** What the deploy sends once CloudFormation has changed the tags. */
function offer(...packages: readonly Package[]): string {
  const file = makeBundle(folder, packages);
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
  releaseBundle(stage, file, sha256);
  return updateCommand({ bundle: sha256, provision: stage.settings.tags['sbw:provision-sha256']! });
}

const versionOf = (name: string): string =>
  host.machine.shell(`dpkg-query --show --showformat '\${db:Status-Status} \${Version}' ${name}`);
const stateOf = (unit: string): string =>
  ['is-active', 'is-enabled']
    .map((verb) => host.machine.run(['systemctl', verb, unit]).stdout.trim())
    .join(' ');
const notesIn = (said: string): string[] =>
  [...said.matchAll(/^sbw: note: (.*)$/gm)].map(([, note]) => note!);

/** As the image would have it. */
function install(one: Package): void {
  const file = makePackage(folder, one);
  cpSync(file, join(host.machine.root, 'root', basename(file)));
  host.machine.shell(`dpkg --install /root/${basename(file)}`);
}

async function until(isSo: () => boolean): Promise<void> {
  for (let left = 300; !isSo(); left -= 1) {
    assert.ok(left > 0, 'it does not come to that');
    await sleep(200);
  }
}

const hasEnded = (unit: string): boolean =>
  /^(inactive|failed)/.test(host.machine.run(['systemctl', 'is-active', unit]).stdout);

/** Has the server take a newer agent, and stops where the old one is disabled and the new one is not there yet. */
async function takeHalf(unit: string, Version: string): Promise<string> {
  const command = offer(agent(Version), tool('4'));
  host.machine.shell('touch /run/stall');
  host.machine.shell(`systemd-run --quiet --unit ${unit} ${command.slice(command.indexOf('sbw-host'))}`);
  await until(() => host.machine.run(['test', '-e', '/run/stalled']).code === 0);
  assert.equal(stateOf('amazon-ssm-agent'), 'inactive disabled');
  return command;
}

function heal(command: string, Version: string): void {
  host.machine.shell('rm -f /run/stall /run/stalled');
  host.machine.shell(command);
  assert.equal(versionOf('amazon-ssm-agent'), `installed ${Version}`);
  assert.equal(stateOf('amazon-ssm-agent'), 'active enabled');
  assert.equal(host.machine.shell('dpkg --audit'), '');
}

test('newer packages are taken by the command of a deploy, the agent among them', () => {
  install(tool('1'));
  const postgres = host.machine.shell('systemctl show --property MainPID postgresql@17-main');
  const command = offer(agent('3.3.1'), tool('2'));
  const said = host.machine.shell(command);
  assert.deepEqual(
    [versionOf('amazon-ssm-agent'), versionOf('sbw-tool')],
    ['installed 3.3.1', 'installed 2'],
  );
  assert.equal(stateOf('amazon-ssm-agent'), 'active enabled');
  assert.ok(said.trim().endsWith(`release ${command.split(' ').slice(-2).join(' ')}`), said);
  assert.equal(host.machine.shell('systemctl show --property MainPID postgresql@17-main'), postgres);
  // A bundle of two packages leaves out nearly all of the image, and that is told.
  const [note, ...more] = notesIn(said);
  assert.match(note ?? '', /^not in the bundle, so as old as the machine image: .*\bperl-base\b/);
  assert.deepEqual(more, []);
});

test('what cannot be brought up to date is named', () => {
  const said = host.machine.shell(offer(agent('3.3.1'), tool('3', { Depends: 'not-in-debian' })));
  assert.equal(versionOf('sbw-tool'), 'installed 2');
  assert.equal(notesIn(said)[0], 'not brought up to date, since something holds them: sbw-tool');
});

test('tags that the server does not see yet are waited for, and nothing else is taken for them', async () => {
  const before = stage.settings;
  const command = offer(agent('3.3.1'), tool('4'));
  const after = stage.settings;
  // As the metadata service shows it for a while.
  showSettings(stage, before);
  host.machine.shell(`systemd-run --quiet --unit sbw-late ${command.slice(command.indexOf('sbw-host'))}`);
  await until(() => host.machine.console().includes('the tags still name the bundle'));
  assert.equal(versionOf('sbw-tool'), 'installed 2');
  showSettings(stage, after);
  await until(() => hasEnded('sbw-late'));
  assert.equal(versionOf('sbw-tool'), 'installed 4');
});

test('a step that is killed while it replaces the agent leaves one that runs, and the next run goes on', async () => {
  const command = await takeHalf('sbw-half', '3.3.2');
  host.machine.shell(`
    for pid in $(cat /sys/fs/cgroup/system.slice/sbw-half.service/cgroup.procs); do
      if ! grep -qE 'host.py|run.sh' /proc/$pid/cmdline; then kill -KILL $pid || true; fi
    done`);
  await until(() => hasEnded('sbw-half'));
  await until(() => stateOf('amazon-ssm-agent') === 'active enabled');
  heal(command, '3.3.2');
});

test('when everything ends at once, the agent comes back with the machine, and the next run goes on', async () => {
  const command = await takeHalf('sbw-cut', '3.3.3');
  host.machine.shell('systemctl kill --signal KILL sbw-cut');
  await until(() => hasEnded('sbw-cut'));
  assert.equal(stateOf('amazon-ssm-agent'), 'inactive disabled');
  assert.match(
    host.machine.shell('systemctl show --property Wants multi-user.target'),
    /amazon-ssm-agent\.service/,
  );
  heal(command, '3.3.3');
});

test('a service that runs what was replaced is started anew, and a newer kernel is told of', () => {
  const library = '/usr/lib/x86_64-linux-gnu/libxml2.so.2';
  host.machine.shell(`
    file=$(readlink -f ${library})
    cp --preserve "$file" /usr/lib/x86_64-linux-gnu/copy && mv /usr/lib/x86_64-linux-gnu/copy "$file"
    mkdir -p /boot && touch /boot/vmlinuz-99.0.0-cloud-amd64`);
  const process = (): string => host.machine.shell('systemctl show --property MainPID postgresql@17-main');
  const before = process();
  assert.deepEqual(notesIn(host.machine.shell('sbw-host provision 80-restarts')), [
    'postgresql@17-main is started anew: it ran what was replaced',
    'a restart would bring the kernel 99.0.0-cloud-amd64',
  ]);
  const after = process();
  assert.notEqual(after, before);
  assert.equal(notesIn(host.machine.shell('sbw-host provision 80-restarts')).length, 1);
  assert.equal(process(), after);
});
