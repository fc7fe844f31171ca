import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { SbwError } from '../../../src/errors.ts';
import type { DeployEvent, ResourceProgress } from '../../../src/stacks/deploy/apply/event.ts';
import type { Diagnosis } from '../../../src/stacks/deploy/diagnose/diagnose.ts';
import { StackFailure } from '../../../src/stacks/deploy/diagnose/failure.ts';
import { type DeployPlan, type LayerPlan, identifyPlan } from '../../../src/stacks/deploy/plan/plan.ts';
import { formatFailure } from '../../../src/terminal/deploy/render-failure.ts';
import { formatChecks, formatDeployPlan, formatPlace } from '../../../src/terminal/deploy/render-plan.ts';
import { formatBlock, renderDeploy } from '../../../src/terminal/deploy/render-progress.ts';
import { formatDeployReport } from '../../../src/terminal/deploy/render-result.ts';
import { startProgress, trackEvent } from '../../../src/terminal/deploy/progress.ts';
import { fakeContext } from '../../support/context.ts';

/** Screens as plain text, whether or not the tests run where there are colours. */
const plain = stripVTControlCharacters;

const NO_STEPS = {
  ...{ secrets: [], uploads: [], buildsBundle: false, updatesHost: false },
  ...{ smokeTest: false, protects: false, schedule: 'none' as const },
};
const CHANGE = {
  ...{
    kind: 'update' as const,
    logicalId: 'Stage',
    type: 'AWS::ApiGatewayV2::Stage',
    title: 'Default stage',
  },
  ...{ physicalId: '$default', isConditional: false, isRestart: false, isDataAtRisk: false },
  causes: ['Properties.DefaultRouteSettings'],
};
const SERVER = {
  ...CHANGE,
  ...{ kind: 'replace' as const, logicalId: 'Server', title: 'Warehouse server', physicalId: 'i-0abc' },
  ...{ isConditional: true, isDataAtRisk: true, causes: ['Properties.SubnetId'] },
};

function layerPlan(layer: LayerPlan['layer'], title: string, more: Partial<LayerPlan>): LayerPlan {
  return {
    ...{ layer, title, about: '', stackName: `sbw-dev-${layer}`, action: 'update', before: null },
    ...{ templateHash: '', parameters: {}, isSettled: true, changes: [], typicalMinutes: 3 },
    ...more,
  };
}

function planOf(layers: readonly LayerPlan[], steps: Partial<DeployPlan['steps']> = {}): DeployPlan {
  const where = { stage: 'dev', account: '123456789012', region: 'ap-southeast-1', madeAt: new Date(0) };
  return { ...identifyPlan({ ...where, layers, steps: { ...NO_STEPS, ...steps } }), id: 'p_12345678' };
}

const PLAN = planOf(
  [
    layerPlan('ingest', 'Ingest', { changes: [CHANGE] }),
    layerPlan('warehouse', 'Warehouse', { changes: [SERVER], isSettled: false }),
    layerPlan('web-db', 'Web database', { action: 'create', changes: [{ ...CHANGE, kind: 'create' }] }),
  ],
  {
    ...{
      secrets: ['webdb/password'],
      uploads: [{ key: 'code/etl-0.zip', bytes: 279_000 }],
      updatesHost: true,
    },
    ...{ smokeTest: true, schedule: 'enable' },
  },
);

test('the plan: where, what, which data, beside it, for how much', () => {
  assert.equal(
    formatPlace(PLAN, 'shop'),
    'sbw deploy   stage dev   account 1234-5678-9012 (profile shop)   ap-southeast-1',
  );
  const line = { id: 'x', layer: 'network' as const, detail: '', isConfirmed: true, growsWithEvents: false };
  const largest = [
    { ...line, title: 'Systems Manager doors', usd: 19 },
    { ...line, title: 'Warehouse server', usd: null },
  ];
  const cost = { before: 0, after: 4.2, largest, isComplete: false, pricesOf: '2026-08' };
  assert.equal(
    plain(formatDeployPlan(PLAN, cost)),
    [
      'Plan p_12345678   3 stacks   1 create  1 update  1 replace  0 delete   1 resource WITH DATA AT RISK',
      '  update  Ingest        sbw-dev-ingest  1 change',
      '            update Default stage ($default)  Properties.DefaultRouteSettings',
      '  update  Warehouse     sbw-dev-warehouse  1 change, more may follow from what comes before it',
      '            REPLACE Warehouse server (i-0abc)  Properties.SubnetId  perhaps, DATA AT RISK',
      '  create  Web database  sbw-dev-web-db  1 resource',
      '  also    make 1 secret, upload 1 file (279 KB), bring the release to the warehouse, smoke test, enable the schedule',
      '  cost    $0 -> at least $4.20 a month   (prices of 2026-08; all lines: sbw cost)',
      '          Systems Manager doors $19, Warehouse server unknown',
    ].join('\n'),
  );
  const nothing = planOf([layerPlan('ingest', 'Ingest', { action: 'none' })]);
  assert.equal(formatDeployPlan(nothing), 'Plan p_12345678   nothing to do: 1 stack up to date');
});

