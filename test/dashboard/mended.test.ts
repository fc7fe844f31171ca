import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { settle, startBrowser, visit, waitUntil } from './support/browser.ts';
import { startDashboard, type Dashboard } from './support/r.ts';
import { makeShopWarehouse, thisHour, type ShopWarehouse } from './support/shop.ts';

const long = { timeout: 120_000 };
const EACH_SECOND = { SBW_DASHBOARD_POLL_SECONDS: '1' };

describe('what was found and mended', () => {
  let warehouse: ShopWarehouse;
  let dashboard: Dashboard;
  let browser: Browser;
  before(async () => {
    warehouse = await makeShopWarehouse({ sessions: 600, days: 20, until: thisHour() });
    dashboard = await startDashboard({ warehouse: warehouse.readerUrl, env: EACH_SECOND });
    browser = await startBrowser();
  }, long);
  after(async () => {
    await browser.close();
    await dashboard.stop();
    await warehouse.close();
  });

  test('a Vietnamese browser gets Vietnamese cards without asking', long, async () => {
    const { page, close } = await visit(browser, dashboard.url, { locale: 'vi-VN' });
    assert.equal(await page.getAttribute('html', 'lang'), 'vi');
    assert.match((await page.textContent('#overview-funnel')) ?? '', /Ghé cửa hàng/);
    assert.match((await page.textContent('.fresh')) ?? '', /Dữ liệu đến/);
    await close();
  });

  test('Data quality follows the quarantine by itself, and hidden it asks nothing', long, async () => {
    const role = decodeURIComponent(new URL(warehouse.readerUrl).username);
    const { page, faults, close } = await visit(browser, `${dashboard.url}?tab=quality`);
    assert.match((await page.textContent('#quality-checks')) ?? '', /Events in quarantine: 23/);
    await page.evaluate(`document.querySelector('#quality-gaps').firstElementChild.dataset.kept = 'yes'`);
    await warehouse.rows(`UPDATE sbw.quarantine SET state = 'resolved' WHERE quarantine_id = 'q1'`);
    await waitUntil(page, `/quarantine: 22/.test(document.querySelector('#quality-checks').textContent)`);
    assert.equal(
      await page.evaluate(`document.querySelector('#quality-gaps').firstElementChild.dataset.kept`),
      'yes',
      'a card whose rows are the same is not drawn anew',
    );
    await page.click('#tab-funnel');
    await settle(page);
    await page.waitForTimeout(1500);
    const asked = new Set<string>();
    for (const end = Date.now() + 2500; Date.now() < end;) {
      const rows = await warehouse.rows<{ query: string }>(
        `SELECT query FROM pg_stat_activity WHERE usename = $1`,
        [role],
      );
      for (const { query } of rows) asked.add(query);
    }
    assert.ok(![...asked].some((query) => /sbw\.(quarantine|unreadable)/.test(query)), [...asked].join('\n'));
    assert.deepEqual(faults, []);
    await close();
  });

  test('when all was rejected, Data quality says why', long, async (t) => {
    const rejected = await makeShopWarehouse({ sessions: 50, days: 5, until: thisHour() });
    t.after(() => rejected.close());
    await rejected.rows(`TRUNCATE public.clickstream_events`);
    await rejected.refresh();
    const own = await startDashboard({ warehouse: rejected.readerUrl });
    t.after(() => own.stop());
    const { page, faults, close } = await visit(browser, own.url);
    assert.match(
      await page.innerText('.frame'),
      /No event was accepted yet[\s\S]*sbw data quarantine ls[\s\S]*Data quality/,
    );
    assert.ok(await page.isHidden('#panel-overview'));
    await page.click('#notice [data-set]');
    await settle(page);
    assert.ok(await page.isVisible('#panel-quality'));
    assert.match((await page.textContent('#quality-checks')) ?? '', /Events in quarantine: 23/);
    assert.match((await page.textContent('#quality-loads')) ?? '', /Quarantined/);
    assert.deepEqual(faults, []);
    await close();
  });
});
