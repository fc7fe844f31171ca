import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { openS3Store } from '../../src/adapters/s3-store.ts';
import { useTestCredentials } from '../support/s3-servers.ts';

const OBJECTS = 100_001;
let server: ChildProcess;
let endpointUrl: string;

before(async () => {
  useTestCredentials();
  server = spawn(process.execPath, ['--import', 'tsx', 'bench/s3-server.ts'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(server.stdout!), 'line')) as [string];
  endpointUrl = `http://127.0.0.1:${(JSON.parse(line) as { port: number }).port}`;
  await fetch(`${endpointUrl}/_fill`, {
    method: 'POST',
    body: JSON.stringify({ objects: OBJECTS, hours: 3 }),
  });
});
after(() => server.kill());

test('the 100,001st object is listed, each exactly once', async () => {
  const options = { bucket: 'raw', prefix: '', region: 'us-east-1', profile: undefined, endpointUrl };
  const store = await openS3Store(options);
  const keys = new Set<string>();
  let listed = 0;
  for await (const page of store.list({ from: 'events/', before: 'events0' })) {
    for (const { key } of page) keys.add(key);
    listed += page.length;
  }
  assert.equal(listed, OBJECTS);
  assert.equal(keys.size, OBJECTS);
  const stats = (await (await fetch(`${endpointUrl}/_stats`)).json()) as { list: number };
  assert.equal(stats.list, Math.ceil(OBJECTS / 1000));
  await store.close();
});
