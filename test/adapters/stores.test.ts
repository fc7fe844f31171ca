import { PutObjectCommand } from '@aws-sdk/client-s3';
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openDirectoryStore } from '../../src/adapters/directory-store.ts';
import { openStore } from '../../src/adapters/open-store.ts';
import { openS3Store } from '../../src/adapters/s3-store.ts';
import { describeObjectStore } from '../contracts/object-store.ts';
import { startS3Server, type S3Server } from '../support/s3-servers.ts';

let server: S3Server;
before(async () => {
  server = await startS3Server();
});
after(() => server.close());

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
    close: () => rm(root, { recursive: true }),
  };
});

for (const prefix of ['', 'shop one/raw/']) {
  describeObjectStore(`S3, prefix '${prefix}'`, async () => {
    const bucket = await server.createBucket();
    const options = {
      bucket,
      prefix,
      region: 'us-east-1',
      profile: undefined,
      endpointUrl: server.endpointUrl,
    };
    const store = await openS3Store(options);
    return {
      store,
      put: async (key, body) => {
        await server.sdk.send(new PutObjectCommand({ Bucket: bucket, Key: prefix + key, Body: body }));
      },
      close: () => store.close(),
    };
  });
}

describe('directory store', () => {
  it('never replaces an object, and leaves nothing behind when it refuses', async () => {
    const root = await temporary();
    const store = await openDirectoryStore(root);
    const key = 'events/2025/12/06/05/event-a.json';
    await store.write(key, Buffer.from('1'), 'application/json');
    await assert.rejects(store.write(key, Buffer.from('2'), 'application/json'), {
      code: 'RAW_OBJECT_EXISTS',
    });
    const listed: string[] = [];
    for await (const page of store.list({ from: '', before: '~' }))
      listed.push(...page.map((object) => object.key));
    assert.deepEqual(listed, [key]);
    assert.equal(Buffer.from((await store.read({ key, size: 1 })) as Uint8Array).toString(), '1');
    await rm(root, { recursive: true });
  });

  it('a key cannot leave the directory', async () => {
    const root = await temporary();
    const store = await openDirectoryStore(root);
    for (const key of ['../outside.json', 'events/../../outside.json', '/etc/passwd']) {
      await assert.rejects(store.write(key, Buffer.from('x'), 'application/json'), {
        code: 'RAW_KEY_INVALID',
      });
      await assert.rejects(store.read({ key, size: 1 }), { code: 'RAW_KEY_INVALID' });
    }
    await rm(root, { recursive: true });
  });

  it('is not led in circles by links, and skips files in the making', async () => {
    const root = await temporary();
    await mkdir(join(root, 'events/2025/12/06/05'), { recursive: true });
    await symlink(root, join(root, 'events/2025/12/06/05/loop'));
    await writeFile(join(root, 'events/2025/12/06/05/.sbw-write-1'), 'half');
    const store = await openDirectoryStore(root);
    for await (const page of store.list({ from: '', before: '~' })) assert.deepEqual(page, []);
    await rm(root, { recursive: true });
  });
});

describe('openStore', () => {
  const config = { cwd: tmpdir(), aws: { region: undefined, profile: undefined, endpointUrl: undefined } };
  it('says what is wrong with --raw', async () => {
    await assert.rejects(openStore('s3://Bad_Bucket', config), { code: 'RAW_URL_INVALID', kind: 'usage' });
    await assert.rejects(openStore('https://example.org/x', config), { code: 'RAW_URL_INVALID' });
    await assert.rejects(openStore('s3://some-bucket', config), {
      code: 'AWS_REGION_MISSING',
      kind: 'environment',
    });
    await assert.rejects(openStore('./not-there', config), {
      code: 'RAW_STORE_MISSING',
      kind: 'environment',
    });
  });

  it('a missing bucket is named', async () => {
    const aws = { ...config.aws, endpointUrl: server.endpointUrl };
    const store = await openStore('s3://no-such-bucket-here', { ...config, aws });
    const listing = store.list({ from: 'events/', before: 'events0' })[Symbol.asyncIterator]();
    await assert.rejects(listing.next(), { code: 'RAW_STORE_MISSING' });
    await store.close();
  });
});
