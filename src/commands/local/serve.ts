import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { SbwError } from '../../errors.ts';
import type { LocalPlatform } from '../../local/platform.ts';
import type { Exit } from '../index.ts';

export interface ServeOptions {
  /** Folder of the platform; the rest is read there, so that no secret stands on the command line. */
  readonly home: string;
}

/** The process behind `sbw local up`; not for people, hence hidden. */
export function registerServe(parent: Command, ctx: Context, exit: Exit, run = runServe): void {
  parent
    .command('serve', { hidden: true })
    .description('Run the ingest and the scheduled ETL of the local platform in this process.')
    .requiredOption('--home <folder>', 'folder of the local platform')
    .action(async (flags: ServeOptions) => {
      exit.code = await run(ctx, flags);
    });
}

/** Returns the exit code. */
export async function runServe(ctx: Context, { home }: ServeOptions): Promise<number> {
  const [{ homeAt }, { readPlatform }] = await Promise.all([
    import('../../local/home.ts'),
    import('../../local/platform.ts'),
  ]);
  const platform = await readPlatform(homeAt(home));
  if (platform === null) {
    throw new SbwError('LOCAL_NOT_RUNNING', `no local platform was started in ${home}`, {
      kind: 'environment',
      fix: 'sbw local up',
    });
  }
  await serve(ctx, platform);
  return 0;
}

/** Runs the service of a started platform in this process, until a signal comes. */
export async function serve(ctx: Context, platform: LocalPlatform): Promise<void> {
  const { runService } = await import('../../local/service.ts');
  await runService(platform, {
    clock: ctx.clock,
    newId: ctx.newId,
    openStore: ctx.openStore,
    openDatabase: ctx.openDatabase,
    stop: ctx.interrupts.stop,
    now: ctx.interrupts.now,
    log: (text) => ctx.terminal.info(`${ctx.clock.now().toISOString()} ${text}`),
  });
}
