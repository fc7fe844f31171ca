import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { EXIT_CHANGES_FOUND, EXIT_CODE, SbwError } from '../../errors.ts';
import type { ReplayReport } from '../../etl/load/replay.ts';
import type { Exit } from '../index.ts';
import { addJsonOption, addSourceOptions, examples, withSources } from '../options.ts';
import type { SourceFlags } from '../options.ts';
import { replayToJson } from '../outcome.ts';
import { addSelectionOptions, selectionOf } from './quarantine.ts';
import type { SelectionFlags } from './quarantine.ts';

export interface ReplayOptions extends SourceFlags, SelectionFlags {
  /** Edits made to each event before it is judged again, as typed. */
  readonly set: readonly string[];
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export function registerQuarantineReplay(
  parent: Command,
  ctx: Context,
  exit: Exit,
  run = runQuarantineReplay,
): void {
  const command = addSelectionOptions(
    parent
      .command('replay [id...]')
      .summary('Try rejected events again.')
      .description(
        'Try rejected events again by the present rules, corrected first where --set says so. What loads is ' +
          'resolved and kept for audit; the raw object is never changed. Without a selection: all that are open.',
      ),
  )
    .option('--set <edit>', "correct a field: 'path=json' or 'path|=transform'; repeatable", collect, [])
    .option('--dry-run', 'say what would happen and change nothing; exit 2 when something would')
    .option('-y, --yes', 'do not ask');
  addJsonOption(addSourceOptions(command))
    .addHelpText(
      'after',
      examples(
        'sbw data quarantine replay --dry-run',
        "sbw data quarantine replay --reason price_not_number \\\n      --set 'product.price|=comma_decimal'",
        'sbw data quarantine replay q_9f2c11d07b3ae845 --yes',
      ),
    )
    .action(async (ids: string[], flags: ReplayOptions) => {
      exit.code = await run(ctx, ids, flags);
    });
}

/** Returns the exit code. */
export async function runQuarantineReplay(
  ctx: Context,
  ids: readonly string[],
  flags: ReplayOptions,
): Promise<number> {
  const [{ replayQuarantine }, { parseEdit }, { formatReplay }] = await Promise.all([
    import('../../etl/load/replay.ts'),
    import('../../etl/load/edit.ts'),
    import('../../terminal/etl/render-quarantine.ts'),
  ]);
  const edits = flags.set.map(parseEdit);
  const selection = { ...(await selectionOf(flags, ctx.clock.now())), ...(ids.length === 0 ? {} : { ids }) };
  const asked = { ids, set: flags.set, reason: flags.reason, run: flags.run, from: flags.from, to: flags.to };
  return withSources(ctx, flags, 'sbw data quarantine replay', async (sources) => {
    const replay = (isDryRun: boolean): Promise<ReplayReport> =>
      replayQuarantine({ ...sources, clock: ctx.clock, newId: () => ctx.newId() }, selection, {
        edits,
        isDryRun,
        arguments: asked,
      });
    const isDryRun = flags.dryRun ?? false;
    if (!isDryRun && !flags.yes && ctx.terminal.isInteractive) await confirmReplay(ctx, await replay(true));
    const report = await replay(isDryRun);
    const json = { schema: 'sbw.quarantine-replay/1', ...replayToJson(report) };
    ctx.terminal.result(flags.json ? JSON.stringify(json) : formatReplay(report));
    return exitCodeOf(report);
  });
}

async function confirmReplay(ctx: Context, wouldBe: ReplayReport): Promise<void> {
  const { formatReplay } = await import('../../terminal/etl/render-quarantine.ts');
  ctx.terminal.info(formatReplay(wouldBe));
  if (await ctx.terminal.confirm('Replay these events?', '--yes')) return;
  throw new SbwError('CANCELLED', 'Nothing was replayed.', { kind: 'cancelled' });
}

function exitCodeOf(report: ReplayReport): number {
  if (!report.balanced) return EXIT_CODE.unbalanced;
  const changed = report.tried - report.quarantined;
  if (report.isDryRun) return changed > 0 ? EXIT_CHANGES_FOUND : 0;
  return report.quarantined > 0 ? EXIT_CODE.incomplete : 0;
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}
