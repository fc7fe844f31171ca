import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { settle, startBrowser, visit } from './support/browser.ts';
import { startDashboard } from './support/r.ts';
import { makeShopWarehouse, thisHour } from './support/shop.ts';

const STRINGS = '../shared/data/hostile/blns/blns.json';
const OWN = [
  '<script>window.hurt = 1</script>',
  '"><img src=x onerror="window.hurt = 1">',
  "' onmouseover='window.hurt = 1",
  '</script><svg onload="window.hurt = 1">',
  '{{constructor.constructor("window.hurt = 1")()}}',
  '=HYPERLINK("http://evil.example","x")',
];

const BATCH = 20;

/** What PostgreSQL and a browser make of a text: whole characters, and one kind of line end. */
const asShown = (text: string): string => Buffer.from(text).toString().replaceAll(/\r\n?/g, '\n');

/** Chooses a brand as the browser's own back button would: without loading the page anew. */
async function choose(page: Page, brand: string): Promise<void> {
  await page.evaluate(`history.pushState(null, '', '?by=brand&value=${brand}&tab=products');
    window.dispatchEvent(new PopStateEvent('popstate'))`);
  await settle(page);
}

test(
  'hostile strings as products, categories, brands, pages and event names are text',
  { timeout: 180_000 },
  async () => {
    const listed = JSON.parse(readFileSync(STRINGS, 'utf8')) as string[];
    const names = [...OWN, ...listed.filter((text) => text.trim() !== '' && !text.includes('\0'))];
    const warehouse = await makeShopWarehouse({ sessions: 200, days: 10, until: thisHour() });
    await warehouse.rows(
      `INSERT INTO public.clickstream_events (event_id, event_timestamp, event_name, client_id, session_id, page_url,
         context_product_id, context_product_name, context_product_category, context_product_brand, loaded_run)
     SELECT 'hostile-' || i || '-' || k, now() - interval '2 days' + k * interval '1 second',
            CASE WHEN k = 1 THEN 'product_view' ELSE left(name, 200) END, 'c' || i, 's' || i || '-' || k % 97,
            'https://shop.example/' || name, 'id-' || i, name, name, name, 'made'
       FROM unnest($1::text[]) WITH ORDINALITY AS given(name, i), generate_series(1, 60 - least(i, 50)::int) AS k`,
      [names],
    );
    // The same names once more, looked at often enough to be in a table, a brand for each twenty.
    await warehouse.rows(
      `INSERT INTO public.clickstream_events (event_id, event_timestamp, event_name, client_id, session_id,
         context_product_id, context_product_name, context_product_category, context_product_brand, loaded_run)
     SELECT 'listed-' || i || '-' || k, now() - interval '3 days' + k * interval '1 second', 'product_view', 'd' || i,
            't' || i, 'listed-' || to_char(i, 'FM0000'), name, 'listed', 'batch-' || (i - 1) / ${BATCH}, 'made'
       FROM unnest($1::text[]) WITH ORDINALITY AS given(name, i), generate_series(1, 3) AS k`,
      [names],
    );
    await warehouse.refresh();
    const dashboard = await startDashboard({ warehouse: warehouse.readerUrl });
    const browser = await startBrowser();
    try {
      const { page, faults, hosts, close } = await visit(browser, dashboard.url);
      let seen = '';
      for (const tab of ['overview', 'funnel', 'products', 'sessions', 'live']) {
        await page.click(`#tab-${tab}`);
        await settle(page);
        seen += (await page.textContent(`#panel-${tab}`)) ?? '';
        const strangers = await page.evaluate(
          `document.querySelectorAll('.panel img, .panel script, .panel iframe, .panel [onload], .panel [onerror]').length`,
        );
        assert.equal(strangers, 0, tab);
      }
      assert.ok(
        OWN.some((name) => seen.includes(name)),
        'the strings are shown as they are',
      );
      await page.click('#tab-overview');
      await page.click('#overview-products button.name');
      await settle(page);
      await page.hover('#overview-trend svg');
      assert.equal(await page.evaluate('window.hurt'), undefined);
      for (const name of OWN) {
        const filtered = `${dashboard.url}?by=category&value=${encodeURIComponent(name)}&tab=products`;
        await page.goto(filtered);
        await settle(page);
        assert.ok(((await page.textContent('#chips')) ?? '').includes(name), name);
        assert.equal(await page.evaluate('window.hurt'), undefined);
      }
      for (let first = 0; first < names.length; first += BATCH) {
        await choose(page, `batch-${first / BATCH}`);
        const shown = await page.evaluate<string[]>(
          `[...document.querySelectorAll('#products-table tbody td:first-child')].map((cell) => cell.textContent)`,
        );
        assert.deepEqual(shown, names.slice(first, first + BATCH).map(asShown));
        const elements = await page.evaluate<string[]>(
          `[...new Set([...document.querySelectorAll('#products-table tbody *')].map(({ tagName }) => tagName))].sort()`,
        );
        assert.deepEqual(elements, ['BUTTON', 'SPAN', 'TD', 'TR'], 'a name became an element');
        assert.equal(await page.evaluate('window.hurt'), undefined);
      }
      assert.deepEqual(faults, []);
      assert.deepEqual([...hosts], [new URL(dashboard.url).host]);
      await close();
    } finally {
      await browser.close();
      await dashboard.stop();
      await warehouse.close();
    }
  },
);
