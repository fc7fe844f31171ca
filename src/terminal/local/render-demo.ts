import { isBalanced, type Accounting } from '../../etl/accounting.ts';
import type { WarehouseReport } from '../../etl/store/report.ts';
import type { PostReport } from '../../local/traffic/post.ts';
import { formatAccounting } from '../etl/render-summary.ts';
import { formatCount, formatDuration } from '../numbers.ts';
import { paint } from '../paint.ts';
import { formatReport } from './render-report.ts';

/** What the demo did, from the first POST to the last query. */
export interface DemoOutcome {
  readonly posted: PostReport;
  readonly run: { readonly accounting: Accounting; readonly runId: string };
  readonly report: WarehouseReport;
  readonly durationMs: number;
}

/** Whether what the generator sent is exactly what the warehouse, the counts and the quarantine show. */
export function isReconciled({ posted, run, report }: DemoOutcome): boolean {
  const { expected } = posted;
  const { loaded, duplicates, quarantined } = run.accounting.events;
  const refused = Object.values(posted.refused).reduce((sum, events) => sum + events, 0);
  return (
    isBalanced(run.accounting) &&
    loaded === expected.rows &&
    report.totals.events === expected.rows &&
    duplicates === expected.duplicates &&
    quarantined === expected.quarantined &&
    refused === expected.refused &&
    posted.sent === expected.rows + expected.duplicates + expected.quarantined + expected.refused
  );
}

export function formatDemo(outcome: DemoOutcome, width: number, isKept: boolean): string {
  return [
    formatReport(outcome.report, width),
    `\n${paint.bold('Accounting')}`,
    ...formatAccounting(outcome.run.accounting),
    formatReconciliation(outcome),
    '',
    `From the first POST to this line: ${formatDuration(outcome.durationMs)}.`,
    '',
    ...formatNext(isKept),
  ].join('\n');
}

function formatReconciliation(outcome: DemoOutcome): string {
  const { sent, expected } = outcome.posted;
  const n = formatCount;
  const identity =
    `${n(sent)} sent = ${n(expected.rows)} rows + ${n(expected.duplicates)} duplicates + ` +
    `${n(expected.quarantined)} in quarantine + ${n(expected.refused)} refused by the ingest`;
  const verdict = isReconciled(outcome) ? paint.green('as sent') : paint.red('NOT WHAT WAS SENT');
  return `  ${'sender'.padEnd(11)}${identity}   ${verdict}`;
}

function formatNext(isKept: boolean): string[] {
  if (isKept) {
    return [
      'The platform is still up. Look around, then stop it:',
      '  SBW_LOCAL_HOME=.sbw/demo npx sbw data quarantine ls',
      '  SBW_LOCAL_HOME=.sbw/demo npx sbw local down --wipe',
    ];
  }
  return [
    'Next:',
    '  npx sbw local up                 the same, to stay: ingest, warehouse, scheduled ETL',
    '  npx sbw local seed               a week of traffic into it',
    '  npx sbw report                   the numbers of the dashboard',
    '  npx sbw local tail               events as they arrive',
    '  npx sbw data quarantine ls       what was rejected, and why',
  ];
}

/** `sbw.local-demo/1` of docs/json-output.md. */
export function demoToJson(outcome: DemoOutcome): Record<string, unknown> {
  const { posted, run, report, durationMs } = outcome;
  return {
    schema: 'sbw.local-demo/1',
    run_id: run.runId,
    sent: posted.sent,
    expected: posted.expected,
    refused: posted.refused,
    ...run.accounting,
    balanced: isBalanced(run.accounting),
    reconciled: isReconciled(outcome),
    report,
    duration_ms: durationMs,
  };
}
