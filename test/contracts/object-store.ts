import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { SbwError } from '../../src/errors.ts';
import type { ObjectInfo, ObjectStore } from '../../src/etl/ports.ts';

/** A fresh, empty store, and what can only be done behind its back. */
export interface StoreUnderTest {
  readonly store: ObjectStore;
  /** Replaces or makes an object without the store's help. */
  put(key: string, body: Uint8Array): Promise<void>;
  remove(key: string): Promise<void>;
  close(): Promise<void>;
}

const EVERYTHING = { from: 'events/', before: 'events0' };
const bytes = (text: string): Uint8Array => Buffer.from(text);

async function list(store: ObjectStore, range = EVERYTHING): Promise<ObjectInfo[]> {
  const objects: ObjectInfo[] = [];
  for await (const page of store.list(range)) objects.push(...page);
  return objects;
}

async function readText(store: ObjectStore, object: { key: string; size: number }): Promise<string> {
  const body = await store.read(object);
  if (body instanceof Uint8Array) return Buffer.from(body).toString();
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Resolves to the code of the error, or null. */
async function codeOf(work: Promise<unknown>): Promise<string | null> {
  return work.then(
    () => null,
    (error: unknown) => (error as SbwError).code,
  );
}

/**
 * What every raw store must do; run on the directory and on S3.
 * @param isSorted false for a server that is known to list in another order than S3
 */
export function describeObjectStore(
  name: string,
  make: () => Promise<StoreUnderTest>,
  { isSorted = true }: { isSorted?: boolean } = {},
): void {
  describe(`object store: ${name}`, () => {
    let made: StoreUnderTest;
    before(async () => {
      made = await make();
    });
    after(() => made.close());

    it('an empty store lists nothing', async () => {
      assert.deepEqual(await list(made.store), []);
    });

    it('reads what it wrote, and lists it with its size', async () => {
      const key = `events/2025/12/06/05/event-${randomUUID()}.json`;
      await made.store.write(key, bytes('{"eventName":"é"}'), 'application/json');
      const [object] = await list(made.store, {
        from: 'events/2025/12/06/05/',
        before: 'events/2025/12/06/050',
      });
      assert.equal(object?.key, key);
      assert.equal(object.size, Buffer.byteLength('{"eventName":"é"}'));
      assert.ok(Math.abs(object.modifiedAtMs - Date.now()) < 60_000);
      assert.equal(await readText(made.store, object), '{"eventName":"é"}');
    });

    it('lists in key order, both layouts, exactly the range', async () => {
      const keys = [
        'events/2024/01/31/23/event-a.json',
        'events/2024/02/01/00/event-a.json',
        'events/2024/02/01/05/event-a.json',
        'events/2024/02/01/05/event-b.json',
        'events/2024/02/01/event-flat.json',
        'events/2024/02/02/00/event-a.json',
      ];
      for (const key of [...keys].reverse()) await made.put(key, bytes('{}'));
      const names = async (from: string, before: string): Promise<string[]> =>
        (await list(made.store, { from, before })).map(({ key }) => key);
      assert.deepEqual(await names('events/2024/', 'events/20240'), keys);
      assert.deepEqual(await names('events/2024/02/01/', 'events/2024/02/02/'), keys.slice(1, 5));
      assert.deepEqual(await names('events/2024/02/01/05/', 'events/2024/02/01/050'), keys.slice(2, 4));
      assert.deepEqual(
        await names('events/2024/02/01/05/event-b.json', 'events/2024/02/01/z'),
        keys.slice(3, 5),
      );
      assert.deepEqual(await names('events/2023/', 'events/2024/'), []);
    });

    it('pages to the end: the 1,001st object is there', async () => {
      const prefix = 'events/2023/03/04/05/';
      const keys = Array.from(
        { length: 1001 },
        (_, index) => `${prefix}event-${String(index).padStart(5, '0')}.json`,
      );
      for (let at = 0; at < keys.length; at += 50) {
        await Promise.all(keys.slice(at, at + 50).map((key) => made.put(key, bytes('{}'))));
      }
      const range = { from: prefix, before: `${prefix.slice(0, -1)}0` };
      const pages: number[] = [];
      const listed: string[] = [];
      for await (const page of made.store.list(range)) {
        pages.push(page.length);
        listed.push(...page.map(({ key }) => key));
      }
      assert.deepEqual(listed, keys);
      assert.deepEqual(pages, [1000, 1]);

      // Objects that vanish while they are listed disturb nothing; all others are listed.
      const survivors: string[] = [];
      for await (const page of made.store.list(range)) {
        survivors.push(...page.map(({ key }) => key));
        await made.remove(keys.at(-1)!);
      }
      assert.deepEqual(survivors.slice(0, 1000), keys.slice(0, 1000));
      assert.equal((await list(made.store, range)).length, 1000);
    });

    it('a listing can be left early', async () => {
      for await (const page of made.store.list(EVERYTHING)) {
        assert.ok(page.length > 0);
        break;
      }
    });

    if (isSorted) {
      it('sorts by code unit: a directory as if its slash belonged to the name', async () => {
        const prefix = 'events/2019/01/01/';
        const names = [
          'B.json',
          'a',
          'a b',
          'a-b',
          'a.b',
          'a0',
          'a~',
          'ab',
          'b/c/d',
          'b/c0',
          'b0',
          'é',
          '漢',
        ];
        const keys = [...names, 'A/x.json'].map((name) => `${prefix}${name}`).sort();
        for (const key of keys) await made.put(key, bytes('{}'));
        const range = { from: prefix, before: 'events/2019/01/010' };
        assert.deepEqual(
          (await list(made.store, range)).map(({ key }) => key),
          keys,
        );
        for (const [at, from] of keys.entries()) {
          const listed = await list(made.store, { from, before: range.before });
          assert.deepEqual(
            listed.map(({ key }) => key),
            keys.slice(at),
          );
          const alone = await list(made.store, { from, before: `${from}\0` });
          assert.deepEqual(
            alone.map(({ key }) => key),
            [from],
          );
        }
      });
    }

    it('keeps odd keys as they are', async () => {
      const prefix = 'events/2022/01/01/00/';
      const keys = [
        'a b',
        'a+b',
        'a%20b',
        'a&b',
        "a'b",
        'a(b)',
        'a=b',
        'é',
        '漢字',
        '🙂',
        'a;b',
        'a@b!*',
      ].map((odd) => `${prefix}event-${odd}.json`);
      for (const key of keys) await made.put(key, bytes(key));
      const listed = await list(made.store, { from: prefix, before: `${prefix.slice(0, -1)}0` });
      assert.deepEqual(new Set(listed.map(({ key }) => key)), new Set(keys));
      for (const object of listed) assert.equal(await readText(made.store, object), object.key);
    });

    it('never replaces an object', async () => {
      const key = 'events/2018/01/01/00/event-a.json';
      await made.store.write(key, bytes('1'), 'application/json');
      for (const body of ['2', '1']) {
        assert.equal(
          await codeOf(made.store.write(key, bytes(body), 'application/json')),
          'RAW_OBJECT_EXISTS',
        );
      }
      const listed = await list(made.store, { from: 'events/2018/', before: 'events/20180' });
      assert.deepEqual(
        listed.map((object) => object.key),
        [key],
      );
      assert.equal(await readText(made.store, { key, size: 1 }), '1');
    });

    it('writes no key that could leave the store or come back under another name', async () => {
      const keys = ['', '../x', 'events/../../x', '/etc/x', 'events//x', './x', 'x/.', 'x/', 'x\0', '\ud800'];
      for (const key of [...keys, 'x'.repeat(2000)]) {
        const code = await codeOf(made.store.write(key, bytes('x'), 'application/json'));
        assert.equal(code, 'RAW_OBJECT_KEY_INVALID', JSON.stringify(key));
      }
    });

    it('a large object comes whole, byte for byte', async () => {
      const key = 'events/2021/01/01/00/event-large.ndjson';
      const large = randomBytes(3 * 1024 * 1024).toString('hex');
      await made.put(key, bytes(large));
      const [object] = await list(made.store, { from: 'events/2021/', before: 'events/20210' });
      assert.ok(object !== undefined && !((await made.store.read(object)) instanceof Uint8Array));
      assert.equal(await readText(made.store, object), large);
    });

    it('a changed object has another version, an unchanged one the same', async () => {
      const key = 'events/2020/01/01/00/event-v.json';
      const version = async (): Promise<string | undefined> =>
        (await list(made.store, { from: 'events/2020/', before: 'events/20200' }))[0]?.version;
      await made.put(key, bytes('{"a":1}'));
      const first = await version();
      assert.equal(await version(), first);
      await made.put(key, bytes('{"a":23}'));
      assert.notEqual(await version(), first);
    });

    it('a missing object is an error of its own', async () => {
      const missing = { key: 'events/2025/01/01/00/event-none.json', size: 1 };
      await assert.rejects(made.store.read(missing), { code: 'RAW_OBJECT_MISSING' });
      const large = { ...missing, size: 1e9 };
      await assert.rejects(readText(made.store, large), { code: 'RAW_OBJECT_MISSING' });
    });
  });
}
