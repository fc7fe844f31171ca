import { Command, CommanderError } from 'commander';
import { registerCommands } from './commands/index.ts';
import type { Context } from './context.ts';
import { printError } from './terminal/print-error.ts';

/** argv (without node and script) in, exit code out. Never ends the process, so tests run it in-process. */
export async function run(argv: readonly string[], ctx: Context, version: string): Promise<number> {
  const exit = { code: 0 };
  const program = new Command('sbw')
    .description('Runs a Clickstream Analytics Platform: events in, rows out, every one accounted for.')
    .version(version, '-V, --version')
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => ctx.terminal.result(text.trimEnd()),
      writeErr: (text) => ctx.terminal.error(text.trimEnd()),
    });
  registerCommands(program, ctx, exit);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exit.code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 64;
    return printError(ctx.terminal, error, argv.includes('--debug'));
  }
}
