import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { buildBundles, type Bundles } from './support/runtime.ts';

const NAMES = ['ingest', 'etl'] as const;
/** Of the zips. A jump means that something came in which has no business in a function. */
const MAX_BYTES = { ingest: 20_000, etl: 330_000 };
/** What the runtime brings, and nothing else of the SDK. */
const SDK = { ingest: [], etl: ['@aws-sdk/client-ssm'] };
/** node-postgres looks for this one only when asked to. */
const OPTIONAL = ['pg-native'];

/** The prefix is Node's alone. This Node may be older than the runtime's, and not know each module of it. */
const isNode = (name: string): boolean => name.startsWith('node:') || isBuiltin(name);

let bundles: Bundles;
let again: Bundles;

before(async () => {
  [bundles, again] = await Promise.all([buildBundles(), buildBundles()]);
});
after(() => {
  for (const built of [bundles, again]) built.remove();
});

for (const name of NAMES) {
  const codeOf = (): string => readFileSync(join(bundles.unpacked(name), 'index.js'), 'utf8');

  test(`${name}: built twice, the zips are equal, and the manifest says which they are`, () => {
    const [first, second] = [bundles, again].map(({ folder }) => readFileSync(join(folder, `${name}.zip`)));
    assert.ok(first!.equals(second!));
    const sha256 = createHash('sha256').update(first!).digest('hex');
    assert.deepEqual(bundles.manifest[name], { file: `${name}.zip`, sha256 });
  });

  test(`${name}: is small`, () => {
    const { size } = statSync(join(bundles.folder, `${name}.zip`));
    assert.ok(size < MAX_BYTES[name], `${size} bytes`);
    assert.ok(size > MAX_BYTES[name] / 2, `${size} bytes: the bound is out of date`);
  });

  test(`${name}: needs nothing but Node and what the runtime brings`, () => {
    const needed = [...codeOf().matchAll(/\brequire\("([^"]+)"\)/g)].map((match) => match[1]!);
    const packages = [...new Set(needed.filter((one) => !isNode(one) && !OPTIONAL.includes(one)))];
    assert.deepEqual(packages, SDK[name]);
    assert.doesNotMatch(codeOf(), /\bimport\(/);
  });

  test(`${name}: holds no path of the machine it was built on, and the licences of what is in it`, () => {
    assert.deepEqual(readdirSync(bundles.unpacked(name)).toSorted(), ['LICENSES.txt', 'index.js']);
    assert.ok(!codeOf().includes(process.cwd()));
    const licences = readFileSync(join(bundles.unpacked(name), 'LICENSES.txt'), 'utf8');
    const packages = licences.split('\n----\n\n').map((part) => part.split('\n\n')[0]!);
    for (const line of packages.join('\n').split('\n')) {
      assert.match(line, /^[\w@/.-]+ [\d.]+ \((MIT|ISC|BSD-\d-Clause|Apache-2\.0)\)$/);
    }
    assert.match(licences, /^lossless-json [\d.]+ \(MIT\)$/m);
  });
}
