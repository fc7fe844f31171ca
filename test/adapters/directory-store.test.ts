import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { openDirectoryStore } from '../../src/adapters/directory-store.ts';
import type { ObjectStore } from '../../src/etl/ports.ts';

/** Its paths are shorter and its names must be Unicode. */
const isMac = process.platform === 'darwin';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sbw-store-'));
});
afterEach(() => {
  // Node's own rm fails on paths as long as one test makes them.
  execFileSync('rm', ['-rf', root]);
});

async function keysOf(store: ObjectStore, range = { from: '', before: '~' }): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of store.list(range)) keys.push(...page.map(({ key }) => key));
  return keys;
}

describe('directory store', () => {
  it('leaves nothing behind when it refuses, and says why it cannot write', async () => {
    const store = await openDirectoryStore(root);
    const write = (key: string): Promise<void> => store.write(key, Buffer.from('1'), 'application/json');
    await write('events/a.json');
    await assert.rejects(write('events/a.json'), { code: 'RAW_OBJECT_EXISTS' });
    for (const key of ['events/a.json/b.json', `events/${'x'.repeat(300)}`, 'events/.sbw-write-mine']) {
      await assert.rejects(write(key), { code: 'RAW_STORE_WRITE_FAILED', kind: 'environment' }, key);
    }
    assert.deepEqual(await readdir(join(root, 'events')), ['a.json']);
  });

  it('reads nothing outside itself', async () => {
    const store = await openDirectoryStore(root);
    for (const key of ['../outside.json', 'events/../../outside.json', '/etc/passwd']) {
      await assert.rejects(store.read({ key, size: 1 }), { code: 'RAW_OBJECT_KEY_INVALID' });
    }
  });

  it('is not led in circles by links, and lists only regular files that are complete', async () => {
    const hour = join(root, 'events/2025/12/06/05');
    await mkdir(hour, { recursive: true });
    await symlink(root, join(hour, 'loop'));
    await symlink('/etc/hostname', join(hour, 'event-link.json'));
    await writeFile(join(hour, '.sbw-write-1'), 'half');
    execFileSync('mkfifo', [join(hour, 'event-pipe.json')]);
    await writeFile(join(hour, 'event-a.json'), '{}');
    const store = await openDirectoryStore(root);
    assert.deepEqual(await keysOf(store), ['events/2025/12/06/05/event-a.json']);
  });

  it('opens only the directories of the range', { skip: isMac }, async () => {
    const store = await openDirectoryStore(root);
    await store.write('events/2025/12/06/00/event-a.json', Buffer.from('{}'), 'application/json');
    // A path longer than any call takes, made of two halves: whoever goes down this day fails, root too.
    const half = `${'x'.repeat(180)}/`.repeat(12);
    await mkdir(join(root, 'half', half), { recursive: true });
    await mkdir(join(root, 'events/2025/12/05', half), { recursive: true });
    await rename(join(root, 'half'), join(root, 'events/2025/12/05', half, 'half'));
    assert.deepEqual(await keysOf(store, { from: 'events/2025/12/06/', before: 'events/2025/12/07/' }), [
      'events/2025/12/06/00/event-a.json',
    ]);
    await assert.rejects(keysOf(store), { code: 'RAW_STORE_LIST_FAILED', kind: 'environment' });
  });

  it('of many writers of one key one succeeds, and its content stays', async () => {
    const store = await openDirectoryStore(root);
    const key = 'events/2025/12/06/05/event-a.json';
    const results = await Promise.allSettled(
      Array.from({ length: 16 }, (_, at) => store.write(key, Buffer.from(String(at)), 'application/json')),
    );
    const winners = results.flatMap(({ status }, at) => (status === 'fulfilled' ? [String(at)] : []));
    assert.equal(winners.length, 1);
    assert.equal(Buffer.from((await store.read({ key, size: 1 })) as Uint8Array).toString(), winners[0]);
  });

  it('a name that is no text is an object all the same, and cannot be read', { skip: isMac }, async () => {
    const store = await openDirectoryStore(root);
    await mkdir(join(root, 'events'));
    await writeFile(Buffer.concat([Buffer.from(join(root, 'events/event-')), Buffer.from([0xff])]), '{}');
    const [key = ''] = await keysOf(store);
    assert.equal(key, 'events/event-\ufffd');
    await assert.rejects(store.read({ key, size: 2 }), { code: 'RAW_OBJECT_MISSING' });
  });

  it('a store that went away is an error, not an empty store', async () => {
    const store = await openDirectoryStore(root);
    await rm(root, { recursive: true });
    await assert.rejects(keysOf(store), { code: 'RAW_STORE_MISSING', kind: 'environment' });
  });
});
