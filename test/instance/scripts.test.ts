import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const INSTANCE = 'src/instance';
const PROVISION = join(INSTANCE, 'provision');

/** Files of a folder that begin with a line as scripts do. */
function scriptsIn(folder: string, interpreter: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file, 'utf8').split('\n', 1)[0]!.includes(interpreter));
}

function namesIn(list: string): string[] {
  return readFileSync(join(INSTANCE, 'bundle', list), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function sourcesOf(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.R') && !name.startsWith('tests'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
}

test('shellcheck finds nothing in the shell scripts', () => {
  const scripts = [PROVISION, join(INSTANCE, 'bundle'), 'test/instance/support'].flatMap((folder) => [
    ...scriptsIn(folder, 'bash'),
  ]);
  assert.ok(scripts.length > 10, scripts.join(' '));
  const { status, stdout, stderr } = spawnSync(
    'shellcheck',
    ['--external-sources', `--source-path=${PROVISION}`, ...scripts],
    {
      encoding: 'utf8',
    },
  );
  assert.equal(status, 0, stdout + stderr);
});

test('the Python program compiles, and needs nothing but the standard library', () => {
  const check = `
import ast, sys
tree = ast.parse(open(sys.argv[1]).read())
names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
assert not any(isinstance(node, ast.ImportFrom) for node in ast.walk(tree))
print(*sorted({name.split('.')[0] for name in names} - sys.stdlib_module_names))`;
  const { status, stdout, stderr } = spawnSync('python3', ['-c', check, join(PROVISION, 'host.py')], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  assert.equal(stdout.trim(), '');
});

/** host.py, with other answers of CloudFormation: prints how often it was asked, and what was said. */
function report(...answers: readonly (number | 'ok')[]): string[] {
  const program = `
import io, sys, urllib.error
sys.path.insert(0, sys.argv[1])
import host
host.PAUSE_SECONDS, asked, said = 0, [], []
host.say = said.append
def send(request, seconds):
    answer = sys.argv[2 + min(len(asked), len(sys.argv) - 3)]
    asked.append(answer)
    if answer == 'ok':
        return io.BytesIO()
    raise OSError(answer) from (urllib.error.HTTPError('', int(answer), '', {}, None) if answer != '0' else None)
host.send = send
host.patiently(lambda: host.report('https://x/', None))
print(len(asked), *said, sep='\\n')`;
  const { status, stdout, stderr } = spawnSync(
    'python3',
    ['-B', '-c', program, PROVISION, ...answers.map(String)],
    { encoding: 'utf8' },
  );
  assert.equal(status, 0, stderr);
  return stdout.trim().split('\n');
}

test('"ready" is said until CloudFormation hears it; a letter box that is closed is no failure', () => {
  assert.deepEqual(report(503, 0, 'ok'), ['3', 'trying again: 503', 'trying again: 0']);
  assert.deepEqual(report(403), ['1', 'CloudFormation does not want to know: 403']);
});

test('steps have numbers, each its own, and say at the top what they are for', () => {
  const steps = readdirSync(join(PROVISION, 'steps'));
  for (const step of steps) assert.match(step, /^[1-9]0-[a-z]+\.sh$/);
  assert.equal(new Set(steps.map((step) => step.slice(0, 2))).size, steps.length);
  for (const step of steps) {
    assert.match(readFileSync(join(PROVISION, 'steps', step), 'utf8'), /^#!\/bin\/bash\n# [A-Z]/);
  }
});

test('steps ask for the database by the name that the ETL uses, and lock migrations as it does', () => {
  const step = readFileSync(join(PROVISION, 'steps/50-database.sh'), 'utf8');
  assert.match(readFileSync('src/templates/etl.yaml', 'utf8'), /DWH_DATABASE: clickstream_dw/);
  assert.match(step, /database=clickstream_dw/);
  const lock = /MIGRATION_LOCK = ([\d_]+)n/.exec(readFileSync('src/etl/store/migrate.ts', 'utf8'))?.[1];
  assert.ok(step.includes(`pg_advisory_xact_lock(${lock?.replaceAll('_', '')})`));
});

test('every R package that the dashboard names is in the bundle', () => {
  const source = sourcesOf(join(INSTANCE, 'dashboard'));
  const named = [...source.matchAll(/\b([A-Za-z][\w.]*)::/g), ...source.matchAll(/library\(([\w.]+)\)/g)];
  const fromR = new Set(['base', 'graphics', 'grDevices', 'methods', 'parallel', 'stats', 'tools', 'utils']);
  const asked = new Set(named.map(([, name]) => name!).filter((name) => !fromR.has(name)));
  // The driver brings DBI, and shiny its own companions.
  const brought = new Set(['DBI', 'htmltools', 'httpuv', 'later', 'promises', 'cachem', 'digest', 'rlang']);
  const bundled = new Set(namesIn('packages.txt').flatMap((name) => /^r-cran-(.+)$/.exec(name)?.[1] ?? []));
  const missing = [...asked].filter((name) => !brought.has(name) && !bundled.has(name.toLowerCase()));
  assert.ok(asked.has('shiny'));
  assert.deepEqual(missing, []);
});
