import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { openHealth } from '../../../src/adapters/aws/status/health.ts';
import { readSettings, type Settings } from '../../../src/stacks/settings.ts';
import { type StageState, type StatusReport, readStatus } from '../../../src/stacks/status/status.ts';
import type { StatusPorts } from '../../../src/stacks/status/stage-view.ts';
import type { Verdict } from '../../../src/stacks/status/check.ts';
import { type Stand, openStand, settingsFor } from '../teardown/stand.ts';
import { startFakeAws } from '../../fakes/aws/fake-aws.ts';
import { openServers } from '../../../src/adapters/aws/deploy/servers.ts';
import { answerHealth, healthyAt } from './host-health.ts';
import { openCloudFormation } from '../../../src/adapters/aws/cloudformation.ts';
import { parseStage } from '../../../src/stacks/stage.ts';

/** The real adapters; only the ingest's address leads to the internet, so somebody else answers there. */
function portsOn(
  aws: Stand['aws'],
  knock: { status: number; text: string },
): StatusPorts & { close(): void } {
  const settings = settingsFor(aws);
  const [cloudFormation, health, servers] = [
    openCloudFormation(settings),
    openHealth(settings),
    openServers(settings),
  ];
  return {
    ...{ cloudFormation, servers },
    health: { ...health, knock: async () => ({ ...knock, ms: 84 }) },
    close: () => {
      cloudFormation.close();
      health.close();
      servers.close();
    },
  };
}

interface StatusStand extends Stand {
  read(options?: { knock?: number; settings?: Partial<Settings>; drift?: boolean }): Promise<StatusReport>;
}

async function openStatusStand(t: TestContext, msPerMinute?: number): Promise<StatusStand> {
  const stand = await openStand(msPerMinute === undefined ? {} : { msPerMinute });
  t.after(() => stand.close());
  stand.aws.clock.advance(60);
  for (const alarm of alarmsOf(stand)) alarm.state = 'OK';
  answerHealth(stand.aws, healthyAt(stand.aws.clock.now()));
  return {
    ...stand,
    read: async ({ knock = 400, settings = {}, drift = false } = {}) => {
      const ports = portsOn(stand.aws, { status: knock, text: 'no route to host' });
      t.after(() => ports.close());
      const { cloudFormation } = stand.ports as unknown as Parameters<typeof withDrift>[0];
      return readStatus(
        ports,
        {
          stage: stand.stage,
          settings: { ...readSettings(), ...settings },
          limitMs: 3000,
          now: stand.aws.clock.now(),
        },
        drift ? withDrift({ cloudFormation }, stand) : null,
      );
    },
  };
}

type DriftPorts = NonNullable<Parameters<typeof readStatus>[2]>;

const withDrift = ({ cloudFormation }: Pick<DriftPorts, 'cloudFormation'>, { clock }: Stand): DriftPorts => ({
  ...{ cloudFormation, clock, limitMs: 20_000 },
});

const alarmsOf = ({ aws }: Stand) => aws.world.things.all('AWS::CloudWatch::Alarm');

const thing = ({ aws }: Stand, type: string, id?: string) =>
  aws.world.things.all(type).find((one) => id === undefined || one.id.includes(id))!;

function expect(
  report: StatusReport,
  state: StageState,
  id: string,
  verdict: Verdict,
  summary: RegExp,
): void {
  const check = report.checks.find((one) => one.id === id);
  assert.ok(check, `no check ${id}`);
  assert.equal(check.verdict, verdict, `${id}: ${check.summary}`);
  assert.match(check.summary, summary);
  assert.equal(report.state, state, JSON.stringify(report.checks, null, 1));
}

