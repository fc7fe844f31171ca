import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { inspect } from 'node:util';
import { openS3Store } from '../../src/adapters/s3-store.ts';
import type { ObjectStore } from '../../src/etl/ports.ts';
import { TEST_SECRET, useTestCredentials } from '../support/s3-servers.ts';

interface Reply {
  readonly status: number;
  readonly body: string;
  readonly headers?: Record<string, string>;
}

const RANGE = { from: 'events/', before: 'events0' };
const OBJECT = { key: 'events/2025/12/06/05/event-a.json', size: 10 };
const TOKEN = 'session-token-of-the-test';

let server: Server;
let store: ObjectStore;
let reply: Reply;
let asked = 0;
before(async () => {
  useTestCredentials();
  process.env['AWS_SESSION_TOKEN'] = TOKEN;
  server = createServer((request, response) => {
    asked += 1;
    // As SignatureDoesNotMatch does: the answer quotes the request.
    const quoted = JSON.stringify(request.headers).replaceAll('<', '');
    response
      .writeHead(reply.status, reply.headers)
      .end(reply.body.replace('</Error>', `<Quoted>${quoted}</Quoted></Error>`));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  store = await open((server.address() as AddressInfo).port);
});
after(async () => {
  delete process.env['AWS_SESSION_TOKEN'];
  await store.close();
  server.close();
});

function open(port: number): Promise<ObjectStore> {
  const endpointUrl = `http://127.0.0.1:${port}`;
  return openS3Store({ bucket: 'raw', prefix: '', region: 'us-east-1', profile: undefined, endpointUrl });
}

async function errorOf(work: Promise<unknown>): Promise<{ code: string; kind: string; fix?: string }> {
  const error: unknown = await work.then(
    () => assert.fail('it succeeded'),
    (thrown: unknown) => thrown,
  );
  const everything = inspect(error, { depth: 10, showHidden: true });
  for (const secret of [TEST_SECRET, TOKEN, 'AWS4-HMAC-SHA256']) assert.ok(!everything.includes(secret));
  return error as { code: string; kind: string; fix?: string };
}

const list = (): Promise<unknown> => store.list(RANGE)[Symbol.asyncIterator]().next();
const write = (): Promise<void> => store.write(OBJECT.key, Buffer.from('{}'), 'application/json');
const refusal = (status: number, code: string): Reply => ({
  status,
  body: `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`,
});

/** Answer, and the code of the error of a read and of a listing. */
const REFUSALS: readonly (readonly [Reply, string, string])[] = [
  [refusal(404, 'NoSuchKey'), 'RAW_OBJECT_MISSING', 'RAW_STORE_LIST_FAILED'],
  [refusal(404, 'NoSuchBucket'), 'RAW_STORE_MISSING', 'RAW_STORE_MISSING'],
  [refusal(403, 'AccessDenied'), 'RAW_OBJECT_FORBIDDEN', 'RAW_STORE_FORBIDDEN'],
  [refusal(403, 'InvalidObjectState'), 'RAW_OBJECT_FORBIDDEN', 'RAW_STORE_FORBIDDEN'],
  [refusal(403, 'RequestTimeTooSkewed'), 'CLOCK_SKEWED', 'CLOCK_SKEWED'],
  [refusal(403, 'SignatureDoesNotMatch'), 'AWS_CREDENTIALS_REFUSED', 'AWS_CREDENTIALS_REFUSED'],
  [refusal(400, 'ExpiredToken'), 'AWS_CREDENTIALS_REFUSED', 'AWS_CREDENTIALS_REFUSED'],
  [refusal(301, 'PermanentRedirect'), 'RAW_STORE_ELSEWHERE', 'RAW_STORE_ELSEWHERE'],
  [refusal(400, 'AuthorizationHeaderMalformed'), 'RAW_STORE_ELSEWHERE', 'RAW_STORE_ELSEWHERE'],
  [refusal(400, 'InvalidArgument'), 'RAW_OBJECT_READ_FAILED', 'RAW_STORE_LIST_FAILED'],
  [{ status: 418, body: 'no XML at all' }, 'RAW_OBJECT_READ_FAILED', 'RAW_STORE_LIST_FAILED'],
];

for (const [answer, whenRead, whenListed] of REFUSALS) {
  test(`${answer.status} ${/<Code>(\w+)/.exec(answer.body)?.[1] ?? answer.body}`, async () => {
    reply = answer;
    asked = 0;
    assert.equal((await errorOf(store.read(OBJECT))).code, whenRead);
    const streamed = (await store.read({ ...OBJECT, size: 1e9 })) as AsyncIterable<Uint8Array>;
    assert.equal((await errorOf(streamed[Symbol.asyncIterator]().next())).code, whenRead);
    const listed = await errorOf(list());
    assert.deepEqual([listed.code, listed.kind], [whenListed, 'environment']);
    assert.ok(listed.fix);
    const written = await errorOf(write());
    assert.deepEqual([written.code, written.kind], ['RAW_STORE_WRITE_FAILED', 'environment']);
    assert.equal(asked, 4, 'none of these is worth a second try');
  });
}

test('the region of a bucket that lives elsewhere is named, unless it is nonsense', async () => {
  const moved = refusal(301, 'PermanentRedirect');
  reply = { ...moved, headers: { 'x-amz-bucket-region': 'eu-west-1' } };
  assert.equal((await errorOf(list())).fix, 'export AWS_REGION=eu-west-1');
  reply = { ...moved, headers: { 'x-amz-bucket-region': '$(reboot)' } };
  assert.doesNotMatch((await errorOf(list())).fix ?? '', /reboot/);
});

const page = (inside: string): Reply => ({
  status: 200,
  body: `<?xml version="1.0"?><ListBucketResult><EncodingType>url</EncodingType>${inside}</ListBucketResult>`,
});
const contents = (key: string, size = '2', modified = '2025-12-06T05:11:12.000Z'): string =>
  `<Contents><Key>${key}</Key><LastModified>${modified}</LastModified><ETag>"e"</ETag><Size>${size}</Size></Contents>`;

test('a 200 that is no whole listing is an error, never an empty store', async () => {
  const nonsense: Reply[] = [
    { status: 200, body: '<html>Please log in to this network</html>' },
    { status: 200, body: '' },
    { status: 200, body: '<Error><Code>InternalError</Code></Error>' },
    { status: 200, body: page(contents('events/a')).body.slice(0, -30) },
    page('<IsTruncated>true</IsTruncated>'),
    page(contents('')),
    page(contents('events/%zz')),
    page(contents('events/a', 'two')),
    page(contents('events/a', '2', 'yesterday')),
    { status: 200, body: 'x'.repeat(5 * 1024 * 1024) },
  ];
  for (const answer of nonsense) {
    reply = answer;
    const { code, kind } = await errorOf(list());
    assert.equal(code, 'RAW_STORE_LIST_FAILED', answer.body.slice(0, 100));
    assert.equal(kind, 'environment');
  }
});

test('a server that answers every page with the same page does not hold us for ever', async () => {
  reply = page(
    `${contents('events/a')}<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>`,
  );
  const drain = async (): Promise<void> => {
    for await (const objects of store.list(RANGE)) assert.equal(objects.length, 1);
  };
  assert.equal((await errorOf(drain())).code, 'RAW_STORE_LIST_FAILED');
});

test('keys come out of XML and URL encoding as they were', async () => {
  const encoded = page(
    ['events/a+b', 'events/a%2Bb', 'events/%E6%BC%A2'].map((key) => contents(key)).join(''),
  );
  const plain = {
    ...encoded,
    body: page(contents('events/a&amp;b+&#x6F22;&#40;%20')).body.replace(/<Enc.*pe>/, ''),
  };
  const keys = async (answer: Reply): Promise<string[]> => {
    reply = answer;
    const found: string[] = [];
    for await (const objects of store.list(RANGE)) found.push(...objects.map(({ key }) => key));
    return found;
  };
  assert.deepEqual(await keys(encoded), ['events/a b', 'events/a+b', 'events/漢']);
  assert.deepEqual(await keys(plain), ['events/a&b+漢(%20']);
});

test('an object that outgrew its listing is refused, not held in memory', async () => {
  reply = { status: 200, body: 'x'.repeat(2 * 1024 * 1024) };
  assert.equal((await errorOf(store.read(OBJECT))).code, 'RAW_OBJECT_READ_FAILED');
});

test('where nothing listens, the store is unreachable: for a read, too', async () => {
  const other = createServer();
  await once(other.listen(0, '127.0.0.1'), 'listening');
  const { port } = other.address() as AddressInfo;
  other.close();
  await once(other, 'close');
  const gone = await open(port);
  const [listed, read, written] = await Promise.all([
    errorOf(gone.list(RANGE)[Symbol.asyncIterator]().next()),
    errorOf(gone.read(OBJECT)),
    errorOf(gone.write(OBJECT.key, Buffer.from('{}'), 'application/json')),
  ]);
  assert.equal(listed.code, 'RAW_STORE_UNREACHABLE');
  assert.equal(read.code, 'RAW_STORE_UNREACHABLE');
  assert.equal(written.code, 'RAW_STORE_WRITE_FAILED');
  await gone.close();
});
