import { Option } from 'commander';
import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { SbwError } from '../../errors.ts';
import type { LoadPlan, Reprocess } from '../../etl/plan/plan.ts';
import type { WindowFlags } from '../../etl/time/window.ts';
import type { Exit } from '../index.ts';
import {
  addJsonOption,
  addLoadOptions,
  addSourceOptions,
  addWindowOptions,
  examples,
  withSources,
} from '../options.ts';
import { answerWithPlan, loadAndReport } from './load.ts';
import type { LoadFlags } from './load.ts';

export interface BackfillOptions extends LoadFlags, WindowFlags {
  readonly reprocess: Reprocess;
  /** The id of a plan shown before: load only if it is still the plan. */
  readonly plan?: string;
  readonly yes?: boolean;
}

export function registerBackfill(parent: Command, ctx: Context, exit: Exit, run = runBackfill): void {
  const command = addWindowOptions(
    parent
      .command('backfill')
      .summary('Load a window of hours, or load it again.')
      .description(
        'Load a window of hours, or load it again. On a terminal it asks first; elsewhere it just loads, since ' +
          'loading twice does no harm.',
      ),
  )
    .addOption(
      new Option(
        '--reprocess <which>',
        'missing: what the ledger lacks; failed: hours left open; all: every hour',
      )
        .choices(['missing', 'failed', 'all'])
        .default('missing'),
    )
    .option('--dry-run', 'print the plan and load nothing; exit 2 when there is something to load')
    .option('--plan <id>', 'load only if the plan is still this one (the id a dry run printed)')
    .option('-y, --yes', 'do not ask');
  addJsonOption(addSourceOptions(addLoadOptions(command)))
    .addHelpText(
      'after',
      examples(
        'sbw etl backfill --from 2025-12-01 --to 2025-12-08 --dry-run',
        'sbw etl backfill --from 2025-12-01 --to 2025-12-08 --plan p_19c2ab40',
        'sbw etl backfill --last 7d --tz Asia/Ho_Chi_Minh --reprocess all',
        'sbw etl backfill --last 24h --yes --json',
      ),
    )
    .action(async (flags: BackfillOptions) => {
      exit.code = await run(ctx, flags);
    });
}

/** Returns the exit code. */
export async function runBackfill(ctx: Context, flags: BackfillOptions): Promise<number> {
  const [{ planRun }, { parseWindow }, { spin }, { formatPlanTotals, formatWindow }] = await Promise.all([
    import('../../etl/plan/make-plan.ts'),
    import('../../etl/time/window.ts'),
    import('../../terminal/spinner.ts'),
    import('../../terminal/etl/render-plan.ts'),
  ]);
  const now = ctx.clock.now();
  const { window, zone, widened } = parseWindow(flags, now);
  const { reprocess, order } = flags;
  return withSources(ctx, flags, 'sbw etl backfill', async (sources) => {
    ctx.terminal.info(formatWindow(window, zone, widened));
    const plan = await spin(ctx.terminal, `Listing ${sources.store.url}`, () =>
      planRun(sources, { window, reprocess, order, now }),
    );
    requirePlan(plan, flags.plan);
    if (flags.dryRun) return answerWithPlan(ctx, plan, flags.json ?? false);
    ctx.terminal.info(formatPlanTotals(plan));
    await confirmLoad(ctx, plan, flags);
    const asked = { from: flags.from, to: flags.to, last: flags.last, tz: flags.tz, reprocess, order };
    return loadAndReport(ctx, sources, plan, 'backfill', flags, { ...asked, parallel: flags.parallel });
  });
}

function requirePlan(plan: LoadPlan, id: string | undefined): void {
  if (id === undefined || id === plan.id) return;
  throw new SbwError(
    'PLAN_CHANGED',
    `The plan is now ${plan.id}, no longer ${id}: objects or the ledger changed.`,
    {
      kind: 'refused',
      fix: 'look at it again with --dry-run, then give its id to --plan',
    },
  );
}

async function confirmLoad(ctx: Context, plan: LoadPlan, flags: BackfillOptions): Promise<void> {
  const mustAsk = ctx.terminal.isInteractive && !flags.yes && flags.plan === undefined;
  if (!mustAsk || plan.partitions.length === 0) return;
  if (await ctx.terminal.confirm('Load this?', '--yes')) return;
  throw new SbwError('CANCELLED', 'Nothing was loaded.', { kind: 'cancelled' });
}
