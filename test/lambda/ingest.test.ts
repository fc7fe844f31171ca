import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { startS3Server, TEST_SECRET, type S3Server } from '../support/s3-servers.ts';
import { buildBundles, invoke, type Bundles } from './support/runtime.ts';

let s3: S3Server;
let bucket: string;
let bundles: Bundles;

before(async () => {
  [s3, bundles] = await Promise.all([startS3Server(), buildBundles()]);
});
after(async () => {
  bundles.remove();
  await s3.close();
});
beforeEach(async () => {
  bucket = await s3.createBucket();
});

/** An event of the HTTP API, payload version 2.0. */
function post(body: string, over: Record<string, unknown> = {}): Record<string, unknown> {
  const http = { method: 'POST', path: '/clickstream', sourceIp: '203.0.113.7', userAgent: 'test' };
  return {
    version: '2.0',
    routeKey: 'POST /clickstream',
    rawPath: '/clickstream',
    headers: { 'content-type': 'application/json', origin: 'https://shop.example' },
    requestContext: {
      requestId: 'req-1',
      apiId: 'api',
      stage: '$default',
      timeEpoch: Date.UTC(2025, 11, 6, 5),
      http,
    },
    body,
    isBase64Encoded: false,
    ...over,
  };
}

async function send(event: unknown, over: Record<string, string> = {}) {
  const { result, error, log } = await invoke(
    bundles.unpacked('ingest'),
    {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'AKIDTESTTESTTESTTEST',
      AWS_SECRET_ACCESS_KEY: TEST_SECRET,
      AWS_ENDPOINT_URL_S3: s3.endpointUrl,
      RAW_BUCKET_NAME: bucket,
      ALLOWED_ORIGINS: 'https://shop.example,https://www.shop.example',
      ...over,
    },
    event,
  );
  return { error, log, answer: result as { statusCode: number; headers: object; body: string } };
}

async function storedObjects(): Promise<{ key: string; text: string }[]> {
  const { Contents = [] } = await s3.sdk.send(new ListObjectsV2Command({ Bucket: bucket }));
  return Promise.all(
    Contents.map(async ({ Key }) => {
      const { Body } = await s3.sdk.send(new GetObjectCommand({ Bucket: bucket, Key }));
      return { key: Key!, text: (await Body?.transformToString()) ?? '' };
    }),
  );
}

test('an event is in the bucket when the answer comes, and the log stays empty', async () => {
  const { answer, log } = await send(post('{"eventId":"e1","eventName":"page_view"}'));
  assert.equal(answer.statusCode, 200, JSON.stringify(answer));
  assert.deepEqual(JSON.parse(answer.body), { accepted: 1, request_id: 'req-1' });
  const [object, ...others] = await storedObjects();
  assert.deepEqual(others, []);
  assert.match(object!.key, /^events\/2025\/12\/06\/05\/event-[0-9a-f-]{36}\.json$/);
  const event = JSON.parse(object!.text) as { eventId: string; _ingest: Record<string, unknown> };
  assert.equal(event.eventId, 'e1');
  assert.deepEqual(event._ingest['apiId'], 'api');
  assert.deepEqual(log, []);
});

test('a batch that came as base64 is one object of lines', async () => {
  const body = Buffer.from('[{"eventName":"a"},{"eventName":"b"}]').toString('base64');
  const { answer } = await send(post(body, { isBase64Encoded: true, headers: {} }));
  assert.equal(answer.statusCode, 200);
  const [object] = await storedObjects();
  assert.match(object!.key, /\/events-[0-9a-f-]{36}\.ndjson$/);
  assert.equal(object!.text.split('\n').length, 2);
});

test('each configured site is answered by its own name, others by none', async () => {
  const originOf = async (origin: string, allowed: string): Promise<unknown> => {
    const event = post('{"eventName":"a"}', { headers: { 'content-type': 'text/plain', origin } });
    const { answer } = await send(event, { ALLOWED_ORIGINS: allowed });
    return (answer.headers as Record<string, string>)['access-control-allow-origin'];
  };
  const both = 'https://shop.example,https://www.shop.example';
  assert.equal(await originOf('https://www.shop.example', both), 'https://www.shop.example');
  assert.equal(await originOf('https://evil.example', both), undefined);
  assert.equal(await originOf('https://shop.example', ''), undefined);
});

test('what cannot be stored is refused with a word in the log, which holds nothing of the event', async () => {
  const { answer, log } = await send(post('{"eventName":"a","userId":"u-secret"}'), {
    RAW_BUCKET_NAME: 'no-such-bucket',
  });
  assert.equal(answer.statusCode, 503);
  assert.equal(log.length, 1);
  const { level, code, message } = JSON.parse(log[0]!) as Record<string, string>;
  assert.deepEqual([level, code], ['ERROR', 'RAW_STORE_WRITE_FAILED']);
  assert.match(message!, /no bucket s3:\/\/no-such-bucket/);
  assert.ok(!log[0]!.includes('u-secret') && !log[0]!.includes('203.0.113.7'));
});

test('refusals of the client are told to the client only', async () => {
  const { answer, log } = await send(post('{"no":"name"}'));
  assert.equal(answer.statusCode, 400);
  assert.deepEqual(log, []);
});

test('a function that was set up wrongly fails by its name', async () => {
  const { error } = await send(post('{"eventName":"a"}'), { RAW_BUCKET_NAME: '' });
  assert.match(error?.message ?? '', /RAW_BUCKET_NAME is not set/);
  const { error: two } = await send(post('{"eventName":"a"}'), { RAW_BUCKET: 'another' });
  assert.match(two?.message ?? '', /name two buckets/);
});
