import type { Command } from 'commander';
import type { Context, Terminal } from '../../context.ts';
import { EXIT_CODE } from '../../errors.ts';
import type { VerifyReport } from '../../etl/load/verify.ts';
import type { WindowFlags } from '../../etl/time/window.ts';
import type { Exit } from '../index.ts';
import {
  addJsonOption,
  addSourceOptions,
  addWindowOptions,
  examples,
  sourceArguments,
  withSources,
} from '../options.ts';
import type { SourceFlags } from '../options.ts';
import { windowToJson } from '../../etl/plan/plan.ts';

export interface VerifyOptions extends SourceFlags, WindowFlags {
  readonly json?: boolean;
}

export function registerVerify(parent: Command, ctx: Context, exit: Exit, run = runVerify): void {
  const command = parent
    .command('verify')
    .summary('Read the raw events again and look each one up in the warehouse.')
    .description(
      'Read every raw event of a window again and look it up in the warehouse and in quarantine. Trusts neither ' +
        'the ledger nor the counts of any run; changes nothing. Exit 5 when something is missing or different.',
    );
  addJsonOption(addSourceOptions(addWindowOptions(command)))
    .addHelpText(
      'after',
      examples('sbw etl verify --from 2025-12-06 --to 2025-12-07', 'sbw etl verify --last 24h --json'),
    )
    .action(async (flags: VerifyOptions) => {
      exit.code = await run(ctx, flags);
    });
}

/** Returns the exit code. */
export async function runVerify(ctx: Context, flags: VerifyOptions): Promise<number> {
  const [{ verify }, { parseWindow }, { formatPartition, formatWindow }, { formatVerify }] =
    await Promise.all([
      import('../../etl/load/verify.ts'),
      import('../../etl/time/window.ts'),
      import('../../terminal/etl/render-plan.ts'),
      import('../../terminal/etl/render-verify.ts'),
    ]);
  const { window, zone, widened } = parseWindow(flags, ctx.clock.now());
  return withSources(ctx, flags, 'sbw etl verify', async (sources) => {
    ctx.terminal.info(formatWindow(window, zone, widened));
    const report = await verify(sources, window, (partition) =>
      sayReading(ctx.terminal, formatPartition(partition)),
    );
    if (ctx.terminal.isInteractive) ctx.terminal.draw(ERASE_LINE);
    ctx.terminal.result(
      flags.json ? JSON.stringify(verifyToJson(report)) : formatVerify(report, sourceArguments(flags)),
    );
    return exitCodeOf(report);
  });
}

const ERASE_LINE = '\r\u001b[2K';

/** A line that is redrawn on a terminal, a line per hour elsewhere. */
function sayReading(terminal: Terminal, hour: string): void {
  if (terminal.isInteractive) terminal.draw(`${ERASE_LINE}  ${hour}  reading`);
  else terminal.info(`  ${hour}  reading`);
}

function exitCodeOf(report: VerifyReport): number {
  const { read, in_warehouse, in_quarantine, filtered, missing, different } = report.events;
  if (read !== in_warehouse + in_quarantine + filtered + missing + different) return EXIT_CODE.unbalanced;
  return report.consistent ? 0 : EXIT_CODE.incomplete;
}

/** `sbw.etl-verify/1` of docs/json-output.md. */
function verifyToJson(report: VerifyReport): Record<string, unknown> {
  return { schema: 'sbw.etl-verify/1', ...report, window: windowToJson(report.window) };
}
