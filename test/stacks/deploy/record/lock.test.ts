import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LockWorld, readLock, withLock } from '../../../../src/stacks/deploy/record/lock.ts';
import { parseStage } from '../../../../src/stacks/stage.ts';
import { type Stand, openStand } from '../stand.ts';

const STAGE = parseStage();
const eva = { runId: 'r_1', user: 'eva', host: 'laptop', pid: 1 };
const ci = { runId: 'r_2', user: 'ci', host: 'runner', pid: 2 };

/** @param isAlive what this computer knows of the holder's process */
function worldOf({ ports, clock }: Stand, isAlive: boolean | null = null): LockWorld {
  return { parameters: ports.parameters, clock, isAlive: () => isAlive };
}

async function leftBehind(stand: Stand): Promise<void> {
  const { parameters, now } = { parameters: stand.ports.parameters, now: stand.clock.now().toISOString() };
  const value = JSON.stringify({ ...eva, startedAt: now, renewedAt: now });
  await parameters.create({
    name: '/sbw/dev/deploy-lock',
    value,
    isSecret: false,
    description: '-',
    tags: {},
  });
}

test('one at a time; the other is told who it is, since when, and what to do', async (t) => {
  const stand = await openStand();
  t.after(() => stand.close());
  const world = worldOf(stand);
  await withLock(world, STAGE, eva, async () => {
    assert.equal((await readLock(world.parameters, STAGE))?.user, 'eva');
    await assert.rejects(
      withLock(world, STAGE, ci, async () => assert.fail('both are in')),
      (error: Error & { code: string; fix: string; kind: string }) => {
        assert.deepEqual([error.code, error.kind], ['DEPLOY_LOCKED', 'refused']);
        assert.match(error.message, /by eva on laptop \(process 1, since \d{4}-\d\d-\d\d \d\d:\d\d UTC\)/);
        assert.match(error.fix, /--attach.*--cancel/);
        return true;
      },
    );
    // A refusal takes nothing away.
    assert.equal((await readLock(world.parameters, STAGE))?.user, 'eva');
  });
  assert.equal(await readLock(world.parameters, STAGE), null);
});

test('a teardown that holds it is called one', async (t) => {
  const stand = await openStand();
  t.after(() => stand.close());
  const world = worldOf(stand);
  await withLock(world, STAGE, { ...eva, runId: 'teardown-1' }, async () => {
    const refused = withLock(world, STAGE, ci, async () => 'in');
    await assert.rejects(refused, { code: 'DEPLOY_LOCKED', message: /is being torn down by eva on laptop/ });
  });
});

test('work that fails gives it back as well', async (t) => {
  const stand = await openStand();
  t.after(() => stand.close());
  const world = worldOf(stand);
  await assert.rejects(
    withLock(world, STAGE, eva, () => Promise.reject(new Error('no'))),
    /^Error: no$/,
  );
  assert.equal(await withLock(world, STAGE, ci, async () => 'in'), 'in');
});

test('a holder whose process is gone here is dead at once, one elsewhere after five silent minutes', async (t) => {
  const stand = await openStand();
  t.after(() => stand.close());
  await leftBehind(stand);
  await assert.rejects(
    withLock(worldOf(stand), STAGE, ci, async () => 'in'),
    { code: 'DEPLOY_LOCKED' },
  );
  await assert.rejects(
    withLock(worldOf(stand, true), STAGE, ci, async () => 'in'),
    { code: 'DEPLOY_LOCKED' },
  );
  assert.equal(await withLock(worldOf(stand, false), STAGE, ci, async () => 'in'), 'in');

  await leftBehind(stand);
  stand.aws.clock.advance(6);
  assert.equal(await withLock(worldOf(stand), STAGE, ci, async () => 'in'), 'in');
  // Alive, it may be as silent as its network makes it.
  await leftBehind(stand);
  stand.aws.clock.advance(60);
  await assert.rejects(
    withLock(worldOf(stand, true), STAGE, ci, async () => 'in'),
    { code: 'DEPLOY_LOCKED' },
  );
});

test('a lock that was taken over is not given back by the one who was thought dead', async (t) => {
  const stand = await openStand();
  t.after(() => stand.close());
  await withLock(worldOf(stand), STAGE, eva, async () => {
    await withLock(worldOf(stand, false), STAGE, ci, async () => {
      assert.equal((await readLock(stand.ports.parameters, STAGE))?.user, 'ci');
    });
    await leftBehind(stand);
    await stand.ports.parameters.replace(
      '/sbw/dev/deploy-lock',
      JSON.stringify({ ...ci, startedAt: '', renewedAt: '' }),
    );
  });
  assert.equal((await readLock(stand.ports.parameters, STAGE))?.user, 'ci');
});

test('a lock that nobody can read is taken for a dead one', async (t) => {
  const stand = await openStand();
  t.after(() => stand.close());
  const name = '/sbw/dev/deploy-lock';
  await stand.ports.parameters.create({
    name,
    value: 'not JSON',
    isSecret: false,
    description: '-',
    tags: {},
  });
  assert.equal(await withLock(worldOf(stand), STAGE, ci, async () => 'in'), 'in');
});
