/**
 * What keeping the rollups costs a load, and how long the dashboard's questions take.
 *   npm run bench -- rollups [--events 1000000] [--rounds 5]
 */
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import pg from 'pg';
import type { Database, Session } from '../src/etl/ports.ts';
import { parametersOf, type Question } from '../src/etl/rollups/questions.ts';
import { QUESTIONS } from '../src/etl/rollups/questions.generated.ts';
import { rebuildRollups } from '../src/etl/rollups/rebuild.ts';
import { refreshRollups } from '../src/etl/rollups/refresh.ts';
import { fillLoads, fillShop } from '../test/dashboard/support/shop-events.ts';
import { loadAll } from './support/load.ts';
import { median } from './support/measure.ts';
import { readOptions } from './support/options.ts';
import { BenchReport } from './support/report.ts';
import { startS3 } from './support/s3.ts';
import { startWarehouse } from './support/warehouse.ts';

const EVENTS_PER_SESSION = 5.72;
const DAYS = 90;
const BACKFILL_HOURS = 12;
const LAST_DAY = '2025-11-30';
const QUESTION_MS = 100;
const UPKEEP_PERCENT = 10;

type Variant = Readonly<Record<string, string>>;

/** From one day to two years, which is the most that the page takes; each with nothing, a login state, bots, and with an item of each kind. */
const VARIANTS: readonly Variant[] = ['2025-11-30', '2025-11-24', '2025-11-01', '2023-12-01'].flatMap(
  (from_day) =>
    [
      {},
      { login: 'logged_in' },
      { bots: 'on' },
      { by: 'product', value: 'p-1' },
      { by: 'category', value: 'Laptops' },
      { kind: 'product' },
      { kind: 'brand' },
      { kind: 'exit', sort: 'at_risk' },
    ].map((over) => ({
      from_day,
      to_day: LAST_DAY,
      login: '',
      by: '',
      value: '',
      bots: 'off',
      kind: 'entry',
      sort: 'views',
      // As many as the page asks for at most.
      rows: '1000',
      stale_minutes: '120',
      ...over,
    })),
);

const { events, rounds } = readOptions({ events: 1_000_000, rounds: 5 });
const report = new BenchReport('rollups', `${events} events in ${DAYS} days, ${rounds} rounds`);
const warehouse = await startWarehouse();
const { database } = warehouse;
const client = new pg.Client({ connectionString: warehouse.url, options: '-c timezone=UTC' });
await client.connect();
await fillShop(client, {
  sessions: Math.round(events / EVENTS_PER_SESSION),
  days: DAYS,
  until: new Date('2025-12-01T00:00:00Z'),
});
await measureRebuild();
await measureUpkeep();
await measureBackfill();
await measureQuestions();
report.finish();
await client.end();
await warehouse.close();

async function measureRebuild(): Promise<void> {
  const startedAt = performance.now();
  const done = await rebuildRollups(database, {});
  const perEventUs = ((performance.now() - startedAt) * 1000) / done.events;
  report.addRatio('made anew: an event', perEventUs, ' us');
  await client.query('VACUUM ANALYZE');
}

/** Loads of an hour on top of what is there. The events are other ones each time. */
async function measureUpkeep(): Promise<void> {
  for (const { name, latencyMs, perObject, loaded } of [
    { name: 'one-event objects 20 ms away', latencyMs: 20, perObject: 1, loaded: 10_000 },
    { name: 'one-event objects', latencyMs: 0, perObject: 1, loaded: 10_000 },
    { name: 'NDJSON', latencyMs: 0, perObject: 1000, loaded: 50_000 },
  ]) {
    const s3 = await startS3(latencyMs);
    await s3.fill({ events: loaded, hours: 1, perObject, isGzip: false });
    const store = await s3.openStore();
    const shares: number[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      await forgetLoad();
      const timed = timeUpkeep(database);
      const startedAt = performance.now();
      await loadAll({ store, database: timed.database }, { events: loaded, hours: 1 });
      shares.push((100 * timed.spentMs()) / (performance.now() - startedAt));
    }
    // The first finds nothing compiled.
    report.addRatio(`upkeep, ${name}`, median(shares.slice(1)), ' %', { atMost: UPKEEP_PERCENT });
    await store.close();
    await s3.stop();
  }
  await forgetLoad();
}

/**
 * How much longer a backfill of many hours takes with the rollups than without: a part of their work is done while
 * the next hours are read. Each round loads once with and once without.
 */
