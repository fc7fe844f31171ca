import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeployReport } from '../../../../src/stacks/deploy/apply/apply.ts';
import { isGood } from '../run.ts';
import { type Stand, openStand } from '../stand.ts';

const ONLY = { layers: ['storage'] as const };

async function openStorage(): Promise<Stand> {
  const stand = await openStand();
  assert.ok(isGood(await stand.deploy(stand.request({}, ONLY))));
  return stand;
}

const codeOf = ({ ends }: DeployReport): unknown => {
  const end = ends.get('storage');
  return end?.outcome === 'failed' ? (end.error as { code?: string }).code : end?.outcome;
};

const executed = ({ aws }: Stand): number =>
  aws.calls.filter(({ action }) => action === 'cloudformation:ExecuteChangeSet').length;

const changeSets = ({ aws }: Stand): number =>
  [...aws.world.stacks.values()].reduce((sum, { changeSets: all }) => sum + all.size, 0);

test('a stack that somebody changed since is left alone', async (t) => {
  const stand = await openStorage();
  t.after(() => stand.close());
  const mine = stand.request({ rawNoncurrentDays: 60 }, ONLY);
  const { facts, plan } = await stand.look(mine);
  // The clock's next minute: otherwise both changes are of the same moment.
  stand.aws.clock.advance(1);
  assert.ok(isGood(await stand.deploy(stand.request({ rawNoncurrentDays: 90 }, ONLY))));
  const before = executed(stand);
  const report = await stand.apply(mine, { facts, plan });
  assert.equal(codeOf(report), 'PLAN_CHANGED');
  assert.equal(executed(stand), before);
});

test('a stack that is gone since, or has come since, is left alone', async (t) => {
  const stand = await openStorage();
  t.after(() => stand.close());
  const mine = stand.request({ rawNoncurrentDays: 60 }, ONLY);
  const planned = await stand.look(mine);
  const there = [...stand.aws.world.stacks.values()].find(({ name }) => name === 'sbw-dev-storage')!;
  there.status = 'DELETE_COMPLETE';
  there.deletedAt = stand.aws.clock.now();
  assert.equal(codeOf(await stand.apply(mine, planned)), 'PLAN_CHANGED');
  const network = stand.request({}, { layers: ['network'] });
  const creation = await stand.look(network);
  assert.ok(isGood(await stand.deploy(network)));
  const { ends } = await stand.apply(network, creation);
  const end = ends.get('network');
  assert.equal(end?.outcome === 'failed' ? (end.error as { code?: string }).code : end, 'PLAN_CHANGED');
});

test('what the change set would do and the plan did not show is not done, and the change set goes', async (t) => {
  const stand = await openStorage();
  t.after(() => stand.close());
  const mine = stand.request({ rawNoncurrentDays: 60 }, ONLY);
  const { facts, plan } = await stand.look(mine);
  const shown = plan.layers.map((layer) => ({ ...layer, changes: [] }));
  const before = [executed(stand), changeSets(stand)];
  const report = await stand.apply(mine, { facts, plan: { ...plan, layers: shown } });
  assert.equal(codeOf(report), 'PLAN_CHANGED');
  const end = report.ends.get('storage');
  assert.match(
    end?.outcome === 'failed' ? end.error.message : '',
    /^sbw-dev-storage would update "Raw event bucket"/,
  );
  assert.deepEqual([executed(stand), changeSets(stand)], before);
});

test('the plan that holds is done; done once more it refuses, since the world is another', async (t) => {
  const stand = await openStorage();
  t.after(() => stand.close());
  const mine = stand.request({ rawNoncurrentDays: 60 }, ONLY);
  const planned = await stand.look(mine);
  assert.equal(codeOf(await stand.apply(mine, planned)), 'done');
  assert.equal(codeOf(await stand.apply(mine, planned)), 'PLAN_CHANGED');
});
