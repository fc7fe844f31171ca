import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTunnelWorld } from '../../../src/adapters/tunnel/world.ts';
import { readConfig } from '../../../src/config.ts';
import { KEYS, REGION, startFakeSsm } from '../../fakes/ssm/fake-ssm.ts';

process.env['AWS_ACCESS_KEY_ID'] = KEYS.accessKeyId;
process.env['AWS_SECRET_ACCESS_KEY'] = KEYS.secretAccessKey;
process.env['AWS_SESSION_TOKEN'] = KEYS.sessionToken;

test('a call that nobody answers ends by itself, or a reconnection would wait for ever', async (t) => {
  const ssm = await startFakeSsm({ targetPort: 1 });
  t.after(() => ssm.close());
  ssm.mute.add('TerminateSession');
  const config = readConfig({ ...process.env, AWS_REGION: REGION, AWS_ENDPOINT_URL: ssm.endpointUrl });
  const { api } = openTunnelWorld(config).connections;
  const startedAt = performance.now();
  await assert.rejects(api.terminate('me-1', new AbortController().signal), { code: 'AWS_UNREACHABLE' });
  assert.ok(performance.now() - startedAt < 10_000);
});

test('a call that nobody waits for any more ends at once', async (t) => {
  const ssm = await startFakeSsm({ targetPort: 1 });
  t.after(() => ssm.close());
  ssm.mute.add('ResumeSession');
  const config = readConfig({ ...process.env, AWS_REGION: REGION, AWS_ENDPOINT_URL: ssm.endpointUrl });
  const { api } = openTunnelWorld(config).connections;
  const startedAt = performance.now();
  await assert.rejects(api.resume('me-1', AbortSignal.timeout(100)));
  assert.ok(performance.now() - startedAt < 3000);
});
