import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { parametersOf, type Question } from '../../../src/etl/rollups/questions.ts';
import { makeShopWarehouse, thisHour, type ShopWarehouse } from '../../dashboard/support/shop.ts';
import { QUESTIONS } from './truth.ts';

/**
 * Pages of 8 kB that an answer may touch. The one that touches most, the products of all days, touches 300 in this shop
 * and takes 38 ms at ten million events (docs/rollups.md): twice as many are still within the 100 ms that each has.
 * A count of pages is the same on every machine, whatever else it does; a time is not.
 */
const MAX_PAGES = 600;
/** Live reads events, but those of one hour only: two or three block ranges of the index on time. */
const MAX_LIVE_PAGES = 400;

interface Node {
  readonly 'Relation Name'?: string;
  readonly Schema?: string;
  readonly Plans?: readonly Node[];
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
}

/** Every table that a plan looks into, whether or not it found anything there. */
function tablesOf(node: Node): string[] {
  const own = node['Relation Name'] === undefined ? [] : [`${node.Schema ?? ''}.${node['Relation Name']}`];
  return [...own, ...(node.Plans ?? []).flatMap(tablesOf)];
}

describe('what an answer costs, on a quarter of a shop', () => {
  let warehouse: ShopWarehouse;
  let reader: pg.Client;
  let today: string;
  before(async () => {
    warehouse = await makeShopWarehouse({ sessions: 6000, days: 90, until: thisHour() });
    reader = new pg.Client({ connectionString: warehouse.readerUrl });
    await reader.connect();
    await reader.query('SET jit = off');
    [{ today }] = (await warehouse.rows<{ today: string }>(
      'SELECT max(day)::text AS today FROM dash.session_hour',
    )) as [{ today: string }];
  });
  after(async () => {
    await reader.end();
    await warehouse.close();
  });

  /** Asks it and tells what was read for it. */
  async function explain(
    sql: string,
    params: readonly string[],
  ): Promise<{ tables: string[]; pages: number }> {
    const { rows } = await reader.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(
      `EXPLAIN (ANALYZE, BUFFERS, VERBOSE, FORMAT JSON) ${sql}`,
      [...params],
    );
    const { Plan: plan } = rows[0]!['QUERY PLAN'][0];
    return {
      tables: [...new Set(tablesOf(plan))].sort(),
      pages: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
    };
  }

  it('a scan of the events would be seen', async () => {
    const { tables } = await explain('SELECT max(event_timestamp) FROM public.clickstream_events', []);
    assert.deepEqual(tables, ['public.clickstream_events']);
  });

  it('Live reads few pages also where nothing is known of the table, as after a first large load', async () => {
    await warehouse.rows(`DELETE FROM pg_statistic WHERE starelid = 'public.clickstream_events'::regclass`);
    const { pages } = await explain(QUESTIONS['live-minutes']!, ['on']);
    const [size] = await warehouse.rows<{ pages: string }>(
      `SELECT pg_relation_size('public.clickstream_events') / 8192 AS pages`,
    );
    assert.ok(Number(size!.pages) > 2 * MAX_LIVE_PAGES, `the table has ${size!.pages} pages`);
    assert.ok(pages <= MAX_LIVE_PAGES, `${pages} pages`);
    await warehouse.rows('ANALYZE public.clickstream_events');
  });

  for (const [name, sql] of Object.entries(QUESTIONS)) {
    it(`${name} reads rollups, and few pages of them`, async () => {
      const isLive = name.startsWith('live-');
      const quarter = {
        from_day: shift(today, -89),
        to_day: today,
        login: '',
        by: '',
        value: '',
        bots: 'on',
      };
      const usual = { ...quarter, kind: 'product', sort: 'at_risk', rows: '1000', stale_minutes: '120' };
      // The widest range of everything, one item of it, and the days that are shown at first.
      const item = { login: 'anonymous', by: 'category', value: 'Mice', bots: 'off' };
      const week = { from_day: shift(today, -7), to_day: shift(today, -1), bots: 'off', rows: '20' };
      for (const over of [{}, { ...item, kind: 'category' }, week, { kind: 'brand' }]) {
        const given: Record<string, string> = { ...usual, ...over };
        const { tables, pages } = await explain(
          sql,
          parametersOf(name as Question).map((param) => given[param]!),
        );
        if (!isLive)
          assert.ok(!tables.includes('public.clickstream_events'), `it reads ${tables.join(', ')}`);
        // What Live reads is behind a function, which shows no tables.
        assert.ok(
          (isLive || tables.length > 0) && tables.every((table) => /^(dash|sbw|public)\./.test(table)),
          tables.join(', '),
        );
        const most = isLive ? MAX_LIVE_PAGES : MAX_PAGES;
        assert.ok(pages <= most, `${pages} pages, ${most} at most: ${JSON.stringify(given)}`);
      }
    });
  }
});

function shift(day: string, days: number): string {
  return new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
}
