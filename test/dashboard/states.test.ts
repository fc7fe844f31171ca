import assert from 'node:assert/strict';
import { after, before, describe, test, type TestContext } from 'node:test';
import type { Browser } from 'playwright-core';
import { numbers, settle, startBrowser, visit, waitUntil } from './support/browser.ts';
import { startDashboard, type Dashboard } from './support/r.ts';
import type { Shop } from './support/shop-events.ts';
import { makeShopWarehouse, thisHour, TIME_ZONE, type ShopWarehouse } from './support/shop.ts';

const long = { timeout: 120_000 };
const TABS = ['overview', 'funnel', 'products', 'time', 'sessions', 'live', 'quality'];
const HOUR_MS = 3_600_000;

/** A dashboard over a warehouse of its own, for one test. */
async function open(
  t: TestContext,
  shop: Shop | null,
  env: Readonly<Record<string, string>> = {},
): Promise<{ warehouse: ShopWarehouse; dashboard: Dashboard }> {
  const warehouse = await makeShopWarehouse(shop);
  t.after(() => warehouse.close());
  const dashboard = await startDashboard({ warehouse: warehouse.readerUrl, env });
  t.after(() => dashboard.stop());
  return { warehouse, dashboard };
}

describe('states', () => {
  let browser: Browser;
  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser.close());

  test('an empty warehouse says so on every tab', long, async (t) => {
    const { dashboard } = await open(t, null);
    const { page, faults, close } = await visit(browser, dashboard.url);
    for (const tab of TABS) {
      await page.click(`#tab-${tab}`);
      await settle(page);
      assert.match(await page.innerText('.frame'), /No events yet[\s\S]*sbw etl run/);
      assert.ok(await page.isHidden(`#panel-${tab}`), 'one message, not one a card');
    }
    assert.deepEqual(faults, []);
    await close();
  });

  test('old data is said to be old, with the command', long, async (t) => {
    const until = new Date(thisHour().getTime() - 30 * HOUR_MS);
    const { warehouse, dashboard } = await open(t, { sessions: 300, days: 10, until });
    const [newest] = await warehouse.rows<{ at: string; hours: number }>(
      `SELECT to_char(max(event_timestamp) AT TIME ZONE '${TIME_ZONE}', 'FMDD Mon HH24:MI') AS at,
              extract(epoch FROM now() - max(event_timestamp))::float8 / 3600 AS hours
         FROM public.clickstream_events`,
    );
    const { page, close } = await visit(browser, dashboard.url);
    const notice = (await page.textContent('#notice')) ?? '';
    assert.ok(notice.includes(newest!.at), notice);
    const [, age] = /(\d+) h ago/.exec((await page.textContent('.fresh')) ?? '') ?? [];
    assert.ok(Math.abs(Number(age) - newest!.hours) <= 0.6, `${age} h ago, ${newest!.hours} it is`);
    assert.match(notice, /sbw status/);
    assert.equal(await page.getAttribute('.fresh', 'data-stale'), 'true');
    assert.ok((await numbers(page, 'kpi'))['sessions']! > 0, 'the numbers stay');
    await close();
  });

  test('without a warehouse the page says what to do, and nothing of the password', long, async (t) => {
    const warehouse = 'postgres://nobody:not-to-be-seen@127.0.0.1:9/none';
    const dashboard = await startDashboard({ warehouse });
    t.after(() => dashboard.stop());
    const { page, close } = await visit(browser, dashboard.url);
    const text = await page.innerText('.frame');
    assert.match(text, /^The warehouse does not answer/);
    assert.match(text, /sbw status/);
    assert.doesNotMatch(text + dashboard.log(), /not-to-be-seen/);
    const health = await fetch(`${dashboard.url}/health`);
    assert.equal(health.status, 503);
    assert.deepEqual(await health.json(), { status: 'not_reachable' });
    await close();
  });

  test('a filter without events is empty, not broken', long, async (t) => {
    const { dashboard } = await open(t, { sessions: 300, days: 10, until: thisHour() });
    const url = `${dashboard.url}?range=custom&from=2001-01-01&to=2001-01-07`;
    const { page, faults, close } = await visit(browser, url);
    assert.match((await page.textContent('#overview-products')) ?? '', /No events in these days/);
    assert.equal((await numbers(page, 'kpi'))['sessions'], 0);
    assert.deepEqual(faults, []);
    await close();
  });

  test('while all is counted anew the page says so, and comes back by itself', long, async (t) => {
    const { warehouse, dashboard } = await open(
      t,
      { sessions: 300, days: 10, until: thisHour() },
      { SBW_DASHBOARD_POLL_SECONDS: '1' },
    );
    const { page, faults, close } = await visit(browser, dashboard.url);
    await warehouse.rows(`INSERT INTO dash.dirty SELECT DISTINCT date_trunc('hour', event_timestamp)
      FROM public.clickstream_events ORDER BY 1 LIMIT 3`);
    await waitUntil(
      page,
      `document.querySelector('#notice').textContent.includes('not in these numbers yet: 3')`,
    );
    assert.ok((await numbers(page, 'kpi'))['sessions']! > 0, 'the numbers stay');
    await warehouse.rows(
      `TRUNCATE dash.session_hour, dash.hour; UPDATE dash.version SET version = version + 1`,
    );
    await waitUntil(page, `document.querySelector('.frame').innerText.includes('Hours still to come: 3')`);
    await warehouse.refresh();
    await waitUntil(page, `document.querySelector('#notice').textContent.trim() === ''`);
    await settle(page);
    assert.ok((await numbers(page, 'kpi'))['sessions']! > 0);
    assert.deepEqual(faults, []);
    await close();
  });

  test('data that grows old while the page is open is said to be old', long, async (t) => {
    const { warehouse, dashboard } = await open(
      t,
      { sessions: 300, days: 10, until: thisHour() },
      { SBW_DASHBOARD_POLL_SECONDS: '1' },
    );
    const { page, close } = await visit(browser, dashboard.url);
    assert.equal((await page.textContent('#notice'))?.trim(), '');
    await warehouse.rows(`UPDATE dash.hour SET last_at = last_at - interval '4 hours'`);
    await waitUntil(page, `document.querySelector('#notice').textContent.includes('sbw status')`);
    await close();
  });

  test('a card whose question fails says what to do; the others stay', long, async (t) => {
    const { warehouse, dashboard } = await open(t, { sessions: 300, days: 10, until: thisHour() });
    await warehouse.rows('ALTER TABLE dash.histogram RENAME TO histogram_away');
    const { page, close } = await visit(browser, dashboard.url);
    assert.match(
      (await page.textContent('#overview-funnel')) ?? '',
      /tables are missing[\s\S]*rebuild-rollups/,
    );
    assert.ok((await numbers(page, 'kpi'))['sessions']! > 0);
    await warehouse.rows('ALTER TABLE dash.histogram_away RENAME TO histogram');
    await page.click('#overview-funnel [data-do=again]');
    await waitUntil(page, `document.querySelectorAll('#overview-funnel .funnel li').length > 0`);
    assert.doesNotMatch(await page.innerText('.frame'), /histogram/);
    await close();
  });

  test('before the first numbers there are bones in the place that they will take', long, async (t) => {
    const { dashboard } = await open(t, { sessions: 300, days: 10, until: thisHour() });
    const html = await (await fetch(dashboard.url)).text();
    assert.match(html, /data-kpi="sessions" data-value="\d+"/, 'the headline numbers come with the page');
    assert.ok([...html.matchAll(/class="bones" style="--height:\d+px"/g)].length > 15);
  });
});
