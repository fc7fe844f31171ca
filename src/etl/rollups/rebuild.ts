import { SbwError } from '../../errors.ts';
import type { Database } from '../ports.ts';
import { refreshRollups, type RefreshReport } from './refresh.ts';

/** All that can be made again from the events. Not the marks: a load may be writing one at this moment. */
const TABLES = [
  'part',
  'session_hour',
  'histogram',
  'page_day',
  'item',
  'item_day',
  'visitor_day',
  'visitor_gap',
  'visitor_week',
  'hour',
  'hour_event',
  'hour_visitor',
].map((name) => `dash.${name}`);

export interface RebuildOptions {
  /** IANA name; without it the zone stays. */
  readonly timeZone?: string;
  readonly stop?: AbortSignal;
  onBatch?(done: RefreshReport): void;
}

/**
 * Empties the rollups and makes them again from the events, oldest hours first. Until it is done, and when it is
 * killed, the hours that are missing stand in dash.dirty: the next load goes on with them.
 * @throws SbwError TIME_ZONE_UNKNOWN (usage)
 */
export async function rebuildRollups(database: Database, options: RebuildOptions): Promise<RefreshReport> {
  await database.withTransaction(async (session) => {
    await session.query('LOCK TABLE dash.version IN EXCLUSIVE MODE');
    if (options.timeZone !== undefined) {
      const known = await session.query('SELECT FROM pg_timezone_names WHERE name = $1', [options.timeZone]);
      if (known.rowCount === 0) throw unknownZone(options.timeZone);
      await session.query('UPDATE dash.setting SET time_zone = $1', [options.timeZone]);
    }
    // In one statement, so that a reader sees all of them or none.
    await session.query(`TRUNCATE ${TABLES.join(', ')}`);
    await session.query(
      `INSERT INTO dash.dirty SELECT DISTINCT date_trunc('hour', event_timestamp) FROM public.clickstream_events`,
    );
    await session.query('UPDATE dash.version SET version = version + 1, refreshed_at = now()');
  });
  return refreshRollups(database, options);
}

function unknownZone(name: string): SbwError {
  return new SbwError('TIME_ZONE_UNKNOWN', `The warehouse knows no time zone ${JSON.stringify(name)}.`, {
    kind: 'usage',
    fix: 'give an IANA name: --time-zone Asia/Ho_Chi_Minh',
  });
}
