import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Values } from '../../../../src/stacks/deploy/plan/values.ts';
import {
  readRelease,
  recordRelease,
  releaseOf,
  updateHost,
} from '../../../../src/stacks/deploy/steps/host.ts';
import { parseStage } from '../../../../src/stacks/stage.ts';
import { openStand } from '../stand.ts';

const values = (bundleKey: string | null, provisionKey: string | null): Values =>
  ({ bundleKey, provisionKey }) as Values;

test('a release is the packages and the steps; without the packages there is none yet', () => {
  assert.equal(
    releaseOf(values('host/bundle-a.tar', 'host/provision-b.zip')),
    'host/bundle-a.tar host/provision-b.zip',
  );
  assert.equal(releaseOf(values(null, 'host/provision-b.zip')), null);
  assert.equal(releaseOf(values('host/bundle-a.tar', null)), null);
});

test('what the server took is remembered, per stage, and the newest counts', async (t) => {
  const stand = await openStand();
  t.after(() => stand.close());
  const { parameters } = stand.ports;
  const [dev, other] = [parseStage(), parseStage('test')];
  assert.equal(await readRelease(parameters, dev), null);
  await recordRelease(parameters, dev, 'one');
  await recordRelease(parameters, dev, 'two');
  assert.deepEqual([await readRelease(parameters, dev), await readRelease(parameters, other)], ['two', null]);
});

test('a server that does not take it says why, with the end of what it wrote', async () => {
  const ran: (string | number)[] = [];
  const servers = (answer: { exitCode: number; stdout: string; stderr: string } | null) => ({
    run: async (id: string, [line = '']: readonly string[], seconds: number) => {
      ran.push(id, line, seconds);
      return answer;
    },
  });
  await updateHost(servers({ exitCode: 0, stdout: '', stderr: '' }), 'i-1');
  assert.deepEqual(ran, ['i-1', 'systemd-run --quiet --wait --pipe --collect sbw-host update', 900]);
  const long = `${'x'.repeat(5000)}\nstep 50-database`;
  await assert.rejects(
    updateHost(servers({ exitCode: 1, stdout: long, stderr: 'no space left' }), 'i-1'),
    (error: Error & { code: string; fix: string }) => {
      assert.equal(error.code, 'HOST_UPDATE_FAILED');
      assert.match(error.message, /step 50-database\nno space left$/);
      assert.ok(error.message.length < 1600);
      assert.match(error.fix, /deploy again/);
      return true;
    },
  );
  await assert.rejects(updateHost(servers(null), 'i-1'), { message: /its agent does not answer$/ });
});
