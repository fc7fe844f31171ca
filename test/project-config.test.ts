import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { type Config, readConfig } from '../src/config.ts';
import { listStages, readProjectConfig, requireAccount, writeProjectConfig } from '../src/project-config.ts';

interface Folder {
  readonly path: string;
  write(name: string, text: string): string;
  /** What holds for somebody in this folder. */
  config(folder?: string, env?: Record<string, string>): Config;
}

function openFolder(t: TestContext): Folder {
  const path = mkdtempSync(join(tmpdir(), 'sbw-config-'));
  t.after(() => rmSync(path, { recursive: true }));
  // Nothing above may have a say.
  mkdirSync(join(path, '.git'));
  return {
    path,
    write: (name, text) => {
      mkdirSync(dirname(join(path, name)), { recursive: true });
      writeFileSync(join(path, name), text);
      return join(path, name);
    },
    config: (folder = '.', env = {}) => {
      mkdirSync(join(path, folder), { recursive: true });
      return readConfig({ HOME: join(path, 'home'), ...env }, join(path, folder));
    },
  };
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'fine',
    (error: { code: string }) => error.code,
  );
}

test('the file is found from the working directory upwards, and not beyond the project', async (t) => {
  const folder = openFolder(t);
  const file = folder.write('shop/sbw.config.yaml', 'region: eu-west-1\n');
  const { region } = await readProjectConfig(folder.config('shop/a/b'));
  assert.deepEqual(region, { value: 'eu-west-1', origin: { kind: 'project', where: `${file}: region` } });
  mkdirSync(join(folder.path, 'shop/a/.git'));
  assert.equal((await readProjectConfig(folder.config('shop/a/b'))).region.value, undefined);
});

test('a user has defaults, where XDG says or where it says nothing', async (t) => {
  const folder = openFolder(t);
  folder.write('home/.config/sbw/config.yaml', 'profile: mine\n');
  folder.write('xdg/sbw/config.json', '{"profile": "xdg"}');
  assert.equal((await readProjectConfig(folder.config())).profile.value, 'mine');
  const xdg = folder.config('.', { XDG_CONFIG_HOME: join(folder.path, 'xdg') });
  assert.equal((await readProjectConfig(xdg)).profile.value, 'xdg');
  folder.write('sbw.config.json', '{"profile": "ours"}');
  assert.equal((await readProjectConfig(xdg)).profile.value, 'ours');
  const env = folder.config('.', { AWS_PROFILE: 'env', SBW_STAGE: 'test' });
  const { profile, stage } = await readProjectConfig(env);
  assert.deepEqual([profile.value, stage.value.name], ['env', 'test']);
  const flags = {
    profile: 'flag',
    stage: 'prod',
    set: ['logDays=3', 'logDays=7'],
    account: '1234-5678-9012',
  };
  const flagged = await readProjectConfig(env, flags);
  assert.deepEqual(
    [flagged.profile.value, flagged.stage.value.name, flagged.settings.logDays, flagged.account.value],
    ['flag', 'prod', 7, '123456789012'],
  );
});

test('what cannot be read is told, and nobody waits for it', async (t) => {
  const folder = openFolder(t);
  const code = (): Promise<string> => codeOf(readProjectConfig(folder.config()));
  folder.write('sbw.config.yaml', '');
  folder.write('sbw.config.json', '{}');
  assert.equal(await code(), 'CONFIG_AMBIGUOUS');
  rmSync(join(folder.path, 'sbw.config.json'));
  writeFileSync(join(folder.path, 'sbw.config.yaml'), Buffer.from([0xff, 0xfe, 0x00]));
  assert.equal(await code(), 'CONFIG_UNREADABLE');
  rmSync(join(folder.path, 'sbw.config.yaml'));
  mkdirSync(join(folder.path, 'sbw.config.yaml'));
  assert.equal(await code(), 'CONFIG_UNREADABLE');
  rmSync(join(folder.path, 'sbw.config.yaml'), { recursive: true });
  execFileSync('mkfifo', [join(folder.path, 'sbw.config.yaml')]);
  assert.equal(await code(), 'CONFIG_UNREADABLE');
  rmSync(join(folder.path, 'sbw.config.yaml'));
  symlinkSync('/nowhere', join(folder.path, 'sbw.config.yaml'));
  assert.equal(await code(), 'CONFIG_UNREADABLE');
});

test('the account is held against the one that is allowed', async (t) => {
  const folder = openFolder(t);
  const file = folder.write('sbw.config.yaml', 'account: "123456789012"\n');
  const config = await readProjectConfig(folder.config());
  requireAccount(config, '123456789012');
  assert.throws(() => requireAccount(config, '999999999999'), {
    ...{ code: 'AWS_ACCOUNT_WRONG', kind: 'environment' },
    message: `These credentials lead to account 999999999999; ${file}: account allows 123456789012 alone.`,
  });
  requireAccount({ account: { value: undefined, origin: { kind: 'default', where: '' } } }, '1');
});

test('a file is written once; over another one only when that is wanted', async (t) => {
  const { path } = openFolder(t);
  const file = join(path, 'sbw.config.yaml');
  assert.equal(await writeProjectConfig(path, 'one'), file);
  assert.equal(await codeOf(writeProjectConfig(path, 'two')), 'CONFIG_EXISTS');
  assert.equal(readFileSync(file, 'utf8'), 'one');
  await writeProjectConfig(path, 'two', true);
  assert.equal(readFileSync(file, 'utf8'), 'two');
  rmSync(file);
  writeFileSync(join(path, 'sbw.config.json'), '{}');
  assert.equal(await codeOf(writeProjectConfig(path, 'three', true)), 'CONFIG_EXISTS');
  assert.deepEqual(readdirSync(path).toSorted(), ['.git', 'sbw.config.json']);
  assert.equal(await codeOf(writeProjectConfig(join(path, 'nowhere'), 'x')), 'CONFIG_UNWRITABLE');
});

test('stages are those that files and the environment name', async (t) => {
  const folder = openFolder(t);
  assert.deepEqual(await listStages(folder.config()), ['dev']);
  folder.write('sbw.config.yaml', 'stage: test\nstages: { prod: {} }\n');
  folder.write('home/.config/sbw/config.yaml', 'stages: { mine: {}, prod: {} }\n');
  const config = folder.config('.', { SBW_STAGE: 'here' });
  assert.deepEqual(await listStages(config), ['dev', 'here', 'mine', 'prod', 'test']);
});
