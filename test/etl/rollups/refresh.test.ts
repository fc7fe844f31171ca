import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { after, before, beforeEach, describe, it } from 'node:test';
import { openDatabase } from '../../../src/adapters/postgres.ts';
import { parseEdit } from '../../../src/etl/load/edit.ts';
import { replayQuarantine, type ReplayReport } from '../../../src/etl/load/replay.ts';
import { rebuildRollups } from '../../../src/etl/rollups/rebuild.ts';
import { refreshRollups } from '../../../src/etl/rollups/refresh.ts';
import { Upkeep } from '../../../src/etl/rollups/upkeep.ts';
import { load, startPipeline, systemClock, type Pipeline } from '../../support/pipeline.ts';
import { Random } from '../../../src/local/traffic/random.ts';
import { makeVisit, type Visitor } from '../../../src/local/traffic/visit.ts';
import { makeCatalogue } from '../../../src/local/traffic/catalogue.ts';
import { put, received } from '../../support/raw-shop.ts';
import { SAME } from './truth.ts';

const HOURS = 6;

/** Visits of a few visitors, many of them across the end of an hour; in each hour a retry of the hour before. */
function fill(root: string): void {
  const random = new Random(7);
  const products = makeCatalogue(random);
  const visitors: Visitor[] = Array.from({ length: 40 }, (_, index) => ({
    clientId: `client-${index}`,
    userId: index % 3 === 0 ? `user-${index}` : null,
    visits: 0,
  }));
  const hours = Array.from({ length: HOURS + 2 }, (): string[] => []);
  for (let visit = 0; visit < 120; visit += 1) {
    const startMs = Date.UTC(2025, 11, 6) + Math.floor(random.next() * HOURS * 3_600_000);
    for (const { atMs, event } of makeVisit(random, random.pick(visitors), products, startMs)) {
      const hour = Math.floor((atMs - Date.UTC(2025, 11, 6)) / 3_600_000);
      hours[hour]!.push(JSON.stringify(received(new Date(atMs).toISOString(), event)));
    }
  }
  hours.forEach((lines, hour) => {
    const retried = hours[hour - 1]?.slice(0, 5) ?? [];
    put(root, `events/2025/12/06/0${hour}/events.ndjson`, [...lines, ...retried].join('\n'));
  });
}

