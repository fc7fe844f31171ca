import type { Command } from 'commander';
import type { Context } from '../context.ts';
import type { ReplayReport } from '../etl/load/replay.ts';
import { type RunReport, reportToJson } from '../etl/load/report.ts';
import type { Run } from '../etl/store/runs.ts';
import { partitionName } from '../etl/time/partition.ts';
import type { Exit } from './index.ts';
import {
  addJsonOption,
  addWarehouseOption,
  examples,
  requireRun,
  wholeNumber,
  withWarehouse,
} from './options.ts';
import type { SourceFlags } from './options.ts';
import { replayToJson } from './outcome.ts';

export interface RunsOptions extends SourceFlags {
  readonly json?: boolean;
}

export interface ListRunsOptions extends RunsOptions {
  readonly limit: number;
}

/** `sbw runs ls|show`: what was done to this warehouse, by whom, and how it ended. */
export function registerRuns(
  program: Command,
  ctx: Context,
  exit: Exit,
  list = listRuns,
  show = showRun,
): void {
  const runs = program
    .command('runs')
    .description('Every run on this warehouse: what it did and how it ended.');
  const ls = runs
    .command('ls')
    .description('List runs, the newest first.')
    .option('--limit <count>', 'how many', wholeNumber(1, 10_000), 20);
  addJsonOption(addWarehouseOption(ls))
    .addHelpText('after', examples('sbw runs ls', 'sbw runs ls --limit 100 --json'))
    .action(async (flags: ListRunsOptions) => {
      exit.code = await list(ctx, flags);
    });
  addJsonOption(addWarehouseOption(runs.command('show <run>').description('Show one run in full.')))
    .addHelpText('after', examples('sbw runs show r_5f2c81d09a3e'))
    .action(async (runId: string, flags: RunsOptions) => {
      exit.code = await show(ctx, runId, flags);
    });
}

/** Returns the exit code. */
export async function listRuns(ctx: Context, flags: ListRunsOptions): Promise<number> {
  const [store, { formatRuns }] = await Promise.all([
    import('../etl/store/runs.ts'),
    import('../terminal/etl/render-runs.ts'),
  ]);
  const runs = await withWarehouse(ctx, flags, 'sbw runs', (database) =>
    database.withSession((session) => store.listRuns(session, flags.limit)),
  );
  const json = { schema: 'sbw.runs/1', runs: runs.map(runToJson) };
  ctx.terminal.result(flags.json ? JSON.stringify(json) : formatRuns(runs));
  return 0;
}

/** Returns the exit code. */
export async function showRun(ctx: Context, runId: string, flags: RunsOptions): Promise<number> {
  const { formatRun } = await import('../terminal/etl/render-runs.ts');
  const run = await withWarehouse(ctx, flags, 'sbw runs', (database) => requireRun(database, runId));
  ctx.terminal.result(
    flags.json ? JSON.stringify({ schema: 'sbw.run/1', ...runToJson(run) }) : formatRun(run),
  );
  return 0;
}

function runToJson(run: Run): Record<string, unknown> {
  return {
    run_id: run.run_id,
    kind: run.kind,
    state: run.state,
    is_alive: run.is_alive,
    arguments: run.arguments,
    partitions: run.partitions.map(partitionName),
    not_done: run.not_done.map(partitionName),
    host: run.host,
    pid: run.pid,
    started_at: run.started_at.toISOString(),
    finished_at: run.finished_at?.toISOString() ?? null,
    report: storedReportToJson(run.report),
  };
}

/** A run keeps the report of what it was: a load or a replay. Null when it was killed before it could. */
function storedReportToJson(report: Run['report']): Record<string, unknown> | null {
  if (report === null) return null;
  if ('accounting' in report) return reportToJson(report as unknown as RunReport);
  return 'tried' in report ? replayToJson(report as unknown as ReplayReport) : report;
}
