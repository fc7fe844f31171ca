import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { registerData } from './data/index.ts';
import { registerEtl } from './etl/index.ts';
import { registerLocal } from './local/index.ts';
import { registerRuns } from './runs.ts';

/** Where a command leaves its exit code when it ended well but not with 0 (2, 5, 6, 130). */
export interface Exit {
  code: number;
}

/** The table of contents: every command, in the order of `sbw --help`. */
export function registerCommands(program: Command, ctx: Context, exit: Exit): void {
  // main.ts and cli.ts read these from argv; here they are accepted anywhere on the line, and shown in the help.
  program
    .option('-q, --quiet', 'no progress and hints; results, warnings and errors only')
    .option('--no-color', 'no colours (NO_COLOR); FORCE_COLOR has them in a pipe too')
    .option('--no-input', 'never ask: a question is an error that names the flag')
    .option('--debug', 'show where an error came from')
    .configureHelp({ showGlobalOptions: true });
  registerLocal(program, ctx, exit);
  registerEtl(program, ctx, exit);
  registerData(program, ctx, exit);
  registerRuns(program, ctx, exit);
}
