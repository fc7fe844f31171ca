import { Argument, type Command, Option } from 'commander';
import type { Context } from '../../context.ts';
import type { Database, Session } from '../../etl/ports.ts';
import type { Tab } from '../../etl/rollups/tabs.ts';
import type { Exit } from '../index.ts';
import { addJsonOption, addWarehouseOption, examples, wholeNumber, withWarehouse } from '../options.ts';
import type { ReportRequest } from '../../etl/rollups/report.ts';
import { requestOf, type ReportFlags } from './request.ts';

const TABS: readonly Tab[] = ['funnel', 'products', 'time', 'sessions', 'live', 'quality'];

export function registerReport(parent: Command, ctx: Context, exit: Exit, run = runReport): void {
  const tab = new Argument('[tab]', 'a tab of the dashboard instead of its overview').choices(TABS);
  const command = parent
    .command('report')
    .addArgument(tab)
    .summary("The dashboard's numbers in the terminal.")
    .description(
      "The dashboard's numbers in the terminal, from the same SQL: headline numbers against the days before, the " +
        'funnel, the top products, and whether the data is sound; or everything that one tab shows.',
    )
    .option('--days <count>', 'so many days up to the newest that is over', wholeNumber(1, 731), 7)
    .option('--from <day>', 'first day, such as 2025-12-01, in the time zone of the business')
    .option('--to <day>', 'last day, included')
    .addOption(new Option('--login <state>', 'only these sessions').choices(['logged_in', 'anonymous']))
    .option('--product <id>', 'only sessions that touched this product')
    .option('--category <name>', 'only sessions that touched this category')
    .option('--brand <name>', 'only sessions that touched this brand')
    .option('--bots', 'count bots too')
    .option('--products <count>', 'how many products', wholeNumber(0, 1000), 8)
    .addOption(
      new Option('--sort <column>', 'which products come first')
        .choices(['views', 'adds', 'sales', 'cart_rate', 'conversion', 'at_risk'])
        .default('views'),
    );
  addJsonOption(addWarehouseOption(command))
    .addHelpText(
      'after',
      examples(
        'sbw report',
        'sbw report sessions --days 30 --login anonymous',
        'sbw report products --sort at_risk',
        'sbw report --from 2025-12-01 --to 2025-12-07 --json',
      ),
    )
    .action(async (chosen: Tab | undefined, flags: ReportFlags) => {
      exit.code = await run(ctx, chosen, flags);
    });
}

/** Returns the exit code. */
export async function runReport(ctx: Context, tab: Tab | undefined, flags: ReportFlags): Promise<number> {
  const request = requestOf(flags);
  return withWarehouse(ctx, flags, 'sbw report', async (database) => {
    const answer =
      tab === undefined ? await overviewOf(database, request) : await tabOf(database, tab, request);
    const { terminal, clock } = ctx;
    const { width } = terminal;
    terminal.result(flags.json ? JSON.stringify(answer.json()) : answer.text({ width, now: clock.now() }));
    return 0;
  });
}

interface Answer {
  json(): Record<string, unknown>;
  text(screen: { readonly width: number; readonly now: Date }): string;
}

async function overviewOf(database: Database, request: ReportRequest): Promise<Answer> {
  const [{ readRollupReport }, { formatRollupReport }, { rollupReportToJson }] = await Promise.all([
    import('../../etl/rollups/report.ts'),
    import('../../terminal/report/render-report.ts'),
    import('../../terminal/report/report-json.ts'),
  ]);
  const report = await inOneState(database, (session) => readRollupReport(session, request));
  return { json: () => rollupReportToJson(report), text: (screen) => formatRollupReport(report, screen) };
}

async function tabOf(database: Database, tab: Tab, request: ReportRequest): Promise<Answer> {
  const [{ readTab }, { formatTab }, { tabToJson }] = await Promise.all([
    import('../../etl/rollups/tabs.ts'),
    import('../../terminal/report/render-tab.ts'),
    import('../../terminal/report/report-json.ts'),
  ]);
  const report = await inOneState(database, (session) => readTab(session, tab, request));
  return { json: () => tabToJson(report), text: ({ now }) => formatTab(report, now) };
}

/** All questions see one state, also while a load goes on. */
function inOneState<T>(database: Database, read: (session: Session) => Promise<T>): Promise<T> {
  return database.withTransaction(async (session) => {
    await session.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    return read(session);
  });
}
