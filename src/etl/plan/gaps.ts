import type { Database, ObjectStore } from '../ports.ts';
import { readHourlyEvents, readLedger } from '../store/ledger.ts';
import { DAY_MS, HOUR_MS, partitionOf, type PartitionStart } from '../time/partition.ts';
import { incrementalWindow } from './make-plan.ts';
import type { Window } from './plan.ts';
import { surveyWindow } from './survey.ts';

export interface GapsReport {
  readonly window: Window;
  /** Hours with objects and no ledger row. */
  readonly missing: readonly { partition: PartitionStart; objects: number; bytes: number }[];
  /** Loaded hours whose listing has changed since: objects came late. */
  readonly late: readonly { partition: PartitionStart; objects: number; objectsLoaded: number }[];
  /** Hours with objects that could not be read. */
  readonly open: readonly { partition: PartitionStart; objects: number; objectsLoaded: number }[];
  /** Hours with far fewer events than the same hour of the weeks before. */
  readonly quiet: readonly { partition: PartitionStart; events: number; expected: number }[];
}

/** An hour is compared with the same hour of so many weeks before it. */
const WEEKS = 4;
/** Below this share of the usual, an hour is oddly empty... */
const QUIET_SHARE = 0.3;
/** ...if usually at least so many events arrive: a small number is nothing to compare with. */
const QUIET_MINIMUM = 10;

/**
 * What the raw store has and the warehouse does not, and hours that look as if events never arrived.
 * @param window null: from the first raw object to the running hour
 */
export async function findGaps(
  deps: { readonly store: ObjectStore; readonly database: Database },
  window: Window | null,
  now: Date,
): Promise<GapsReport> {
  const asked = window ?? (await incrementalWindow(deps.store, null, { now }));
  const survey = await surveyWindow(deps.store, asked);
  const history = { fromMs: asked.fromMs - WEEKS * 7 * DAY_MS, beforeMs: asked.beforeMs };
  const { ledger, hourly } = await deps.database.withSession(async (session) => ({
    ledger: new Map((await readLedger(session, asked)).map((entry) => [entry.partition, entry])),
    hourly: await readHourlyEvents(session, history),
  }));
  const gaps = { missing: [], late: [], open: [] } as {
    missing: { partition: PartitionStart; objects: number; bytes: number }[];
    late: { partition: PartitionStart; objects: number; objectsLoaded: number }[];
    open: { partition: PartitionStart; objects: number; objectsLoaded: number }[];
  };
  for (const { partition, objects, bytes, fingerprint } of survey.listings) {
    const entry = ledger.get(partition);
    if (entry === undefined) gaps.missing.push({ partition, objects, bytes });
    else if (entry.state === 'open')
      gaps.open.push({ partition, objects, objectsLoaded: entry.objectsLoaded });
    else if (entry.fingerprint !== fingerprint) {
      gaps.late.push({ partition, objects, objectsLoaded: entry.objectsLoaded });
    }
  }
  const waiting = new Set(gaps.missing.map(({ partition }) => partition));
  // The running hour is not over: it cannot be called quiet yet.
  const beforeMs = Math.min(asked.beforeMs, partitionOf(now.getTime()));
  const quiet = findQuietHours(hourly, { fromMs: asked.fromMs, beforeMs }).filter(
    (hour) => !waiting.has(hour.partition),
  );
  return { window: asked, ...gaps, quiet };
}

/**
 * Hours of the window that are far below the median of the same hour in the weeks before. Pure.
 * @param hourly events per hour, the weeks before the window included; absent hours had none
 */
export function findQuietHours(
  hourly: ReadonlyMap<PartitionStart, number>,
  window: Window,
): { partition: PartitionStart; events: number; expected: number }[] {
  const first = Math.min(...hourly.keys());
  const quiet: { partition: PartitionStart; events: number; expected: number }[] = [];
  for (let partition = window.fromMs; partition < window.beforeMs; partition += HOUR_MS) {
    const before: number[] = [];
    for (let week = 1; week <= WEEKS; week += 1) {
      const then = partition - week * 7 * DAY_MS;
      if (then >= first) before.push(hourly.get(then) ?? 0);
    }
    const expected = median(before);
    const events = hourly.get(partition) ?? 0;
    if (expected >= QUIET_MINIMUM && events < expected * QUIET_SHARE)
      quiet.push({ partition, events, expected });
  }
  return quiet;
}

function median(numbers: readonly number[]): number {
  if (numbers.length === 0) return 0;
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
