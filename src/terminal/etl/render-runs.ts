import type { ReplayReport } from '../../etl/load/replay.ts';
import type { RunReport } from '../../etl/load/report.ts';
import type { Run } from '../../etl/store/runs.ts';
import { formatCount, formatDuration, formatTime } from '../numbers.ts';
import { oneLine, paint } from '../paint.ts';
import { formatTable } from '../table.ts';
import { formatPartition } from './render-plan.ts';
import { formatReplay } from './render-quarantine.ts';
import { formatRunSummary } from './render-summary.ts';

/** `sbw runs ls`: a line per run. */
export function formatRuns(runs: readonly Run[]): string {
  if (runs.length === 0) return 'no runs yet';
  return formatTable(
    [
      { title: 'run' },
      { title: 'kind' },
      { title: 'state' },
      { title: 'started (UTC)' },
      { title: 'took', align: 'right' },
      { title: 'hours', align: 'right' },
      { title: 'not done', align: 'right' },
      { title: 'loaded', align: 'right' },
      { title: 'quarantined', align: 'right' },
    ],
    runs.map((run) => {
      const { loaded, quarantined } = countsOf(run);
      return [
        run.run_id,
        oneLine(run.kind, 12),
        formatState(run),
        formatTime(run.started_at),
        run.finished_at === null ? '' : formatDuration(run.finished_at.getTime() - run.started_at.getTime()),
        formatCount(run.partitions.length),
        formatCount(run.not_done.length),
        loaded === null ? '' : formatCount(loaded),
        quarantined === null ? '' : formatCount(quarantined),
      ];
    }),
  );
}

/** `sbw runs show`: everything that is known of one. */
export function formatRun(run: Run): string {
  const hours = run.partitions.length === 0 ? '' : `   ${formatSpan(run)}`;
  const lines = [
    `run ${run.run_id}   ${oneLine(run.kind, 12)}   ${formatState(run)}`,
    `  started    ${formatTime(run.started_at)} UTC on ${oneLine(run.host, 60)} (pid ${run.pid})`,
    `  asked      ${oneLine(JSON.stringify(run.arguments), 500)}`,
    `  hours      ${formatCount(run.partitions.length)} planned, ${formatCount(run.not_done.length)} not done${hours}`,
  ];
  if (run.report !== null) lines.push(formatStored(run.report, run.run_id));
  else if (run.not_done.length > 0) lines.push(`  go on      sbw etl retry ${run.run_id}`);
  return lines.join('\n');
}

/** A run that was killed could not say so: it is known by the connection that is gone. */
function formatState(run: Run): string {
  if (run.state === 'running') return run.is_alive ? 'running' : paint.red('killed');
  return run.state === 'failed' ? paint.red('failed') : run.state;
}

function formatSpan({ partitions }: Run): string {
  const sorted = [...partitions].sort((a, b) => a - b);
  return `${formatPartition(sorted[0] ?? 0)} to ${formatPartition(sorted.at(-1) ?? 0)}`;
}

function formatStored(report: NonNullable<Run['report']>, runId: string): string {
  if ('tried' in report) return formatReplay(report as unknown as ReplayReport);
  if (!('accounting' in report)) return oneLine(JSON.stringify(report), 500);
  return formatRunSummary(report as unknown as RunReport, {
    again: `sbw etl retry ${runId}`,
    quarantine: `sbw data quarantine ls --run ${runId}`,
  });
}

function countsOf({ report }: Run): { loaded: number | null; quarantined: number | null } {
  if (report === null) return { loaded: null, quarantined: null };
  if ('tried' in report) return report as unknown as ReplayReport;
  return 'accounting' in report
    ? (report as unknown as RunReport).accounting.events
    : { loaded: null, quarantined: null };
}
