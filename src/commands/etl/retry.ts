import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { SbwError } from '../../errors.ts';
import type { Database } from '../../etl/ports.ts';
import { HOUR_MS, partitionOf } from '../../etl/time/partition.ts';
import type { PartitionStart } from '../../etl/time/partition.ts';
import type { Exit } from '../index.ts';
import {
  addJsonOption,
  addLoadOptions,
  addSourceOptions,
  examples,
  requireRun,
  withSources,
} from '../options.ts';
import { answerWithPlan, loadAndReport } from './load.ts';
import type { LoadFlags } from './load.ts';

export interface RetryOptions extends LoadFlags {
  /** The run whose hours are tried again; without, every hour that is open or unfinished. */
  readonly runId?: string;
}

export function registerRetry(parent: Command, ctx: Context, exit: Exit, run = runRetry): void {
  const command = parent
    .command('retry [run]')
    .summary('Load again what is not done.')
    .description(
      'Load again what is not done: exactly the hours a run left (failed, held, not reached, with unreadable ' +
        'objects), or without a run every such hour.',
    )
    .option('--dry-run', 'print the plan and load nothing; exit 2 when there is something to load');
  addJsonOption(addSourceOptions(addLoadOptions(command)))
    .addHelpText(
      'after',
      examples('sbw etl retry', 'sbw etl retry r_5f2c81d09a3e', 'sbw etl retry --dry-run'),
    )
    .action(async (runId: string | undefined, flags: LoadFlags) => {
      exit.code = await run(ctx, runId === undefined ? flags : { ...flags, runId });
    });
}

/** Returns the exit code. */
export async function runRetry(ctx: Context, flags: RetryOptions): Promise<number> {
  const [{ planRun }, { spin }, { formatPlanTotals }] = await Promise.all([
    import('../../etl/plan/make-plan.ts'),
    import('../../terminal/spinner.ts'),
    import('../../terminal/etl/render-plan.ts'),
  ]);
  const now = ctx.clock.now();
  return withSources(ctx, flags, 'sbw etl retry', async (sources) => {
    const partitions = await findNotDone(sources.database, flags.runId);
    const window = spanOf(partitions, now);
    const plan = await spin(ctx.terminal, `Listing ${sources.store.url}`, () =>
      planRun(sources, { window, partitions, reprocess: 'missing', order: flags.order, now }),
    );
    if (flags.dryRun) return answerWithPlan(ctx, plan, flags.json ?? false);
    ctx.terminal.info(formatPlanTotals(plan));
    const asked = { run: flags.runId ?? null, order: flags.order, parallel: flags.parallel };
    return loadAndReport(ctx, sources, plan, 'retry', flags, asked);
  });
}

async function findNotDone(database: Database, runId: string | undefined): Promise<PartitionStart[]> {
  const [{ readOpenPartitions }, { readUnfinishedPartitions }] = await Promise.all([
    import('../../etl/store/ledger.ts'),
    import('../../etl/store/runs.ts'),
  ]);
  const open = await database.withSession(readOpenPartitions);
  if (runId === undefined) {
    return [...new Set([...open, ...(await database.withSession(readUnfinishedPartitions))])];
  }
  const run = await requireRun(database, runId);
  if (run.state === 'running' && run.is_alive) {
    throw new SbwError('RUN_STILL_RUNNING', `Run ${runId} is still at work (${run.host}, pid ${run.pid}).`, {
      kind: 'refused',
      fix: 'wait for it, or stop it there; then retry',
    });
  }
  const isOpen = new Set(open);
  return [...new Set([...run.not_done, ...run.partitions.filter((partition) => isOpen.has(partition))])];
}

function spanOf(partitions: readonly PartitionStart[], now: Date): { fromMs: number; beforeMs: number } {
  const sorted = [...partitions].sort((a, b) => a - b);
  const first = sorted[0] ?? partitionOf(now.getTime());
  return { fromMs: first, beforeMs: (sorted.at(-1) ?? first) + HOUR_MS };
}
