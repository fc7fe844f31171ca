import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { numbers, settle, visit, waitUntil } from './support/browser.ts';
import { standUp } from './support/stand.ts';

const TABS = ['overview', 'funnel', 'products', 'time', 'sessions', 'live', 'quality'];
const STEPS = ['page_view', 'product_view', 'add_to_cart_click', 'checkout_start', 'checkout_complete'];
const IDLE_MS = 4000;
/** A tick of the kernel's accounts. */
const TICK_MS = 10;

describe('what the page does not do', () => {
  const stand = standUp({ sessions: 1500, days: 30 }, { SBW_DASHBOARD_POLL_SECONDS: '1' });

  /** Processor time that R took since it started. */
  function usedMs(): number {
    const fields = readFileSync(`/proc/${stand.dashboard.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  }

  test('while nobody does anything, R asks for new data and does nothing else', async () => {
    const role = decodeURIComponent(new URL(stand.warehouse.readerUrl).username);
    const { page, close } = await visit(stand.browser, stand.dashboard.url);
    await page.waitForTimeout(1500);
    const before = usedMs();
    const asked = new Set<string>();
    const start = Date.now();
    while (Date.now() < start + IDLE_MS) {
      const rows = await stand.warehouse.rows<{ query: string }>(
        'SELECT query FROM pg_stat_activity WHERE usename = $1',
        [role],
      );
      for (const { query } of rows) asked.add(query);
      await page.waitForTimeout(20);
    }
    const share = (usedMs() - before) / (Date.now() - start);
    // It looks once a second here, fifteen times as often as it usually does.
    assert.ok(share < 0.08, `R takes ${(100 * share).toFixed(1)} % of a processor`);
    assert.ok(asked.size > 0);
    // The driver asks the catalogue for the types of its answer.
    const idle = [...asked].filter((query) => !/FROM dash\.version|from pg_(attribute|type)/i.test(query));
    assert.deepEqual(idle, []);
    await close();
  });

  test('a hidden tab is not drawn when new data comes, and has it when it is shown', async () => {
    const { page, faults, close } = await visit(stand.browser, `${stand.dashboard.url}?tab=funnel`);
    const before = await numbers(page, 'step');
    await page.click('#tab-overview');
    await settle(page);
    const { sessions } = await numbers(page, 'kpi');
    await page.evaluate(`{
      window.changes = 0;
      new MutationObserver((seen) => (window.changes += seen.length)).observe(
        document.querySelector('#funnel-steps'), { childList: true, subtree: true, characterData: true });
    }`);
    await stand.warehouse.rows(
      `INSERT INTO public.clickstream_events (event_id, event_timestamp, event_name, client_id, session_id)
       SELECT 'new-' || i, now() - interval '2 days' + i * interval '9 seconds', name, 'c-new', 's-new'
         FROM unnest($1::text[]) WITH ORDINALITY AS e (name, i)`,
      [STEPS],
    );
    await stand.warehouse.catchUp();
    await waitUntil(
      page,
      `document.querySelector('[data-kpi=sessions]')?.dataset.value === '${sessions! + 1}'`,
    );
    await settle(page);
    assert.equal(await page.evaluate('window.changes'), 0);
    await page.click('#tab-funnel');
    await settle(page);
    assert.deepEqual(
      await numbers(page, 'step'),
      Object.fromEntries(Object.entries(before).map(([step, n]) => [step, n + 1])),
    );
    assert.ok(Number(await page.evaluate('window.changes')) > 0, 'a change would have been seen');
    assert.deepEqual(faults, []);
    await close();
  });

  test('while numbers are made anew, the old ones stay and are dimmed', async () => {
    const { page, faults, close } = await visit(stand.browser, stand.dashboard.url);
    const opacity = `getComputedStyle(document.querySelector('#overview-kpis > *')).opacity`;
    const old = await numbers(page, 'kpi');
    assert.equal(await page.evaluate(opacity), '1');
    // Whoever asks waits for this.
    await stand.warehouse.rows('BEGIN');
    await stand.warehouse.rows('LOCK TABLE dash.session_hour IN ACCESS EXCLUSIVE MODE');
    try {
      await page.click(`[data-set='{"range":"30"}']`);
      await waitUntil(page, `${opacity} === '0.5'`);
      assert.deepEqual(await numbers(page, 'kpi'), old);
      assert.equal(await page.locator('#overview-kpis .bones').count(), 0);
    } finally {
      await stand.warehouse.rows('COMMIT');
    }
    await settle(page);
    await waitUntil(page, `${opacity} === '1'`);
    assert.ok((await numbers(page, 'kpi'))['sessions']! > old['sessions']!);
    assert.deepEqual(faults, []);
    await close();
  });

  test('after it is there, nothing that is done on the page makes a request', async () => {
    const { page, faults, hosts, close } = await visit(stand.browser, stand.dashboard.url);
    const requests: string[] = [];
    const network = await page.context().newCDPSession(page);
    await network.send('Network.enable');
    // A changed URL has Chromium look for the icon in its cache, and its date field has a picture of its own.
    network.on('Network.responseReceived', ({ response: { url, fromDiskCache } }) => {
      if (fromDiskCache !== true && !url.startsWith('data:')) requests.push(url);
    });
    page.on('websocket', (socket) => requests.push(socket.url()));
    const click = async (...selectors: string[]): Promise<void> => {
      for (const selector of selectors) await page.click(selector);
      await settle(page);
    };
    await click('[data-kpi=bounce]', '#panel-overview [data-do=table]');
    await click(`[data-set='{"range":"today"}']`);
    await click(`[data-set='{"range":"90"}']`, '[data-do=theme]');
    await click('[data-set*="logged_in"]', '.filters > .toggle', '.foot .toggle');
    await click('#overview-products button.name');
    await click('#chips button');
    await click('.dates summary', '.dates form button');
    await click('#panel-overview [data-do=table]');
    await page.hover('#overview-trend svg');
    await click('#tab-funnel', '#panel-funnel .switch [data-set*=login]');
    await click('#tab-products', '#products-table th [data-set*=at_risk]');
    await page.fill('[data-search]', 'apple');
    await click('#products-brands button.bar');
    for (const tab of ['time', 'sessions', 'live', 'quality']) await click(`#tab-${tab}`);
    await page.goBack();
    await settle(page);
    assert.deepEqual(requests, []);
    assert.deepEqual(faults, []);
    assert.deepEqual([...hosts], [new URL(stand.dashboard.url).host]);
    await close();
  });

  for (const [what, options] of [
    ['on a phone', { viewport: { width: 390, height: 844 } }],
    ['in the dark', { colorScheme: 'dark' }],
  ] as const) {
    test(`no tab makes an error or runs over its edge ${what}`, async () => {
      const { page, faults, close } = await visit(stand.browser, `${stand.dashboard.url}?lang=en`, options);
      for (const tab of TABS) {
        await page.click(`#tab-${tab}`);
        await settle(page);
        const { width, shown } = await looks(page);
        assert.ok(width <= shown, `${tab} is ${width} wide`);
        if ('colorScheme' in options) {
          const light = await page.evaluate<string[]>(LIGHT_CARDS);
          assert.deepEqual(light, [], `cards of ${tab} that stay light`);
        }
      }
      assert.deepEqual(faults, []);
      await close();
    });
  }
});

async function looks(page: Page): Promise<{ width: number; shown: number }> {
  return page.evaluate(`({ width: document.documentElement.scrollWidth, shown: window.innerWidth })`);
}

/** Titles of the visible cards whose ground is not dark. */
const LIGHT_CARDS = `[...document.querySelectorAll('.panel:not([hidden]) .card')].filter((card) => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
  const paint = canvas.getContext('2d');
  paint.fillStyle = getComputedStyle(card).backgroundColor;
  paint.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = paint.getImageData(0, 0, 1, 1).data;
  return alpha < 255 || red + green + blue > 3 * 90;
}).map((card) => card.querySelector('h2').textContent)`;
