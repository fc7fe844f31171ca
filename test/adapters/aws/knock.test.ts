import assert from 'node:assert/strict';
import { type RequestListener, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { openHealth } from '../../../src/adapters/aws/status/health.ts';
import { sdkSettings } from '../../../src/adapters/aws/sdk.ts';

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/clickstream`;
}

function open(t: TestContext, endpointUrl?: string): ReturnType<typeof openHealth> {
  const aws = { region: 'ap-southeast-1', profile: undefined, endpointUrl };
  const health = openHealth(sdkSettings({ aws, userAgent: 'sbw/test', patienceMs: 300 }));
  t.after(() => health.close());
  return health;
}

test('an empty POST brings the status, whatever it is', async (t) => {
  const seen: string[] = [];
  const url = await serve(t, (request, response) => {
    request.on('data', (data: Buffer) => seen.push(data.toString()));
    seen.push(request.method ?? '');
    response.writeHead(400).end('{"error":{"code":"body_empty"}}');
  });
  const { status, text, ms } = await open(t).knock(url);
  assert.deepEqual([status, text, seen], [400, '{"error":{"code":"body_empty"}}', ['POST']]);
  assert.ok(ms >= 0 && ms < 5000);
});

test('a door that leads elsewhere, never answers, or is not there is no answer', async (t) => {
  const elsewhere = await serve(t, (_, response) => response.writeHead(302, { location: '/x' }).end());
  const silent = await serve(t, () => undefined);
  for (const url of [elsewhere, silent, 'http://127.0.0.1:1/clickstream', 'no url']) {
    const { status, text, ms } = await open(t).knock(url);
    assert.equal(status, 0, url);
    assert.ok(text.length > 3 && ms < 2000, `${url}: ${text}, ${ms} ms`);
  }
});

test('a call that AWS does not answer ends, with an error, within twice the patience', async (t) => {
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIAIOSFODNN7EXAMPLE';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'not-a-secret';
  const silent = await serve(t, () => undefined);
  const startedAt = performance.now();
  await assert.rejects(open(t, silent).server('i-1'), { code: 'AWS_UNREACHABLE' });
  assert.ok(performance.now() - startedAt < 3000);
});
