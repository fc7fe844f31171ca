import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openCommandStand } from './stand.ts';

const LOCK = '/sbw/dev/deploy-lock';

/** Puts a lock there as another computer would. */
function seedLock({ aws }: Awaited<ReturnType<typeof openCommandStand>>, renewedAt: Date): void {
  const at = renewedAt.toISOString();
  const holder = { runId: 'r_1', user: 'ann', host: 'elsewhere', pid: 7, startedAt: at, renewedAt: at };
  const arn = `arn:aws:ssm:${aws.region}:${aws.accountId}:parameter${LOCK}`;
  const Value = JSON.stringify(holder);
  aws.seed.thing({
    ...{ type: 'AWS::SSM::Parameter', id: LOCK, arn, tags: { 'sbw:stage': 'dev' } },
    ...{ properties: { Name: LOCK, Type: 'String', Value }, attributes: { Value, Version: 1 } },
  });
}

test('while somebody deploys the stage, nothing is begun, also between two stacks', async (t) => {
  const stand = await openCommandStand(t);
  seedLock(stand, new Date(stand.aws.clock.now().getTime() + 3_600_000));
  const before = stand.aws.residue().length;
  const { code, stderr } = await stand.sbw('teardown --confirm dev');
  assert.equal(code, 4);
  assert.match(stderr, /DEPLOY_LOCKED: Stage dev .* ann on elsewhere/);
  assert.equal(stand.aws.residue().length, before);
});

test('the lock of a dead deploy is no obstacle, and is not left behind', async (t) => {
  const stand = await openCommandStand(t);
  seedLock(stand, new Date(0));
  const { code, stdout } = await stand.sbw('teardown --confirm dev');
  assert.equal(code, 0, stdout);
  assert.deepEqual(stand.aws.residue(), []);
});

test('a deploy finds the stage locked as long as something is deleted', async (t) => {
  const stand = await openCommandStand(t);
  let whileDeleting: unknown;
  stand.aws.onCall(({ action }) => {
    if (action === 'cloudformation:DeleteStack') {
      whileDeleting ??= stand.aws.world.things.find('AWS::SSM::Parameter', LOCK)?.attributes['Value'];
    }
    return undefined;
  });
  const { code, stdout } = await stand.sbw('teardown --confirm dev');
  assert.equal(code, 0, stdout);
  assert.match(String(whileDeleting), /"runId":"teardown-/);
  assert.deepEqual(stand.aws.residue(), []);
});

test('who may not write the lock deletes without it', async (t) => {
  const stand = await openCommandStand(t);
  stand.aws.deny('ssm:PutParameter');
  const { code, stderr } = await stand.sbw('teardown --confirm dev');
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Without the lock that keeps deploys away: May not call ssm:PutParameter/);
  assert.deepEqual(stand.aws.residue(), []);
});
