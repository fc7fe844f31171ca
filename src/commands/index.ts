import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { registerCompletion } from './completion.ts';
import { registerCost } from './cost.ts';
import { registerData } from './data/index.ts';
import { registerDeploy } from './deploy.ts';
import { registerEtl } from './etl/index.ts';
import { registerLocal } from './local/index.ts';
import { registerProtect } from './protect.ts';
import { registerReport } from './report/report.ts';
import { registerRuns } from './runs.ts';
import { registerConfig } from './setup/config.ts';
import { registerHost } from './host.ts';
import { registerInit } from './setup/init.ts';
import { registerStatus } from './status.ts';
import { registerTeardown } from './teardown.ts';
import { registerTunnel } from './tunnel.ts';

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
  registerInit(program, ctx, exit);
  registerConfig(program, ctx, exit);
  registerCost(program, ctx, exit);
  registerDeploy(program, ctx, exit);
  registerStatus(program, ctx, exit);
  registerEtl(program, ctx, exit);
  registerData(program, ctx, exit);
  registerReport(program, ctx, exit);
  registerRuns(program, ctx, exit);
  registerTunnel(program, ctx, exit);
  registerHost(program, ctx, exit);
  registerProtect(program, ctx, exit);
  registerTeardown(program, ctx, exit);
  registerCompletion(program, ctx, exit);
}
