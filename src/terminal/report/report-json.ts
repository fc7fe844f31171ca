import type { RollupReport } from '../../etl/rollups/report.ts';

/** `sbw.report/1`. The rows are those of the SQL files, column by column: docs/rollups.md. */
export function rollupReportToJson(report: RollupReport): Record<string, unknown> {
  const { data, range, now, before, days, funnel, products, checks } = report;
  return { schema: 'sbw.report/1', data, range, now, before, days, funnel, products, checks };
}
