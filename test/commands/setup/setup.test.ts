import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { runInit } from '../../../src/commands/setup/init.ts';
import { parseConfigFile } from '../../../src/stacks/config/config-file.ts';
import type { Question } from '../../../src/terminal/setup/ask-setup.ts';
import { type FakeContext, fakeContext, runSbw } from '../../support/context.ts';

interface Place {
  readonly ctx: FakeContext;
  readonly file: string;
}

function openPlace(
  t: TestContext,
  options: { env?: Record<string, string>; isInteractive?: boolean } = {},
): Place {
  const cwd = mkdtempSync(join(tmpdir(), 'sbw-setup-'));
  t.after(() => rmSync(cwd, { recursive: true }));
  const { env = {}, isInteractive = false } = options;
  return {
    ctx: fakeContext({ cwd, env: { HOME: cwd, ...env }, isInteractive }),
    file: join(cwd, 'sbw.config.yaml'),
  };
}

const readBack = (file: string) => parseConfigFile(file, readFileSync(file, 'utf8'));

test('nobody there: the error names the flag of every question that is open, and nothing is written', async (t) => {
  const { ctx, file } = openPlace(t);
  const { code, stderr } = await runSbw(ctx, 'init', '--region', 'eu-west-1', '--no-input');
  assert.equal(code, 64);
  assert.match(stderr, /ANSWER_MISSING: Nobody is here to answer: AWS profile/);
  assert.match(stderr, /fix {4}add --profile <\.\.\.> --origin <\.\.\.> --alarm-email <\.\.\.>, or --yes/);
  assert.equal(existsSync(file), false);
});

test('every answer is a flag', async (t) => {
  const { ctx, file } = openPlace(t);
  const argv =
    'init --region eu-west-1 --profile shop --origin https://shop.example --alarm-email ops@shop.example --stage test --account 1234-5678-9012';
  const { code, stdout } = await runSbw(ctx, ...argv.split(' '));
  assert.equal(code, 0);
  assert.equal(stdout, `Wrote ${file}\nNext: sbw cost   then: sbw deploy --plan-only`);
  const { stages, ...said } = readBack(file);
  assert.equal(stages.size, 0);
  assert.deepEqual(said, {
    ...{ path: file, stage: 'test', region: 'eu-west-1', profile: 'shop', account: '123456789012' },
    settings: { allowedOrigins: ['https://shop.example'], alarmEmail: 'ops@shop.example' },
  });
});

test('--yes takes the suggestions, which the environment makes', async (t) => {
  const { ctx, file } = openPlace(t, { env: { AWS_REGION: 'sa-east-1', AWS_PROFILE: 'mine' } });
  assert.equal((await runSbw(ctx, 'init', '--yes')).code, 0);
  const { stage, region, profile, settings } = readBack(file);
  assert.deepEqual(
    [stage, region, profile, settings],
    ['dev', 'sa-east-1', 'mine', { allowedOrigins: ['*'] }],
  );
});

test('four questions are asked, each judged; those that flags answer are not', async (t) => {
  const { ctx, file } = openPlace(t, { isInteractive: true });
  const asked: Question[] = [];
  const answers = {
    region: 'eu-north-1',
    profile: '',
    origin: 'https://a.example,https://b.example',
    'alarm-email': '',
  };
  const code = await runInit(ctx, {}, async (questions) => {
    asked.push(...questions);
    return answers;
  });
  assert.equal(code, 0);
  assert.deepEqual(
    asked.map(({ flag, suggestion }) => [flag, suggestion]),
    [
      ['region', 'ap-southeast-1'],
      ['profile', ''],
      ['origin', '*'],
      ['alarm-email', ''],
    ],
  );
  const judge = (flag: string, answer: string): unknown =>
    asked.find((one) => one.flag === flag)!.judge(answer);
  assert.equal(judge('region', 'eu-north-1'), true);
  assert.match(String(judge('region', 'nowhere')), /a region such as/);
  assert.match(String(judge('origin', 'shop.example')), /an origin such as/);
  assert.match(String(judge('alarm-email', 'nobody')), /e-mail/);
  assert.equal(judge('alarm-email', ''), true);
  const { profile, settings } = readBack(file);
  assert.equal(profile, undefined);
  assert.deepEqual(settings, { allowedOrigins: ['https://a.example', 'https://b.example'] });
  const again = await runInit(ctx, { force: true, region: 'eu-west-1', profile: 'x' }, async (questions) => {
    assert.deepEqual(
      questions.map(({ flag }) => flag),
      ['origin', 'alarm-email'],
    );
    return { origin: '*', 'alarm-email': '' };
  });
  assert.equal(again, 0);
});

