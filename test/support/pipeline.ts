import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDirectoryStore } from '../../src/adapters/directory-store.ts';
import { openDatabase } from '../../src/adapters/postgres.ts';
import { runPlan, type RunOptions } from '../../src/etl/load/run.ts';
import type { LoadEvent, RunReport } from '../../src/etl/load/report.ts';
import { planRun, type PlanRequest } from '../../src/etl/plan/make-plan.ts';
import type { Database, ObjectStore } from '../../src/etl/ports.ts';
import { migrate } from '../../src/etl/store/migrate.ts';
import { startTestPostgres, type TestMajor } from './postgres.ts';

/** A raw directory and a warehouse of its own, on a real PostgreSQL. */
export interface Pipeline {
  readonly store: ObjectStore;
  /** Folder of the raw store. */
  readonly root: string;
  readonly database: Database;
  /** Superuser's URL, with the password. */
  readonly url: string;
  /** Plans and loads; all of the raw store unless told otherwise. */
  load(over?: Partial<PlanRequest>, options?: Partial<RunOptions>): Promise<RunReport>;
  rows<R = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<R[]>;
  /** Every event the runs told of. */
  readonly told: LoadEvent[];
  close(): Promise<void>;
}

export const systemClock = {
  now: () => new Date(),
  sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
};

const NEVER = new AbortController().signal;
export const ALL_TIME = { fromMs: Date.UTC(2015, 0, 1), beforeMs: Date.UTC(2035, 0, 1) };

export async function startPipeline(
  options: { major?: TestMajor; store?: ObjectStore } = {},
): Promise<Pipeline> {
  const postgres = await startTestPostgres(options.major ?? 18);
  const url = await postgres.createDatabase();
  const database = await openDatabase(url, 'sbw test');
  await migrate(database);
  const root = await mkdtemp(join(tmpdir(), 'sbw-raw-'));
  const store = options.store ?? (await openDirectoryStore(root));
  const told: LoadEvent[] = [];
  return {
    store,
    root,
    database,
    url,
    told,
    load: (over = {}, runOptions = {}) => load({ store, database, told }, over, runOptions),
    rows: async <R>(sql: string, params?: readonly unknown[]) =>
      (await database.withSession((session) => session.query<R>(sql, params))).rows,
    close: async () => {
      await database.close();
      await store.close();
      await postgres.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** One planned and executed run against any store and database. */
export async function load(
  deps: {
    readonly store: ObjectStore;
    readonly database: Database;
    readonly told?: LoadEvent[];
    stop?: AbortSignal;
    now?: AbortSignal;
  },
  over: Partial<PlanRequest> = {},
  options: Partial<RunOptions> = {},
): Promise<RunReport> {
  const request = {
    window: ALL_TIME,
    reprocess: 'missing',
    order: 'oldest',
    now: new Date(),
    ...over,
  } as const;
  const plan = await planRun(deps, request);
  const { store, database, told = [], stop = NEVER, now = NEVER } = deps;
  const emit = (event: LoadEvent): void => void told.push(event);
  return runPlan({ store, database, clock: systemClock, newId: randomUUID, emit, stop, now }, plan, {
    kind: 'backfill',
    parallel: 4,
    arguments: {},
    ...options,
  });
}
