import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openS3Store } from '../../src/adapters/s3-store.ts';
import { startFastS3Server } from '../support/s3-servers.ts';

const OBJECTS = 100_001;
let server: Awaited<ReturnType<typeof startFastS3Server>>;

before(async () => {
  server = await startFastS3Server();
  await fetch(`${server.endpointUrl}/_fill`, {
    method: 'POST',
    body: JSON.stringify({ events: OBJECTS, hours: 3, perObject: 1, isGzip: false }),
  });
});
after(() => server.close());

test('the 100,001st object is listed, each exactly once and in order', async () => {
  const { endpointUrl } = server;
  const options = { bucket: 'raw', prefix: '', region: 'us-east-1', profile: undefined, endpointUrl };
  const store = await openS3Store(options);
  let listed = 0;
  let last = '';
  for await (const page of store.list({ from: 'events/', before: 'events0' })) {
    for (const { key } of page) {
      assert.ok(key > last);
      last = key;
    }
    listed += page.length;
  }
  assert.equal(listed, OBJECTS);
  const stats = (await (await fetch(`${endpointUrl}/_stats`)).json()) as { list: number };
  assert.equal(stats.list, Math.ceil(OBJECTS / 1000));
  await store.close();
});
