import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { EXIT_CODE } from '../../errors.ts';
import type { PostReport } from '../../local/traffic/post.ts';
import type { Exit } from '../index.ts';
import { addJsonOption, examples, wholeNumber } from '../options.ts';
import { requirePlatform } from './platform.ts';

export interface TrafficFlags {
  readonly days: number;
  readonly eventsPerDay: number;
  /** Share, 0 to 1. */
  readonly bad: number;
  readonly seed: number;
}

export interface SeedOptions extends TrafficFlags {
  readonly json?: boolean;
}

export function registerSeed(parent: Command, ctx: Context, exit: Exit, run = runSeed): void {
  const command = parent
    .command('seed')
    .description('Send realistic shop traffic through the local ingest, and load it.');
  addJsonOption(addTrafficOptions(command, { days: 7, eventsPerDay: 5000 }))
    .addHelpText(
      'after',
      examples('sbw local seed', 'sbw local seed --days 30 --events-per-day 20000 --bad 2%'),
    )
    .action(async (flags: SeedOptions) => {
      exit.code = await run(ctx, flags);
    });
}

/** The flags that say which traffic; the same ones always give the same traffic up to now. */
export function addTrafficOptions(command: Command, usual: { days: number; eventsPerDay: number }): Command {
  return command
    .option('--days <days>', 'days of history, up to now', wholeNumber(1, 3650), usual.days)
    .option('--events-per-day <count>', 'about so many', wholeNumber(1, 1_000_000), usual.eventsPerDay)
    .option('--bad <share>', 'wrong in one way or another, such as 1%', parseShare, 0.01)
    .option('--seed <number>', 'another number, other traffic', wholeNumber(0, 999_999_999), 42);
}

/** Sends the traffic and shows how it goes. */
export async function sendTraffic(
  ctx: Context,
  ingestUrl: string,
  flags: TrafficFlags,
  now: Date,
): Promise<PostReport> {
  const [{ generateTraffic }, { postTraffic }, { drawLine }] = await Promise.all([
    import('../../local/traffic/generate.ts'),
    import('../../local/traffic/post.ts'),
    import('../../terminal/local/draw-line.ts'),
  ]);
  const { days, eventsPerDay, bad: badShare, seed } = flags;
  const line = drawLine(ctx.terminal, ctx.clock);
  const total = days * eventsPerDay;
  try {
    return await postTraffic(generateTraffic({ seed, days, eventsPerDay, badShare, endsAt: now }), {
      url: ingestUrl,
      requestsInFlight: 16,
      stop: ctx.interrupts.stop,
      onProgress: ({ sent }) =>
        line.show(
          `  posting  ${sent.toLocaleString('en-US')} of about ${total.toLocaleString('en-US')} events`,
        ),
    });
  } finally {
    line.clear();
  }
}

/** Returns the exit code. */
export async function runSeed(ctx: Context, flags: SeedOptions): Promise<number> {
  const [{ formatPosted }, { loadHistory }] = await Promise.all([
    import('../../terminal/local/render-traffic.ts'),
    import('./history.ts'),
  ]);
  const platform = await requirePlatform(ctx);
  const now = ctx.clock.now();
  const posted = await sendTraffic(ctx, platform.ingestUrl, flags, now);
  ctx.terminal.info(formatPosted(posted));
  const report = await loadHistory(ctx, platform, flags.days, now);
  const { accounting, runId, balanced } = report;
  if (flags.json === true) {
    const { requests, sent, accepted, refused } = posted;
    ctx.terminal.result(
      JSON.stringify({
        schema: 'sbw.local-seed/1',
        requests,
        sent,
        accepted,
        refused,
        run_id: runId,
        ...accounting,
        balanced,
      }),
    );
  } else {
    const { formatAccounting } = await import('../../terminal/etl/render-summary.ts');
    ctx.terminal.result(['Seeded and loaded.', ...formatAccounting(accounting)].join('\n'));
  }
  const { stop } = ctx.interrupts;
  if (stop.aborted) return stop.reason === 'SIGINT' ? EXIT_CODE.cancelled : EXIT_CODE.terminated;
  return balanced ? 0 : EXIT_CODE.unbalanced;
}

function parseShare(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
  const share = match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
  if (share >= 0 && share <= 1) return share;
  throw new InvalidArgumentError('It must be a share such as 1% or 0.01.');
}
