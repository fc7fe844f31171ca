import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Facts } from '../../../../src/stacks/deploy/plan/facts.ts';
import type { DeployPlan } from '../../../../src/stacks/deploy/plan/plan.ts';
import { checkBefore } from '../../../../src/stacks/deploy/preflight/checks.ts';
import { DEPLOY_ACTIONS } from '../../../../src/stacks/deploy/preflight/permissions.ts';
import type { Region } from '../../../../src/stacks/ports/deploy/region.ts';
import { type Stand, openStand } from '../stand.ts';

let stand: Stand;
let first: { facts: Facts; plan: DeployPlan };
before(async () => {
  stand = await openStand();
  first = await stand.look();
});
after(() => stand.close());

/** Name, outcome, detail and fix of everything that is not well. */
async function complaints(region: Partial<Region> = {}, { facts, plan } = first): Promise<string[]> {
  const checks = await checkBefore({ ...stand.ports.region, ...region }, stand.request(), facts, plan);
  return checks
    .filter(({ outcome }) => outcome !== 'ok')
    .map(({ name, outcome, detail, fix }) => `${outcome} ${name}: ${detail} | ${fix ?? ''}`);
}

test('all that a first deploy needs is looked at, and is there', async () => {
  const checks = await checkBefore(stand.ports.region, stand.request(), first.facts, first.plan);
  assert.deepEqual(
    checks.map(({ name, outcome }) => [name, outcome]),
    [
      ...['permissions', 'raw bucket name', 'assets bucket name', 'zone', 'warehouse server type'],
      ...['web database server type', 'server image', 'VPCs', 'elastic addresses', 'Lambda concurrency'],
    ].map((name) => [name, 'ok']),
  );
});

test('what is there already is not looked at again', async () => {
  const layers = first.plan.layers.map((layer) => ({ ...layer, action: 'none' as const }));
  const plan = { ...first.plan, layers };
  const checks = await checkBefore(stand.ports.region, stand.request(), first.facts, plan);
  assert.deepEqual(
    checks.map(({ name }) => name),
    ['permissions'],
  );
});

test('what CloudFormation would fail at after minutes fails here, with what to do', async () => {
  const cases: [Partial<Region>, RegExp][] = [
    [
      { deniedActions: async () => ['iam:CreateRole'] },
      /^fail permissions: you may not iam:CreateRole \| ask/,
    ],
    [{ bucketName: async () => 'taken' }, /^fail raw .* another AWS account .* \| --set rawBucket=/],
    [{ bucketName: async () => 'ours' }, /^fail raw .* in your account already.* \| empty and delete it/],
    [
      { zones: async () => ['ap-southeast-1b'] },
      /^fail zone: .*1a cannot.* \| --set availabilityZone=ap-south/,
    ],
    [
      { zonesWith: async () => ['ap-southeast-1c'] },
      /^fail warehouse .*t3.small .* only in ap-southeast-1c \| --set availabilityZone=ap-southeast-1c/,
    ],
    [{ zonesWith: async () => [] }, /nowhere in this region \| --set warehouseInstanceType=<type>/],
    [{ hasImage: async () => false }, /^fail server image: ami-\S+ is not there.* \| --set image=/],
  ];
  for (const [region, said] of cases) assert.match((await complaints(region))[0] ?? '', said);
});

test('limits that nobody can read are warnings', async () => {
  const full = { vpcCount: async () => 5, addressCount: async () => 7 };
  assert.deepEqual(
    (await complaints(full)).map((line) => line.split(';')[0]),
    ['warn VPCs: 5 VPCs are there', 'warn elastic addresses: 7 elastic addresses are there'],
  );
  const facts = { ...first.facts, concurrency: { limit: 10, unreserved: 10 } };
  assert.match(
    (await complaints({}, { ...first, facts })).join(),
    /^warn Lambda concurrency: .* at most 10 /,
  );
});

test('a check that may not look says so and stops nothing', async () => {
  const refuse = (): Promise<never> => Promise.reject(new Error('May not call ec2:DescribeVpcs'));
  assert.deepEqual(await complaints({ vpcCount: refuse, deniedActions: async () => null }), [
    'warn permissions: IAM does not tell what you may do | ',
    'warn VPCs: not told: May not call ec2:DescribeVpcs | ',
  ]);
});

test('permissions are asked for once each, as IAM writes them', () => {
  assert.equal(new Set(DEPLOY_ACTIONS).size, DEPLOY_ACTIONS.length);
  for (const action of DEPLOY_ACTIONS) assert.match(action, /^[a-z0-9-]+:[A-Z][A-Za-z]+$/);
});