describe('keeping the rollups', () => {
  let pipeline: Pipeline;
  before(async () => {
    pipeline = await startPipeline();
    fill(pipeline.root);
  });
  after(() => pipeline.close());
  beforeEach(async () => {
    await pipeline.rows(
      'TRUNCATE public.clickstream_events, sbw.ledger, sbw.quarantine, sbw.unreadable, sbw.runs',
    );
    await refreshRollups(pipeline.database);
  });

  async function compare(): Promise<void> {
    for (const [name, { raw, rollup }] of Object.entries(SAME)) {
      assert.deepEqual(await pipeline.rows(rollup, ['UTC']), await pipeline.rows(raw, ['UTC']), name);
    }
  }

  it('eight loaders at once, one truth', async () => {
    const reports = await Promise.all(Array.from({ length: 8 }, () => load(pipeline, {}, { parallel: 1 })));
    assert.ok(reports.every(({ balanced }) => balanced));
    assert.deepEqual(await pipeline.rows('SELECT * FROM dash.dirty'), []);
    await compare();
  });

  it('a load that loads nothing new leaves the version as it is', async () => {
    await pipeline.load();
    const version = await pipeline.rows('SELECT version FROM dash.version');
    const { rollups } = await pipeline.load();
    assert.deepEqual(rollups, { hours: 0, events: 0, version: null });
    await pipeline.load({ reprocess: 'all' });
    assert.deepEqual(await pipeline.rows('SELECT version FROM dash.version'), version);
  });

  it('killed anywhere, the next run goes on with what is marked', async () => {
    const env = { ...process.env, TEST_RAW: pipeline.root, TEST_WAREHOUSE: pipeline.url };
    for (const afterMs of [60, 120, 180, 250, 330, 420]) {
      const child = fork('test/etl/kill-child.ts', {
        env,
        execArgv: ['--import', 'tsx'],
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      const ended = once(child, 'exit');
      await once(child, 'message');
      const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
      await ended;
      clearTimeout(timer);
    }
    await pipeline.load();
    await compare();
  });

  it('etl_writer keeps them and makes them anew, with no right to the events beyond its own', async () => {
    await pipeline.rows(`ALTER ROLE etl_writer LOGIN PASSWORD 'for-this-test'`);
    const url = Object.assign(new URL(pipeline.url), {
      username: 'etl_writer',
      password: 'for-this-test',
    }).href;
    const database = await openDatabase(url, 'sbw test');
    try {
      const report = await load({ store: pipeline.store, database }, {}, { parallel: 2 });
      assert.ok((report.rollups?.hours ?? 0) > 0);
      await compare();
      // An earlier receipt of the same id takes the row's place, in another hour: both hours change.
      const again = (at: string): Record<string, unknown> =>
        received(at, { eventId: 'twice', sessionId: 's', clientId: 'c' });
      put(pipeline.root, 'events/2025/12/06/04/again.json', again('2025-12-06T04:00:00.000Z'));
      await load({ store: pipeline.store, database });
      put(pipeline.root, 'events/2025/12/06/01/again.json', again('2025-12-06T01:00:00.000Z'));
      await load({ store: pipeline.store, database });
      await compare();
      await rebuildRollups(database, { timeZone: 'UTC' });
      await compare();
    } finally {
      await database.close();
      await pipeline.rows('ALTER ROLE etl_writer NOLOGIN PASSWORD NULL');
    }
  });

  it('events that leave quarantine are counted, and a dry run counts nothing', async () => {
    await pipeline.load();
    const bad = {
      eventId: 'bad',
      sessionId: 's-bad',
      clientId: 'c-bad',
      product: { id: 'p', category: 'c', price: '19,99' },
    };
    put(pipeline.root, 'events/2025/12/06/03/bad.json', received('2025-12-06T03:10:00.000Z', bad));
    await load(pipeline);
    const replay = (isDryRun: boolean): Promise<ReplayReport> =>
      replayQuarantine(
        { ...pipeline, clock: systemClock, newId: randomUUID },
        {},
        {
          isDryRun,
          edits: [parseEdit('product.price=19.99')],
          arguments: {},
        },
      );
    const version = (): Promise<unknown> => pipeline.rows('SELECT version FROM dash.version');
    const before = await version();
    assert.equal((await replay(true)).loaded, 1);
    assert.deepEqual(await version(), before);
    assert.equal((await replay(false)).loaded, 1);
    assert.notDeepEqual(await version(), before);
    await compare();
    await rm(`${pipeline.root}/events/2025/12/06/03/bad.json`);
  });

  it('an unknown time zone is refused before anything is emptied', async () => {
    await pipeline.load();
    await assert.rejects(rebuildRollups(pipeline.database, { timeZone: 'Asia/Nowhere' }), {
      code: 'TIME_ZONE_UNKNOWN',
    });
    await compare();
  });

  it('stopped, it ends after the batch and leaves the rest marked', async () => {
    const stop = AbortSignal.abort();
    await pipeline.load();
    const done = await rebuildRollups(pipeline.database, { stop });
    assert.equal(done.hours, 0);
    assert.notDeepEqual(await pipeline.rows('SELECT * FROM dash.dirty'), []);
    await pipeline.load();
    await compare();
  });

  it('a long run keeps them up beside its loading, once a refresh is worth it', async () => {
    const marked = (): Promise<unknown[]> => pipeline.rows('SELECT * FROM dash.dirty');
    await pipeline.load();
    await rebuildRollups(pipeline.database, { stop: AbortSignal.abort() });
    const upkeep = new Upkeep(pipeline.database, new AbortController().signal);
    upkeep.noteCommitted(9_999);
    await upkeep.settle();
    assert.notDeepEqual(await marked(), []);
    upkeep.noteCommitted(1);
    await upkeep.settle();
    assert.deepEqual(await marked(), []);
    await compare();
    const done = await upkeep.finish();
    assert.ok(done.hours > 0 && done.version !== null);
  });

  it('the dashboard sees a long run before it ends', async () => {
    const hours = ['events/2025/12/07/00/', 'events/2025/12/07/01/'];
    hours.forEach((hour, index) => {
      const events = Array.from({ length: 10_000 }, (_, at) =>
        JSON.stringify(
          received(`2025-12-07T0${index}:00:00.000Z`, {
            eventId: `${index}-${at}`,
            sessionId: `s-${at % 500}`,
          }),
        ),
      );
      put(pipeline.root, `${hour}events.ndjson`, events.join('\n'));
    });
    const version = async (): Promise<number> => {
      const [row] = await pipeline.rows<{ version: string }>('SELECT version FROM dash.version');
      return Number(row!.version);
    };
    const before = await version();
    await pipeline.load({}, { parallel: 1 });
    assert.ok((await version()) - before > 1, 'all of it came with the end of the run');
    for (const hour of hours) await rm(`${pipeline.root}/${hour}events.ndjson`);
  });

  it('of a refresh that failed beside the loading, the end of the run takes up the work', async () => {
    await pipeline.load();
    await rebuildRollups(pipeline.database, { stop: AbortSignal.abort() });
    await pipeline.rows('ALTER TABLE dash.hour RENAME TO hour_away');
    const upkeep = new Upkeep(pipeline.database, new AbortController().signal);
    upkeep.noteCommitted(10_000);
    await upkeep.settle();
    await pipeline.rows('ALTER TABLE dash.hour_away RENAME TO hour');
    assert.ok((await upkeep.finish()).hours > 0);
    await compare();
  });

  it('when they cannot be kept, the load stands, says so, and the next one mends it', async () => {
    await pipeline.rows('ALTER TABLE dash.hour RENAME TO hour_away');
    const report = await pipeline.load();
    await pipeline.rows('ALTER TABLE dash.hour_away RENAME TO hour');
    assert.ok(report.balanced);
    assert.equal(report.rollups, null);
    assert.ok(pipeline.told.some(({ type }) => type === 'rollups-failed'));
    const next = await pipeline.load();
    assert.ok((next.rollups?.hours ?? 0) > 0);
    await compare();
  });
});
