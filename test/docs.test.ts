import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { Command } from 'commander';
import { registerCommands } from '../src/commands/index.ts';
import { EXIT_CHANGES_FOUND, EXIT_CODE } from '../src/errors.ts';
import { fakeContext } from './support/context.ts';

const read = (path: string): string => readFileSync(path, 'utf8');

/** Files below a folder whose names end so. */
function filesOf(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
}

const DOCUMENTS = ['README.md', 'CHANGELOG.md', ...filesOf('docs', '.md')];

/** Whole names of the commands that a user sees, and of the groups they stand in. */
function commandNames(): { commands: Set<string>; groups: Set<string> } {
  const program = new Command('sbw');
  registerCommands(program, fakeContext(), { code: 0 });
  const names = { commands: new Set<string>(), groups: new Set<string>() };
  const walk = (command: Command, name: string): void => {
    names[command.commands.length === 0 ? 'commands' : 'groups'].add(name);
    const visible = new Set(command.createHelp().visibleCommands(command));
    for (const child of command.commands) if (visible.has(child)) walk(child, `${name} ${child.name()}`);
  };
  walk(program, 'sbw');
  return names;
}

/** `sbw ...` in code spans and blocks of Markdown: the words up to the first that is no plain word. */
function commandsIn(markdown: string): string[] {
  const code = [...markdown.matchAll(/```[\s\S]*?```|`[^`\n]+`/g)].map(([text]) => text);
  return code.flatMap((text) =>
    [...text.matchAll(/(?:^|[`$]\s*|\n)sbw((?: [a-z]+(?:-[a-z]+)*\b(?![-=.:/]))+)/g)].map(
      ([, words]) => `sbw${words}`,
    ),
  );
}

/** Those that name no command and do not begin with one (an argument may follow). */
function unknownCommands(mentioned: readonly string[], known: ReturnType<typeof commandNames>): string[] {
  return mentioned.filter((text) => {
    const words = text.split(' ');
    const starts = words.map((_, index) => words.slice(0, index + 1).join(' '));
    return !known.groups.has(text) && !starts.some((start) => known.commands.has(start));
  });
}

/** Codes of SbwError in a source: written at the throw, or handed to a function that makes the error. */
function codesIn(source: string): string[] {
  if (!source.includes('SbwError')) return [];
  const CODE = "'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'";
  const patterns = [`new SbwError\\(\\s*'([A-Z0-9_]+)'`, `\\w\\(\\s*${CODE}\\s*,`, `,\\s*${CODE},?\\s*\\)`];
  const found = patterns.flatMap((pattern) => [...source.matchAll(new RegExp(pattern, 'g'))]);
  // A file of PostgreSQL's.
  return found.map(([, code]) => code!).filter((code) => code !== 'PG_VERSION');
}

/** First cells of the rows of Markdown tables, without the backquotes; a cell may name several. */
function firstCells(markdown: string): string[] {
  return [...markdown.matchAll(/^\|([^|]+)\|/gm)].flatMap(([, cell]) =>
    cell!
      .split(',')
      .map((part) => part.replaceAll('`', '').trim())
      .filter((part) => part !== '' && !part.startsWith('-')),
  );
}

/** Relative links of a document that lead nowhere. */
function deadLinks(document: string, markdown: string): string[] {
  return [...markdown.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
    .map(([, link]) => link!)
    .filter((link) => !/^[a-z]+:/.test(link) && !existsSync(join(dirname(document), link)))
    .map((link) => `${document}: ${link}`);
}

test('every command stands in the README', () => {
  const readme = read('README.md');
  const { commands } = commandNames();
  assert.ok(commands.size >= 15, `${commands.size} commands`);
  const missing = [...commands].filter((name) => !readme.includes(`\`${name}`));
  assert.deepEqual(missing, []);
});

test('every command that a document names exists', () => {
  const known = commandNames();
  const wrong = DOCUMENTS.flatMap((document) =>
    unknownCommands(commandsIn(read(document)), known).map((command) => `${document}: ${command}`),
  );
  assert.deepEqual(wrong, []);
});

test('every error code stands in docs/errors.md, and nothing else does', () => {
  const sources = filesOf('src', '.ts').map(read);
  const codes = new Set(sources.flatMap(codesIn));
  assert.ok(codes.size > 50, `${codes.size} codes`);
  const listed = firstCells(read('docs/errors.md')).filter((cell) => /^[A-Z0-9_]+$/.test(cell));
  assert.deepEqual(
    [...codes].filter((code) => !listed.includes(code)),
    [],
    'missing in docs/errors.md',
  );
  const text = sources.join('\n');
  assert.deepEqual(
    listed.filter((code) => !new RegExp(`\\b${code}\\b`).test(text)),
    [],
    'no longer in src/',
  );
  assert.equal(new Set(listed).size, listed.length, 'a code stands there twice');
});

test('docs/exit-codes.md has exactly the exit codes', () => {
  const listed = firstCells(read('docs/exit-codes.md')).filter((cell) => /^\d+$/.test(cell));
  const codes = [0, EXIT_CHANGES_FOUND, ...Object.values(EXIT_CODE)].map(String);
  assert.deepEqual(listed.toSorted(), codes.toSorted());
});

test('docs/fields.md is what the contract says', () => {
  const made = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/build-docs.ts', '--check'], {
    encoding: 'utf8',
  });
  assert.equal(made.status, 0, made.stderr);
});

test('no link leads nowhere', () => {
  assert.deepEqual(
    DOCUMENTS.flatMap((document) => deadLinks(document, read(document))),
    [],
  );
});

test('the searches above find what they look for', () => {
  const known = { groups: new Set(['sbw', 'sbw etl']), commands: new Set(['sbw etl run', 'sbw etl retry']) };
  const mentioned = commandsIn(
    '`sbw etl rnu`, `sbw etl retry <run>`\n```\n$ sbw etl run --json\n$ sbw etl\n```',
  );
  assert.deepEqual(mentioned, ['sbw etl rnu', 'sbw etl retry', 'sbw etl run', 'sbw etl']);
  assert.deepEqual(unknownCommands(mentioned, known), ['sbw etl rnu']);
  assert.deepEqual(codesIn("throw new SbwError(\n  'CANCELLED', '')"), ['CANCELLED']);
  assert.deepEqual(codesIn("fail('A_B', x); fail(x, 'C_D'); get('E_F'); new SbwError(name, '')"), [
    'A_B',
    'C_D',
  ]);
  assert.deepEqual(firstCells('| code | x |\n| --- | --- |\n| `A_B`, `C_D` | y |'), ['code', 'A_B', 'C_D']);
  assert.deepEqual(deadLinks('docs/local.md', '[a](fields.md) [b](gone.md#x) [c](https://a.b/c)'), [
    'docs/local.md: gone.md',
  ]);
});
