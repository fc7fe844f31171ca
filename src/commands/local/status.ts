import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { EXIT_CODE } from '../../errors.ts';
import type { Exit } from '../index.ts';
import { addJsonOption, examples } from '../options.ts';

export interface StatusOptions {
  readonly json?: boolean;
}

export function registerStatus(parent: Command, ctx: Context, exit: Exit, run = runStatus): void {
  addJsonOption(
    parent
      .command('status')
      .description('What runs, where it listens and what has arrived. Exit 3: not running; 1: half dead.'),
  )
    .addHelpText('after', examples('sbw local status', 'sbw local status --json'))
    .action(async (flags: StatusOptions) => {
      exit.code = await run(ctx, flags);
    });
}

/** Returns the exit code. */
export async function runStatus(ctx: Context, flags: StatusOptions): Promise<number> {
  const [{ readStatus }, { formatStatus, statusToJson }] = await Promise.all([
    import('../../local/status.ts'),
    import('../../terminal/local/render-platform.ts'),
  ]);
  const status = await readStatus(ctx);
  const now = ctx.clock.now();
  ctx.terminal.result(flags.json ? JSON.stringify(statusToJson(status)) : formatStatus(status, now));
  if (status === null) return EXIT_CODE.environment;
  return status.live.service && status.live.warehouse ? 0 : EXIT_CODE.failed;
}
