import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const MAX_BYTES = 1024 * 1024;
/** The promise is 300 ms on a quiet machine; tests share theirs with two servers and each other. */
const MAX_HELP_MS = 1000;

interface Pack {
  readonly filename: string;
  /** Of the archive, bytes. */
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

let folder: string;
let pack: Pack;
/** The package as npm would put it into somebody's node_modules; its dependencies are ours. */
let installed: string;

before(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'sbw-package-')));
  // Without scripts: prepack would build dist/ while other tests use it. `npm test` has built it.
  const { stdout } = await execute('npm', [
    'pack',
    '--json',
    '--ignore-scripts',
    '--loglevel=silent',
    '--pack-destination',
    folder,
  ]);
  pack = (JSON.parse(stdout) as [Pack])[0];
  await execute('tar', ['-xzf', join(folder, pack.filename), '-C', folder]);
  installed = join(folder, 'package');
  await symlink(await realpath('node_modules'), join(installed, 'node_modules'));
});
after(() => rm(folder, { recursive: true, force: true }));

test('the package holds the program and its papers, and is small', () => {
  const paths = pack.files.map(({ path }) => path);
  const strangers = paths.filter(
    (path) => !/^(bin\/|dist\/|(LICENSE|README\.md|CHANGELOG\.md|package\.json)$)/.test(path),
  );
  assert.deepEqual(strangers, []);
  for (const path of ['bin/sbw.js', 'dist/main.js', 'LICENSE', 'README.md', 'CHANGELOG.md', 'package.json'])
    assert.ok(paths.includes(path), `${path} is missing`);
  assert.ok(pack.size < MAX_BYTES, `${pack.size} bytes`);
});

test('every package that the program loads is a dependency of it', async () => {
  const { dependencies, optionalDependencies } = JSON.parse(await readFile('package.json', 'utf8')) as Record<
    string,
    Record<string, string>
  >;
  const declared = new Set([...Object.keys(dependencies ?? {}), ...Object.keys(optionalDependencies ?? {})]);
  const scripts = pack.files.map(({ path }) => path).filter((path) => /^dist\/.*\.js$/.test(path));
  const loaded = new Set<string>();
  for (const path of scripts) {
    const text = await readFile(join(installed, path), 'utf8');
    for (const [, name] of text.matchAll(/(?:\bfrom|^import|\bimport\()\s*"([@a-z][\w@./-]*)"/gm)) {
      if (!name!.startsWith('node:'))
        loaded.add(
          name!
            .split('/')
            .slice(0, name!.startsWith('@') ? 2 : 1)
            .join('/'),
        );
    }
  }
  assert.ok(loaded.has('commander') && loaded.has('pg'), [...loaded].join(' '));
  assert.deepEqual(
    [...loaded].filter((name) => !declared.has(name)),
    [],
  );
});

test('unpacked elsewhere, it runs and helps', async (t) => {
  const bin = join(installed, 'bin/sbw.js');
  const times: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const startedAt = performance.now();
    const { stdout, stderr } = await execute(process.execPath, [bin, '--help'], { cwd: folder });
    times.push(performance.now() - startedAt);
    assert.match(stdout, /^Usage: sbw /);
    assert.equal(stderr, '');
  }
  const median = times.toSorted((a, b) => a - b)[2]!;
  t.diagnostic(`sbw --help: median ${Math.round(median)} ms of 5`);
  assert.ok(median < MAX_HELP_MS, `${median} ms`);
});

test('the version is that of the package, and a wrong flag is a usage error', async () => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  const bin = join(installed, 'bin/sbw.js');
  assert.equal((await execute(process.execPath, [bin, '--version'])).stdout.trim(), version);
  const wrong = await execute(process.execPath, [bin, 'etl', 'run', '--nonsense']).catch(
    (error: { code: number; stdout: string }) => error,
  );
  assert.deepEqual(
    { code: (wrong as { code?: number }).code, stdout: wrong.stdout },
    { code: 64, stdout: '' },
  );
});
