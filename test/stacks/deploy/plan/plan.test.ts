import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { changesOf, unannounced } from '../../../../src/stacks/deploy/plan/change.ts';
import { identifyPlan } from '../../../../src/stacks/deploy/plan/plan.ts';
import { makePlan } from '../../../../src/stacks/deploy/plan/make-plan.ts';
import { valuesOf } from '../../../../src/stacks/deploy/plan/values.ts';
import { readTemplate } from '../../../../src/stacks/deploy/template/read-template.ts';
import type { ResourceChange } from '../../../../src/stacks/ports/cloudformation.ts';
import { parseStage } from '../../../../src/stacks/stage.ts';
import { type Stand, openStand } from '../stand.ts';

const WAREHOUSE = readTemplate('warehouse', readFileSync('src/templates/warehouse.yaml', 'utf8'));

function change(logicalId: string, more: Partial<ResourceChange>): ResourceChange {
  return {
    ...{ action: 'Modify', logicalId, physicalId: `${logicalId}-1`, type: 'AWS::EC2::Instance' },
    ...{ replacement: 'False', policyAction: '', details: [] },
    ...more,
  };
}

const planned = (one: ResourceChange) => changesOf([one], WAREHOUSE, ['Server', 'DataVolume'])[0]!;

test('a change is called by its name, and by what may be lost', () => {
  const kinds: [Partial<ResourceChange>, string, boolean][] = [
    [{ action: 'Add' }, 'create', false],
    [{ action: 'Remove' }, 'delete', true],
    [{ action: 'Import' }, 'import', false],
    [{ details: ['Tags'] }, 'update', false],
    [{ replacement: 'True', details: ['Properties.ImageId'] }, 'replace', true],
    // Perhaps counts as yes.
    [{ replacement: 'Conditional', details: ['Properties.SubnetId'] }, 'replace', true],
    [{ action: 'Dynamic', replacement: 'Conditional' }, 'replace', true],
  ];
  for (const [one, kind, isDataAtRisk] of kinds) {
    const { kind: seen, isDataAtRisk: risk } = planned(change('Server', { ...one }));
    assert.deepEqual([seen, risk], [kind, isDataAtRisk], JSON.stringify(one));
  }
});

test('a server of another size restarts and loses nothing; with anything else beside it is replaced', () => {
  const size = { replacement: 'Conditional', details: ['Properties.InstanceType', 'Tags'] } as const;
  const { kind, isRestart, isDataAtRisk, isConditional } = planned(change('Server', size));
  assert.deepEqual([kind, isRestart, isDataAtRisk, isConditional], ['update', true, false, false]);
  const more = { ...size, details: [...size.details, 'Properties.SubnetId'] };
  assert.equal(planned(change('Server', more)).kind, 'replace');
  const function_ = { ...size, type: 'AWS::Lambda::Function' };
  assert.equal(planned(change('Function', function_)).kind, 'replace');
});

test('titles are plain words; a resource the template does not know keeps its id', () => {
  assert.equal(planned(change('Server', {})).title, 'Warehouse server');
  assert.equal(planned(change('Gone', {})).title, 'Gone');
});

test('what was not shown is not done; what only becomes known later may add, and take nothing away', () => {
  const [update, replace, create] = [
    planned(change('Server', {})),
    planned(change('Server', { replacement: 'True' })),
    planned(change('Alarm', { action: 'Add', type: 'AWS::CloudWatch::Alarm' })),
  ];
  assert.deepEqual(unannounced([update], [update], true), []);
  assert.deepEqual(unannounced([replace], [update], true), [], 'less than was shown');
  assert.deepEqual(unannounced([update], [replace], true), [replace]);
  assert.deepEqual(unannounced([update], [replace], false), [replace]);
  assert.deepEqual(unannounced([], [create], true), [create]);
  assert.deepEqual(unannounced([], [create], false), []);
});

async function standing(): Promise<Stand> {
  const stand = await openStand();
  await stand.deploy();
  return stand;
}

test('the id is that of what will be done: not of the time, but of every layer, step and place', async (t) => {
  const stand = await openStand();
  t.after(() => stand.close());
  const request = stand.request();
  const { facts, plan } = await stand.look(request);
  const again = makePlan(request, facts, new Map(), { madeAt: new Date(0), isTested: true });
  assert.equal(again.id, plan.id);
  assert.match(plan.id, /^p_[0-9a-f]{8}$/);
  const others = [
    { ...plan, account: '210987654321' },
    { ...plan, stage: 'test' },
    { ...plan, steps: { ...plan.steps, schedule: 'none' as const } },
    { ...plan, layers: plan.layers.slice(1) },
    { ...plan, layers: plan.layers.map((layer) => ({ ...layer, templateHash: 'other' })) },
    { ...plan, layers: plan.layers.map((layer) => ({ ...layer, parameters: {} })) },
  ].map(({ id: _id, ...rest }) => identifyPlan(rest).id);
  assert.equal(new Set([plan.id, ...others]).size, others.length + 1);
  const renamed = { ...plan, layers: plan.layers.map((layer) => ({ ...layer, title: 'Other words' })) };
  assert.equal(identifyPlan(renamed).id, plan.id);
});

test('choices that were made once stay made: the zone, the image, the buckets, the reserved execution', async (t) => {
  const stand = await standing();
  t.after(() => stand.close());
  const request = stand.request();
  const { facts } = await stand.look(request);
  const choose = (more: object): ReturnType<typeof valuesOf> =>
    valuesOf(parseStage(), request.settings, { ...facts, ...more });
  const now = choose({});
  const later = choose({
    zone: 'eu-west-1z',
    newestImage: 'ami-newer',
    concurrency: { limit: 10, unreserved: 10 },
  });
  assert.deepEqual(later, now);
  const fresh = choose({
    stacks: new Map(),
    zone: 'eu-west-1z',
    newestImage: 'ami-newer',
    concurrency: null,
  });
  assert.equal(fresh.availabilityZone, 'eu-west-1z');
  assert.equal(fresh.warehouseImageId, 'ami-newer');
  assert.equal(fresh.rawBucketName, `clickstream-s3-ingest-${stand.aws.accountId}-${stand.aws.region}`);
});

test('one run at a time is reserved only where the account can spare it', async (t) => {
  const stand = await openStand();
  t.after(() => stand.close());
  const request = stand.request();
  const { facts } = await stand.look(request);
  const reserved = (unreserved: number): string | null =>
    valuesOf(parseStage(), request.settings, { ...facts, concurrency: { limit: unreserved, unreserved } })
      .reservedConcurrency;
  // New accounts have ten, and AWS wants a hundred unreserved.
  assert.deepEqual([10, 100, 101, 1000].map(reserved), ['', '', '1', '1']);
});

test('a stack that only failed to come up is made again, and what is left of it is shown as deleted', async (t) => {
  const stand = await openStand();
  t.after(() => stand.close());
  const storage = stand.request({}, { layers: ['storage'] });
  await stand.deploy(storage);
  [...stand.aws.world.stacks.values()].find(({ name }) => name === 'sbw-dev-storage')!.status =
    'ROLLBACK_FAILED';
  const { plan } = await stand.look(storage);
  const [layer] = plan.layers;
  assert.equal(layer?.action, 'recreate');
  const deleted = layer.changes.filter(({ kind }) => kind === 'delete');
  assert.ok(deleted.some(({ title, isDataAtRisk }) => title === 'Raw event bucket' && isDataAtRisk));
});
