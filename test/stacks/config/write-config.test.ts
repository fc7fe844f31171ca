import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfigFile } from '../../../src/stacks/config/config-file.ts';
import { writeConfig } from '../../../src/stacks/config/write-config.ts';
import { SETTINGS, readSettings } from '../../../src/stacks/settings.ts';

const ANSWERS = {
  ...{ stage: 'dev', region: 'eu-west-1', profile: 'no', account: null },
  settings: { allowedOrigins: ['https://shop.example'], alarmEmail: 'ops@shop.example' },
};

test('what is written is read as what was answered', () => {
  const file = parseConfigFile('x.yaml', writeConfig(ANSWERS));
  const { stage, region, profile, account, settings } = file;
  assert.deepEqual({ stage, region, profile, account, settings }, { ...ANSWERS, account: undefined });
});

test('the file names every setting with its default, ready to be taken', () => {
  const text = writeConfig({ ...ANSWERS, settings: {} });
  for (const name of Object.keys(SETTINGS)) assert.match(text, new RegExp(`^  #${name}: `, 'm'));
  const taken = text.replaceAll(/^(\s*)#((?: {2})*\w+:)/gm, '$1$2');
  const { settings, account, stages } = parseConfigFile('x.yaml', taken);
  assert.deepEqual(readSettings(settings), readSettings());
  assert.equal(account, '123456789012');
  assert.deepEqual([...stages.keys()], ['prod']);
});

test('no answer can add a line of its own', () => {
  const profile = 'a"\nregion: "us-east-1';
  const file = writeConfig({ ...ANSWERS, profile });
  assert.ok(file.includes(JSON.stringify(profile)));
  assert.throws(() => parseConfigFile('x.yaml', file), { code: 'CONFIG_INVALID' });
});
