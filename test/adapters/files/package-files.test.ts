import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openPackageFiles } from '../../../src/adapters/files/package-files.ts';
import { LAYER_NAMES } from '../../../src/stacks/catalog.ts';

/** A package as it is installed: its own manifest, and below dist/ what a build made. */
function install(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'sbw-package-'));
  for (const [path, content] of Object.entries({ 'package.json': '{}', ...files })) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  mkdirSync(join(root, 'dist/adapters/files'), { recursive: true });
  return join(root, 'dist/adapters/files');
}

test('in a checkout every layer has its template as it is written', async () => {
  const files = openPackageFiles();
  for (const layer of LAYER_NAMES) assert.match(await files.template(layer), /^Resources:/m, layer);
});

test('installed, templates and assets are those that were shipped', async () => {
  const files = openPackageFiles(
    install({
      'dist/templates/storage.yaml': 'Resources: {}',
      'dist/assets/manifest.json': JSON.stringify({ etl: { file: 'etl-1.zip', sha256: '-' } }),
      'dist/assets/etl-1.zip': 'zip',
    }),
  );
  assert.equal(await files.template('storage'), 'Resources: {}');
  assert.equal(Buffer.from(await files.asset('etl')).toString(), 'zip');
});

test('an asset that was not built is an error that says what to do', async () => {
  for (const manifest of [
    {},
    { 'dist/assets/manifest.json': 'not JSON' },
    { 'dist/assets/manifest.json': '{}' },
  ]) {
    await assert.rejects(openPackageFiles(install(manifest)).asset('ingest'), {
      ...{ code: 'ASSET_MISSING', kind: 'environment', fix: /npm run build/ },
    });
  }
});
