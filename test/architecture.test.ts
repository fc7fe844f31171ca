import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { test } from 'node:test';

interface Source {
  /** Path below the checkout, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** Who may import whom: folder or file of src/ -> what it may import besides itself. Read from top to bottom. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'main.ts': ['cli.ts', 'config.ts', 'context.ts', 'adapters', 'terminal', 'errors.ts'],
  'cli.ts': ['commands', 'context.ts', 'terminal', 'errors.ts'],
  commands: ['context.ts', 'errors.ts', 'etl', 'stacks', 'tunnel', 'local', 'terminal', 'project-config.ts'],
  terminal: ['context.ts', 'config.ts', 'errors.ts', 'etl', 'stacks', 'tunnel', 'local'],
  local: ['etl', 'config.ts', 'errors.ts'],
  lambda: ['etl', 'adapters', 'config.ts', 'errors.ts'],
  adapters: ['etl', 'stacks', 'tunnel', 'config.ts', 'errors.ts'],
  'context.ts': ['etl', 'stacks', 'tunnel', 'config.ts'],
  'project-config.ts': ['errors.ts', 'stacks', 'config.ts'],
  stacks: ['errors.ts'],
  tunnel: ['errors.ts'],
  'config.ts': [],
  etl: ['errors.ts'],
  'errors.ts': [],
};

/** Packages that stay behind one door. */
const ONLY_IN: readonly { readonly packages: RegExp; readonly folders: readonly string[] }[] = [
  { packages: /^(@aws-sdk\/|pg$|pg-copy-streams$|undici$|ws$)/, folders: ['adapters'] },
  { packages: /^(chalk|ora|inquirer)$/, folders: ['terminal'] },
  { packages: /^commander$/, folders: ['cli.ts', 'commands'] },
  { packages: /^node:(net|http|https|tls|dgram)$/, folders: ['adapters', 'local'] },
  { packages: /^node:child_process$/, folders: ['adapters', 'local'] },
];

/** All that the core may use besides its own files: what computes, and nothing that reaches out. */
const ETL_PACKAGES = /^(lossless-json|node:(buffer|crypto|os|stream|timers\/promises|zlib))$/;

/** Commands that are built on another: the demo sends what `seed` sends, `up --foreground` is `serve`. */
const BUILT_ON: readonly string[] = ['local/demo.ts -> local/seed.ts', 'local/up.ts -> local/serve.ts'];

const MAX_LINES = 400;
const MAX_FILES = 12;
const GENERATED = /\.generated\.ts$/;

const layerOf = (path: string): string => path.split('/')[1] ?? '';

function importsOf({ text }: Source): string[] {
  return [...text.matchAll(/(?:\bfrom|\bimport\(|^import)\s*'([\w@./:-]+)'/gm)].map((match) => match[1]!);
}

/** A file that registers one command, not a group of them. */
function isCommand({ path, text }: Source): boolean {
  return (
    path.startsWith('src/commands/') && !path.endsWith('index.ts') && /^export function register/m.test(text)
  );
}

function commandsImportingCommands(sources: readonly Source[]): string[] {
  const commands = new Map(sources.filter(isCommand).map((source) => [source.path, source]));
  const nameOf = (path: string): string => path.slice('src/commands/'.length);
  return [...commands.values()].flatMap((source) =>
    importsOf(source)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => normalize(join(dirname(source.path), specifier)))
      .filter((target) => commands.has(target))
      .map((target) => `${nameOf(source.path)} -> ${nameOf(target)}`),
  );
}

/** Every broken rule as a sentence; pure, so that the rules themselves are tested below. */
function findViolations(sources: readonly Source[]): string[] {
  const violations: string[] = [];
  const perFolder = new Map<string, number>();
  for (const source of sources) {
    const { path, text } = source;
    const layer = layerOf(path);
    perFolder.set(dirname(path), (perFolder.get(dirname(path)) ?? 0) + 1);
    const lines = text.split('\n').length - 1;
    if (lines > MAX_LINES && !GENERATED.test(path)) violations.push(`${path} has ${lines} lines`);
    if (/\bprocess\.exit\(/.test(text)) violations.push(`${path} ends the process`);
    if (/\bconsole\.\w/.test(text)) violations.push(`${path} uses the console`);
    if (/\bprocess\.env\b/.test(text.replaceAll(/\/\*\*[\s\S]*?\*\//g, '')) && path !== 'src/config.ts') {
      violations.push(`${path} reads the environment`);
    }
    for (const specifier of importsOf(source)) {
      if (specifier.startsWith('.')) {
        const target = normalize(join(dirname(path), specifier)).split('/')[1] ?? '';
        if (specifier.endsWith('/package.json') || target === layer) continue;
        if (MAY_IMPORT[layer]?.includes(target) !== true) violations.push(`${path} imports ${target}`);
      } else {
        const isForbidden =
          (layer === 'etl' && !ETL_PACKAGES.test(specifier)) ||
          ONLY_IN.some(({ packages, folders }) => packages.test(specifier) && !folders.includes(layer));
        if (isForbidden) violations.push(`${path} imports ${specifier}`);
      }
    }
  }
  for (const [folder, files] of perFolder) {
    if (files > MAX_FILES) violations.push(`${folder} holds ${files} files`);
  }
  return violations;
}

function read(folder: string): Source[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return read(path);
    return entry.name.endsWith('.ts')
      ? [{ path: relative('.', path), text: readFileSync(path, 'utf8') }]
      : [];
  });
}

test('src/ keeps the rules', () => {
  const sources = read('src');
  assert.ok(sources.length > 50);
  assert.deepEqual(findViolations(sources), []);
});

test('no command imports another, but for those that are built on one', () => {
  assert.deepEqual(commandsImportingCommands(read('src')).toSorted(), BUILT_ON);
});

test('every layer of src/ is in the table', () => {
  const layers = new Set(read('src').map(({ path }) => layerOf(path)));
  assert.deepEqual(
    [...layers].filter((layer) => MAY_IMPORT[layer] === undefined),
    [],
  );
});

test('no test replaces a module', () => {
  const mocked = read('test').filter(
    ({ text, path }) =>
      /\bmock\.module\(|jest\.mock|vi\.mock/.test(text) && !path.endsWith('architecture.test.ts'),
  );
  assert.deepEqual(mocked, []);
});

test('the rules find what breaks them', () => {
  const broken = (path: string, text: string): string[] => findViolations([{ path, text }]);
  assert.deepEqual(broken('src/etl/a.ts', "import pg from 'pg';\n"), ['src/etl/a.ts imports pg']);
  assert.deepEqual(broken('src/etl/load/a.ts', "import { x } from '../../adapters/postgres.ts';\n"), [
    'src/etl/load/a.ts imports adapters',
  ]);
  assert.deepEqual(broken('src/etl/a.ts', "import { x } from 'node:fs';\n"), [
    'src/etl/a.ts imports node:fs',
  ]);
  assert.deepEqual(broken('src/etl/a.ts', "import { x } from 'node:crypto';\n"), []);
  assert.deepEqual(broken('src/local/a.ts', "const chalk = await import(\n  'chalk'\n);\n"), [
    'src/local/a.ts imports chalk',
  ]);
  assert.deepEqual(broken('src/terminal/a.ts', "export { x } from '../commands/options.ts';\n"), [
    'src/terminal/a.ts imports commands',
  ]);
  assert.deepEqual(broken('src/commands/a.ts', "await import('../adapters/postgres.ts');\n"), [
    'src/commands/a.ts imports adapters',
  ]);
  assert.deepEqual(
    broken('src/local/a.ts', 'const x = process.env.HOME;\nconsole.log(x);\nprocess.exit(1);\n'),
    [
      'src/local/a.ts ends the process',
      'src/local/a.ts uses the console',
      'src/local/a.ts reads the environment',
    ],
  );
  assert.deepEqual(broken('src/etl/long.ts', '\n'.repeat(401)), ['src/etl/long.ts has 401 lines']);
  const many = Array.from({ length: 13 }, (_, index) => ({ path: `src/etl/${index}.ts`, text: '' }));
  assert.deepEqual(findViolations(many), ['src/etl holds 13 files']);
  const one = {
    path: 'src/commands/etl/one.ts',
    text: "import { x } from './two.ts';\nexport function registerOne() {}",
  };
  const two = { path: 'src/commands/etl/two.ts', text: 'export function registerTwo() {}' };
  assert.deepEqual(commandsImportingCommands([one, two]), ['etl/one.ts -> etl/two.ts']);
  assert.deepEqual(commandsImportingCommands([one, { ...two, text: 'export const x = 1;' }]), []);
});
