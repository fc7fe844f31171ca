import { randomUUID } from 'node:crypto';
import { systemClock } from '../../src/adapters/system-clock.ts';
import { runPlan } from '../../src/etl/load/run.ts';
import type { RunReport } from '../../src/etl/load/report.ts';
import { planRun } from '../../src/etl/plan/make-plan.ts';
import type { Window } from '../../src/etl/plan/plan.ts';
import type { Database, ObjectStore } from '../../src/etl/ports.ts';
import { HOUR_MS } from '../../src/etl/time/partition.ts';
import { FIRST_HOUR_MS } from './events.ts';

/** As `--parallel` without the flag. */
const PARALLEL = 4;

export interface LoadSources {
  readonly store: ObjectStore;
  readonly database: Database;
}

/** What `sbw etl backfill` does, from the listing to the report; the command only adds the rendering. */
export async function load(
  { store, database }: LoadSources,
  hours: number,
  readsInFlight: number = store.readsInFlight,
): Promise<RunReport> {
  const never = new AbortController().signal;
  const plan = await planRun(
    { store, database },
    { window: windowOf(hours), reprocess: 'missing', order: 'oldest', now: new Date() },
  );
  return runPlan(
    {
      store,
      database,
      clock: systemClock,
      newId: randomUUID,
      emit: () => undefined,
      stop: never,
      now: never,
    },
    plan,
    { kind: 'backfill', parallel: PARALLEL, readsInFlight, arguments: {} },
  );
}

/** Loads, and makes sure that every event became a row. @returns events loaded */
export async function loadAll(
  sources: LoadSources,
  expected: { readonly events: number; readonly hours: number },
  readsInFlight?: number,
): Promise<number> {
  const report = await load(sources, expected.hours, readsInFlight);
  const { loaded } = report.accounting.events;
  if (loaded === expected.events && report.balanced) return loaded;
  throw new Error(`${loaded} of ${expected.events} events loaded: ${JSON.stringify(report)}`);
}

export function windowOf(hours: number): Window {
  return { fromMs: FIRST_HOUR_MS, beforeMs: FIRST_HOUR_MS + hours * HOUR_MS };
}
