import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Choices, Keepable } from '../../../../src/stacks/teardown/plan/choices.ts';
import type { BucketFact, Inventory, StackFact } from '../../../../src/stacks/teardown/plan/inventory.ts';
import { planTeardown } from '../../../../src/stacks/teardown/plan/plan.ts';

const AT = new Date('2026-11-23T05:00:00Z');

function stack(
  layer: string,
  types: readonly string[] = [],
  parameters: Record<string, string> = {},
): StackFact {
  const name = `sbw-dev-${layer}`;
  return {
    layer,
    stack: {
      ...{
        name,
        id: `arn:stack/${name}/1`,
        status: 'CREATE_COMPLETE',
        statusReason: '',
        createdAt: AT,
        updatedAt: null,
      },
      ...{ parameters, outputs: {}, tags: {}, isTerminationProtected: false },
    },
    resources: types.map((type, index) => ({
      ...{
        logicalId: `R${index}`,
        physicalId: `id-${layer}-${index}`,
        type,
        status: 'CREATE_COMPLETE',
        statusReason: '',
      },
    })),
  };
}

const bucket = (name: string, role: BucketFact['role'], isWriteDenied = false): BucketFact => ({
  ...{ name, role, isWriteDenied },
  content: { objects: 3, versions: 4, bytes: 2e9, oldestAt: AT, isCut: false },
});

const WHOLE: Inventory = {
  ...{ stage: 'dev', account: '123456789012', region: 'ap-southeast-1', at: AT, strangers: [], unknown: [] },
  stacks: ['etl', 'host-bundle', 'ingest', 'network', 'storage', 'warehouse', 'web-db'].map((layer) =>
    stack(layer, layer === 'network' ? ['AWS::EC2::SecurityGroup', 'AWS::EC2::VPCEndpoint'] : []),
  ),
  rule: { name: 'SBW_ETL_HOURLY_RULE', isEnabled: true, targetIds: ['etl'] },
  ingest: { name: 'ingest', subnetIds: [], securityGroupIds: [], isUpdating: false, updateProblem: '' },
  etl: {
    name: 'etl',
    subnetIds: ['subnet-1'],
    securityGroupIds: ['sg-1'],
    isUpdating: false,
    updateProblem: '',
  },
  vpc: { id: 'vpc-1', isDefault: false, tags: {} },
  buckets: [bucket('raw', 'raw'), bucket('assets', 'assets')],
  volumes: [
    { id: 'vol-w', role: 'warehouse', gigabytes: 20, isThere: true },
    { id: 'vol-d', role: 'web-db', gigabytes: 10, isThere: true },
  ],
  leftovers: [
    { kind: 'snapshot', id: 'snap-w', gigabytes: 20, createdAt: AT, source: 'vol-w' },
    { kind: 'snapshot', id: 'snap-d', gigabytes: 10, createdAt: AT, source: 'vol-d' },
    { kind: 'parameter', id: '/sbw/dev/x', gigabytes: 0, createdAt: null, source: '' },
  ],
  logGroups: ['/aws/lambda/etl'],
  warehouse: null,
};

const choose = (...keep: Keepable[]): Choices => ({ keep: new Set(keep), includesArtifacts: false });
const idsOf = (inventory: Inventory, choices = choose()): string[] =>
  planTeardown(inventory, choices).tasks.map(({ id }) => id);

test('every task waits only for tasks of the plan, and none for itself', () => {
  for (const choices of [choose(), choose('raw'), choose('raw', 'warehouse', 'web-db')]) {
    const { tasks } = planTeardown(WHOLE, choices);
    const ids = new Set(tasks.map(({ id }) => id));
    assert.equal(ids.size, tasks.length);
    const done = new Set<string>();
    for (let size = -1; size < done.size;) {
      size = done.size;
      for (const { id, needs, after } of tasks) {
        assert.ok(
          [...needs, ...after].every((one) => ids.has(one)),
          id,
        );
        if ([...needs, ...after].every((one) => done.has(one))) done.add(id);
      }
    }
    assert.deepEqual(
      [...ids].filter((id) => !done.has(id)),
      [],
      'a circle',
    );
  }
});

test('the plan id names what is done to what, not how much is in it', () => {
  const plan = planTeardown(WHOLE, choose());
  assert.match(plan.id, /^t_[0-9a-f]{8}$/);
  const [raw, assets] = WHOLE.buckets;
  const content = { ...raw!.content, objects: 99 };
  assert.equal(planTeardown({ ...WHOLE, buckets: [{ ...raw!, content }, assets!] }, choose()).id, plan.id);
  assert.equal(planTeardown({ ...WHOLE, at: new Date() }, choose()).id, plan.id);
  for (const other of [
    planTeardown({ ...WHOLE, stacks: WHOLE.stacks.slice(1) }, choose()),
    planTeardown({ ...WHOLE, buckets: [bucket('other', 'raw'), assets!] }, choose()),
    planTeardown({ ...WHOLE, account: '999999999999' }, choose()),
    planTeardown(WHOLE, choose('raw')),
  ]) {
    assert.notEqual(other.id, plan.id);
  }
});

