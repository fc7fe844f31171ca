import { Option } from 'commander';
import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import type { Exit } from '../index.ts';
import { addJsonOption, addWarehouseOption, examples, wholeNumber, withWarehouse } from '../options.ts';
import { requestOf, type ReportFlags } from './request.ts';

export function registerReport(parent: Command, ctx: Context, exit: Exit, run = runReport): void {
  const command = parent
    .command('report')
    .summary("The dashboard's numbers in the terminal.")
    .description(
      "The dashboard's numbers in the terminal, from the same SQL: headline numbers against the days before, the " +
        'funnel, the top products, and whether the data is sound.',
    )
    .option('--days <count>', 'so many days up to the newest that is over', wholeNumber(1, 731), 7)
    .option('--from <day>', 'first day, such as 2025-12-01, in the time zone of the business')
    .option('--to <day>', 'last day, included')
    .addOption(new Option('--login <state>', 'only these sessions').choices(['logged_in', 'anonymous']))
    .option('--product <id>', 'only sessions that touched this product')
    .option('--category <name>', 'only sessions that touched this category')
    .option('--brand <name>', 'only sessions that touched this brand')
    .option('--bots', 'count bots too')
    .option('--products <count>', 'how many products', wholeNumber(0, 1000), 8);
  addJsonOption(addWarehouseOption(command))
    .addHelpText(
      'after',
      examples(
        'sbw report',
        'sbw report --days 30 --login anonymous',
        'sbw report --from 2025-12-01 --to 2025-12-07 --json',
      ),
    )
    .action(async (flags: ReportFlags) => {
      exit.code = await run(ctx, flags);
    });
}

/** Returns the exit code. */
export async function runReport(ctx: Context, flags: ReportFlags): Promise<number> {
  const request = requestOf(flags);
  const [{ readRollupReport }, { formatRollupReport }, { rollupReportToJson }] = await Promise.all([
    import('../../etl/rollups/report.ts'),
    import('../../terminal/report/render-report.ts'),
    import('../../terminal/report/report-json.ts'),
  ]);
  return withWarehouse(ctx, flags, 'sbw report', async (database) => {
    const report = await database.withTransaction(async (session) => {
      // All questions see one state, also while a load goes on.
      await session.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
      return readRollupReport(session, request);
    });
    const { terminal, clock } = ctx;
    terminal.result(
      flags.json
        ? JSON.stringify(rollupReportToJson(report))
        : formatRollupReport(report, { width: terminal.width, now: clock.now() }),
    );
    return 0;
  });
}
