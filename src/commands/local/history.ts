import type { Context } from '../../context.ts';
import type { RunReport } from '../../etl/load/report.ts';
import type { LocalPlatform } from '../../local/platform.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Hours at once; two cores also run PostgreSQL. */
const PARALLEL = 2;

/**
 * Loads the last days. The schedule looks back a few hours only, and seeded history is older; should it be at
 * work on one of the hours, this waits for it.
 */
export async function loadHistory(
  ctx: Context,
  platform: LocalPlatform,
  days: number,
  now: Date,
): Promise<RunReport> {
  const [{ planRun }, { runPlan }, { renderLoad }] = await Promise.all([
    import('../../etl/plan/make-plan.ts'),
    import('../../etl/load/run.ts'),
    import('../../terminal/etl/render-load.ts'),
  ]);
  const { clock, newId, terminal, interrupts } = ctx;
  const store = await ctx.openStore(platform.rawUrl);
  const database = await ctx.openDatabase(platform.warehouseUrl, 'sbw local seed');
  const quiet = { ...terminal, info: () => undefined };
  const renderer = renderLoad(terminal.isInteractive ? terminal : quiet, clock);
  try {
    const beforeMs = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS + HOUR_MS;
    const fromMs = Math.floor((now.getTime() - days * DAY_MS) / HOUR_MS) * HOUR_MS;
    const window = { fromMs, beforeMs };
    const plan = await planRun({ store, database }, { window, reprocess: 'missing', order: 'oldest', now });
    const { stop, now: leave } = interrupts;
    return await runPlan({ store, database, clock, newId, emit: renderer.emit, stop, now: leave }, plan, {
      kind: 'backfill',
      parallel: PARALLEL,
      arguments: { by: 'local seed', days },
    });
  } finally {
    renderer.close();
    await database.close();
    await store.close();
  }
}
