import { handleIngest } from '../etl/ingest/handler.ts';
import type { IngestDeps } from '../etl/ingest/handler.ts';
import { runPlan } from '../etl/load/run.ts';
import { DEFAULT_LOOK_BACK_HOURS, planRun } from '../etl/plan/make-plan.ts';
import type { Clock, Database, ObjectStore } from '../etl/ports.ts';
import { startHttpDoor } from './door/http-door.ts';
import type { HttpDoor } from './door/http-door.ts';
import type { LocalPlatform, OpenDatabase } from './platform.ts';
import { startSchedule } from './schedule.ts';
import { replaceFile } from './state.ts';
import { Watch } from './door/watch.ts';

export interface ServiceDeps {
  readonly clock: Clock;
  newId(): string;
  openStore(url: string): Promise<ObjectStore>;
  readonly openDatabase: OpenDatabase;
  /** One line of the log. */
  log(text: string): void;
  /** Aborted: no new requests, no new hours; what runs is finished. */
  readonly stop: AbortSignal;
  /** Aborted: leave at once; hours that are being loaded are rolled back. */
  readonly now: AbortSignal;
}

/** last-run.json: how the last scheduled run went, also when there was nothing to load. */
export interface LastRun {
  readonly finished_at: string;
  /** Null when there was nothing to load. */
  readonly run_id: string | null;
  readonly loaded: number;
  readonly quarantined: number;
  readonly balanced: boolean;
  /** Why it failed; null when it did not. */
  readonly error: string | null;
}

/** A load that takes longer after SIGTERM is rolled back: the next run does it again. */
const GRACE_MS = 15_000;
/** Hours at once; the machine also runs PostgreSQL and the operator's other programs. */
const PARALLEL = 2;

/** The local platform's own process: HTTP door and scheduled ETL, until `stop`. */
export async function runService(platform: LocalPlatform, deps: ServiceDeps): Promise<void> {
  const { state, rawUrl, warehouseUrl } = platform;
  const store = await deps.openStore(rawUrl);
  const database = await deps.openDatabase(warehouseUrl, 'sbw local service');
  try {
    const door = await openDoor(state.ingest.port, store, deps);
    const leave = new AbortController();
    deps.now.addEventListener('abort', () => leave.abort(), { once: true });
    const schedule = startSchedule({
      everyMs: state.every_seconds * 1000,
      runOnce: () => loadNew(platform, { ...deps, store, database, now: leave.signal }),
      onFailure: (error) => deps.log(`ETL failed, the next run tries again: ${messageOf(error)}`),
    });
    deps.log(`listening on ${state.ingest.url}, ETL every ${state.every_seconds} s`);
    await untilAborted(deps.stop);
    deps.log('stopping');
    const timer = setTimeout(() => leave.abort(), GRACE_MS);
    await Promise.all([door.close(), schedule.stop()]);
    clearTimeout(timer);
  } finally {
    await database.close();
    await store.close();
  }
  deps.log('stopped');
}

function openDoor(port: number, store: ObjectStore, { clock, newId }: ServiceDeps): Promise<HttpDoor> {
  const watch = new Watch();
  const ingest: IngestDeps = {
    store,
    clock,
    newId,
    // The shop under development may be served from anywhere on this machine.
    allowedOrigins: ['*'],
    observe: (outcome) => watch.record(outcome, clock.now()),
  };
  return startHttpDoor({
    host: '127.0.0.1',
    port,
    watch,
    handle: (request) => handleIngest(ingest, request),
  });
}

/** One incremental run, and a note of how it went. */
async function loadNew(
  { home }: LocalPlatform,
  deps: Omit<ServiceDeps, 'openStore' | 'openDatabase'> & {
    readonly store: ObjectStore;
    readonly database: Database;
  },
): Promise<void> {
  const note = async (run: Omit<LastRun, 'finished_at'>): Promise<void> => {
    const lastRun: LastRun = { finished_at: deps.clock.now().toISOString(), ...run };
    await replaceFile(home.lastRun, `${JSON.stringify(lastRun)}\n`, 0o644);
  };
  const nothing = { run_id: null, loaded: 0, quarantined: 0, balanced: true, error: null };
  try {
    const now = deps.clock.now();
    const plan = await planRun(deps, { window: null, reprocess: 'missing', order: 'oldest', now });
    if (plan.partitions.length === 0) return await note(nothing);
    const report = await runPlan({ ...deps, emit: () => undefined }, plan, {
      kind: 'scheduled',
      parallel: PARALLEL,
      arguments: { look_back: DEFAULT_LOOK_BACK_HOURS },
    });
    const { loaded, duplicates, quarantined } = report.accounting.events;
    const [failure] = report.partitions.failed;
    deps.log(
      `${report.runId}: ${loaded} loaded, ${duplicates} duplicates, ${quarantined} quarantined` +
        (report.balanced ? '' : ', NOT BALANCED') +
        (failure === undefined
          ? ''
          : `; ${report.partitions.failed.length} hours failed: ${failure.message}`),
    );
    const { runId, balanced } = report;
    await note({ run_id: runId, loaded, quarantined, balanced, error: failure?.message ?? null });
  } catch (error) {
    await note({ ...nothing, error: messageOf(error) });
    throw error;
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
