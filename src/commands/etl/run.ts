import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { SbwError } from '../../errors.ts';
import type { Exit } from '../index.ts';
import {
  addJsonOption,
  addLoadOptions,
  addSourceOptions,
  examples,
  wholeNumber,
  withSources,
} from '../options.ts';
import { answerWithPlan, loadAndReport } from './load.ts';
import type { LoadFlags } from './load.ts';

export interface RunOptions extends LoadFlags {
  /** Hours before the watermark that are listed again for late objects. */
  readonly lookBack: number;
  /** JSON text of an original Lambda payload. */
  readonly payload?: string;
}

export function registerRun(parent: Command, ctx: Context, exit: Exit, run = runRun): void {
  const command = parent
    .command('run')
    .description('Load what is new since the last run, late objects included. Safe to repeat.')
    .option('--look-back <hours>', 'hours listed again for late objects', wholeNumber(0, 8760), 3)
    .option('--payload <json>', 'a payload of the Lambda, such as \'{"hoursBack":1}\'')
    .option('--dry-run', 'print the plan and load nothing; exit 2 when there is something to load');
  addJsonOption(addSourceOptions(addLoadOptions(command)))
    .addHelpText(
      'after',
      examples(
        'sbw etl run',
        'sbw etl run --raw s3://my-raw-events --warehouse postgres://etl@db/dw',
        'sbw etl run --payload \'{"targetUtcHour":"2025-12-06T05"}\' --json',
      ),
    )
    .action(async (flags: RunOptions) => {
      exit.code = await run(ctx, flags);
    });
}

/** Returns the exit code. */
export async function runRun(ctx: Context, flags: RunOptions): Promise<number> {
  const [{ planRun }, { instantOfPayload, windowOfPayload }, { spin }, { formatPlanTotals, formatWindow }] =
    await Promise.all([
      import('../../etl/plan/make-plan.ts'),
      import('../../etl/time/payload.ts'),
      import('../../terminal/spinner.ts'),
      import('../../terminal/etl/render-plan.ts'),
    ]);
  const payload = parsePayload(flags.payload);
  const now = instantOfPayload(payload, ctx.clock.now());
  const window = windowOfPayload(payload, now);
  const { order, lookBack } = flags;
  return withSources(ctx, flags, 'sbw etl run', async (sources) => {
    const plan = await spin(ctx.terminal, `Listing ${sources.store.url}`, () =>
      planRun(sources, { window, lookBackHours: lookBack, reprocess: 'missing', order, now }),
    );
    ctx.terminal.info(formatWindow(plan.window));
    if (flags.dryRun) return answerWithPlan(ctx, plan, flags.json ?? false);
    ctx.terminal.info(formatPlanTotals(plan));
    const asked = { look_back: lookBack, order, parallel: flags.parallel, payload: payload ?? null };
    return loadAndReport(ctx, sources, plan, 'run', flags, asked);
  });
}

function parsePayload(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SbwError('PAYLOAD_INVALID', '--payload is no JSON.', {
      kind: 'usage',
      fix: 'quote it for the shell: --payload \'{"hoursBack":1,"scope":"hour"}\'',
      cause,
    });
  }
}
