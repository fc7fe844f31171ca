import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { EXIT_CODE } from '../../errors.ts';
import type { GapsReport } from '../../etl/plan/gaps.ts';
import { partitionName } from '../../etl/time/partition.ts';
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

export interface GapsOptions extends SourceFlags, WindowFlags {
  readonly json?: boolean;
}

export function registerGaps(parent: Command, ctx: Context, exit: Exit, run = runGaps): void {
  const command = parent
    .command('gaps')
    .summary('Find hours that are missing, late, unfinished or oddly quiet.')
    .description(
      'Find hours with raw objects that the warehouse lacks (missing, late, unfinished), and hours with far fewer ' +
        'events than the same hour of the weeks before. Without a window: everything. Exit 5 when hours are to be loaded.',
    );
  addJsonOption(addSourceOptions(addWindowOptions(command)))
    .addHelpText(
      'after',
      examples(
        'sbw etl gaps',
        'sbw etl gaps --last 7d',
        'sbw etl gaps --from 2025-12-01 --to 2025-12-08 --json',
      ),
    )
    .action(async (flags: GapsOptions) => {
      exit.code = await run(ctx, flags);
    });
}

/** Returns the exit code. */
export async function runGaps(ctx: Context, flags: GapsOptions): Promise<number> {
  const [{ findGaps }, { namesWindow, parseWindow }, { spin }, { formatWindow }, { formatGaps }] =
    await Promise.all([
      import('../../etl/plan/gaps.ts'),
      import('../../etl/time/window.ts'),
      import('../../terminal/spinner.ts'),
      import('../../terminal/etl/render-plan.ts'),
      import('../../terminal/etl/render-gaps.ts'),
    ]);
  const now = ctx.clock.now();
  const named = namesWindow(flags) ? parseWindow(flags, now) : null;
  return withSources(ctx, flags, 'sbw etl gaps', async (sources) => {
    const report = await spin(ctx.terminal, `Listing ${sources.store.url}`, () =>
      findGaps(sources, named?.window ?? null, now),
    );
    ctx.terminal.info(formatWindow(report.window, named?.zone, named?.widened));
    ctx.terminal.result(
      flags.json ? JSON.stringify(gapsToJson(report)) : formatGaps(report, sourceArguments(flags)),
    );
    const toLoad = report.missing.length + report.late.length + report.open.length;
    return toLoad > 0 ? EXIT_CODE.incomplete : 0;
  });
}

/** `sbw.etl-gaps/1` of docs/json-output.md. */
function gapsToJson(report: GapsReport): Record<string, unknown> {
  const behind = ({
    partition,
    objects,
    objectsLoaded,
  }: GapsReport['late'][number]): Record<string, unknown> => ({
    partition: partitionName(partition),
    objects,
    objects_loaded: objectsLoaded,
  });
  return {
    schema: 'sbw.etl-gaps/1',
    window: windowToJson(report.window),
    missing: report.missing.map(({ partition, objects, bytes }) => ({
      partition: partitionName(partition),
      objects,
      bytes,
    })),
    late: report.late.map(behind),
    open: report.open.map(behind),
    quiet: report.quiet.map(({ partition, events, expected }) => ({
      partition: partitionName(partition),
      events,
      expected,
    })),
  };
}
