import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openDatabase } from '../../../src/adapters/postgres.ts';
import type { Database } from '../../../src/etl/ports.ts';
import { migrate } from '../../../src/etl/store/migrate.ts';
import { readReport, type WarehouseReport } from '../../../src/etl/store/report.ts';
import { startTestPostgres } from '../../support/postgres.ts';

type Event = readonly [
  session: string | null,
  name: string,
  at: string,
  product?: string,
  price?: string,
  reduced?: string,
];

for (const major of [15, 18] as const) {
  const postgres = await startTestPostgres(major);
  const databases: Database[] = [];
  after(async () => {
    for (const database of databases) await database.close();
    await postgres.stop();
  });

  const reportOf = async (events: readonly Event[], limit = 5): Promise<WarehouseReport> => {
    const database = await openDatabase(await postgres.createDatabase(), 'sbw test');
    databases.push(database);
    await migrate(database);
    return database.withSession(async (session) => {
      for (const [index, [visit, name, at, product, price, reduced]] of events.entries()) {
        await session.query(
          `INSERT INTO public.clickstream_events (event_id, session_id, client_id, event_name, event_timestamp,
             context_product_id, context_product_name, context_product_price, context_product_discount_price)
           VALUES ($1, $2, $2, $3, $4, $5, 'name of ' || $5, $6, $7)`,
          [`e-${index}`, visit, name, at, product ?? null, price ?? null, reduced ?? null],
        );
      }
      await session.query("SET TIME ZONE 'Asia/Ho_Chi_Minh'");
      return readReport(session, { products: limit });
    });
  };

  test(`PostgreSQL ${major}: an empty warehouse gives zeros`, async () => {
    const { totals, days, funnel, products, quarantine } = await reportOf([]);
    assert.deepEqual(totals, {
      events: 0,
      sessions: 0,
      clients: 0,
      first_event_at: null,
      last_event_at: null,
    });
    assert.deepEqual(
      funnel.map(({ sessions }) => sessions),
      [0, 0, 0, 0, 0],
    );
    assert.deepEqual([days, products, quarantine], [[], [], []]);
  });

  test(`PostgreSQL ${major}: days are UTC whatever the session's zone`, async () => {
    const { days, totals } = await reportOf([
      ['s1', 'page_view', '2026-03-01T23:59:59.999Z'],
      ['s1', 'page_view', '2026-03-02T00:00:00Z'],
      ['s2', 'page_view', '2026-03-02T12:00:00Z'],
    ]);
    assert.deepEqual(days, [
      { day: '2026-03-01', events: 1, sessions: 1 },
      { day: '2026-03-02', events: 2, sessions: 2 },
    ]);
    assert.deepEqual(totals.last_event_at, new Date('2026-03-02T12:00:00Z'));
    assert.deepEqual([totals.events, totals.sessions, totals.clients], [3, 2, 2]);
  });

  test(`PostgreSQL ${major}: the funnel only ever narrows, also for sessions that skip or repeat steps`, async () => {
    const at = '2026-03-01T05:00:00Z';
    const { funnel } = await reportOf([
      ['looks', 'home_view', at],
      ['looks', 'product_view', at],
      ['looks', 'product_view', at],
      ['skips', 'checkout_complete', at],
      ['clicks', 'click', at],
      [null, 'checkout_complete', at],
    ]);
    assert.deepEqual(
      funnel.map(({ step, sessions }) => [step, sessions]),
      [
        ['visit', 3],
        ['product_view', 2],
        ['add_to_cart_click', 1],
        ['checkout_start', 1],
        ['checkout_complete', 1],
      ],
    );
  });

  test(`PostgreSQL ${major}: products by views, revenue exact and from the reduced price`, async () => {
    const at = '2026-03-01T05:00:00Z';
    const { products } = await reportOf(
      [
        ['s', 'product_view', at, 'a', '0.10'],
        ['s', 'product_view', at, 'a', '0.10'],
        ['s', 'product_view', at, 'b', '10'],
        ['s', 'add_to_cart_click', at, 'b', '10'],
        ['s', 'checkout_complete', at, 'a', '0.10'],
        ['s', 'checkout_complete', at, 'a', '0.2'],
        ['s', 'checkout_complete', at, 'b', '10', '9.99'],
        ['s', 'click', at, 'c'],
      ],
      2,
    );
    assert.deepEqual(products, [
      { product_id: 'a', name: 'name of a', views: 2, carts: 0, orders: 2, revenue: '0.30' },
      { product_id: 'b', name: 'name of b', views: 1, carts: 1, orders: 1, revenue: '9.99' },
    ]);
  });

  test(`PostgreSQL ${major}: the highest prices that the contract takes do not overflow the revenue`, async () => {
    const order: Event = ['s', 'checkout_complete', '2026-03-01T05:00:00Z', 'p', '99999999999999'];
    const { products } = await reportOf(Array.from({ length: 101 }, () => order));
    assert.equal(products[0]?.revenue, '10099999999999899.00');
  });

  test(`PostgreSQL ${major}: quarantine counts what is open, the most frequent reason first`, async () => {
    const database = await openDatabase(await postgres.createDatabase(), 'sbw test');
    databases.push(database);
    await migrate(database);
    const { quarantine } = await database.withSession(async (session) => {
      await session.query(
        `INSERT INTO sbw.quarantine (quarantine_id, state, reason, expected, found, source_key, source_index,
           partition_start, modified_at, raw_text, run_id)
         SELECT id, state, reason, '', '', 'k', 0, now(), now(), '{}', 'r'
           FROM (VALUES ('1', 'open', 'b'), ('2', 'open', 'b'), ('3', 'open', 'a'), ('4', 'resolved', 'c'))
             AS entries (id, state, reason)`,
      );
      return readReport(session, { products: 1 });
    });
    assert.deepEqual(quarantine, [
      { reason: 'b', events: 2 },
      { reason: 'a', events: 1 },
    ]);
  });
}
