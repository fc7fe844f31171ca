import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';

/** Servers fetch it at their start, and the package brings it to every user. */
const MAX_BYTES = 1_000_000;
const BUILD = `import { buildHostAssets } from './scripts/build/host-assets.mjs';
process.stdout.write(JSON.stringify(await buildHostAssets(process.argv[1])));`;

interface Built {
  readonly folder: string;
  readonly manifest: Readonly<Record<string, { readonly file: string; readonly sha256: string }>>;
}

let built: Built;
let again: Built;

async function build(): Promise<Built> {
  const folder = mkdtempSync(join(tmpdir(), 'sbw-host-'));
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    BUILD,
    folder,
  ]);
  return { folder, manifest: JSON.parse(stdout) as Built['manifest'] };
}

before(async () => {
  built = await build();
  again = await build();
});
after(() => {
  for (const { folder } of [built, again]) rmSync(folder, { recursive: true });
});

const contentOf = (name: string): Buffer => readFileSync(join(built.folder, `${name}.zip`));
const filesIn = (name: string): Record<string, Uint8Array> => unzipSync(contentOf(name));

for (const name of ['provision', 'bundle-source']) {
  test(`${name}: built twice, the zips are equal, and the manifest says which they are`, () => {
    assert.ok(contentOf(name).equals(readFileSync(join(again.folder, `${name}.zip`))));
    const sha256 = createHash('sha256').update(contentOf(name)).digest('hex');
    assert.deepEqual(built.manifest[name], { file: `${name}.zip`, sha256 });
  });

  test(`${name}: is small, and holds no tests and nothing hidden`, () => {
    assert.ok(contentOf(name).length < MAX_BYTES, `${contentOf(name).length} bytes`);
    const strangers = Object.keys(filesIn(name)).filter((path) =>
      /(^|\/)(\.|tests\/|__pycache__)/.test(path),
    );
    assert.deepEqual(strangers, []);
  });
}

test('provision: the steps at the top, and beside them every migration of the warehouse', () => {
  const files = filesIn('provision');
  assert.ok(Buffer.from(files['run.sh']!).equals(readFileSync('src/instance/provision/run.sh')));
  const migrations = Object.keys(files).filter((path) => path.startsWith('sql/'));
  assert.deepEqual(
    migrations,
    readdirSync('src/etl/store/sql')
      .map((name) => `sql/${name}`)
      .toSorted(),
  );
});

test('provision: the dashboard with what the build adds to it, and the licences of that', () => {
  const files = filesIn('provision');
  for (const path of ['app.R', 'browser/library/plot.js', 'browser/library/LICENSES.txt'])
    assert.ok(`dashboard/${path}` in files, path);
  const licences = Buffer.from(files['dashboard/browser/library/LICENSES.txt']!).toString();
  assert.match(licences, /^@observablehq\/plot \S+ \(ISC\)$[\s\S]*^d3-selection /m);
});

test('bundle-source: at its top is what CodeBuild looks for', () => {
  assert.ok('buildspec.yml' in filesIn('bundle-source'));
});

test('a program can be run where the zip is unpacked, and no file has a time', () => {
  // A zip's directory has 46 bytes for each file, then its name: https://pkware.cachefly.net/webdocs/APPNOTE/ 4.3.12
  const zip = contentOf('bundle-source');
  const entry = zip.lastIndexOf('build.sh') - 46;
  assert.equal(zip.readUInt32LE(entry), 0x02014b50);
  assert.equal(zip.readUInt16LE(entry + 40), 0o100755);
  const firstOfJanuary1980 = 0x0021_0000;
  assert.equal(zip.readUInt32LE(entry + 12), firstOfJanuary1980);
});
