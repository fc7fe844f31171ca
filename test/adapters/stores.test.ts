import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { openDirectoryStore } from '../../src/adapters/directory-store.ts';
import { openStore } from '../../src/adapters/open-store.ts';
import { addressOf } from '../../src/adapters/s3-client.ts';
import { openS3Store, type S3StoreOptions } from '../../src/adapters/s3-store.ts';
import { describeObjectStore } from '../contracts/object-store.ts';
import { startFastS3Server, startS3Server, type S3Server } from '../support/s3-servers.ts';

const EVERYTHING = { from: 'events/', before: 'events0' };

let server: S3Server;
let fast: Awaited<ReturnType<typeof startFastS3Server>>;
before(async () => {
  [server, fast] = await Promise.all([startS3Server(), startFastS3Server()]);
});
after(() => Promise.all([server.close(), fast.close()]));

async function temporary(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'sbw-store-'));
}

describeObjectStore('directory', async () => {
  const root = await temporary();
  return {
    store: await openDirectoryStore(root),
    put: async (key, body) => {
      await mkdir(dirname(join(root, key)), { recursive: true });
      await writeFile(join(root, key), body);
    },
    remove: (key) => rm(join(root, key), { force: true }),
    close: () => rm(root, { recursive: true }),
  };
});

for (const prefix of ['', 'shop one/raw/']) {
  describeObjectStore(
    `S3, prefix '${prefix}'`,
    async () => {
      const Bucket = await server.createBucket();
      const store = await openS3Store({ ...s3Options(server.endpointUrl), bucket: Bucket, prefix });
      return {
        store,
        put: async (key, Body) => {
          await server.sdk.send(new PutObjectCommand({ Bucket, Key: prefix + key, Body }));
        },
        remove: async (key) => {
          await server.sdk.send(new DeleteObjectCommand({ Bucket, Key: prefix + key }));
        },
        close: () => store.close(),
      };
    },
    // fauxqs sorts as people do: a, B, c.
    { isSorted: false },
  );
}

describeObjectStore('S3 server of the benches', async () => {
  const store = await openS3Store({ ...s3Options(fast.endpointUrl), bucket: 'raw', prefix: 'here/' });
  const send = async (method: string, key: string, body?: Uint8Array): Promise<void> => {
    const path = key.split('/').map(encodeURIComponent).join('/');
    const answer = await fetch(`${fast.endpointUrl}/raw/here/${path}`, {
      method,
      ...(body === undefined ? {} : { body: Buffer.from(body) }),
    });
    assert.ok(answer.ok);
  };
  return {
    store,
    put: (key, body) => send('PUT', key, body),
    remove: (key) => send('DELETE', key),
    close: () => store.close(),
  };
});

function s3Options(endpointUrl: string): Omit<S3StoreOptions, 'bucket' | 'prefix'> {
  return { region: 'us-east-1', profile: undefined, endpointUrl };
}

describe('S3 store', () => {
  it('what it writes the SDK reads, with its content type', async () => {
    const Bucket = await server.createBucket();
    const store = await openS3Store({ ...s3Options(server.endpointUrl), bucket: Bucket, prefix: 'a b/' });
    const Key = 'events/2025/12/06/05/event+é&%.ndjson';
    await store.write(Key, Buffer.from('{"é":1}'), 'application/x-ndjson');
    const { Body, ContentType } = await server.sdk.send(new GetObjectCommand({ Bucket, Key: `a b/${Key}` }));
    assert.equal(await Body?.transformToString(), '{"é":1}');
    assert.equal(ContentType, 'application/x-ndjson');
    await store.close();
  });

  it('knows where a bucket answers', () => {
    const at = (bucket: string, region: string, endpointUrl?: string): string => {
      const { origin, host, base } = addressOf({ bucket, region, endpointUrl });
      assert.equal(host, new URL(origin).host);
      return origin + base;
    };
    assert.equal(at('raw', 'eu-west-1'), 'https://raw.s3.eu-west-1.amazonaws.com/');
    assert.equal(at('raw.shop', 'eu-west-1'), 'https://s3.eu-west-1.amazonaws.com/raw.shop/');
    assert.equal(at('raw', 'cn-north-1'), 'https://raw.s3.cn-north-1.amazonaws.com.cn/');
    assert.equal(at('raw', 'x', 'http://localhost:9000'), 'http://localhost:9000/raw/');
    assert.equal(at('raw', 'x', 'https://files.example/s3/'), 'https://files.example/s3/raw/');
    for (const url of ['localhost', 'ftp://localhost']) {
      assert.throws(() => at('raw', 'x', url), { code: 'AWS_ENDPOINT_INVALID', kind: 'environment' });
    }
  });
});

describe('openStore', () => {
  const config = {
    cwd: tmpdir(),
    aws: { region: undefined, profile: undefined, endpointUrl: undefined, s3EndpointUrl: undefined },
  };
  it('says what is wrong with --raw', async () => {
    const nonsense = [
      '',
      ' ',
      's3://Bad_Bucket',
      's3:/bucket',
      's3://',
      'https://example.org/x',
      'file://host/x',
      'a\0b',
    ];
    for (const url of nonsense) {
      await assert.rejects(openStore(url, config), { code: 'RAW_URL_INVALID', kind: 'usage' }, url);
    }
    await assert.rejects(openStore('s3://some-bucket', config), {
      code: 'AWS_REGION_MISSING',
      kind: 'environment',
    });
    const aws = { ...config.aws, region: 'evil.example/' };
    await assert.rejects(openStore('s3://some-bucket', { ...config, aws }), { code: 'AWS_REGION_INVALID' });
    await assert.rejects(openStore("./not 'there'", config), {
      code: 'RAW_STORE_MISSING',
      kind: 'environment',
      fix: /mkdir -p '.*not '\\''there'\\'''/,
    });
  });

  it('finds a directory by path and by URL, and makes it when asked', async () => {
    const root = await temporary();
    const made = await openStore('new/raw', { ...config, cwd: root }, { create: true });
    assert.equal(made.url, join(root, 'new/raw'));
    for (const url of ['new/raw', join(root, 'new/raw'), pathToFileURL(join(root, 'new/raw')).href]) {
      assert.equal((await openStore(url, { ...config, cwd: root })).url, made.url);
    }
    await writeFile(join(root, 'file'), '');
    await assert.rejects(openStore('file', { ...config, cwd: root }), { code: 'RAW_STORE_MISSING' });
    await assert.rejects(openStore('file', { ...config, cwd: root }, { create: true }), {
      code: 'RAW_STORE_WRITE_FAILED',
    });
    await rm(root, { recursive: true });
  });

  it('a missing bucket is named, for a listing and for a read', async () => {
    const aws = { ...config.aws, s3EndpointUrl: server.endpointUrl };
    const store = await openStore('s3://no-such-bucket-here/raw/', { ...config, aws });
    assert.equal(store.url, 's3://no-such-bucket-here/raw');
    await assert.rejects(store.list(EVERYTHING)[Symbol.asyncIterator]().next(), {
      code: 'RAW_STORE_MISSING',
      kind: 'environment',
    });
    await assert.rejects(store.read({ key: 'events/a', size: 1 }), { code: 'RAW_STORE_MISSING' });
    await store.close();
  });
});
