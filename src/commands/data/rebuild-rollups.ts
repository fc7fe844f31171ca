import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import type { Exit } from '../index.ts';
import { addJsonOption, addWarehouseOption, examples, withWarehouse } from '../options.ts';
import type { SourceFlags } from '../options.ts';

export interface RebuildFlags extends SourceFlags {
  /** IANA name; the days of the dashboard are days there from now on. */
  readonly timeZone?: string;
  readonly json?: boolean;
}

export function registerRebuildRollups(
  parent: Command,
  ctx: Context,
  exit: Exit,
  run = runRebuildRollups,
): void {
  const command = parent
    .command('rebuild-rollups')
    .summary("Make the dashboard's numbers anew from the events.")
    .description(
      "Make the dashboard's numbers anew from the events: after a change of the business's time zone, or when you " +
        'doubt them. The events stay as they are. Stopped or killed, the next load or the same command goes on.',
    )
    .option('--time-zone <zone>', "the business's time zone from now on, such as Asia/Ho_Chi_Minh");
  addJsonOption(addWarehouseOption(command))
    .addHelpText(
      'after',
      examples('sbw data rebuild-rollups', 'sbw data rebuild-rollups --time-zone Asia/Ho_Chi_Minh'),
    )
    .action(async (flags: RebuildFlags) => {
      exit.code = await run(ctx, flags);
    });
}

/** Returns the exit code: 5 when it was stopped before the end. */
export async function runRebuildRollups(ctx: Context, flags: RebuildFlags): Promise<number> {
  const [{ rebuildRollups }, { EXIT_CODE }, { formatRebuilt, formatRebuildProgress }] = await Promise.all([
    import('../../etl/rollups/rebuild.ts'),
    import('../../errors.ts'),
    import('../../terminal/report/render-rebuild.ts'),
  ]);
  return withWarehouse(ctx, flags, 'sbw data rebuild-rollups', async (database) => {
    const startedAt = ctx.clock.now().getTime();
    const done = await rebuildRollups(database, {
      ...(flags.timeZone === undefined ? {} : { timeZone: flags.timeZone }),
      stop: ctx.interrupts.stop,
      onBatch: (batch) => ctx.terminal.info(formatRebuildProgress(batch)),
    });
    const isStopped = ctx.interrupts.stop.aborted;
    const durationMs = ctx.clock.now().getTime() - startedAt;
    const { hours, events, version } = done;
    ctx.terminal.result(
      flags.json
        ? JSON.stringify({
            schema: 'sbw.rollups-rebuild/1',
            hours,
            events,
            version,
            complete: !isStopped,
            duration_ms: durationMs,
          })
        : formatRebuilt(done, isStopped, durationMs),
    );
    return isStopped ? EXIT_CODE.incomplete : 0;
  });
}
