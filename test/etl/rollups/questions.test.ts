import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { ask, parametersOf, type Question } from '../../../src/etl/rollups/questions.ts';
import { startPipeline, type Pipeline } from '../../support/pipeline.ts';
import { put, received } from '../../support/raw-shop.ts';
import { QUESTIONS } from './truth.ts';

const RANGE = {
  from_day: '2025-12-01',
  to_day: '2025-12-31',
  login: '',
  by: '',
  value: '',
  bots: 'off',
  kind: 'category',
  sort: 'views',
  rows: '10',
  stale_minutes: '120',
};
/** PostgreSQL's types by the names that the headers use. */
const TYPES: Readonly<Record<string, number>> = {
  bigint: 20,
  integer: 23,
  double: 701,
  text: 25,
  date: 1082,
  timestamptz: 1184,
  boolean: 16,
};

const headerOf = (sql: string, name: string): string =>
  new RegExp(`^-- ${name}:(.*)$`, 'm').exec(sql)?.[1]?.trim() ?? '';
const columnsOf = (sql: string): string[][] =>
  headerOf(sql, 'columns')
    .split(', ')
    .map((column) => column.split(' '));
const MAC = 'Mozilla/5.0 (Macintosh) Safari/605.1.15';

/** Three visitors, four visits, one of them a bot's; cart and checkout; an event that nobody sent. */
function fill(root: string): void {
  const at = (minute: number): string => new Date(Date.UTC(2025, 11, 6, 5, minute)).toISOString();
  const event = (
    minute: number,
    eventName: string,
    more: Record<string, unknown>,
    userAgent = MAC,
  ): string => {
    const made = received(at(minute), { eventName, ...more });
    return JSON.stringify({ ...made, _ingest: { ...(made['_ingest'] as object), userAgent } });
  };
  const ann = { sessionId: 's-ann', clientId: 'ann', pageUrl: 'https://shop.example/?from=mail' };
  const bob = {
    sessionId: 's-bob',
    clientId: 'bob',
    userLoginState: 'logged_in',
    pageUrl: 'https://shop.example/cart',
  };
  const lamp = {
    product: {
      id: 'lamp',
      name: '<b>Lamp</b>',
      category: 'Light',
      brand: 'Aster',
      price: 20,
      discountPrice: 15,
    },
  };
  const desk = { product: { id: 'desk', name: 'Desk', category: 'Work', brand: 'Borea', price: 100 } };
  const events = [
    event(0, 'page_view', ann),
    event(1, 'product_view', { ...ann, ...lamp }),
    event(3, 'add_to_cart_click', { ...ann, ...lamp }),
    event(4, 'product_view', { ...ann, ...desk }),
    event(5, 'add_to_cart_click', { ...ann, ...desk }),
    event(10, 'page_view', bob),
    event(11, 'product_view', { ...bob, ...lamp }),
    event(12, 'add_to_cart_click', { ...bob, ...lamp }),
    event(14, 'checkout_start', bob),
    event(15, 'checkout_complete', bob),
    event(20, 'page_view', { sessionId: 's-ann-2', clientId: 'ann' }),
    event(
      30,
      'page_view',
      { sessionId: 's-bot', clientId: 'bot' },
      'Mozilla/5.0 (compatible; Googlebot/2.1)',
    ),
    event(31, 'page_view', {}),
  ];
  put(root, 'events/2025/12/06/05/events.ndjson', events.join('\n'));
}

