import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Command } from 'commander';
import { namesWindow, parseWindow, type WindowFlags } from '../../src/etl/time/window.ts';
import { registerCommands } from '../../src/commands/index.ts';
import { fakeContext } from '../support/context.ts';

const FOLDER = 'src/instance/dashboard';
const NOW = new Date('2026-11-23T10:00:00Z');
/** What the SQL puts in; hours as to_char() writes them: the first of two is the earlier. */
const HOURS = ['2025-12-06T05', '2025-12-06T07'];
const REASON = 'price_not_number';

/** Commands that SQL puts together, with values in the places of its expressions. */
function commandsOfSql(path: string): string[] {
  const sql = readFileSync(`${FOLDER}/sql/quality/${path}.sql`, 'utf8').replace(/^--.*$/gm, '');
  const glue = String.raw`\s*\|\|\s*`;
  const part = String.raw`(?:to_char\([^"]*"T"HH24'\)|reason|'[^']*')`;
  return [...sql.matchAll(new RegExp(`'sbw [^']*'(?:${glue}${part})*`, 'g'))].map(([expression]) => {
    let hour = 0;
    return expression
      .split(new RegExp(glue))
      .map((text) => {
        if (text.startsWith('to_char')) return HOURS[hour++];
        return text === 'reason' ? REASON : text.replaceAll("'", '');
      })
      .join('');
  });
}

/** Commands in the texts end with the sentence, or with a word that no command has. */
function commandsOfTexts(language: string): string[] {
  const texts = JSON.parse(readFileSync(`${FOLDER}/languages/${language}.json`, 'utf8')) as Record<
    string,
    string
  >;
  return Object.values(texts).flatMap((text) => text.match(/\bsbw [a-z-]+( [a-z-]+)*/g) ?? []);
}

function commandsOfR(): string[] {
  const code = readFileSync(`${FOLDER}/logic/commands.R`, 'utf8').replace(/^#.*$/gm, '');
  return [...code.matchAll(/"(sbw [^"]*)"/g)].map(([, command]) => command!);
}

/** The real program, whose commands only say that they were reached. */
function parse(line: string): { name: string; flags: WindowFlags } {
  const ctx = fakeContext();
  const program = new Command('sbw').exitOverride().configureOutput({ writeErr: () => undefined });
  registerCommands(program, ctx, { code: 0 });
  const reached: { name: string; flags: WindowFlags }[] = [];
  const replace = (command: Command, name: string): void => {
    for (const child of command.commands) replace(child, `${name} ${child.name()}`);
    if (command.commands.length > 0) return;
    command.action(() => {
      reached.push({ name, flags: command.opts() });
    });
  };
  replace(program, 'sbw');
  program.parse(line.split(' ').slice(1), { from: 'user' });
  assert.equal(reached.length, 1, line);
  return reached[0]!;
}

describe('every command that the dashboard shows is one of sbw', () => {
  const sources: Record<string, string[]> = {
    'checks.sql': commandsOfSql('checks'),
    'reasons.sql': commandsOfSql('reasons'),
    'missing-hours.sql': commandsOfSql('missing-hours'),
    'en.json': commandsOfTexts('en'),
    'vi.json': commandsOfTexts('vi'),
    'commands.R': commandsOfR(),
  };
  const atLeast: Record<string, number> = { 'checks.sql': 6, 'commands.R': 10 };

  for (const [source, commands] of Object.entries(sources)) {
    test(source, () => {
      assert.ok(commands.length >= (atLeast[source] ?? 1), `only ${commands.join(', ')}`);
      for (const command of commands) {
        const { name, flags } = parse(command);
        assert.ok(command.startsWith(name));
        // A window needs both of its ends, which the program itself finds out only as it runs.
        if (namesWindow(flags)) parseWindow(flags, NOW);
      }
    });
  }

  test('and one that is not would be noticed', () => {
    assert.throws(() => parse('sbw data quarantine list'));
    assert.throws(() => parse('sbw etl gaps --form 2025-12-06'));
  });
});
