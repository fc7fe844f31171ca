import type { Database, Session } from '../ports.ts';
import { replaceHours } from './hours.ts';
import { addSessions, findTouched, replaceParts } from './sessions.ts';
import { makeParts, prepareTables, takeHours } from './stage.ts';
import { addSums } from './sums.ts';
import { addVisitors } from './visitors.ts';

export interface RefreshReport {
  /** UTC hours that were rolled up, and the events they hold. */
  readonly hours: number;
  readonly events: number;
  /** Of the rollups after it; null when there was nothing to do. */
  readonly version: number | null;
}

/** Hours of the first batch; later ones are sized so that a batch has about so many events. */
const FIRST_HOURS = 24;
const BATCH_EVENTS = 150_000;
const MAX_HOURS = 24 * 30;

/**
 * Brings the rollups up to date with the events: every hour that was marked as changed, a batch a transaction. Killed
 * anywhere, the marks that are left make the next refresh go on. Several at once wait for each other.
 * @param options.stop no further batch once aborted; what is left stays marked
 */
export async function refreshRollups(
  database: Database,
  options: { readonly stop?: AbortSignal; onBatch?(done: RefreshReport): void } = {},
): Promise<RefreshReport> {
  let total: RefreshReport = { hours: 0, events: 0, version: null };
  if (await database.withSession(isBehind)) await summarizeTimes(database);
  let limit = FIRST_HOURS;
  while (options.stop?.aborted !== true && (await database.withSession(isBehind))) {
    const batch = await database.withTransaction((session) => refreshBatch(session, limit));
    if (batch.hours === 0) break;
    total = {
      hours: total.hours + batch.hours,
      events: total.events + batch.events,
      version: batch.version,
    };
    options.onBatch?.(total);
    const perHour = Math.max(1, batch.events / batch.hours);
    limit = Math.min(MAX_HOURS, Math.max(1, Math.floor(BATCH_EVENTS / perHour)));
  }
  return total;
}

/** It only makes reading quicker; and when it must wait, then for a vacuum that does the same at this moment. */
async function summarizeTimes(database: Database): Promise<void> {
  const summarized = database.withTransaction(async (session) => {
    await session.query(`SET LOCAL lock_timeout = '500ms'`);
    await session.query('SELECT dash.summarize_times()');
  });
  await summarized.catch(() => undefined);
}

async function isBehind(session: Session): Promise<boolean> {
  const { rows } = await session.query<{ behind: boolean }>(
    'SELECT EXISTS (SELECT FROM dash.dirty) AS behind',
  );
  return rows[0]!.behind;
}

/**
 * One batch. An hour's events are read by one statement, after its marks were taken away: what is committed in between
 * is either read too or marked again, or both. Everything else is read and written by nobody but us, under the lock.
 */
async function refreshBatch(session: Session, limit: number): Promise<RefreshReport> {
  await session.query('LOCK TABLE dash.version IN EXCLUSIVE MODE');
  await session.query(`SET LOCAL work_mem = '64MB'`);
  await prepareTables(session);
  const { rows } = await session.query<{ time_zone: string }>('SELECT time_zone FROM dash.setting');
  const taken = await takeHours(session, limit, rows[0]!.time_zone);
  if (taken.hours === 0) return { ...taken, version: null };
  await makeParts(session);
  await findTouched(session);
  const before = await addSessions(session, -1);
  await replaceParts(session);
  await addSessions(session, 1);
  await addSums(session, before > 0);
  await addVisitors(session);
  await replaceHours(session);
  const changed = await session.query<{ version: string }>(
    'UPDATE dash.version SET version = version + 1, refreshed_at = now() RETURNING version',
  );
  return { ...taken, version: Number(changed.rows[0]!.version) };
}