test('the role of the ETL outlives its cards, the data outlives the writers, the secrets outlive the stacks', () => {
  const { tasks } = planTeardown(WHOLE, choose());
  const needs = new Map(tasks.map((task) => [task.id, task.needs]));
  assert.deepEqual(needs.get('detach-etl'), ['stop-schedule']);
  assert.deepEqual(needs.get('delete-stack:etl'), ['detach-etl', 'free-cards']);
  assert.deepEqual(needs.get('empty-bucket:raw'), ['stop-ingest']);
  assert.deepEqual(needs.get('delete-stack:storage'), ['empty-bucket:raw', 'empty-bucket:assets']);
  assert.equal(needs.get('remove:parameter')?.length, WHOLE.stacks.length);
  assert.ok(needs.get('remove:snapshot')?.includes('delete-stack:warehouse'));
});

test('stuck cards do not keep the doors from being deleted', () => {
  const network = planTeardown(WHOLE, choose()).tasks.find(({ id }) => id === 'delete-stack:network');
  assert.deepEqual(network?.needs, ['delete-stack:warehouse', 'delete-stack:web-db']);
  assert.deepEqual(network?.after, ['free-cards', 'delete-stack:etl']);
});

test('keeping: the raw bucket with its stack, the servers as snapshots', () => {
  const raw = idsOf(WHOLE, choose('raw'));
  assert.ok(!raw.some((id) => /storage|empty-bucket/.test(id)), String(raw));
  const withArtifacts = planTeardown(WHOLE, { keep: new Set(['raw']), includesArtifacts: true });
  const assets = withArtifacts.tasks.find(({ id }) => id === 'empty-bucket:assets');
  assert.deepEqual(assets?.action, { type: 'empty-bucket', bucket: 'assets', isDeleted: false });

  const { tasks, losses, kept } = planTeardown(WHOLE, choose('warehouse'));
  const snapshots = tasks.find(({ id }) => id === 'remove:snapshot')?.action;
  assert.deepEqual(snapshots, { type: 'remove-leftovers', kind: 'snapshot', ids: ['snap-d'] });
  assert.ok(!tasks.some(({ id }) => id === 'delete-snapshots:warehouse'));
  assert.ok(!losses.some((loss) => loss.kind === 'volume' && loss.role === 'warehouse'));
  assert.deepEqual(kept, [{ what: 'warehouse', name: 'vol-w', monthlyCost: 1 }]);
});

test('a bucket that an earlier teardown closed is opened again when it is kept', () => {
  const inventory = { ...WHOLE, buckets: [bucket('raw', 'raw', true)] };
  assert.ok(idsOf(inventory, choose('raw')).includes('allow-writes:raw'));
  assert.ok(!idsOf(inventory).includes('allow-writes:raw'));
});

test('what dies is told with what is known about it', () => {
  const warehouse = { rows: 40_911, newestEventAt: AT, hoursNotLoaded: 3 };
  const { losses } = planTeardown({ ...WHOLE, warehouse }, choose());
  const [raw] = losses.filter((loss) => loss.kind === 'bucket' && loss.role === 'raw');
  assert.ok(raw?.kind === 'bucket' && raw.hoursNotLoaded === 3);
  const [volume] = losses.filter((loss) => loss.kind === 'volume');
  assert.ok(volume?.kind === 'volume' && volume.warehouse?.rows === 40_911);
  assert.deepEqual(volume.lastSnapshotAt, AT);
  assert.deepEqual(losses.at(-1), { kind: 'snapshots', count: 2, gigabytes: 30, newestAt: AT });
});

test('the saving counts servers, disks, doors, addresses and what is stored', () => {
  const server = stack('warehouse', ['AWS::EC2::Instance', 'AWS::EC2::Volume'], {
    InstanceType: 't3.small',
    DataVolumeGb: '20',
  });
  const network = stack('network', ['AWS::EC2::VPCEndpoint', 'AWS::EC2::VPCEndpoint']);
  const webDb = stack('web-db', ['AWS::EC2::EIP']);
  const { monthlySaving } = planTeardown(
    { ...WHOLE, stacks: [server, network, webDb], buckets: [], leftovers: [], volumes: [] },
    choose(),
  );
  // 19.27 + (10 + 20) GB x 0.096 + 2 x 9.49 + 3.65
  assert.equal(monthlySaving.toFixed(2), '44.78');
});

test('half a stage gives half a plan; nothing gives none', () => {
  const nothing: Inventory = {
    ...{ ...WHOLE, stacks: [], rule: null, ingest: null, etl: null, vpc: null, buckets: [], volumes: [] },
    ...{ leftovers: [], logGroups: ['/aws/lambda/etl'] },
  };
  assert.deepEqual(planTeardown(nothing, choose()).tasks, []);
  const orphan = { ...nothing, buckets: [bucket('raw', 'raw')] };
  assert.deepEqual(idsOf(orphan), ['empty-bucket:raw']);
  const [task] = planTeardown({ ...nothing, stacks: [stack('etl')] }, choose()).tasks;
  assert.deepEqual([task?.id, task?.needs, task?.after], ['delete-stack:etl', [], []]);
});
