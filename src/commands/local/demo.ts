import { join } from 'node:path';
import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import type { RunReport } from '../../etl/load/report.ts';
import type { WarehouseReport } from '../../etl/store/report.ts';
import type { LocalPlatform } from '../../local/platform.ts';
import type { PostReport } from '../../local/traffic/post.ts';
import type { Exit } from '../index.ts';
import { addJsonOption, examples } from '../options.ts';
import { loadHistory } from './history.ts';
import { addTrafficOptions, sendTraffic, type TrafficFlags } from './seed.ts';

export interface DemoOptions extends TrafficFlags {
  readonly keep?: boolean;
  readonly json?: boolean;
}

/** Not the ports of `sbw local up`: the demo must not be in its way. */
const PORTS = { ingest: 18_080, warehouse: 54_420 };

export function registerDemo(parent: Command, ctx: Context, exit: Exit, run = runDemo): void {
  const command = parent
    .command('demo')
    .description('Events in, rows out: the whole pipeline once, on a platform of its own, under a minute.')
    .option('--keep', 'leave the platform running afterwards');
  addJsonOption(addTrafficOptions(command, { days: 3, eventsPerDay: 4000 }))
    .addHelpText(
      'after',
      examples('sbw local demo', 'sbw local demo --days 14 --events-per-day 10000 --bad 3%'),
    )
    .action(async (flags: DemoOptions) => {
      exit.code = await run(ctx, flags);
    });
}

/** Returns the exit code: 0 only when every event that was sent is accounted for. */
export async function runDemo(ctx: Context, flags: DemoOptions): Promise<number> {
  const [{ startPlatform }, { stopPlatform }, { formatDemo, demoToJson, isReconciled }] = await Promise.all([
    import('../../local/start.ts'),
    import('../../local/stop.ts'),
    import('../../terminal/local/render-demo.ts'),
  ]);
  const { clock, openDatabase, terminal, interrupts } = ctx;
  const config = { ...ctx.config, localHome: join(ctx.config.cwd, '.sbw', 'demo') };
  const say = (text: string): void => terminal.info(text);
  say('1/4  starting PostgreSQL and the ingest ...');
  const { platform } = await startPlatform(
    { config, clock, openDatabase, say, stop: interrupts.stop },
    {
      version: 'demo',
      port: { port: PORTS.ingest, isStrict: false },
      warehousePort: { port: PORTS.warehouse, isStrict: false },
      // The demo runs the ETL itself, to show it.
      everySeconds: 86_400,
      warehouse: undefined,
      service: 'detached',
    },
  );
  try {
    const result = await show(ctx, platform, flags);
    terminal.result(
      flags.json === true
        ? JSON.stringify(demoToJson(result))
        : formatDemo(result, terminal.width, flags.keep === true),
    );
    if (interrupts.stop.aborted) return 130;
    return isReconciled(result) ? 0 : 6;
  } finally {
    if (flags.keep !== true) await stopPlatform(platform.home, { wipe: true }, { say });
  }
}

export interface DemoResult {
  readonly posted: PostReport;
  readonly run: RunReport;
  readonly report: WarehouseReport;
  readonly platform: LocalPlatform;
  readonly durationMs: number;
}

async function show(ctx: Context, platform: LocalPlatform, flags: TrafficFlags): Promise<DemoResult> {
  const [{ formatPosted }, { readReport }] = await Promise.all([
    import('../../terminal/local/render-traffic.ts'),
    import('../../etl/store/report.ts'),
  ]);
  const { terminal, clock } = ctx;
  const startedAt = clock.now();
  terminal.info(`     ingest     ${platform.ingestUrl}/clickstream`);
  terminal.info(`     warehouse  ${platform.state.warehouse.url}`);
  terminal.info(`2/4  a shop's traffic of ${flags.days} days, by HTTP POST ...`);
  const posted = await sendTraffic(ctx, platform.ingestUrl, flags, startedAt);
  terminal.info(`     ${formatPosted(posted)}`);
  terminal.info('3/4  ETL: raw objects to rows, an hour at a time ...');
  const run = await loadHistory(ctx, platform, flags.days, startedAt);
  terminal.info(`     ${run.partitions.loaded} hours loaded in ${(run.durationMs / 1000).toFixed(1)} s`);
  terminal.info('4/4  what the warehouse says');
  const database = await ctx.openDatabase(platform.warehouseUrl, 'sbw local demo');
  try {
    const report = await database.withSession((session) => readReport(session, { products: 8 }));
    return { posted, run, report, platform, durationMs: clock.now().getTime() - startedAt.getTime() };
  } finally {
    await database.close();
  }
}
