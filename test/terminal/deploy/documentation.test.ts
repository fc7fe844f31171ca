import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { LAYER_NAMES } from '../../../src/stacks/catalog.ts';
import { costOfPlan } from '../../../src/stacks/cost/plan-cost.ts';
import { diagnose } from '../../../src/stacks/deploy/diagnose/diagnose.ts';
import { StackFailure } from '../../../src/stacks/deploy/diagnose/failure.ts';
import { type DeployPlan, identifyPlan } from '../../../src/stacks/deploy/plan/plan.ts';
import { readTemplate, titlesOf } from '../../../src/stacks/deploy/template/read-template.ts';
import { readSettings } from '../../../src/stacks/settings.ts';
import { planToJson, reportToJson } from '../../../src/terminal/deploy/deploy-json.ts';
import { formatFailure } from '../../../src/terminal/deploy/render-failure.ts';
import { formatDeployPlan, formatPlace } from '../../../src/terminal/deploy/render-plan.ts';

const DOCUMENT = readFileSync('docs/deploy.md', 'utf8');

const titleIn = (layer: string, logicalId: string): string =>
  titlesOf(readTemplate(layer, readFileSync(`src/templates/${layer}.yaml`, 'utf8'))).get(logicalId)!;

/** The one of the document: the ingest door gets another throttle. */
function makePlan(): DeployPlan {
  const change = {
    ...{ kind: 'update' as const, logicalId: 'DefaultStage', type: 'AWS::ApiGatewayV2::Stage' },
    ...{ title: titleIn('ingest', 'DefaultStage'), physicalId: '$default', isConditional: false },
    ...{ isRestart: false, isDataAtRisk: false, causes: ['Properties.DefaultRouteSettings'] },
  };
  const layer = {
    ...{ layer: 'ingest' as const, title: 'Ingest', about: '', stackName: 'sbw-dev-ingest', before: null },
    ...{ action: 'update' as const, templateHash: '', parameters: {}, isSettled: true, typicalMinutes: 3 },
    changes: [change],
  };
  const steps = {
    ...{ secrets: [], uploads: [], buildsBundle: false, updatesHost: false, smokeTest: true },
    ...{ protects: false, schedule: 'none' as const },
  };
  const where = { stage: 'dev', account: '123456789012', region: 'ap-southeast-1', madeAt: new Date(0) };
  return { ...identifyPlan({ ...where, layers: [layer], steps }), id: 'p_ecba3ffd' };
}

/** The first creation of the network, in an account that is full. */
function makeFailure(): StackFailure {
  const stackId = 'arn:aws:cloudformation:ap-southeast-1:123456789012:stack/sbw-dev-network/1';
  const failed = (second: number, logicalId: string, reason: string) => ({
    ...{ id: logicalId, stackId, stackName: 'sbw-dev-network', logicalId, physicalId: '', reason },
    ...{ type: 'AWS::EC2::VPC', status: 'CREATE_FAILED', token: '' },
    at: new Date(Date.UTC(2026, 10, 23, 8, 0, second)),
  });
  const events = [
    failed(11, 'InternetGateway', 'Resource creation cancelled'),
    failed(10, 'Vpc', 'The maximum number of VPCs has been reached.'),
  ];
  const stack = { stackName: 'sbw-dev-network', stackId, status: 'ROLLBACK_COMPLETE' };
  const diagnosis = diagnose(events, new Map([['Vpc', titleIn('network', 'Vpc')]]), '');
  return new StackFailure({ ...stack, isUntouched: false, serverIds: [] }, diagnosis);
}

function requireShown(screen: string): void {
  const text = stripVTControlCharacters(screen);
  assert.ok(DOCUMENT.includes(text), `docs/deploy.md does not show:\n${text}`);
}

/** Names of all fields, at every depth. */
function namesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => [name, ...namesIn(one)]);
}

test('the plan of the document is what is shown', () => {
  const plan = makePlan();
  const cost = costOfPlan(new Map(), readSettings(), LAYER_NAMES);
  requireShown(`${formatPlace(plan, undefined)}\n${formatDeployPlan(plan, { ...cost, before: cost.after })}`);
});

test('the failure of the document is what is shown', () => {
  requireShown(formatFailure('Network', makeFailure(), 'sbw deploy --explain r_20261123-080000-3f2a'));
});

test('every field of the JSON is in the document', () => {
  const plan = makePlan();
  const report = reportToJson(
    {
      ...{ plan, startedAt: new Date(0), endedAt: new Date(0), outputs: new Map() },
      smoke: [{ name: 'event sent', result: '', durationMs: 1, isUnknown: false }],
      hostNotes: ['a restart would bring the kernel 6.12.60'],
      ends: new Map([['network', { outcome: 'failed', error: makeFailure() }]]),
    },
    'r_1',
  );
  const cost = costOfPlan(new Map(), readSettings(), LAYER_NAMES);
  const names = new Set([...namesIn(planToJson(plan, cost)), ...namesIn(report)]);
  assert.ok(names.size > 40, `${names.size} fields`);
  const section = DOCUMENT.slice(DOCUMENT.indexOf('## JSON'));
  const missing = [...names].filter(
    (name) => name !== 'schema' && !new RegExp(`\\b${name}\\b`).test(section),
  );
  assert.deepEqual(missing, []);
});
