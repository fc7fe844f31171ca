import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Values } from '../../../../src/stacks/deploy/plan/values.ts';
import {
  forgetRelease,
  readRelease,
  recordRelease,
  releaseOf,
  updateCommand,
  updateHost,
  type HostTarget,
} from '../../../../src/stacks/deploy/steps/host.ts';
import type { CommandResult } from '../../../../src/stacks/ports/deploy/pipeline.ts';
import { parseStage } from '../../../../src/stacks/stage.ts';
import { openStand } from '../stand.ts';

const values = (bundleKey: string | null, provisionKey: string | null): Values =>
  ({ bundleKey, provisionKey, warehouseVolumeGb: '30' }) as Values;

test('a release is packages, steps, size of the volume, and whose it is; without one of them there is none', () => {
  const [bundle, provision] = ['host/bundle-a.tar', 'host/provision-b.zip'];
  assert.equal(
    releaseOf(values(bundle, provision), 'i-1'),
    'host/bundle-a.tar host/provision-b.zip 30gb i-1',
  );
  assert.equal(releaseOf(values(null, provision), 'i-1'), null);
  assert.equal(releaseOf(values(bundle, null), 'i-1'), null);
  assert.equal(releaseOf(values(bundle, provision), null), null);
});

test('what the server took is remembered, per stage, and the newest counts, until it is forgotten', async (t) => {
  const stand = await openStand();
  t.after(() => stand.close());
  const { parameters } = stand.ports;
  const [dev, other] = [parseStage(), parseStage('test')];
  assert.equal(await readRelease(parameters, dev), null);
  await forgetRelease(parameters, dev);
  await recordRelease(parameters, dev, 'one');
  await recordRelease(parameters, dev, 'two');
  assert.deepEqual([await readRelease(parameters, dev), await readRelease(parameters, other)], ['two', null]);
  await forgetRelease(parameters, dev);
  assert.equal(await readRelease(parameters, dev), null);
});

const HASHES = { bundle: 'a'.repeat(64), provision: 'b'.repeat(64) };
const TARGET: HostTarget = { instanceId: 'i-1', isFresh: false, hashes: HASHES };
const TAKEN = `sbw: ready\nrelease ${HASHES.bundle} ${HASHES.provision}\n`;

/** Gives these answers, the last of them for ever; its clock goes as fast as somebody sleeps. */
function hostThatSays(...answers: readonly (Partial<CommandResult> | null)[]) {
  let now = 0;
  const leave = new AbortController();
  const seen = { lines: [] as string[], said: [] as string[], minutes: () => now / 60_000, leave };
  const world = {
    servers: {
      run: async (id: string, [line = '']: readonly string[], seconds: number) => {
        const answer = answers[Math.min(seen.lines.length, answers.length - 1)] ?? null;
        seen.lines.push(`${id} ${line} ${seconds}`);
        return answer === null ? null : { exitCode: 0, stdout: '', stderr: '', ...answer };
      },
    },
    clock: { now: () => new Date(now), sleep: async (ms: number) => void (now += ms) },
    leave: leave.signal,
    say: (text: string) => void seen.said.push(text),
  };
  return { world, seen };
}

test('the server is told which release is meant, and its notes come back', async () => {
  const { world, seen } = hostThatSays({
    stdout: `sbw: step 1 of 9: volume\nsbw: note: a restart would bring the kernel 6.12.60\n${TAKEN}`,
  });
  assert.deepEqual(await updateHost(world, TARGET), ['a restart would bring the kernel 6.12.60']);
  const command = `systemd-run --quiet --wait --pipe --collect sbw-host update ${HASHES.bundle} ${HASHES.provision}`;
  assert.equal(updateCommand(HASHES), command);
  assert.deepEqual(seen.lines, [`i-1 ${command} 1800`]);
});

test('a server that does not take it says why, with the end of what it wrote', async () => {
  const stdout = `${'x'.repeat(5000)}\nstep 50-database`;
  const { world } = hostThatSays({ exitCode: 1, stdout, stderr: 'no space left' });
  await assert.rejects(updateHost(world, TARGET), (error: Error & { code: string; fix: string }) => {
    assert.equal(error.code, 'HOST_UPDATE_FAILED');
    assert.match(error.message, /step 50-database\nno space left$/);
    assert.ok(error.message.length < 1600);
    assert.match(error.fix, /deploy again/);
    return true;
  });
});

test('that a command went well is no proof: the server has to name what it runs', async () => {
  for (const stdout of ['', `release ${'c'.repeat(64)} ${HASHES.provision}\n`, 'release one\n']) {
    const { world } = hostThatSays({ stdout });
    await assert.rejects(updateHost(world, TARGET), { message: /it runs another one/ });
  }
});

test('an agent that comes late is waited for, also one that lost the command; not for ever', async () => {
  const late = hostThatSays(null, { exitCode: -1 }, null, { stdout: TAKEN });
  assert.deepEqual(await updateHost(late.world, TARGET), []);
  assert.deepEqual(late.seen.said, Array(3).fill('waiting for its agent'));
  for (const [isFresh, minutes] of [
    [false, 5],
    [true, 20],
  ] as const) {
    const { world, seen } = hostThatSays(null);
    const failed = updateHost(world, { ...TARGET, isFresh });
    await assert.rejects(failed, { code: 'HOST_UPDATE_FAILED', message: /its agent does not answer$/ });
    assert.equal(seen.minutes(), minutes);
  }
});

test('nobody waits for an agent after having left', async () => {
  const { world, seen } = hostThatSays(null);
  seen.leave.abort();
  await assert.rejects(updateHost(world, TARGET), { code: 'DEPLOY_STOPPED' });
});
