import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfigFile } from '../../../src/stacks/config/config-file.ts';
import { type Given, resolveConfig } from '../../../src/stacks/config/resolve.ts';
import { readSettings } from '../../../src/stacks/settings.ts';

const NOTHING: Given = { flags: {}, environment: {}, project: null, user: null };

const project = parseConfigFile(
  'p.yaml',
  `
region: eu-central-1
profile: shop
settings: { logDays: 7, webDb: false, throttleRate: null }
stages:
  prod: { region: eu-west-1, account: "123456789012", settings: { logDays: 90 } }
`,
);
const user = parseConfigFile(
  'u.yaml',
  `
stage: prod
region: us-east-1
settings: { logDays: 1, throttleRate: 5, throttleBurst: 6 }
stages:
  prod: { profile: mine, settings: { logDays: 365 } }
`,
);

test('nobody says anything: the defaults, and no region', () => {
  const { stage, region, profile, account, settings } = resolveConfig(NOTHING);
  assert.deepEqual(stage, { value: { name: 'dev', suffix: '' }, origin: { kind: 'default', where: '' } });
  assert.deepEqual([region.value, profile.value, account.value], [undefined, undefined, undefined]);
  assert.deepEqual(settings, readSettings());
});

test('flag before environment before project before user before default', () => {
  const all: Given = {
    flags: { region: 'ap-south-1' },
    environment: { region: 'sa-east-1' },
    project,
    user,
  };
  const order = [
    { given: all, value: 'ap-south-1', kind: 'flag', where: '--region' },
    {
      ...{ given: { ...all, flags: {} }, value: 'sa-east-1', kind: 'environment' },
      where: 'AWS_REGION or AWS_DEFAULT_REGION',
    },
    {
      ...{ given: { ...all, flags: { stage: 'test' }, environment: {} }, value: 'eu-central-1' },
      ...{ kind: 'project', where: 'p.yaml: region' },
    },
    { given: { ...NOTHING, user }, value: 'us-east-1', kind: 'user', where: 'u.yaml: region' },
  ];
  for (const { given, value, ...origin } of order) {
    assert.deepEqual(resolveConfig(given).region, { value, origin });
  }
});

test('what a file says of the stage goes before what it says of all, and the project before the user', () => {
  const { stage, region, profile, account, settings, settingOrigins } = resolveConfig({
    ...{ ...NOTHING, project, user },
  });
  assert.deepEqual([stage.value.name, stage.origin.where], ['prod', 'u.yaml: stage']);
  assert.deepEqual(region, {
    ...{ value: 'eu-west-1', origin: { kind: 'project', where: 'p.yaml: stages.prod.region' } },
  });
  assert.equal(profile.value, 'shop');
  assert.equal(account.value, '123456789012');
  assert.equal(settings.logDays, 90);
  assert.deepEqual(settingOrigins.logDays, {
    kind: 'project',
    where: 'p.yaml: stages.prod.settings.logDays',
  });
  assert.equal(settings.webDb, false);
  assert.equal(settings.throttleBurst, 6, 'the user decides what the project leaves open');
  assert.equal(settingOrigins.rawBucket.kind, 'default');
});

test('null in a file is the default, whatever the next place says', () => {
  const { settings, settingOrigins } = resolveConfig({ ...NOTHING, project, user });
  assert.equal(settings.throttleRate, readSettings().throttleRate);
  assert.equal(settingOrigins.throttleRate.where, 'p.yaml: settings.throttleRate');
});

test('flags and environment are judged', () => {
  const code = (given: Partial<Given>): string => {
    try {
      resolveConfig({ ...NOTHING, ...given });
      return 'taken';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  assert.equal(code({ flags: { settings: { logdays: '3' } } }), 'SETTING_UNKNOWN');
  assert.equal(code({ flags: { settings: { logDays: 'x' } } }), 'SETTING_INVALID');
  assert.equal(code({ flags: { stage: 'A B' } }), 'STAGE_INVALID');
  assert.equal(code({ flags: { region: '' } }), 'AWS_REGION_INVALID');
  assert.equal(code({ environment: { region: 'x.evil.example' } }), 'AWS_REGION_INVALID');
  assert.equal(code({ flags: { account: '12' } }), 'SETTING_INVALID');
  assert.equal(code({ flags: { settings: { logDays: '3' }, region: 'us-gov-west-1' } }), 'taken');
});
