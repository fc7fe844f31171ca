import type { Config } from '../config.ts';
import type { Clock, ObjectStore } from '../etl/ports.ts';
import { DAY_MS, keyRangeOf, timeOfKey } from '../etl/time/partition.ts';
import { examinePlatform, findLocalPlatform } from './platform.ts';
import type { Liveness, LocalPlatform, OpenDatabase } from './platform.ts';
import type { LastRun } from './service.ts';
import { readJson } from './state.ts';
import type { WatchCounts } from './door/watch.ts';

const ANSWER_TIMEOUT_MS = 2000;

export interface StatusDeps {
  readonly config: Pick<Config, 'cwd' | 'localHome'>;
  readonly clock: Clock;
  openStore(url: string): Promise<ObjectStore>;
  readonly openDatabase: OpenDatabase;
}

/** What the warehouse holds. */
export interface WarehouseCounts {
  readonly rows: number;
  /** Open ones: events that satisfy no contract yet. */
  readonly quarantined: number;
  readonly newestEventAt: string | null;
}

export interface PlatformStatus {
  readonly platform: LocalPlatform;
  readonly live: Liveness;
  /** Events that came through the door since the service started; null when it does not answer. */
  readonly received: WatchCounts | null;
  /** Raw objects received today (UTC). */
  readonly objectsToday: number;
  /** Null when the warehouse does not answer. */
  readonly warehouse: WarehouseCounts | null;
  /** Null before the first. */
  readonly lastRun: LastRun | null;
}

/** Null when the platform is not meant to run. Whatever is dead leaves its part empty. */
export async function readStatus(deps: StatusDeps): Promise<PlatformStatus | null> {
  const platform = await findLocalPlatform(deps.config);
  if (platform === null) return null;
  const live = await examinePlatform(platform, deps.openDatabase);
  return {
    platform,
    live,
    received: live.service ? await readReceived(platform) : null,
    objectsToday: await countObjectsToday(platform, deps),
    warehouse: live.warehouse ? await readCounts(platform, deps.openDatabase) : null,
    lastRun: await readJson<LastRun>(platform.home.lastRun),
  };
}

async function readReceived({ ingestUrl }: LocalPlatform): Promise<WatchCounts | null> {
  try {
    const response = await fetch(`${ingestUrl}/sbw/all`, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    return (await response.json()) as WatchCounts;
  } catch {
    return null;
  }
}

async function countObjectsToday(
  { rawUrl }: LocalPlatform,
  { openStore, clock }: StatusDeps,
): Promise<number> {
  const nowMs = clock.now().getTime();
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const store = await openStore(rawUrl).catch(() => null);
  if (store === null) return 0;
  let count = 0;
  try {
    for await (const page of store.list(keyRangeOf(today, today + DAY_MS))) {
      count += page.filter(({ key }) => timeOfKey(key) !== null).length;
    }
  } finally {
    await store.close();
  }
  return count;
}

async function readCounts(
  { warehouseUrl }: LocalPlatform,
  openDatabase: OpenDatabase,
): Promise<WarehouseCounts | null> {
  const database = await openDatabase(warehouseUrl, 'sbw local status');
  try {
    const { rows } = await database.withSession((session) =>
      session.query<{ rows: string; quarantined: string; newest: Date | null }>(
        `SELECT count(*) AS rows, max(event_timestamp) AS newest,
                (SELECT count(*) FROM sbw.quarantine WHERE state = 'open') AS quarantined
           FROM public.clickstream_events`,
      ),
    );
    const [row] = rows;
    if (row === undefined) return null;
    const { newest } = row;
    return {
      rows: Number(row.rows),
      quarantined: Number(row.quarantined),
      newestEventAt: newest === null ? null : newest.toISOString(),
    };
  } finally {
    await database.close();
  }
}