test('a whole stage: every part is seen, and good', async (t) => {
  const stand = await openStatusStand(t);
  const report = await stand.read();
  assert.equal(report.state, 'ok', JSON.stringify(report.checks, null, 1));
  const summaries = Object.fromEntries(report.checks.map(({ id, summary }) => [id, summary]));
  assert.match(summaries['stacks']!, /^7 stacks, last changed 20\d\d-\d\d-\d\dT\d\d:\d\dZ$/);
  assert.equal(summaries['network'], 'doors to s3, ssm, ssmmessages, ec2messages open, firewalls shut');
  assert.match(summaries['warehouse']!, /^i-\w+ running, checks passed, agent online$/);
  assert.match(summaries['web-db']!, /^i-\w+ running, checks passed, agent online$/);
  assert.equal(summaries['ingest'], 'answers in 84 ms, function active');
  assert.equal(summaries['etl'], 'SBW_Lamda_ETL active');
  assert.equal(summaries['schedule'], 'SBW_ETL_HOURLY_RULE on, rate(1 hour)');
  assert.equal(summaries['alarms'], '4 quiet');
  assert.equal(summaries['dead-letters'], 'none');
  assert.match(summaries['data']!, /^up to 20\d\d-\d\d-\d\dT\d\d:\d\dZ, 55 min ago, 40,911 events$/);
  assert.equal(summaries['dashboard'], 'answers in 41 ms');
  assert.equal(
    summaries['host'],
    'data disk 12 % full, system disk 31 % full, certificate good for 364 days',
  );
  assert.ok(report.checks.every(({ fix }) => fix === ''));
  assert.ok(report.monthly!.total > 40);
});

test('what goes wrong in one part is told there', async (t) => {
  const stand = await openStatusStand(t);
  const server = thing(stand, 'AWS::EC2::Instance', (await serverOf(stand, 'warehouse')).slice(2));
  server.state = 'stopped';
  expect(await stand.read(), 'degraded', 'warehouse', 'fail', /^the server i-\w+ is stopped$/);
  server.state = 'running';

  const rule = thing(stand, 'AWS::Events::Rule');
  rule.properties = { ...rule.properties, State: 'DISABLED' };
  expect(await stand.read(), 'degraded', 'schedule', 'warn', /off, rate\(1 hour\): nothing is loaded/);
  const wanted = await stand.read({ settings: { scheduleEnabled: false } });
  expect(wanted, 'ok', 'schedule', 'ok', /off, rate\(1 hour\), as the settings say/);
  rule.properties = { ...rule.properties, State: 'ENABLED' };

  const alarm = alarmsOf(stand).find(({ id }) => id === 'SBW_ETL_ERRORS')!;
  alarm.state = 'ALARM';
  expect(await stand.read(), 'degraded', 'alarms', 'fail', /SBW_ETL_ERRORS/);
  alarm.state = 'INSUFFICIENT_DATA';
  expect(await stand.read(), 'unknown', 'alarms', 'unknown', /no data for SBW_ETL_ERRORS/);
  stand.aws.world.things.remove(alarm);
  expect(await stand.read(), 'degraded', 'alarms', 'warn', /gone: SBW_ETL_ERRORS/);
});

test('what the server says of its data, its dashboard and itself is judged', async (t) => {
  const stand = await openStatusStand(t);
  const now = stand.aws.clock.now();
  const well = healthyAt(now);
  const data = (part: Partial<typeof well.warehouse>): void =>
    answerHealth(stand.aws, { ...well, warehouse: { ...well.warehouse, ...part } });
  const machine = (part: Partial<typeof well.machine>): void =>
    answerHealth(stand.aws, { ...well, machine: { ...well.machine, ...part } });
  const hoursAgo = (hours: number): string => new Date(now.getTime() - hours * 3_600_000).toISOString();

  data({ data_up_to: null, events: 0 });
  expect(await stand.read(), 'ok', 'data', 'ok', /^no events yet$/);
  data({ quarantined: 1234 });
  expect(await stand.read(), 'ok', 'data', 'ok', /, 1,234 in quarantine$/);
  data({ data_up_to: hoursAgo(3) });
  expect(await stand.read(), 'degraded', 'data', 'warn', /^up to \S+Z, 3 h ago$/);
  data({ data_up_to: hoursAgo(72) });
  expect(await stand.read(), 'degraded', 'data', 'fail', /, 3 d ago$/);
  data({ hours_behind: 2 });
  expect(await stand.read(), 'degraded', 'data', 'warn', /^2 loaded hours not counted yet/);
  answerHealth(stand.aws, { ...well, warehouse: { problem: 'the database is starting up' } });
  expect(await stand.read(), 'degraded', 'data', 'fail', /^PostgreSQL does not answer: the database is/);

  answerHealth(stand.aws, { ...well, dashboard: { status: 'not_reachable', ms: 3 } });
  expect(await stand.read(), 'degraded', 'dashboard', 'fail', /cannot read the warehouse: not_reachable$/);
  answerHealth(stand.aws, { ...well, dashboard: { problem: 'Connection refused' } });
  expect(await stand.read(), 'degraded', 'dashboard', 'fail', /^does not answer: Connection refused$/);

  machine({ data_disk_percent: 84 });
  expect(await stand.read(), 'degraded', 'host', 'warn', /^data disk 84 % full$/);
  machine({ system_disk_percent: 97, certificate_days: 12, failed_units: ['sbw-certificate.service'] });
  const report = await stand.read();
  expect(
    report,
    'degraded',
    'host',
    'fail',
    /system disk 97 % full, sbw-certificate\.service failed, the cert/,
  );
  assert.match(report.checks.find(({ id }) => id === 'host')!.fix, /^sbw host update --stage dev/);
});

