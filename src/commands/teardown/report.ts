import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommandFlags, teardownCommand } from './command.ts';
import type { TeardownContext } from './context.ts';
import { EXIT_CODE, SbwError } from '../../errors.ts';
import type { TeardownPlan } from '../../stacks/teardown/plan/plan.ts';
import type { TeardownPlatform } from '../../stacks/teardown/ports.ts';
import type { Expectation } from '../../stacks/teardown/residue/check-residue.ts';
import type { TeardownReport, TearingDown } from '../../stacks/teardown/teardown.ts';

export interface ReportFlags extends CommandFlags {
  readonly json?: boolean;
}

/** Runs the plan, shows how it goes on stderr, and writes the receipt. Returns the exit code. */
export async function applyAndReport(
  ctx: TeardownContext,
  ports: TeardownPlatform,
  expected: Expectation,
  plan: TeardownPlan,
  flags: ReportFlags,
): Promise<number> {
  const [
    { tearDown },
    { withStageAlone },
    { renderTeardown },
    { formatTeardownReport },
    { teardownToJson },
    { fit },
  ] = await Promise.all([
    import('../../stacks/teardown/teardown.ts'),
    import('./lock.ts'),
    import('../../terminal/teardown/render-progress.ts'),
    import('../../terminal/teardown/render-report.ts'),
    import('../../terminal/teardown/teardown-json.ts'),
    import('../../terminal/wrap.ts'),
  ]);
  const { clock, terminal } = ctx;
  const { stop } = ctx.interrupts;
  const renderer = renderTeardown(terminal, clock);
  const sayStopping = (): void =>
    renderer.say('Stopping: nothing new is begun. What AWS has begun to delete goes on there.');
  stop.addEventListener('abort', sayStopping, { once: true });
  try {
    const world: TearingDown = {
      ...{ ports, clock, stop, token: `sbw-${ctx.newId()}`, emit: renderer.emit },
      // With nothing to delete there is nothing to keep others away from.
      ...(plan.tasks.length === 0
        ? {}
        : { alone: (work) => withStageAlone(ctx, ports, expected.stage, work) }),
    };
    const report = await tearDown(world, plan, expected);
    renderer.close();
    const json = teardownToJson(report);
    const receipt = await writeReceipt(ctx, report, json);
    const text = fit(
      terminal,
      formatTeardownReport(report, { again: teardownCommand(plan.stage, flags), receipt }),
    );
    terminal.result(flags.json === true ? JSON.stringify(json) : text);
    if (flags.json === true) terminal.info(text);
    return exitCodeOf(report, stop.aborted ? String(stop.reason) : null);
  } finally {
    stop.removeEventListener('abort', sayStopping);
    renderer.close();
  }
}

/** Where it is; null when the folder takes no file, which undoes nothing. */
async function writeReceipt(
  { config }: TeardownContext,
  { plan, startedAt }: TeardownReport,
  json: Record<string, unknown>,
): Promise<string | null> {
  const { receiptName } = await import('../../stacks/teardown/receipt.ts');
  const name = receiptName(plan.stage, startedAt);
  try {
    await writeFile(join(config.cwd, name), `${JSON.stringify(json, null, 2)}\n`);
    return name;
  } catch {
    return null;
  }
}

function exitCodeOf(report: TeardownReport, signal: string | null): number {
  if (signal !== null) return signal === 'SIGINT' ? EXIT_CODE.cancelled : EXIT_CODE.terminated;
  const failures = report.results.flatMap(({ end }) => (end.outcome === 'failed' ? [end.error] : []));
  const isLate = (error: Error): boolean => error instanceof SbwError && error.kind === 'timeout';
  if (failures.length > 0 && failures.every(isLate)) return EXIT_CODE.timeout;
  const isLeft = report.residue === null || report.residue.found.length + report.residue.unknown.length > 0;
  return failures.length > 0 || isLeft ? EXIT_CODE.incomplete : 0;
}
