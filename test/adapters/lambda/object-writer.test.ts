import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test, type TestContext } from 'node:test';
import { openObjectWriter } from '../../../src/adapters/lambda/object-writer.ts';
import type { Fault } from '../../support/s3-gateway.ts';
import { startS3Server, TEST_SECRET } from '../../support/s3-servers.ts';

const CREDENTIALS = { accessKeyId: 'AKIDTESTTESTTESTTEST', secretAccessKey: TEST_SECRET };
const KEY = 'events/2025/12/06/05/event-1.json';

async function startWriter(t: TestContext, faults: readonly (Fault | null)[] = []) {
  const s3 = await startS3Server(({ attempt }) => faults[attempt - 1] ?? null);
  t.after(() => s3.close());
  const bucket = await s3.createBucket();
  const credentials = () => CREDENTIALS;
  const options = { bucket, region: 'us-east-1', endpointUrl: s3.endpointUrl, credentials };
  return { s3, bucket, options, writer: openObjectWriter(options) };
}

test('writes bytes and type as they are, the key encoded as S3 reads it', async (t) => {
  const { s3, bucket, writer } = await startWriter(t);
  const key = 'events/a b+c%/ü.json';
  await writer.write(key, Buffer.from('{"a":"ü"}'), 'application/json');
  const { Body, ContentType } = await s3.sdk.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  assert.deepEqual([await Body?.transformToString(), ContentType], ['{"a":"ü"}', 'application/json']);
});

for (const fault of ['slow-down', 'reset', 'lost-answer'] as const) {
  test(`${fault}: tried again, stored once`, async (t) => {
    const { s3, bucket, writer } = await startWriter(t, [fault]);
    await writer.write(KEY, Buffer.from('{}'), 'application/json');
    const { Contents = [] } = await s3.sdk.send(new ListObjectsV2Command({ Bucket: bucket }));
    assert.deepEqual(
      Contents.map(({ Key }) => Key),
      [KEY],
    );
  });
}

test('gives up after four tries, with a name', async (t) => {
  const { writer } = await startWriter(t, ['reset', 'slow-down', 'reset', 'slow-down']);
  await assert.rejects(writer.write(KEY, Buffer.from('{}'), 'application/json'), {
    code: 'RAW_STORE_WRITE_FAILED',
    message: /SlowDown/,
  });
});

test('a refusal is final', async (t) => {
  const { options } = await startWriter(t);
  const { write } = openObjectWriter({ ...options, bucket: 'no-such-bucket' });
  await assert.rejects(write(KEY, Buffer.from('{}'), 'application/json'), {
    code: 'RAW_STORE_WRITE_FAILED',
    message: /There is no bucket s3:\/\/no-such-bucket/,
  });
});

test('a server that never answers is left in time', async (t) => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const endpointUrl = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const writer = openObjectWriter({
    bucket: 'b',
    region: 'us-east-1',
    endpointUrl,
    credentials: () => CREDENTIALS,
  });
  const startedAt = Date.now();
  await assert.rejects(writer.write(KEY, Buffer.from('{}'), 'application/json'), {
    code: 'RAW_STORE_WRITE_FAILED',
    message: /no answer within 2000 ms/,
  });
  const seconds = (Date.now() - startedAt) / 1000;
  assert.ok(seconds > 7.5 && seconds < 9.5, `${seconds} s: the function has 10`);
});
