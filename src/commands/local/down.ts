import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { SbwError } from '../../errors.ts';
import type { LocalHome } from '../../local/home.ts';
import type { Exit } from '../index.ts';
import { addJsonOption, examples } from '../options.ts';

export interface DownOptions {
  readonly wipe?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export function registerDown(parent: Command, ctx: Context, exit: Exit, run = runDown): void {
  addJsonOption(
    parent
      .command('down')
      .description('Stop the local platform. Its data stays, unless --wipe. Safe to repeat.')
      .option('--wipe', 'also delete its raw events and its warehouse')
      .option('-y, --yes', 'with --wipe: do not ask'),
  )
    .addHelpText('after', examples('sbw local down', 'sbw local down --wipe', 'sbw local down --wipe --yes'))
    .action(async (flags: DownOptions) => {
      exit.code = await run(ctx, flags);
    });
}

/** Returns the exit code. */
export async function runDown(ctx: Context, flags: DownOptions): Promise<number> {
  const [{ isOurs, locateHome }, { stopPlatform }, { formatDown, downToJson }] = await Promise.all([
    import('../../local/home.ts'),
    import('../../local/stop.ts'),
    import('../../terminal/local/render-platform.ts'),
  ]);
  const home = locateHome(ctx.config);
  const wipe = flags.wipe ?? false;
  const existed = isOurs(home);
  if (wipe) await approveWipe(ctx, home, flags.yes ?? false);
  const stopped = await stopPlatform(home, { wipe }, { say: ctx.terminal.info });
  const result = { ...stopped, existed, wiped: wipe && existed, home };
  ctx.terminal.result(flags.json ? JSON.stringify(downToJson(result)) : formatDown(result));
  return 0;
}

/** Names what dies, then asks. */
async function approveWipe(ctx: Context, home: LocalHome, isApproved: boolean): Promise<void> {
  const [{ isOurs, requireOwn }, { countLosses }, { formatLosses }] = await Promise.all([
    import('../../local/home.ts'),
    import('../../local/stop.ts'),
    import('../../terminal/local/render-platform.ts'),
  ]);
  if (!isOurs(home)) return;
  await requireOwn(home);
  const { openDatabase, openStore, terminal } = ctx;
  const losses = await countLosses(home, { openDatabase, openStore, say: terminal.info });
  terminal.info(formatLosses(losses, home));
  if (isApproved || (await terminal.confirm('Delete all of this for good?', '--yes'))) return;
  throw new SbwError('CANCELLED', 'nothing was stopped or deleted', { kind: 'cancelled' });
}