test('pre-flight: how many passed, and each that did not with what to do', () => {
  const checks = [
    { name: 'caller', outcome: 'ok' as const, detail: 'you are eva', fix: undefined },
    { name: 'VPCs', outcome: 'fail' as const, detail: '5 of 5\nare used', fix: 'delete one' },
    { name: 'quota', outcome: 'warn' as const, detail: 'cannot be read', fix: undefined },
  ];
  assert.equal(
    plain(formatChecks(checks, 2.4)),
    [
      'Pre-flight   1 check passed in 2 s',
      '  FAIL  VPCs: 5 of 5\\u000aare used',
      '        fix  delete one',
      '  WARN  quota: cannot be read',
    ].join('\n'),
  );
});

const resource = (title: string, status: string, reason = ''): ResourceProgress => ({
  ...{
    stackName: 'sbw-dev-ingest',
    logicalId: title,
    physicalId: '',
    resourceType: 'AWS::X::Y',
    title,
    status,
  },
  ...{ reason, at: new Date('2026-11-01T12:00:05Z') },
});

const EVENTS: readonly DeployEvent[] = [
  { type: 'task-started', task: 'ingest' },
  { type: 'resource-changed', task: 'ingest', resource: resource('Door', 'CREATE_IN_PROGRESS') },
  { type: 'resource-changed', task: 'ingest', resource: resource('Door', 'CREATE_COMPLETE') },
  { type: 'task-progress', task: 'ingest', text: 'waiting' },
  { type: 'resource-changed', task: 'ingest', resource: resource('Role', 'CREATE_FAILED', 'may\nnot') },
  {
    type: 'task-ended',
    task: 'ingest',
    end: { outcome: 'failed', error: new Error('it broke') },
    durationMs: 65_000,
  },
  { type: 'task-ended', task: 'smoke', end: { outcome: 'skipped', because: 'ingest' }, durationMs: 0 },
  { type: 'task-ended', task: 'assets', end: { outcome: 'done' }, durationMs: 3000 },
  { type: 'task-ended', task: 'secrets', end: { outcome: 'unchanged' }, durationMs: 10 },
  { type: 'task-ended', task: 'warehouse', end: { outcome: 'stopped' }, durationMs: 0 },
];

test('progress without a terminal: a line for each thing that happened', () => {
  const { terminal, stderr } = fakeContext();
  const renderer = renderDeploy(terminal, { now: () => new Date(0) }, PLAN);
  for (const event of EVENTS) renderer.emit(event);
  renderer.close();
  assert.deepEqual(stderr.map(plain), [
    '  run   Ingest',
    '        12:00:05  Door  made',
    '        Ingest: waiting',
    '        12:00:05  Role  FAILED: may\\u000anot',
    '  FAIL  Ingest                         1 m 5 s  it broke',
    '  skip  Smoke test                     needs Ingest',
    '  ok    Upload of code and host files  3.0 s',
    '  ok    Secrets                        no change',
    '  stop  Warehouse                      not begun',
  ]);
});

test('progress on a terminal: what runs with what is worked on, what waits, and the whole', () => {
  const progress = startProgress(PLAN, 0);
  for (const event of EVENTS.slice(0, 2)) trackEvent(progress, event, 0);
  assert.deepEqual(formatBlock(progress, 61_000), [
    '  run   Ingest                         1 m 1 s  (usually 2 m)',
    '        . Door  being made',
    '  wait  Warehouse - Web database - Release on the warehouse - Smoke test - Schedule',
    '1 m 1 s  0 of 3 resources   ctrl-c to stop waiting',
  ]);
});

const DIAGNOSIS: Diagnosis = {
  ...{
    code: 'HOST_NOT_READY',
    headline: 'the server could not be set up',
    reason: 'received failed message',
  },
  ...{ logicalId: 'Ready', physicalId: '', type: 'AWS::CloudFormation::WaitCondition', title: 'Readiness' },
  ...{ at: new Date('2026-11-01T12:09:00Z'), source: 'CloudFormation event', cancelled: 2 },
  others: [1, 2, 3, 4].map((number) => ({ logicalId: `Other${number}`, reason: 'too' })),
  ...{ evidence: ['step 50-database', 'no space left'], evidenceProblem: '', fix: 'run sbw deploy again' },
};
const FAILED = {
  ...{ stackName: 'sbw-dev-warehouse', stackId: 'arn', status: 'ROLLBACK_COMPLETE' },
  ...{ isUntouched: false, serverIds: ['i-0abc'] },
};