for (const major of [15, 18] as const) {
  describe(`the dashboard's questions, on PostgreSQL ${major}`, () => {
    let pipeline: Pipeline;
    let reader: pg.Client;
    before(async () => {
      pipeline = await startPipeline({ major });
      fill(pipeline.root);
      const { rollups, balanced } = await pipeline.load();
      assert.ok(balanced);
      assert.deepEqual(rollups, { hours: 1, events: 13, version: 1 });
      reader = new pg.Client({ connectionString: pipeline.url });
      await reader.connect();
      await reader.query(
        'SET ROLE dashboard_reader; SET default_transaction_read_only = on; SET TimeZone = UTC',
      );
    });
    after(async () => {
      await reader.end();
      await pipeline.close();
    });
    const answer = <R>(question: Question, over: Record<string, string> = {}): Promise<R[]> =>
      pipeline.database.withSession((session) => ask<R>(session, question, { ...RANGE, ...over }));

    for (const [name, sql] of Object.entries(QUESTIONS)) {
      it(`${name}: dashboard_reader may ask it, and its header says what comes`, async () => {
        const params = parametersOf(name as Question).map((param) => RANGE[param as keyof typeof RANGE]);
        const { fields, rows } = await reader.query(sql, params);
        assert.deepEqual(
          fields.map((field) => [field.name, field.dataTypeID]),
          columnsOf(sql).map(([column, type]) => [column, TYPES[type!]]),
        );
        assert.ok(rows.length > 0 || ['reasons', 'missing-hours'].includes(name));
        assert.ok(!sql.includes(';'));
        // Dates far from all data: no error, and no row that would stand for something.
        const later = params.map((value, index) =>
          index < 2 && value?.startsWith('2025') ? '2031-01-01' : value,
        );
        await reader.query(sql, later);
      });
    }

    it('the headline numbers are those of people, and with bots on, of all', async () => {
      const [people] = await answer('kpis');
      assert.deepEqual(people, {
        visitors: 2,
        new_visitors: 2,
        sessions: 3,
        page_views: 4,
        events: 12,
        carts: 2,
        checkouts: 1,
        conversions: 1,
        bounced: 1,
        duration_seconds: 600,
      });
      const [all] = await answer<{ visitors: number; sessions: number; events: number }>('kpis', {
        bots: 'on',
      });
      assert.deepEqual([all!.visitors, all!.sessions, all!.events], [3, 4, 13]);
    });

    it('a login state, a product, a category: the sessions that have it', async () => {
      const [signedIn] = await answer<{ visitors: number; sessions: number }>('kpis', { login: 'logged_in' });
      assert.deepEqual([signedIn!.visitors, signedIn!.sessions], [1, 1]);
      const lamp = { by: 'product', value: 'lamp' };
      const [ofLamp] = await answer<Record<string, number | null>>('kpis', lamp);
      assert.deepEqual([ofLamp!['visitors'], ofLamp!['sessions'], ofLamp!['conversions']], [null, 2, 1]);
      const [ofNothing] = await answer<{ sessions: number }>('kpis', { by: 'brand', value: "x' OR true --" });
      assert.equal(ofNothing!.sessions, 0);
    });

    it('the funnel is in order, with the time that each step took', async () => {
      assert.deepEqual(await answer('funnel'), [
        { step: 1, name: 'visit', sessions: 3, median_seconds: null },
        { step: 2, name: 'product', sessions: 2, median_seconds: 60 },
        { step: 3, name: 'cart', sessions: 2, median_seconds: 60 },
        { step: 4, name: 'checkout', sessions: 1, median_seconds: 120 },
        { step: 5, name: 'done', sessions: 1, median_seconds: 60 },
      ]);
    });

    it('what was put into the cart and not bought is at risk', async () => {
      const products = await answer<{ product_id: string; sold_value: number; at_risk: number }>('products');
      assert.deepEqual(
        products.map(({ product_id, sold_value, at_risk }) => [product_id, sold_value, at_risk]),
        [
          ['lamp', 15, 15],
          ['desk', 0, 100],
        ],
      );
      const groups = await answer<{ key: string; at_risk: number }>('groups', {
        kind: 'brand',
        sort: 'at_risk',
      });
      assert.deepEqual(
        groups.map(({ key, at_risk }) => [key, at_risk]),
        [
          ['Borea', 100],
          ['Aster', 15],
        ],
      );
    });

    it('a rate of few sessions comes after those of more', async () => {
      const undo = new Error('undo');
      const sorted: string[][] = [];
      const asking = pipeline.database.withTransaction(async (session) => {
        await session.query(`UPDATE dash.item_day SET viewed = viewed * 10, added = 1
          WHERE item_id IN (SELECT item_id FROM dash.item WHERE value IN ('lamp', 'Aster'))`);
        for (const sort of ['cart_rate', 'conversion']) {
          const products = await ask<{ product_id: string }>(session, 'products', { ...RANGE, sort });
          const groups = await ask<{ key: string }>(session, 'groups', { ...RANGE, kind: 'brand', sort });
          sorted.push([...products.map((row) => row.product_id), ...groups.map((row) => row.key)]);
        }
        throw undo;
      });
      await assert.rejects(asking, undo);
      assert.deepEqual(sorted, Array(2).fill(['lamp', 'desk', 'Aster', 'Borea']));
    });

    it('the funnel by login is that of the sessions that touched the chosen item', async () => {
      const split = await answer<{ key: string; step1: number; step3: number }>('funnel-by', {
        kind: 'login',
        by: 'product',
        value: 'desk',
      });
      assert.deepEqual(
        split.map(({ key, step1, step3 }) => [key, step1, step3]),
        [['anonymous', 1, 1]],
      );
    });

    it('where sessions begin, and where they go', async () => {
      assert.deepEqual(await answer('pages', { kind: 'entry' }), [
        { page: '/', sessions: 1, bounced: 0, conversions: 0 },
        { page: '/cart', sessions: 1, bounced: 0, conversions: 1 },
      ]);
      const trails = await answer<{ step1: string; step4: string }>('trails');
      assert.deepEqual(trails[0], {
        step1: 'page_view',
        step2: '',
        step3: '',
        step4: '',
        sessions: 1,
        conversions: 0,
      });
      assert.equal(trails.length, 3);
    });

    it('the reader reads what the dashboard needs, and nothing else', async () => {
      for (const forbidden of [
        'SELECT client_id FROM public.clickstream_events',
        'SELECT * FROM public.clickstream_events',
        'SELECT properties FROM public.clickstream_events',
        'SELECT * FROM dash.part',
        'SELECT * FROM dash.visitor_day',
        'SELECT dash.summarize_times()',
        'SELECT raw_text FROM sbw.quarantine',
        'SELECT source_key FROM sbw.unreadable',
        'SELECT object_digests FROM sbw.ledger',
        'SELECT * FROM sbw.runs',
      ]) {
        await assert.rejects(reader.query(forbidden), { code: '42501' }, forbidden);
      }
      await reader.query('SET default_transaction_read_only = off');
      for (const forbidden of [
        'INSERT INTO dash.dirty VALUES (now())',
        'DELETE FROM dash.hour',
        `UPDATE dash.setting SET time_zone = 'UTC'`,
        'TRUNCATE dash.item',
        'DO $$ BEGIN LOCK TABLE dash.version IN EXCLUSIVE MODE; END $$',
        `CREATE TABLE dash.mine (n integer)`,
      ]) {
        await assert.rejects(reader.query(forbidden), { code: '42501' }, forbidden);
      }
    });
  });
}
