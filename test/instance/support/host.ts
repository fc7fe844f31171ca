import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { generateKey, makeAuthority } from '../../../src/stacks/deploy/steps/certificate.ts';
import { parametersOf } from '../../templates/support/contract.ts';
import { renderTemplate } from '../../templates/support/rendering.ts';
import { readTemplate, textOf } from '../../templates/support/template.ts';
import { DOORS_ADDRESS, hostsOf, METADATA_ADDRESS, type CloudRequest, type CloudSettings } from './cloud.ts';
import { debianTree, hostBundle } from './debian.ts';
import { addHosts, startMachine, type Disk, type Machine, type Result } from './machine.ts';

export const REGION = 'ap-southeast-1';
export const ADDRESS = '10.0.131.112';

/** A stage's secrets, files and tags, as sbw and CloudFormation leave them for the server. */
export interface Stage {
  readonly folder: string;
  readonly authority: string;
  readonly password: string;
  settings: CloudSettings;
}

/** A server of the stage, with the cloud around it. */
export interface Host {
  readonly machine: Machine;
  /** All of the stage so far. */
  requests(): readonly CloudRequest[];
  /** What CloudFormation was told. */
  signals(): readonly unknown[];
  /** Runs its user data, as cloud-init would. */
  firstBoot(): Result;
  close(): Promise<void>;
}

function openssl(folder: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}

/** Keys of the cloud's own doors, believed by machines that have authority.crt. */
function makeDoorCertificate(folder: string): void {
  const subject = (name: string): string[] => ['-subj', `/CN=${name}`, '-nodes', '-newkey', 'rsa:2048'];
  const authority = ['-addext', 'keyUsage=critical,keyCertSign', '-keyout', 'ca.key', '-out', 'ca.crt'];
  openssl(folder, 'req', '-x509', ...subject('doors'), ...authority);
  openssl(folder, 'req', '-new', ...subject('door'), '-keyout', 'door.key', '-out', 'door.csr');
  const names = hostsOf(REGION).map((name) => `DNS:${name}`);
  writeFileSync(
    join(folder, 'door.ext'),
    `authorityKeyIdentifier=keyid\nsubjectAltName=${names.join(',')}\n`,
  );
  const sign = ['x509', '-req', '-in', 'door.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'];
  openssl(folder, ...sign, '-extfile', 'door.ext', '-out', 'door.crt');
}

export async function makeStage(provisionZip: Uint8Array): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'sbw-stage-'));
  makeDoorCertificate(folder);
  const authorityKey = generateKey();
  const authority = await makeAuthority(authorityKey, 'sbw dev warehouse authority', new Date());
  const password = randomBytes(24).toString('base64url');
  const bundle = hostBundle();
  const stage: Stage = {
    ...{ folder, authority, password },
    settings: {
      ...{ region: REGION, bucket: parametersOf('warehouse')['AssetsBucketName']!, privateIp: ADDRESS },
      log: join(folder, 'requests.log'),
      ...{ key: join(folder, 'door.key'), certificate: join(folder, 'door.crt') },
      role: { AccessKeyId: 'ASIATESTTESTTESTTEST', SecretAccessKey: 'secret/+key', Token: 'token+/=' },
      tags: {
        'sbw:bundle-key': `host/bundle-${bundle.sha256}.tar`,
        'sbw:bundle-sha256': bundle.sha256,
      },
      objects: { [`host/bundle-${bundle.sha256}.tar`]: bundle.file },
      parameters: {
        '/sbw/dev/dwh/etl-password': password,
        '/sbw/dev/dwh/ca-key': authorityKey,
        '/sbw/dev/dwh/ca-certificate': authority,
      },
    },
  };
  writeFileSync(stage.settings.log, '');
  release(stage, provisionZip);
  return stage;
}

/** Puts the zip into the bucket and its name on the server, as a deploy does. */
export function release(stage: Stage, provisionZip: Uint8Array, sha256 = sha256Of(provisionZip)): void {
  const key = `host/provision-${sha256.slice(0, 16)}.zip`;
  const file = join(stage.folder, key.replace('/', '-'));
  writeFileSync(file, provisionZip);
  const { settings } = stage;
  showSettings(stage, {
    ...settings,
    tags: { ...settings.tags, 'sbw:provision-key': key, 'sbw:provision-sha256': sha256 },
    objects: { ...settings.objects, [key]: file },
  });
}

/** The same for a bundle, which is a file already. */
export function releaseBundle(stage: Stage, file: string, sha256: string): void {
  const key = `host/bundle-${sha256}.tar`;
  const { settings } = stage;
  showSettings(stage, {
    ...settings,
    tags: { ...settings.tags, 'sbw:bundle-key': key, 'sbw:bundle-sha256': sha256 },
    objects: { ...settings.objects, [key]: file },
  });
}

const sha256Of = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
const settingsFile = ({ folder }: Stage): string => join(folder, 'cloud.json');

/** From now on the cloud is like this. */
export function showSettings(stage: Stage, settings: CloudSettings): void {
  stage.settings = settings;
  writeFileSync(settingsFile(stage), JSON.stringify(settings));
}

export function removeStage({ folder }: Stage): void {
  rmSync(folder, { recursive: true });
}

/** @param prepare what this server's image has beyond the usual */
export async function startHost(
  stage: Stage,
  disks: readonly Disk[],
  prepare: (root: string) => void = () => undefined,
): Promise<Host> {
  const machine = await startMachine({
    base: debianTree(),
    disks,
    addresses: [`${ADDRESS}/20`, `${METADATA_ADDRESS}/32`],
    prepare: (root) => {
      addHosts(root, DOORS_ADDRESS, hostsOf(REGION));
      const trusted = join(root, 'usr/local/share/ca-certificates');
      mkdirSync(trusted, { recursive: true });
      cpSync(join(stage.folder, 'ca.crt'), join(trusted, 'doors.crt'));
      prepare(root);
    },
  });
  machine.shell('update-ca-certificates');
  const cloud = await startCloud(machine, stage);
  const requests = (): CloudRequest[] =>
    readFileSync(stage.settings.log, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as CloudRequest);
  return {
    machine,
    requests,
    signals: () => requests().flatMap(({ signal }) => (signal === undefined ? [] : [signal])),
    firstBoot: () => machine.run(['bash', '-c', userData(disks[0]!.volumeId)]),
    close: async () => {
      cloud.kill();
      await machine.kill();
    },
  };
}

async function startCloud(machine: Machine, stage: Stage): Promise<ChildProcess> {
  const program = 'test/instance/support/cloud.ts';
  const cloud = machine.spawnInNetwork([process.execPath, '--import', 'tsx', program, settingsFile(stage)]);
  const [first] = (await once(cloud.stdout!, 'data')) as [Buffer];
  assert.equal(String(first), 'ready\n');
  return cloud;
}

function userData(volumeId: string): string {
  const { Resources } = renderTemplate(readTemplate('warehouse'), parametersOf('warehouse'));
  const ready = `https://${hostsOf(REGION)[2]!}/stack/ReadyHandle?X-Amz-Signature=0`;
  return textOf(Resources['Server']!.Properties!['UserData'])
    .replace('<DataVolume>', volumeId)
    .replace('<ReadyHandle>', ready);
}