test('a server that cannot tell is unknown: an older release, an agent that is away', async (t) => {
  const stand = await openStatusStand(t);
  for (const said of ['', 'Usage: host.py first-boot\n']) {
    answerHealth(stand.aws, said);
    for (const id of ['data', 'dashboard', 'host']) {
      expect(await stand.read(), 'unknown', id, 'unknown', /^unknown, the server cannot tell: its release/);
    }
  }
  stand.aws.deny('ssm:SendCommand');
  expect(await stand.read(), 'unknown', 'data', 'unknown', /May not call ssm:SendCommand/);
});

async function serverOf({ ports }: Stand, layer: string): Promise<string> {
  const stack = await ports.cloudFormation.describeStack(`sbw-dev-${layer}`);
  return stack!.outputs['InstanceId']!;
}

test('events that are turned away make the stage down; a silent line from here does not', async (t) => {
  const stand = await openStatusStand(t);
  expect(await stand.read({ knock: 503 }), 'down', 'ingest', 'fail', /with 503 instead of 400/);
  expect(await stand.read({ knock: 429 }), 'degraded', 'ingest', 'warn', /more than the throttle/);
  expect(await stand.read({ knock: 0 }), 'unknown', 'ingest', 'unknown', /from here: no route to host/);
  await stand.ports.writers.stopInvocations('clickstream-lambda-ingest');
  expect(await stand.read(), 'down', 'ingest', 'fail', /switched off \(no concurrency\)/);
});

test('each probe alone: a permission that is missing hides one part and no other', async (t) => {
  const stand = await openStatusStand(t);
  const hidden: readonly [action: string, id: string][] = [
    ['ec2:DescribeInstances', 'warehouse'],
    ['ec2:DescribeInstanceStatus', 'web-db'],
    ['ssm:DescribeInstanceInformation', 'warehouse'],
    ['ec2:DescribeVpcEndpoints', 'network'],
    ['ec2:DescribeSecurityGroups', 'network'],
    ['lambda:GetFunctionConfiguration', 'etl'],
    ['lambda:GetFunctionConcurrency', 'ingest'],
    ['events:DescribeRule', 'schedule'],
    ['cloudwatch:DescribeAlarms', 'alarms'],
    ['cloudformation:ListStackResources', 'alarms'],
    ['sqs:GetQueueAttributes', 'dead-letters'],
  ];
  for (const [action, id] of hidden) {
    stand.aws.deny(action);
    const report = await stand.read();
    expect(report, 'unknown', id, 'unknown', new RegExp(`unknown, May not call ${action}`));
    const others = report.checks.filter(({ verdict }) => verdict !== 'unknown' && verdict !== 'ok');
    assert.deepEqual(others, []);
    stand.aws.allow(action);
  }
  assert.equal((await stand.read()).state, 'ok');
});

test('a service that answers nothing in time is unknown, and nobody waits for it', async (t) => {
  const stand = await openStatusStand(t);
  const ports = portsOn(stand.aws, { status: 400, text: '' });
  t.after(() => ports.close());
  const silent = { ...ports, health: { ...ports.health, doors: () => new Promise<never>(() => undefined) } };
  const startedAt = performance.now();
  const report = await readStatus(
    silent,
    { stage: stand.stage, settings: readSettings(), limitMs: 400, now: new Date() },
    null,
  );
  expect(report, 'unknown', 'network', 'unknown', /no answer within 0\.4 s/);
  assert.ok(performance.now() - startedAt < 3000);
});

