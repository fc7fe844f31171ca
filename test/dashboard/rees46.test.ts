import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { rebuildRollups } from '../../src/etl/rollups/rebuild.ts';
import { startPipeline, type Pipeline } from '../support/pipeline.ts';
import { chartOf, numbers, settle, startBrowser, tableOf, visit } from './support/browser.ts';
import { startDashboard, type Dashboard } from './support/r.ts';
import { loadRecorded } from './support/recorded.ts';
import { addReader } from './support/shop.ts';

/** All days of the files, with what looks like bots: the raw table does not know them. */
const DAYS = 'range=custom&from=2019-10-01&to=2019-12-31&bots=on';

/** Sessions as the rollups count them, straight from the events. Some session ids came back after a month. */
const SESSIONS = `
  WITH whole AS (
    SELECT coalesce(session_id, client_id || date_trunc('hour', event_timestamp)) AS session,
           min(client_id) AS client_id, min(event_timestamp) AS began, max(event_timestamp) AS ended,
           count(*) AS events, bool_or(event_name = 'checkout_complete') AS is_sold
      FROM public.clickstream_events GROUP BY 1
  )`;

describe('the recorded days of two shops', () => {
  let pipeline: Pipeline;
  let reader: Awaited<ReturnType<typeof addReader>>;
  let dashboard: Dashboard;
  let browser: Browser;
  before(
    async () => {
      pipeline = await startPipeline();
      await loadRecorded(pipeline);
      await rebuildRollups(pipeline.database, { timeZone: 'UTC' });
      reader = await addReader(pipeline.url);
      dashboard = await startDashboard({ warehouse: reader.url });
      browser = await startBrowser();
    },
    { timeout: 120_000 },
  );
  after(async () => {
    await browser.close();
    await dashboard.stop();
    await pipeline.close();
    await reader.drop(Object.assign(new URL(pipeline.url), { pathname: '/postgres' }).href);
  });

  test('are shown as the raw table has them', { timeout: 60_000 }, async () => {
    const [raw] = await pipeline.rows<Record<string, string>>(`${SESSIONS}
      SELECT count(DISTINCT client_id) AS visitors, count(*) AS sessions, 0 AS page_views,
             avg(is_sold::int)::float8 AS conversion, avg((events = 1)::int)::float8 AS bounce,
             avg(least(extract(epoch FROM ended - began), 2e6))::float8 AS duration FROM whole`);
    const daily = await pipeline.rows<{ day: string; n: string }>(`${SESSIONS}
      SELECT to_char(began AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, count(*) AS n FROM whole GROUP BY 1`);
    const { page, faults, hosts, close } = await visit(browser, `${dashboard.url}?${DAYS}&metric=sessions`);
    const shown = await numbers(page, 'kpi');
    for (const [name, value] of Object.entries(raw!)) {
      assert.ok(
        Math.abs(shown[name]! - Number(value)) <= 1e-3,
        `${name}: ${shown[name]} is shown, ${value} it is`,
      );
    }
    const { series } = await chartOf(page, 'overview-trend');
    const days = daily.toSorted((a, b) => (a.day < b.day ? -1 : 1)).map(({ n }) => Number(n));
    assert.deepEqual(
      series[0]!.values.filter((n) => n !== 0 && n !== null),
      days,
    );
    assert.match((await page.textContent('#notice')) ?? '', /No events since/);

    await page.click('#tab-products');
    await settle(page);
    const views = await pipeline.rows<{ n: string }>(
      `SELECT count(*) AS n FROM public.clickstream_events WHERE event_name = 'product_view'
        GROUP BY context_product_id ORDER BY 1 DESC LIMIT 20`,
    );
    const products = await tableOf(page, 'products-table');
    assert.deepEqual(
      products.map((row) => row[3]),
      views.map(({ n }) => Number(n).toLocaleString('en')),
    );
    assert.ok(
      products.every(([name]) => /^\d+$/.test(name ?? '')),
      'products without a name show their id',
    );
    assert.deepEqual(faults, []);
    assert.deepEqual([...hosts], [new URL(dashboard.url).host]);
    await close();
  });
});
