import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { registerCommands } from '../../src/commands/index.ts';
import { fakeContext } from '../support/context.ts';

/** Every command that does something and is shown, with its whole name. */
function leaves(command: Command, name: string): { name: string; command: Command }[] {
  if (command.commands.length === 0) return [{ name, command }];
  const visible = command.createHelp().visibleCommands(command);
  return command.commands
    .filter((child) => visible.includes(child))
    .flatMap((child) => leaves(child, `${name} ${child.name()}`));
}

async function helpOf(name: string): Promise<string> {
  let text = '';
  const program = new Command('sbw')
    .exitOverride()
    .configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 80 });
  registerCommands(program, fakeContext(), { code: 0 });
  await program.parseAsync([...name.split(' ').slice(1), '--help'], { from: 'user' }).catch(() => undefined);
  return text;
}

test('every command has a description, examples that name it, and fits 80 columns', async () => {
  const program = new Command('sbw');
  registerCommands(program, fakeContext(), { code: 0 });
  const commands = leaves(program, 'sbw');
  assert.ok(commands.length >= 11, `${commands.length} commands`);
  for (const { name, command } of commands) {
    assert.ok(command.description().length > 10, `${name} has no description`);
    const help = await helpOf(name);
    assert.match(help, new RegExp(`Examples:\n  \\$ ${name}`), `${name} has no examples`);
    for (const line of help.split('\n')) assert.ok(line.length <= 80, `${name}: too wide: ${line}`);
  }
});