test('half a stage: what is missing is told, what is there is looked at, and no stack of others is taken for ours', async (t) => {
  const stand = await openStatusStand(t);
  for (const layer of ['web-db', 'etl']) {
    stand.aws.clock.finish();
    const found = await stand.ports.cloudFormation.describeStack(`sbw-dev-${layer}`);
    await stand.ports.cloudFormation.deleteStack({ stack: found!.id, token: 't' });
  }
  const changing = await stand.read({ settings: { webDb: true } });
  expect(changing, 'changing', 'stacks', 'busy', /^etl is being deleted, web-db is missing$/);
  stand.aws.clock.finish();
  const report = await stand.read({ settings: { webDb: false } });
  expect(report, 'degraded', 'stacks', 'warn', /^etl is missing$/);
  assert.equal(report.checks.find(({ id }) => id === 'schedule')?.verdict, 'absent');
  assert.equal(
    report.checks.some(({ id }) => id === 'web-db'),
    false,
    'nobody wants one',
  );
  const ingest = [...stand.aws.world.stacks.values()].find(({ name }) => name === 'sbw-dev-ingest')!;
  ingest.intent = { ...ingest.intent, tags: {} };
  expect(await stand.read(), 'degraded', 'stacks', 'fail', /sbw did not make the stack sbw-dev-ingest/);
});

test('nothing at all is absent, not broken', async (t) => {
  const aws = await startFakeAws();
  t.after(() => aws.close());
  const ports = portsOn(aws, { status: 400, text: '' });
  t.after(() => ports.close());
  const request = { stage: parseStage('other'), settings: readSettings(), limitMs: 3000, now: new Date() };
  const report = await readStatus(ports, request, null);
  assert.equal(report.state, 'absent');
  assert.deepEqual(new Set(report.checks.map(({ verdict }) => verdict)), new Set(['absent']));
  assert.deepEqual(report.checks[0], {
    ...{ id: 'stacks', verdict: 'absent', summary: 'nothing is deployed', details: [] },
    fix: 'sbw deploy --stage other',
  });
  assert.equal(report.monthly!.total, 0);
});

test('who may see nothing is told why, once', async (t) => {
  const aws = await startFakeAws();
  t.after(() => aws.close());
  aws.fail({ action: 'cloudformation:DescribeStacks', error: 'expired-credentials', times: 99 });
  const ports = portsOn(aws, { status: 400, text: '' });
  t.after(() => ports.close());
  const request = { stage: parseStage(), settings: readSettings(), limitMs: 3000, now: new Date() };
  const report = await readStatus(ports, request, null);
  assert.equal(report.state, 'unknown');
  assert.deepEqual([report.checks, report.monthly], [[], null]);
  assert.match(report.blind!.reason, /credentials have expired/);
});

const OPEN = { IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, CidrIp: '0.0.0.0/0' };

const groupOf = (stand: Stand, name: string) =>
  stand.aws.world.things
    .all('AWS::EC2::SecurityGroup')
    .find(({ properties }) => properties['GroupName'] === name)!;

test('a firewall that somebody opened to the internet is named', async (t) => {
  const stand = await openStatusStand(t);
  const group = groupOf(stand, 'sg_oltp_webDB');
  group.properties = { ...group.properties, SecurityGroupIngress: [OPEN] };
  expect(await stand.read(), 'degraded', 'network', 'fail', /^sg_oltp_webDB allows 5432 from 0\.0\.0\.0\/0$/);
});

test('drift names what was changed by hand, and a door opened to the world first of all', async (t) => {
  const stand = await openStatusStand(t);
  expect(await stand.read({ drift: true }), 'ok', 'drift', 'ok', /^none in 7 stacks$/);
  const group = groupOf(stand, 'sg_analytics_ShinyDWH');
  const before = group.properties;
  group.properties = { ...before, SecurityGroupIngress: [OPEN] };
  const report = await stand.read({ drift: true });
  const drift = report.checks.find(({ id }) => id === 'drift')!;
  assert.equal(drift.verdict, 'fail', JSON.stringify(drift));
  assert.match(drift.summary, /^network: WarehouseSecurityGroup$/);
  assert.match(drift.details.join('\n'), /WarehouseSecurityGroup \(sg-\w+\) is open to the whole internet/);
  assert.match(drift.details.join('\n'), /\/SecurityGroupIngress/);
  assert.equal(report.state, 'degraded');
  group.properties = before;
  stand.aws.deny('cloudformation:DetectStackDrift');
  const denied = await stand.read({ drift: true });
  expect(
    denied,
    'unknown',
    'drift',
    'unknown',
    /^storage, network, .*, etl: unknown, May not call cloudformation:DetectStackDrift/,
  );
});
