import { PutObjectCommand } from '@aws-sdk/client-s3';
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { openS3Store } from '../../src/adapters/s3-store.ts';
import type { ObjectStore } from '../../src/etl/ports.ts';
import type { Fault, FaultOf } from '../support/s3-gateway.ts';
import { startS3Server, type S3Server } from '../support/s3-servers.ts';

const EVERYTHING = { from: 'events/', before: 'events0' };
const KINDS: readonly Fault[] = ['slow-down', 'reset', 'cut', 'lost-answer'];

let server: S3Server;
let faultOf: FaultOf = () => null;
const met = new Map<Fault, number>();
before(async () => {
  server = await startS3Server((request) => {
    const fault = faultOf(request);
    if (fault !== null) met.set(fault, (met.get(fault) ?? 0) + 1);
    return fault;
  });
});
after(() => server.close());
beforeEach(() => {
  faultOf = () => null;
  met.clear();
});

async function open(): Promise<{ store: ObjectStore; bucket: string }> {
  const bucket = await server.createBucket();
  const { endpointUrl } = server;
  const store = await openS3Store({
    bucket,
    prefix: '',
    region: 'us-east-1',
    profile: undefined,
    endpointUrl,
  });
  return { store, bucket };
}

/** Each request fails up to twice, each time otherwise, always the same. */
const everyWay: FaultOf = ({ method, path, attempt }) => {
  const lot = createHash('md5').update(`${method} ${path}`).digest();
  return attempt <= lot[0]! % 3 ? KINDS[(lot[1]! + attempt) % KINDS.length]! : null;
};

async function readWhole(store: ObjectStore, object: { key: string; size: number }): Promise<Buffer> {
  const body = await store.read(object);
  if (body instanceof Uint8Array) return Buffer.from(body);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('a network that fails in every way', () => {
  it('loses nothing and doubles nothing: writes, listing and reads', async () => {
    const { store } = await open();
    const keys = Array.from(
      { length: 200 },
      (_, index) => `events/2025/12/06/05/event-${String(index).padStart(3, '0')}.json`,
    );
    faultOf = everyWay;
    await Promise.all(
      keys.map((key) => store.write(key, Buffer.from(`{"key":"${key}"}`), 'application/json')),
    );
    const found: { key: string; size: number }[] = [];
    for await (const page of store.list(EVERYTHING)) found.push(...page);
    assert.deepEqual(
      found.map(({ key }) => key),
      keys,
    );
    const bodies = await Promise.all(found.map((object) => readWhole(store, object)));
    assert.deepEqual(
      bodies.map(String),
      keys.map((key) => `{"key":"${key}"}`),
    );
    for (const kind of KINDS) assert.ok((met.get(kind) ?? 0) > 20, `${kind} was met`);
    await store.close();
  });

  it('a large object is read on from where it was cut, byte for byte', async () => {
    const { store, bucket } = await open();
    const key = 'events/2025/12/06/05/events-large.ndjson';
    const content = randomBytes(5 * 1024 * 1024);
    await server.sdk.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: content }));
    faultOf = ({ attempt }) => (['slow-down', 'cut', 'cut', 'reset', 'cut'] as const)[attempt - 1] ?? null;
    const read = await readWhole(store, { key, size: content.length });
    assert.equal(met.get('cut'), 3);
    assert.ok(read.equals(content));
    await store.close();
  });

  it('a large object that changes while it is read is an error, not a mixture', async () => {
    const { store, bucket } = await open();
    const key = 'events/2025/12/06/05/events-changing.ndjson';
    const put = (byte: number): Promise<unknown> =>
      server.sdk.send(
        new PutObjectCommand({ Bucket: bucket, Key: key, Body: Buffer.alloc(3 * 1024 * 1024, byte) }),
      );
    await put(1);
    faultOf = ({ attempt }) => (attempt === 1 ? 'cut' : null);
    const body = (await store.read({ key, size: 3 * 1024 * 1024 })) as AsyncIterable<Uint8Array>;
    await assert.rejects(
      async () => {
        let isChanged = false;
        for await (const chunk of body) {
          assert.equal(chunk[0], 1);
          if (!isChanged) await put(2);
          isChanged = true;
        }
      },
      { code: 'RAW_OBJECT_READ_FAILED', message: /PreconditionFailed/ },
    );
    await store.close();
  });
});

describe('when trying again does not help', () => {
  it('reading gives up on the object, listing and writing on the store', async () => {
    const { store } = await open();
    const key = 'events/2025/12/06/05/event-a.json';
    faultOf = () => 'slow-down';
    const failures = [
      assert.rejects(store.read({ key, size: 10 }), { code: 'RAW_OBJECT_READ_FAILED', message: /SlowDown/ }),
      assert.rejects(readWhole(store, { key, size: 1e9 }), { code: 'RAW_OBJECT_READ_FAILED' }),
      assert.rejects(store.list(EVERYTHING)[Symbol.asyncIterator]().next(), {
        code: 'RAW_STORE_LIST_FAILED',
        kind: 'environment',
      }),
      assert.rejects(store.write(key, Buffer.from('{}'), 'application/json'), {
        code: 'RAW_STORE_WRITE_FAILED',
        kind: 'environment',
      }),
    ];
    await Promise.all(failures);
    assert.equal(met.get('slow-down'), 6 * failures.length);
    await store.close();
  });

  it('a cut body is never taken for a short one', async () => {
    const { store, bucket } = await open();
    const key = 'events/2025/12/06/05/event-a.json';
    await server.sdk.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: '{"a":1}\n{"a":2}' }));
    faultOf = () => 'cut';
    await assert.rejects(store.read({ key, size: 15 }), { code: 'RAW_OBJECT_READ_FAILED' });
    await store.close();
  });
});
