import type { RollupReport } from '../../etl/rollups/report.ts';
import type { TabReport } from '../../etl/rollups/tabs.ts';

/** `sbw.report/1`. The rows are those of the SQL files, column by column: docs/rollups.md. */
export function rollupReportToJson(report: RollupReport): Record<string, unknown> {
  const { data, range, now, before, uncompared, days, funnel, products, checks } = report;
  return { schema: 'sbw.report/1', data, range, now, before, uncompared, days, funnel, products, checks };
}

/** `sbw.report-tab/1`. */
export function tabToJson({ tab, data, range, tables }: TabReport): Record<string, unknown> {
  return {
    schema: 'sbw.report-tab/1',
    ...{ tab, data, range },
    tables: tables.map(({ name, question, filters, rows }) => ({ name, question, filters, rows })),
  };
}