test('a failure: the root cause first, who says so, what else fell, the evidence, the effect, what to do', () => {
  const failure = new StackFailure(FAILED, DIAGNOSIS);
  assert.equal(
    plain(formatFailure('Warehouse', failure, 'sbw deploy --explain r_1')),
    [
      'FAILED  Warehouse: the server could not be set up   HOST_NOT_READY',
      '  said    received failed message',
      '  where   stack sbw-dev-warehouse, Readiness (Ready), 12:09:00 UTC',
      '  from    CloudFormation event',
      '  beside  Other1: too',
      '  beside  Other2: too',
      '  beside  Other3: too',
      '  beside  and 1 more that failed by themselves',
      '  after   2 more stopped because of it',
      '  console',
      '    | step 50-database',
      '    | no space left',
      '  effect  what was made of this stack was deleted again; the next deploy starts it afresh',
      '  fix     run sbw deploy again',
      '  more    sbw deploy --explain r_1',
    ].join('\n'),
  );
  const other = new SbwError('SMOKE_TEST_FAILED', 'No event.', { fix: 'look' });
  assert.equal(
    plain(formatFailure('Smoke test', other, null)),
    'FAILED  Smoke test: No event.   SMOKE_TEST_FAILED\n  fix     look',
  );
  assert.match(plain(formatFailure('X', new Error('odd'), null)), /odd {3}UNEXPECTED$/);
  for (const [status, effect] of [
    ['UPDATE_ROLLBACK_COMPLETE', 'this stack is as it was before'],
    ['UPDATE_ROLLBACK_FAILED', 'the next deploy tries that first'],
    ['CREATE_FAILED', 'this stack is in CREATE_FAILED'],
  ] as const) {
    assert.ok(formatFailure('X', new StackFailure({ ...FAILED, status }, DIAGNOSIS), null).includes(effect));
  }
});

test('the end: what there is and how to go on, whether it ended well, badly or not at all', () => {
  const hints = {
    runId: 'r_1',
    again: 'sbw deploy --stage dev',
    attach: 'sbw deploy --attach',
    teardown: 'sbw teardown',
  };
  const times = { startedAt: new Date(0), endedAt: new Date(125_000) };
  const outputs = new Map([
    ['ingest', { IngestUrl: 'https://x/clickstream' }],
    ['warehouse', {}],
  ] as const);
  const smoke = [
    { name: 'event sent' as const, result: '200', durationMs: 80, isUnknown: false },
    { name: 'dashboard' as const, result: 'does not answer (yet)', durationMs: 1000, isUnknown: true },
  ];
  const hostNotes = ['a restart would bring the kernel 6.12.60'];
  const report = { plan: PLAN, ...times, outputs, smoke, hostNotes };
  assert.equal(
    plain(formatDeployReport({ ...report, ends: new Map([['schedule', { outcome: 'done' }]]) }, hints)),
    [
      'Smoke test   event sent 200 (0.1 s)   dashboard: does not answer (yet)',
      'Warehouse    a restart would bring the kernel 6.12.60',
      'Done in 2 m 5 s. Schedule enabled.',
      '  ingest     https://x/clickstream',
      '  dashboard  sbw tunnel shiny --stage dev',
      '  undo       sbw teardown',
    ].join('\n'),
  );
  const error = new SbwError('PLAN_CHANGED', 'It moved.');
  assert.equal(
    plain(
      formatDeployReport(
        {
          ...{ ...report, smoke: [] },
          ends: new Map([
            ['ingest', { outcome: 'failed', error }],
            ['smoke', { outcome: 'skipped', because: 'ingest' }],
          ]),
        },
        hints,
      ),
    ),
    [
      'FAILED  Ingest: It moved.   PLAN_CHANGED',
      'Not begun: Smoke test.',
      'Failed after 2 m 5 s. Go on from here: sbw deploy --stage dev',
    ].join('\n'),
  );
  assert.equal(
    plain(
      formatDeployReport(
        { ...report, smoke: [], ends: new Map([['ingest', { outcome: 'stopped' }]]) },
        hints,
      ),
    ),
    [
      'Stopped waiting after 2 m 5 s. CloudFormation goes on with what it has begun.',
      '  watch   sbw deploy --attach',
      '  go on   sbw deploy --stage dev',
    ].join('\n'),
  );
});
