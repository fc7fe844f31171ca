import type { Context } from '../../context.ts';
import { EXIT_CHANGES_FOUND } from '../../errors.ts';
import { type LoadEvent, runToJson } from '../../etl/load/report.ts';
import type { LoadPlan, PartitionOrder } from '../../etl/plan/plan.ts';
import { sourceArguments } from '../options.ts';
import type { SourceFlags, Sources } from '../options.ts';
import { exitCodeOf, planToJson } from '../outcome.ts';

/** Flags that every loading command takes. */
export interface LoadFlags extends SourceFlags {
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly parallel: number;
  readonly reads?: number;
  readonly order: PartitionOrder;
}

/** Prints the plan as the command's answer. Returns the exit code: 2 when there is something to do. */
export async function answerWithPlan(ctx: Context, plan: LoadPlan, json: boolean): Promise<number> {
  const { formatPlan } = await import('../../terminal/etl/render-plan.ts');
  ctx.terminal.result(json ? JSON.stringify(planToJson(plan)) : formatPlan(plan));
  return plan.partitions.length > 0 ? EXIT_CHANGES_FOUND : 0;
}

/**
 * Loads exactly `plan`, showing how it goes on stderr, and prints the result. Returns the exit code.
 *
 * @param asked what the operator asked for, kept with the run; no secrets
 */
export async function loadAndReport(
  ctx: Context,
  { store, database }: Sources,
  plan: LoadPlan,
  kind: 'run' | 'backfill' | 'retry',
  flags: LoadFlags,
  asked: Record<string, unknown>,
): Promise<number> {
  const [{ runPlan }, { renderLoad }, { formatRunSummary }] = await Promise.all([
    import('../../etl/load/run.ts'),
    import('../../terminal/etl/render-load.ts'),
    import('../../terminal/etl/render-summary.ts'),
  ]);
  const { clock, terminal } = ctx;
  const { stop, now } = ctx.interrupts;
  const renderer = renderLoad(terminal, clock);
  const sayStopping = (): void =>
    renderer.say(
      'Stopping when the running hours are done. Ctrl-C again leaves at once; nothing is half loaded.',
    );
  stop.addEventListener('abort', sayStopping, { once: true });
  try {
    const deps = {
      store,
      database,
      clock,
      newId: () => ctx.newId(),
      emit: (event: LoadEvent) => renderer.emit(event),
    };
    const report = await runPlan({ ...deps, stop, now }, plan, {
      kind,
      parallel: flags.parallel,
      readsInFlight: flags.reads ?? store.readsInFlight,
      arguments: asked,
    });
    renderer.close();
    const warehouse = flags.warehouse === undefined ? {} : { warehouse: flags.warehouse };
    const hints = {
      again: `sbw etl retry ${report.runId}${sourceArguments(flags)}`,
      quarantine: `sbw data quarantine ls --run ${report.runId}${sourceArguments(warehouse)}`,
    };
    const summary = formatRunSummary(report, hints);
    terminal.result(flags.json ? JSON.stringify(runToJson(report, plan)) : summary);
    if (flags.json) terminal.info(summary);
    return exitCodeOf(report, stop.aborted ? String(stop.reason) : null);
  } finally {
    stop.removeEventListener('abort', sayStopping);
    renderer.close();
  }
}
