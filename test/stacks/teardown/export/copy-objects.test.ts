import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openDirectoryStore } from '../../../../src/adapters/directory-store.ts';
import {
  type CopyReport,
  type ManifestEntry,
  type ObjectSource,
  type ObjectTarget,
  copyObjects,
} from '../../../../src/stacks/teardown/export/copy-objects.ts';

interface Folders {
  readonly from: string;
  readonly to: string;
  readonly manifest: ManifestEntry[];
  copy(change?: {
    source?: Partial<ObjectSource>;
    target?: Partial<ObjectTarget>;
    stop?: AbortSignal;
  }): Promise<CopyReport>;
}

async function folders(t: TestContext, files: Record<string, string>): Promise<Folders> {
  const root = mkdtempSync(join(tmpdir(), 'sbw-export-'));
  const [from, to] = [join(root, 'from'), join(root, 'to')];
  mkdirSync(to);
  for (const [key, text] of Object.entries(files)) {
    mkdirSync(dirname(join(from, key)), { recursive: true });
    writeFileSync(join(from, key), text);
  }
  const [source, target] = [await openDirectoryStore(from), await openDirectoryStore(to)];
  t.after(() => Promise.all([source.close(), target.close()]));
  const manifest: ManifestEntry[] = [];
  return {
    ...{ from, to, manifest },
    copy: (change = {}) =>
      copyObjects(
        { ...source, ...change.source },
        { ...target, ...change.target },
        async (entries) => void manifest.push(...entries),
        { stop: change.stop ?? new AbortController().signal, say: () => undefined },
      ),
  };
}

test('every object is copied, read again and listed with its digest', async (t) => {
  const { copy, to, manifest } = await folders(t, { 'events/a.json': '{"a":1}', 'events/b/c.json': '{}' });
  assert.deepEqual(await copy(), { objects: 2, bytes: 9, failed: [] });
  assert.equal(readFileSync(join(to, 'events/b/c.json'), 'utf8'), '{}');
  // Several are copied at once, and whichever is done first is listed first.
  manifest.sort((one, other) => (one.key < other.key ? -1 : 1));
  assert.deepEqual(
    manifest.map(({ key, size }) => [key, size]),
    [
      ['events/a.json', 7],
      ['events/b/c.json', 2],
    ],
  );
  assert.equal(manifest[1]?.sha256, '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
});

test('a second export compares what is there; a copy that differs is no copy', async (t) => {
  const { copy, to } = await folders(t, { 'a.json': '{"a":1}', 'b.json': '{}' });
  await copy();
  assert.deepEqual(await copy(), { objects: 2, bytes: 9, failed: [] });
  writeFileSync(join(to, 'a.json'), '{"a":2}');
  const { failed, objects } = await copy();
  assert.equal(objects, 1);
  assert.deepEqual(failed, [{ key: 'a.json', reason: 'the copy differs from the object' }]);
});

test('a key that leads out of the folder is not written, and told', async (t) => {
  const { copy, to } = await folders(t, { 'a.json': '{}' });
  const { failed } = await copy({
    source: {
      list: async function* () {
        yield [{ key: '../../evil.json', size: 2 }];
      },
      read: async () => Buffer.from('{}'),
    },
  });
  assert.equal(failed[0]?.key, '../../evil.json');
  assert.ok(!existsSync(join(to, '../../evil.json')));
});

test('a signal stops it with a word that nothing was deleted', async (t) => {
  const { copy } = await folders(t, { 'a.json': '{}' });
  const stop = new AbortController();
  stop.abort('SIGINT');
  await assert.rejects(copy({ stop: stop.signal }), { code: 'CANCELLED', kind: 'cancelled' });
});