async function measureBackfill(): Promise<void> {
  for (const { name, latencyMs, perObject, loaded } of [
    { name: 'one-event objects 20 ms away', latencyMs: 20, perObject: 1, loaded: 60_000 },
    { name: 'NDJSON', latencyMs: 0, perObject: 1000, loaded: 300_000 },
  ]) {
    const s3 = await startS3(latencyMs);
    await s3.fill({ events: loaded, hours: BACKFILL_HOURS, perObject, isGzip: false });
    const store = await s3.openStore();
    const shares: number[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const ms: number[] = [];
      for (const over of [database, withoutUpkeep(database)]) {
        await forgetLoad();
        const startedAt = performance.now();
        await loadAll({ store, database: over }, { events: loaded, hours: BACKFILL_HOURS });
        ms.push(performance.now() - startedAt);
      }
      shares.push(100 * (1 - ms[1]! / ms[0]!));
    }
    report.addRatio(`upkeep in ${BACKFILL_HOURS} hours, ${name}`, median(shares.slice(1)), ' %', {
      atMost: UPKEEP_PERCENT,
    });
    await store.close();
    await s3.stop();
  }
  await forgetLoad();
}

/** A database in which nothing is ever marked, so far as a refresh can see. */
function withoutUpkeep(real: Database): Database {
  return {
    ...real,
    withSession: (use) =>
      real.withSession((session) =>
        use({
          copyIn: (sql, chunks) => session.copyIn(sql, chunks),
          query: (sql, params) =>
            session.query(sql.replace('SELECT FROM dash.dirty', 'SELECT WHERE false'), params),
        }),
      ),
  };
}

async function forgetLoad(): Promise<void> {
  await client.query(`DELETE FROM public.clickstream_events WHERE loaded_run <> 'made'`);
  await client.query('TRUNCATE sbw.ledger, sbw.quarantine, sbw.unreadable, sbw.runs');
  await refreshRollups(database);
}

/** Adds up the time of the transactions that keep the rollups: those that begin with their lock. */
function timeUpkeep(real: Database): { database: Database; spentMs: () => number } {
  let spentMs = 0;
  const isUpkeep = (sql: string): boolean => sql.startsWith('LOCK TABLE dash.version');
  return {
    spentMs: () => spentMs,
    database: {
      ...real,
      withTransaction: async (use) => {
        const startedAt = performance.now();
        let isOurs = false;
        const watch = (session: Session): Session => ({
          copyIn: (sql, chunks) => session.copyIn(sql, chunks),
          query: (sql, params) => {
            isOurs ||= isUpkeep(sql);
            return session.query(sql, params);
          },
        });
        const value = await real.withTransaction((session) => use(watch(session)));
        if (isOurs) spentMs += performance.now() - startedAt;
        return value;
      },
    },
  };
}

/** As dashboard_reader, each question with the range, filters and bots that take it longest. */
async function measureQuestions(): Promise<void> {
  await fillLoads(client);
  await client.query('VACUUM ANALYZE');
  await client.query('SET ROLE dashboard_reader');
  for (const path of questionFiles()) {
    const question = basename(path, '.sql') as Question;
    let worst = { ms: 0, of: '' };
    for (const variant of VARIANTS) {
      const params = parametersOf(question).map((name) => variant[name] ?? '');
      const times: number[] = [];
      for (let round = 0; round <= rounds; round += 1) {
        const startedAt = performance.now();
        await client.query(QUESTIONS[question], params);
        times.push(performance.now() - startedAt);
      }
      const ms = median(times.slice(1));
      if (ms > worst.ms) worst = { ms, of: describe(variant) };
    }
    report.addRatio(`${path.slice(0, -'.sql'.length)} (${worst.of})`, worst.ms, ' ms', {
      atMost: QUESTION_MS,
    });
  }
  await client.query('RESET ROLE');
}

function questionFiles(): string[] {
  return (readdirSync('src/instance/dashboard/sql', { recursive: true }) as string[])
    .filter((path) => path.endsWith('.sql'))
    .sort();
}

function describe({ from_day, login, by, bots, kind }: Variant): string {
  const days = (Date.parse(LAST_DAY) - Date.parse(from_day!)) / 86_400_000 + 1;
  const over = [login, by, bots === 'on' ? 'bots' : '', kind === 'entry' ? '' : kind].filter(Boolean);
  return [`${days} d`, ...over].join(', ');
}
