import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { openDatabase } from '../../src/adapters/postgres.ts';
import type { LoadEvent } from '../../src/etl/load/report.ts';
import type { ObjectStore } from '../../src/etl/ports.ts';
import { load, startPipeline, type Pipeline } from '../support/pipeline.ts';
import { put, received } from '../support/raw-shop.ts';

const HOUR = 'events/2025/12/06/05';
const AT = '2025-12-06T05:00:00.000Z';

/** Each fault of the first authors' loader that was reproduced, with what must happen instead. */
for (const major of [15, 18] as const) {
  describe(`what went wrong before, on PostgreSQL ${major}`, () => {
    let pipeline: Pipeline;
    before(async () => {
      pipeline = await startPipeline({ major });
    });
    after(() => pipeline.close());
    beforeEach(async () => {
      const { rm } = await import('node:fs/promises');
      await rm(`${pipeline.root}/events`, { recursive: true, force: true });
      await pipeline.rows(
        'TRUNCATE public.clickstream_events, sbw.ledger, sbw.quarantine, sbw.unreadable, sbw.runs',
      );
    });
    const event = (index: number | string, more: Record<string, unknown> = {}): void =>
      put(pipeline.root, `${HOUR}/event-${index}.json`, received(AT, { eventId: `id-${index}`, ...more }));
    const reasons = async (): Promise<string[]> =>
      (await pipeline.rows<{ reason: string }>('SELECT reason FROM sbw.quarantine ORDER BY reason')).map(
        (row) => row.reason,
      );
    const count = async (): Promise<number> =>
      Number((await pipeline.rows<{ count: string }>('SELECT count(*) FROM clickstream_events'))[0]!.count);

    it('row 1: 1,500 objects in one hour are 1,500 rows, not 1,000', async () => {
      for (let index = 0; index < 1500; index += 1) event(index);
      const { accounting, balanced } = await pipeline.load();
      assert.deepEqual(accounting.objects, { listed: 1500, read: 1500, unreadable: 0, already_loaded: 0 });
      assert.equal(accounting.events.loaded, 1500);
      assert.ok(balanced);
      assert.equal(await count(), 1500);
    });

    it('row 2: objects are read many at a time', async () => {
      for (let index = 0; index < 40; index += 1) event(index);
      let [reading, most] = [0, 0];
      const slow: ObjectStore = {
        ...pipeline.store,
        readsInFlight: 16,
        read: async (object) => {
          most = Math.max(most, (reading += 1));
          await new Promise((resolve) => setTimeout(resolve, 5));
          reading -= 1;
          return pipeline.store.read(object);
        },
      };
      const report = await load({ store: slow, database: pipeline.database });
      assert.equal(report.accounting.events.loaded, 40);
      assert.ok(most > 8 && most <= 16, `${most} at once`);
    });

    it('row 3: an event without an id has the same id in every replay', async () => {
      put(pipeline.root, `${HOUR}/event-noid.json`, { eventName: 'page_view', pageUrl: '/' });
      await pipeline.load();
      const again = await pipeline.load({ reprocess: 'all' });
      assert.deepEqual(again.accounting.events, {
        read: 1,
        loaded: 0,
        duplicates: 1,
        quarantined: 0,
        filtered: 0,
      });
      assert.equal(await count(), 1);
    });

    it('row 4: the tracker’s fallback id is an id like any other', async () => {
      event('x', { eventId: '1765000000000-3f9ac2' });
      event('y');
      assert.equal((await pipeline.load()).accounting.events.loaded, 2);
    });

    it('row 5: decimal and huge prices: one is a row, the other no reason to lose its neighbours', async () => {
      for (let index = 0; index < 450; index += 1) {
        event(index, { product: { id: 'p', price: index === 250 ? 19.99 : index === 300 ? 1e21 : index } });
      }
      const { accounting } = await pipeline.load();
      assert.equal(accounting.events.loaded, 449);
      assert.deepEqual(await reasons(), ['price_out_of_range']);
      const [row] = await pipeline.rows<{ p: string }>(
        `SELECT context_product_price::text AS p FROM clickstream_events WHERE event_id = 'id-250'`,
      );
      assert.equal(row?.p, '19.9900');
    });

    it('row 5b: wrong booleans, NUL and objects for text are quarantined one by one', async () => {
      event('good');
      event('bool', { isFirstVisit: 'maybe' });
      event('nul', { userId: 'a\0b' });
      event('object', { userId: { x: 1 } });
      const { accounting, balanced } = await pipeline.load();
      assert.ok(balanced);
      assert.equal(accounting.events.loaded, 1);
      assert.deepEqual(await reasons(), ['not_boolean', 'nul_character', 'wrong_type']);
    });

    it('row 6: malformed and mistimed events are kept, with reason, source and text', async () => {
      event('good');
      put(pipeline.root, `${HOUR}/event-broken.json`, '{"eventName":');
      put(pipeline.root, `${HOUR}/event-time.json`, { eventName: 'page_view', event_timestamp: 'yesterday' });
      const { accounting } = await pipeline.load();
      assert.deepEqual(accounting.events, { read: 3, loaded: 1, duplicates: 0, quarantined: 2, filtered: 0 });
      const rows = await pipeline.rows(
        'SELECT reason, field, found, source_key, source_index, raw_text FROM sbw.quarantine ORDER BY reason',
      );
      assert.deepEqual(rows, [
        {
          reason: 'invalid_json',
          field: null,
          found: '"{\\"eventName\\":"',
          source_key: `${HOUR}/event-broken.json`,
          source_index: 0,
          raw_text: '{"eventName":',
        },
        {
          reason: 'timestamp_invalid',
          field: 'event_timestamp',
          found: '"yesterday"',
          source_key: `${HOUR}/event-time.json`,
          source_index: 0,
          raw_text: '{"eventName":"page_view","event_timestamp":"yesterday"}',
        },
      ]);
    });

    it('row 7: what is counted as loaded was added; a conflict is kept', async () => {
      event('a', { eventId: 'same' });
      event('b', { eventId: 'same' });
      event('c', { eventId: 'same', userId: 'other' });
      const { accounting } = await pipeline.load();
      assert.deepEqual(accounting.events, { read: 3, loaded: 1, duplicates: 1, quarantined: 1, filtered: 0 });
      assert.deepEqual(await reasons(), ['id_conflict']);
      const again = await pipeline.load();
      assert.equal(again.accounting.events.read, 0);
      assert.equal(again.accounting.objects.already_loaded, 3);
    });

    it('row 8: an empty price is no price, a boolean is none either', async () => {
      event('empty', { product: { id: 'p', price: '' } });
      event('true', { product: { id: 'p', price: true } });
      await pipeline.load();
      const rows = await pipeline.rows('SELECT event_id, context_product_price AS p FROM clickstream_events');
      assert.deepEqual(rows, [{ event_id: 'id-empty', p: null }]);
      assert.deepEqual(await reasons(), ['price_not_number']);
    });

    it('rows 10 and 11: scalars are no events; a batch of three is three rows', async () => {
      put(pipeline.root, `${HOUR}/event-null.json`, 'null');
      put(pipeline.root, `${HOUR}/event-5.json`, '5');
      put(pipeline.root, `${HOUR}/event-hey.json`, '"hey"');
      put(pipeline.root, `${HOUR}/event-empty.json`, '{}');
      put(
        pipeline.root,
        `${HOUR}/events-3.json`,
        [1, 2, 3].map((n) => received(AT, { eventId: `b-${n}` })),
      );
      const { accounting } = await pipeline.load();
      assert.deepEqual(accounting.events, { read: 7, loaded: 3, duplicates: 0, quarantined: 4, filtered: 0 });
      assert.deepEqual(await reasons(), [
        'missing_event_name',
        'not_an_object',
        'not_an_object',
        'not_an_object',
      ]);
    });

    it('row 16: an object that comes after its hour was loaded is loaded by the next run', async () => {
      event('early');
      const now = new Date('2025-12-06T07:30:00Z');
      await pipeline.load({ window: null, now });
      event('late');
      const { accounting } = await pipeline.load({ window: null, now });
      assert.deepEqual(accounting.objects, { listed: 2, read: 1, unreadable: 0, already_loaded: 1 });
      assert.equal(await count(), 2);
    });
  });
}

