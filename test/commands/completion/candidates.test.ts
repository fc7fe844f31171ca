import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Argument, Command, Option } from 'commander';
import { completeLine } from '../../../src/commands/completion/candidates.ts';
import { registerCommands } from '../../../src/commands/index.ts';
import { fakeContext } from '../../support/context.ts';

function shop(): Command {
  const program = new Command('sbw')
    .option('-q, --quiet', 'silent')
    .configureHelp({ showGlobalOptions: true });
  const etl = program.command('etl').description('Load. And more.');
  etl
    .command('run')
    .description('Load what is new. Slowly.')
    .option('--stage <name>', 'which one')
    .option('--set <name=value>', 'decide; repeatable')
    .option('--json', 'as JSON')
    .option('--explain [run]', 'why')
    .addOption(new Option('--order <order>', 'which first').choices(['newest', 'oldest']))
    .addOption(new Option('--secret').hideHelp());
  program.command('protect').addArgument(new Argument('<word>').choices(['on', 'off']));
  program.command('export').argument('<dir>');
  program.command('inner', { hidden: true });
  return program;
}

async function offered(line: string): Promise<string[]> {
  const known = { stages: async () => ['dev', 'prod'] };
  return (await completeLine(shop(), line.split(' '), known)).map(({ word }) => word);
}

const CASES: readonly [line: string, words: readonly string[]][] = [
  ['', ['etl', 'protect', 'export', 'help']],
  ['e', ['etl', 'export']],
  ['inn', []],
  ['etl ', ['run', 'help']],
  ['etl run ', []],
  ['etl run --', ['--stage', '--set', '--json', '--explain', '--order', '--help', '--quiet']],
  ['etl run --json --s', ['--stage', '--set']],
  ['etl run --json --j', []],
  ['etl run --set a=1 --set b=2 --se', ['--set']],
  ['etl run --stage ', ['dev', 'prod']],
  ['etl run --stage p', ['prod']],
  ['etl run --stage=p', ['--stage=prod']],
  ['etl run --stage =', ['dev', 'prod']],
  ['etl run --stage = p', ['prod']],
  ['etl run --stage = prod --js', ['--json']],
  ['etl run --stage=prod --st', []],
  ['etl run --order n', ['newest']],
  ['etl run --explain ', []],
  ['-q etl r', ['run']],
  ['etl --unknown r', ['run']],
  ['etl run --stage etl --js', ['--json']],
  ['etl run -- --js', []],
  ['protect ', ['on', 'off']],
  ['protect of', ['off']],
  ['export ', []],
];

test('what may stand where the cursor is', async () => {
  for (const [line, words] of CASES) assert.deepEqual(await offered(line), words, `sbw ${line}<tab>`);
});

test('a word comes with what it is about', async () => {
  const found = await completeLine(shop(), ['etl', 'r'], { stages: async () => [] });
  assert.deepEqual(found, [{ word: 'run', about: 'Load what is new.' }]);
});

test('every command of sbw can be reached by pressing tab, word after word', async () => {
  const program = new Command('sbw');
  registerCommands(program, fakeContext(), { code: 0 });
  const known = { stages: async () => [] };
  let leaves = 0;
  const walk = async (command: Command, before: readonly string[]): Promise<void> => {
    const found = (await completeLine(program, [...before, ''], known)).map(({ word }) => word);
    const options = (await completeLine(program, [...before, '--'], known)).map(({ word }) => word);
    for (const child of command.createHelp().visibleCommands(command)) {
      assert.ok(found.includes(child.name()), `sbw ${[...before, child.name()].join(' ')}`);
      if (child.name() !== 'help') await walk(child, [...before, child.name()]);
    }
    for (const { long, hidden } of command.options) assert.ok(hidden || options.includes(long!), long);
    if (command.commands.length === 0) leaves += 1;
  };
  await walk(program, []);
  assert.ok(leaves > 20, `${leaves} commands`);
});
