import type { TeardownContext } from './context.ts';
import type { Database, ObjectStore } from '../../etl/ports.ts';
import type { WarehouseFact } from '../../stacks/teardown/plan/inventory.ts';

/**
 * What the warehouse says about the rows that would die with it. Changes nothing in it; null with a hint when it
 * does not answer.
 */
export async function readWarehouseFacts(
  ctx: TeardownContext,
  url: string,
  rawBucket: string | null,
): Promise<WarehouseFact | null> {
  try {
    const database = await ctx.openDatabase(url, 'sbw teardown');
    try {
      const { rows } = await database.withSession((session) =>
        session.query<{ rows: string; newest: Date | null }>(
          'SELECT count(*) AS rows, max(event_timestamp) AS newest FROM public.clickstream_events',
        ),
      );
      const hoursNotLoaded = rawBucket === null ? null : await countHoursNotLoaded(ctx, database, rawBucket);
      return { rows: Number(rows[0]?.rows ?? 0), newestEventAt: rows[0]?.newest ?? null, hoursNotLoaded };
    } finally {
      await database.close();
    }
  } catch (error) {
    ctx.terminal.info(`The warehouse does not answer: ${(error as Error).message}`);
    return null;
  }
}

/** Null when it cannot be told, such as for want of a ledger. */
async function countHoursNotLoaded(
  ctx: TeardownContext,
  database: Database,
  bucket: string,
): Promise<number | null> {
  const { findGaps } = await import('../../etl/plan/gaps.ts');
  let store: ObjectStore | undefined;
  try {
    store = await ctx.openStore(`s3://${bucket}`);
    const { missing, late, open } = await findGaps({ store, database }, null, ctx.clock.now());
    return missing.length + late.length + open.length;
  } catch {
    return null;
  } finally {
    await store?.close();
  }
}