describe('two loaders at once', () => {
  let pipeline: Pipeline;
  before(async () => {
    pipeline = await startPipeline();
  });
  after(() => pipeline.close());

  it('eight loaders on the same hours, with ids in common: nothing twice, nothing lost, no deadlock', async () => {
    for (let hour = 0; hour < 4; hour += 1) {
      const lines = Array.from({ length: 3000 }, (_, index) =>
        JSON.stringify(
          received(`2025-12-06T0${hour}:00:00.000Z`, {
            eventId: `shared-${(index * 7919) % 3000}`,
            userId: 'u',
          }),
        ),
      );
      put(pipeline.root, `events/2025/12/06/0${hour}/events.ndjson`, lines.join('\n'));
    }
    const loaders = await Promise.all(
      Array.from({ length: 8 }, (_, index) => openDatabase(pipeline.url, `loader ${index}`)),
    );
    const told: LoadEvent[] = [];
    const reports = await Promise.all(
      loaders.map((database, index) =>
        load(
          { store: pipeline.store, database, told },
          { order: index % 2 === 0 ? 'oldest' : 'newest' },
          { parallel: 2 },
        ),
      ),
    );
    await Promise.all(loaders.map((database) => database.close()));
    for (const report of reports) {
      assert.ok(report.balanced);
      assert.deepEqual(report.partitions.failed, []);
      assert.deepEqual(report.partitions.held, []);
    }
    const sum = (pick: 'read' | 'loaded' | 'duplicates'): number =>
      reports.reduce((total, report) => total + report.accounting.events[pick], 0);
    assert.equal(sum('read'), 12_000);
    assert.equal(sum('loaded'), 3000);
    assert.equal(sum('duplicates'), 9000);
    assert.ok(told.some((event) => event.type === 'partition-held' && event.holder.startsWith('sbw r_')));
  });

  it('25,000 objects in one hour', async () => {
    for (let index = 0; index < 25_000; index += 1) {
      put(
        pipeline.root,
        `events/2025/12/07/05/event-${index}.json`,
        received(AT, { eventId: `many-${index}` }),
      );
    }
    const window = { fromMs: Date.UTC(2025, 11, 7), beforeMs: Date.UTC(2025, 11, 8) };
    const { accounting, balanced } = await pipeline.load({ window });
    assert.ok(balanced);
    assert.equal(accounting.events.loaded, 25_000);
    assert.equal(accounting.objects.listed, 25_000);
    const again = await pipeline.load({ window });
    assert.deepEqual(again.accounting.objects, {
      listed: 25_000,
      read: 0,
      unreadable: 0,
      already_loaded: 25_000,
    });
  });
});
