import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { EXIT_CODE, SbwError } from '../../errors.ts';
import type { RunReport } from '../../etl/load/report.ts';
import type { WarehouseReport } from '../../etl/store/report.ts';
import type { LocalHome } from '../../local/home.ts';
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

const HOME = join('.sbw', 'demo');
/** Not the ports of `sbw local up`: the demo must not be in its way. */
const PORTS = { ingest: 18_080, warehouse: 54_420 };
const FIRST_RUN_TIMEOUT_MS = 30_000;

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
  const [{ homeAt }, { withLock }] = await Promise.all([
    import('../../local/home.ts'),
    import('../../local/machine/lock.ts'),
  ]);
  const home = homeAt(resolve(ctx.config.cwd, HOME));
  await mkdir(dirname(home.directory), { recursive: true });
  const onWait = (pid: number): void => ctx.terminal.info(`another demo (pid ${pid}) runs here: waiting`);
  return withLock(`${home.directory}.lock`, () => runAlone(ctx, flags, home), onWait);
}

async function runAlone(ctx: Context, flags: DemoOptions, home: LocalHome): Promise<number> {
  const [{ stopPlatform }, { formatDemo, demoToJson, isReconciled }] = await Promise.all([
    import('../../local/stop.ts'),
    import('../../terminal/local/render-demo.ts'),
  ]);
  const { terminal, interrupts } = ctx;
  const remove = (): Promise<unknown> => stopPlatform(home, { wipe: true }, { say: terminal.info });
  await refuseKept(ctx, home);
  // What a demo that was killed left behind would be counted with this one's.
  await remove();
  let isDone = false;
  try {
    const platform = await start(ctx, home);
    const result = await show(ctx, platform, flags);
    isDone = true;
    terminal.result(
      flags.json === true
        ? JSON.stringify(demoToJson(result))
        : formatDemo(result, terminal.width, flags.keep === true),
    );
    return isReconciled(result) ? 0 : EXIT_CODE.unbalanced;
  } finally {
    // A kept one stays when it failed too: its logs say why. Not when the operator stopped it half way.
    if (flags.keep !== true || (!isDone && interrupts.stop.aborted)) await remove();
  }
}

/** @throws SbwError DEMO_IS_KEPT (refused): somebody may be looking at it */
async function refuseKept(ctx: Context, home: LocalHome): Promise<void> {
  const { examinePlatform, readPlatform } = await import('../../local/platform.ts');
  const kept = await readPlatform(home);
  if (kept === null || !(await examinePlatform(kept, ctx.openDatabase)).service) return;
  throw new SbwError('DEMO_IS_KEPT', 'an earlier demo is still up here', {
    kind: 'refused',
    fix: `SBW_LOCAL_HOME=${HOME} sbw local down --wipe`,
  });
}

async function start(ctx: Context, home: LocalHome): Promise<LocalPlatform> {
  const { startPlatform } = await import('../../local/start.ts');
  const { clock, openDatabase, terminal, interrupts } = ctx;
  const config = { ...ctx.config, localHome: home.directory };
  terminal.info('1/4  starting PostgreSQL and the ingest ...');
  const { platform } = await startPlatform(
    { config, clock, openDatabase, say: terminal.info, stop: interrupts.stop },
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
  await firstRunOf(home, interrupts.stop);
  return platform;
}

/** The service runs the ETL once when it starts. A late start of that would take hours away from the demo's run. */
async function firstRunOf(home: LocalHome, stop: AbortSignal): Promise<void> {
  const { waitUntil } = await import('../../local/machine/process.ts');
  const hasRun = await waitUntil(async () => stop.aborted || existsSync(home.lastRun), FIRST_RUN_TIMEOUT_MS);
  if (hasRun) return;
  throw new SbwError('SERVICE_START_FAILED', 'the local service did not run its ETL in time', {
    fix: 'sbw local demo --keep',
  });
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
  throwIfStopped(ctx);
  terminal.info(`     ${formatPosted(posted)}`);
  terminal.info('3/4  ETL: raw objects to rows, an hour at a time ...');
  const run = await loadHistory(ctx, platform, flags.days, startedAt);
  throwIfStopped(ctx);
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

/** Half a demo proves nothing, and its numbers would look like a loss. */
function throwIfStopped({ interrupts: { stop } }: Context): void {
  if (!stop.aborted) return;
  throw new SbwError('CANCELLED', 'the demo was stopped; its platform is being removed', {
    kind: stop.reason === 'SIGINT' ? 'cancelled' : 'terminated',
  });
}
