import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { hostBundle } from './support/debian.ts';

const scratch = mkdtempSync(join(tmpdir(), 'sbw-bundle-'));
after(() => rmSync(scratch, { recursive: true }));

const sha256Of = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

test('the bundle has an index in which every package is as it is', () => {
  execFileSync('tar', ['--extract', '--file', hostBundle().file, '--directory', scratch]);
  const entries = readFileSync(join(scratch, 'Packages'), 'utf8').trim().split('\n\n');
  const fields = entries.map((entry) =>
    Object.fromEntries(
      entry.split('\n').flatMap((line) => {
        const [, name, value] = /^([A-Z][\w-]*): (.*)$/.exec(line) ?? [];
        return name === undefined ? [] : [[name, value ?? '']];
      }),
    ),
  );
  assert.ok(fields.length > 250);
  for (const { Package, Filename, Size, SHA256 } of fields) {
    const content = readFileSync(join(scratch, Filename!));
    assert.equal(content.length, Number(Size), Package);
    assert.equal(sha256Of(content), SHA256, Package);
  }
  const names = new Set(fields.map(({ Package }) => Package));
  assert.equal(names.size, fields.length, 'a package is there twice');
  const wanted = readFileSync(join(scratch, 'install.txt'), 'utf8').trim().split('\n');
  assert.deepEqual(
    wanted.filter((name) => !names.has(name)),
    [],
  );
  // Where the image's own are older, packages that name an exact version need them.
  for (const name of ['perl-base', 'libc6', 'linux-image-cloud-amd64']) assert.ok(names.has(name), name);
});

/** Stands for the AWS CLI: knows `s3 cp FILE|- s3://BUCKET/KEY`, keeps the object, and tells the order. */
const AWS = `#!/bin/bash
set -Eeuo pipefail
[ "$1 $2" = 's3 cp' ] || exit 2
shift 2
while [[ $1 = --* ]]; do
  [ "$1" = --no-progress ] || shift
  shift
done
to=$STORE/$(echo "\${2#s3://}" | tr / _)
if [ "$1" = - ]; then cat > "$to"; else cp "$1" "$to"; fi
echo "\${2#s3://}" >> "$STORE/order"
`;

function upload(store: string, environment: Record<string, string>): { code: number | null; stderr: string } {
  writeFileSync(join(store, 'aws'), AWS);
  chmodSync(join(store, 'aws'), 0o755);
  writeFileSync(join(store, 'bundle.tar'), 'a bundle');
  const { status, stderr } = spawnSync('bash', ['src/instance/bundle/upload.sh', join(store, 'bundle.tar')], {
    encoding: 'utf8',
    env: { PATH: `${store}:${process.env['PATH']}`, STORE: store, ...environment },
  });
  return { code: status, stderr };
}

test('a bundle is uploaded under its hash, and named beside its source afterwards', () => {
  const store = mkdtempSync(join(scratch, 'store-'));
  const source = 'host/bundle-source-0123456789abcdef.zip';
  assert.deepEqual(upload(store, { ASSETS_BUCKET: 'assets', SOURCE_KEY: source }), { code: 0, stderr: '' });
  const sha256 = sha256Of(Buffer.from('a bundle'));
  assert.deepEqual(readFileSync(join(store, 'order'), 'utf8').trim().split('\n'), [
    `assets/host/bundle-${sha256}.tar`,
    `assets/${source}.bundle.json`,
  ]);
  const note = readFileSync(join(store, `assets_${source.replace('/', '_')}.bundle.json`), 'utf8');
  assert.deepEqual(JSON.parse(note), { key: `host/bundle-${sha256}.tar`, sha256 });
});

test('an upload that was told no bucket fails, and names no bundle', () => {
  const store = mkdtempSync(join(scratch, 'store-'));
  const { code, stderr } = upload(store, { SOURCE_KEY: 'host/bundle-source-0.zip' });
  assert.notEqual(code, 0);
  assert.match(stderr, /ASSETS_BUCKET: unbound variable/);
});
