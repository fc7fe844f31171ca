import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { withLock } from '../../../src/local/machine/lock.ts';

const directory = await mkdtemp(join(tmpdir(), 'sbw-test-lock-'));
after(() => rm(directory, { recursive: true, force: true }));
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('ten at once go one after the other, and the lock is gone in the end', async () => {
  const file = join(directory, 'ten');
  let inside = 0;
  let waits = 0;
  const enter = (): Promise<void> =>
    withLock(
      file,
      async () => {
        inside += 1;
        assert.equal(inside, 1);
        await sleep(5);
        inside -= 1;
      },
      () => (waits += 1),
    );
  await Promise.all(Array.from({ length: 10 }, enter));
  assert.ok(waits > 0, 'who waits says so');
  assert.ok(!existsSync(file));
});

test('a lock whose holder is dead, or whose pid another program has now, is taken over', async () => {
  for (const holder of [
    '{"pid":4194000,"command":"node sbw local up"}',
    '{"pid":1,"command":"x"}',
    'rubbish',
  ]) {
    const file = join(directory, 'stale');
    await writeFile(file, holder);
    let waits = 0;
    assert.equal(
      await withLock(
        file,
        async () => 'in',
        () => (waits += 1),
        2000,
      ),
      'in',
    );
    assert.equal(waits, 0);
  }
});

test('a lock that stays held is an error that names the way out', async () => {
  const file = join(directory, 'held');
  await withLock(
    file,
    async () => {
      await assert.rejects(
        withLock(
          file,
          async () => undefined,
          () => undefined,
          60,
        ),
        { code: 'LOCAL_BUSY', kind: 'refused', fix: new RegExp(file) },
      );
    },
    () => undefined,
  );
});

test('the lock is released when the work fails', async () => {
  const file = join(directory, 'failed');
  const fail = async (): Promise<never> => {
    throw new Error('no');
  };
  await assert.rejects(
    withLock(file, fail, () => undefined),
    /no/,
  );
  assert.ok(!existsSync(file));
});
