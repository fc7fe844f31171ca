import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openPlatform } from '../../src/adapters/aws/platform.ts';
import { type StatusOptions, runStatus } from '../../src/commands/status.ts';
import type { Context } from '../../src/context.ts';
import { printError } from '../../src/terminal/print-error.ts';
import { type Stand, openStand } from '../stacks/teardown/stand.ts';
import { answerHealth, healthyAt } from '../stacks/status/host-health.ts';
import { fakeContext } from '../support/context.ts';

interface CommandStand extends Stand {
  readonly folder: string;
  status(flags?: StatusOptions): Promise<{ code: number; stdout: string; stderr: string }>;
}

async function openCommandStand(t: TestContext): Promise<CommandStand> {
  const stand = await openStand();
  t.after(() => stand.close());
  stand.aws.clock.advance(60);
  for (const alarm of stand.aws.world.things.all('AWS::CloudWatch::Alarm')) alarm.state = 'OK';
  answerHealth(stand.aws, healthyAt(stand.aws.clock.now()));
  const folder = mkdtempSync(join(tmpdir(), 'sbw-status-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return {
    ...{ ...stand, folder },
    status: async (flags = {}) => {
      const base = fakeContext({
        cwd: folder,
        env: {
          AWS_REGION: stand.aws.region,
          AWS_ENDPOINT_URL: stand.aws.endpointUrl,
          HOME: folder,
        },
      });
      const ctx: Context = {
        ...base,
        clock: stand.clock,
        // The ingest's address leads to the internet: here somebody else answers, as our ingest does.
        openPlatform: async (options) => {
          const platform = openPlatform(base.config, options);
          const knock = async () => ({ status: 400, text: '', ms: 84 });
          return { ...platform, health: { ...platform.health, knock } };
        },
      };
      const limits = { probe: 3000, drift: 20_000 };
      const code = await runStatus(ctx, flags, limits).catch((error: unknown) =>
        printError(base.terminal, error, true),
      );
      return { code, stdout: base.stdout.join('\n'), stderr: base.stderr.join('\n') };
    },
  };
}

test('all is well: the whole screen, and 0 also for scripts', async (t) => {
  const stand = await openCommandStand(t);
  const { code, stdout } = await stand.status({ check: true });
  assert.equal(code, 0, stdout);
  const lines = stdout
    .replaceAll(/i-\w{8,}/g, 'i-1')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\dZ/g, '2026-11-23T05:11Z')
    .split('\n');
  assert.deepEqual(lines, [
    'dev   ap-southeast-1   account 1234-5678-9012   OK',
    '  stacks        ok    7 stacks, last changed 2026-11-23T05:11Z',
    '  network       ok    doors to s3, ssm, ssmmessages, ec2messages open, firewalls',
    '                      shut',
    '  warehouse     ok    i-1 running, checks passed, agent online',
    '  web-db        ok    i-1 running, checks passed, agent online',
    '  ingest        ok    answers in 84 ms, function active',
    lines[7],
    '  etl           ok    SBW_Lamda_ETL active',
    '  schedule      ok    SBW_ETL_HOURLY_RULE on, rate(1 hour)',
    '  alarms        ok    4 quiet',
    '  dead-letters  ok    none',
    '  data          ok    up to 2026-11-23T05:11Z, 55 min ago, 40,911 events',
    '  dashboard     ok    answers in 41 ms',
    '  host          ok    data disk 12 % full, system disk 31 % full, certificate',
    '                      good for 364 days',
    lines[16],
    'Which hours are loaded: sbw etl gaps   sbw runs ls',
  ]);
  assert.match(lines[7]!, /^ {22}https:\/\/\w+\.execute-api\.ap-southeast-1\.amazonaws\.com\/clickstream$/);
  assert.match(lines[16]!, /^ {2}cost {16}about \$\d+\.\d\d a month, as it is deployed$/);
});

test('something is wrong: the screen says what to do; 1 only for who asks for a verdict', async (t) => {
  const stand = await openCommandStand(t);
  await stand.ports.writers.disableRule('SBW_ETL_HOURLY_RULE');
  const { code, stdout } = await stand.status();
  assert.equal(code, 0);
  assert.match(stdout, /^dev .* DEGRADED\n/);
  assert.match(stdout, / schedule {6}WARN {2}SBW_ETL_HOURLY_RULE off/);
  assert.match(stdout, /\nNext: sbw deploy --stage dev {3}tests the whole and switches it on\n/);
  assert.equal((await stand.status({ check: true })).code, 1);
  const json = await stand.status({ check: true, json: true });
  assert.equal(json.code, 1);
  const report = JSON.parse(json.stdout) as Record<string, unknown> & {
    checks: { id: string; verdict: string }[];
  };
  assert.deepEqual(
    [report['schema'], report['stage'], report['account'], report['state']],
    ['sbw.status/1', 'dev', '123456789012', 'degraded'],
  );
  assert.equal(report.checks.find(({ id }) => id === 'schedule')?.verdict, 'warn');
});

test('a stage that is not there, and one that nobody may see', async (t) => {
  const stand = await openCommandStand(t);
  const absent = await stand.status({ stage: 'test' });
  assert.equal(absent.code, 0);
  assert.match(absent.stdout, /^test .* ABSENT\n {2}stacks {8}- {5}nothing is deployed\n/);
  assert.match(absent.stdout, /Next: sbw deploy --stage test$/);
  assert.equal((await stand.status({ stage: 'test', check: true })).code, 1);
  for (const action of ['cloudformation:DescribeStacks', 'sts:GetCallerIdentity']) {
    stand.aws.fail({ action, error: 'expired-credentials', times: 99 });
  }
  const blind = await stand.status();
  assert.equal(blind.code, 3);
  assert.equal(
    blind.stdout.split('\n').slice(0, 2).join('\n'),
    'dev   ap-southeast-1   account unknown   UNKNOWN\n  ?  Nothing could be seen: The AWS credentials have expired.',
  );
  assert.match(blind.stdout, /\nNext: aws sso login/);
});

test('another account than the one that the config file allows is an error, not a stage that is absent', async (t) => {
  const stand = await openCommandStand(t);
  writeFileSync(join(stand.folder, 'sbw.config.yaml'), 'account: "999999999999"\n');
  const { code, stdout, stderr } = await stand.status();
  assert.deepEqual([code, stdout], [3, '']);
  assert.match(stderr, /^Looking at stage dev \.\.\.\nerror AWS_ACCOUNT_WRONG: .*account 123456789012/);
});