test('a file that is there stays, unless --force is given; a wrong flag writes nothing', async (t) => {
  const { ctx, file } = openPlace(t);
  writeFileSync(file, 'region: eu-west-1\n');
  const refused = await runSbw(ctx, 'init', '--yes');
  assert.equal(refused.code, 4);
  assert.match(refused.stderr, /CONFIG_EXISTS[\s\S]*--force/);
  assert.equal(readFileSync(file, 'utf8'), 'region: eu-west-1\n');
  const wrong = await runSbw(ctx, 'init', '--yes', '--force', '--origin', 'not an origin');
  assert.equal(wrong.code, 64);
  assert.equal(readFileSync(file, 'utf8'), 'region: eu-west-1\n');
  const { code, stdout } = await runSbw(ctx, 'init', '--yes', '--force', '--region', 'us-west-2', '--json');
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), {
    schema: 'sbw.init/1',
    path: file,
    stage: 'dev',
    region: 'us-west-2',
  });
  assert.equal(readBack(file).region, 'us-west-2');
});

test('config show says what holds, and who decided it', async (t) => {
  const { ctx, file } = openPlace(t, { env: { AWS_PROFILE: 'mine' } });
  writeFileSync(file, 'region: eu-west-1\nsettings: { logDays: 7 }\n');
  const plain = await runSbw(ctx, 'config', 'show');
  assert.match(plain.stdout, /\nregion +eu-west-1\n/);
  assert.match(plain.stdout, /\naccount +-\n/);
  const { stdout } = await runSbw(ctx, 'config', 'show', '--origin', '--set', 'webDb=false');
  const cells = stdout.split('\n').map((line) => line.split(/ {2,}/));
  const row = (key: string): string[] | undefined => cells.find(([first]) => first === key);
  assert.deepEqual(row('stage'), ['stage', 'dev', 'default']);
  assert.deepEqual(row('region'), ['region', 'eu-west-1', `${file}: region`]);
  assert.deepEqual(row('profile'), ['profile', 'mine', 'AWS_PROFILE']);
  assert.deepEqual(row('settings.webDb'), ['settings.webDb', 'false', '--set']);
  assert.deepEqual(row('settings.logDays'), ['settings.logDays', '7', `${file}: settings.logDays`]);
  const json = JSON.parse((await runSbw(ctx, 'config', 'show', '--json')).stdout) as {
    schema: string;
    region: object;
    settings: Record<string, object>;
  };
  assert.equal(json.schema, 'sbw.config/1');
  assert.deepEqual(json.region, { value: 'eu-west-1', origin: 'project', where: `${file}: region` });
  assert.deepEqual(json.settings['rawBucket'], { value: null, origin: 'default', where: null });
});

test('a wrong key in the file stops every command that reads it, with what was meant', async (t) => {
  const { ctx, file } = openPlace(t);
  writeFileSync(file, 'setings: { logDays: 7 }\n');
  for (const argv of [['config', 'show'], ['cost'], ['status']]) {
    const { code, stdout, stderr } = await runSbw(ctx, ...argv);
    assert.deepEqual([code, stdout], [64, ''], argv.join(' '));
    assert.match(stderr, /CONFIG_KEY_UNKNOWN: .*there is no key "setings"[\s\S]*did you mean settings\?/);
  }
});
