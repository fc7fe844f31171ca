import type { Database, ObjectStore } from '../ports.ts';
import { readLedger, readNewestPartition, readOpenPartitions } from '../store/ledger.ts';
import { readUnfinishedPartitions } from '../store/runs.ts';
import { HOUR_MS, partitionOf, timeOfKey, type PartitionStart } from '../time/partition.ts';
import { planLoad, type LoadPlan, type PartitionOrder, type Reprocess, type Window } from './plan.ts';
import { surveyWindow, type Survey } from './survey.ts';

export interface PlanRequest {
  /** Null: the incremental run, from where the last one ended (minus the look-back) to now. */
  readonly window: Window | null;
  /** Hours before the newest loaded partition that an incremental run looks at again. Default 3. */
  readonly lookBackHours?: number;
  readonly reprocess: Reprocess;
  readonly order: PartitionOrder;
  readonly now: Date;
  /** Only these partitions; the window is then theirs. Used by retry. */
  readonly partitions?: readonly PartitionStart[];
}

export const DEFAULT_LOOK_BACK_HOURS = 3;

/**
 * Gathers the listing and the ledger and plans the load; changes nothing. An incremental run also plans, however
 * old, every partition that ended open (an unreadable object is tried again by each run) and those that an
 * earlier run planned and did not get to.
 */
export async function planRun(
  deps: { readonly store: ObjectStore; readonly database: Database },
  request: PlanRequest,
): Promise<LoadPlan> {
  const { store, database } = deps;
  const open = request.window === null && request.partitions === undefined;
  const [newest, openPartitions] = await database.withSession(async (session) => [
    await readNewestPartition(session),
    open ? [...(await readOpenPartitions(session)), ...(await readUnfinishedPartitions(session))] : [],
  ]);
  const window = request.window ?? (await incrementalWindow(store, newest, request));
  const wanted = request.partitions ?? openPartitions.filter((at) => at < window.fromMs);
  const surveys = request.partitions === undefined ? [await surveyWindow(store, window)] : [];
  for (const range of consecutive(wanted)) surveys.push(await surveyWindow(store, range));
  const survey = mergeSurveys(surveys, new Set(request.partitions ?? []));
  const whole = spanOf(window, wanted);
  const ledger = await database.withSession((session) => readLedger(session, whole));
  return planLoad({
    window,
    listings: survey.listings,
    ledger,
    reprocess: request.reprocess,
    order: request.order,
    foreignObjects: survey.foreignObjects,
  });
}

/** From the look-back before the newest loaded hour (at first: from the first object) to the running hour. */
export async function incrementalWindow(
  store: ObjectStore,
  newest: PartitionStart | null,
  request: Pick<PlanRequest, 'now' | 'lookBackHours'>,
): Promise<Window> {
  const beforeMs = partitionOf(request.now.getTime()) + HOUR_MS;
  const lookBackMs = (request.lookBackHours ?? DEFAULT_LOOK_BACK_HOURS) * HOUR_MS;
  // Objects may lie in the future of this clock; the newest loaded hour must not push the window past now.
  const from =
    newest === null ? await findFirstHour(store) : Math.min(newest, beforeMs - HOUR_MS) - lookBackMs;
  return { fromMs: Math.min(from ?? beforeMs - HOUR_MS, beforeMs - HOUR_MS), beforeMs };
}

async function findFirstHour(store: ObjectStore): Promise<PartitionStart | null> {
  for await (const page of store.list({ from: 'events/', before: 'events0' })) {
    for (const { key } of page) {
      const time = timeOfKey(key);
      if (time !== null) return time.dayMs;
    }
  }
  return null;
}

/** Runs of neighbouring hours as windows, so that each stretch is listed once. */
function consecutive(partitions: readonly PartitionStart[]): Window[] {
  const windows: { fromMs: number; beforeMs: number }[] = [];
  for (const start of [...new Set(partitions)].sort((a, b) => a - b)) {
    const last = windows.at(-1);
    if (last?.beforeMs === start) last.beforeMs = start + HOUR_MS;
    else windows.push({ fromMs: start, beforeMs: start + HOUR_MS });
  }
  return windows;
}

function mergeSurveys(surveys: readonly Survey[], only: ReadonlySet<PartitionStart>): Survey {
  const listings = surveys.flatMap((survey) => survey.listings);
  return {
    listings: only.size === 0 ? listings : listings.filter((listing) => only.has(listing.partition)),
    foreignObjects: surveys.reduce((sum, survey) => sum + survey.foreignObjects, 0),
  };
}

function spanOf(window: Window, partitions: readonly PartitionStart[]): Window {
  return {
    fromMs: Math.min(window.fromMs, ...partitions),
    beforeMs: Math.max(window.beforeMs, ...partitions.map((start) => start + HOUR_MS)),
  };
}
