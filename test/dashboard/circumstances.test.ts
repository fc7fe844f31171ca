import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { settle, visit, waitUntil } from './support/browser.ts';
import { startDashboard } from './support/r.ts';
import { makeShopWarehouse, thisHour } from './support/shop.ts';
import { standUp } from './support/stand.ts';

// Plain JavaScript of the browser, which has no types.
const SCRIPT = '../../src/instance/dashboard/browser/script';
const { pauseAfter } = (await import(`${SCRIPT}/connection.js`)) as {
  pauseAfter(reloads: number): number | null;
};
const { parseState, formatState } = (await import(`${SCRIPT}/state.js`)) as {
  parseState(search: string): Record<string, string>;
  formatState(state: Record<string, string>): string;
};

const long = { timeout: 120_000 };
const EACH_SECOND = { SBW_DASHBOARD_POLL_SECONDS: '1' };

describe('under odd circumstances', () => {
  const stand = standUp({ sessions: 600, days: 20 }, EACH_SECOND);

  test('a Vietnamese browser gets Vietnamese cards without asking', long, async () => {
    const { page, close } = await visit(stand.browser, stand.dashboard.url, { locale: 'vi-VN' });
    assert.equal(await page.getAttribute('html', 'lang'), 'vi');
    assert.match((await page.textContent('#overview-funnel')) ?? '', /Ghé cửa hàng/);
    assert.match((await page.textContent('.fresh')) ?? '', /Dữ liệu đến/);
    await close();
  });

  test('Data quality follows the quarantine by itself, and hidden it asks nothing', long, async () => {
    const role = decodeURIComponent(new URL(stand.warehouse.readerUrl).username);
    const { page, faults, close } = await visit(stand.browser, `${stand.dashboard.url}?tab=quality`);
    assert.match((await page.textContent('#quality-checks')) ?? '', /Events in quarantine: 23/);
    await page.evaluate(`document.querySelector('#quality-gaps').firstElementChild.dataset.kept = 'yes'`);
    await stand.warehouse.rows(`UPDATE sbw.quarantine SET state = 'resolved' WHERE quarantine_id = 'q1'`);
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
      const rows = await stand.warehouse.rows<{ query: string }>(
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
    const { page, faults, close } = await visit(stand.browser, own.url);
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

  test('what a URL claims is shown as what it means, and no URL is a fault', long, async () => {
    const { page, faults, close } = await visit(
      stand.browser,
      `${stand.dashboard.url}?range=99&metric=x&by=brand&find=%00`,
    );
    assert.equal(await page.getAttribute(`[data-set='{"range":"7"}']`, 'aria-pressed'), 'true');
    assert.equal(await page.getAttribute('[data-set*="visitors"]', 'aria-pressed'), 'true');
    assert.equal(await page.getAttribute('.dates summary', 'aria-pressed'), 'false');
    assert.deepEqual(faults, []);
    await close();
  });

  test('the keyboard stays in the page when its filter is taken away', long, async () => {
    const { page, close } = await visit(stand.browser, `${stand.dashboard.url}?by=category&value=Mice`);
    await page.focus('.chip button');
    await page.keyboard.press('Enter');
    await settle(page);
    await waitUntil(page, `document.activeElement.id === 'main'`);
    assert.match((await page.textContent('#said')) ?? '', /^No filter/);
    await close();
  });

  test('a second click on Copy leaves the word', long, async () => {
    const { page, close } = await visit(stand.browser, `${stand.dashboard.url}?tab=quality`, {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const button = '#quality-reasons [data-do=copy] >> nth=0';
    await page.click(button);
    await waitUntil(page, `/Copied/.test(document.querySelector('#quality-reasons').textContent)`);
    await page.click(button);
    await page.waitForTimeout(2000);
    assert.equal(await page.textContent(button), 'Copy');
    await close();
  });

  test('a page that is lost after every return stops and says so', long, async (t) => {
    const own = await startDashboard({ warehouse: stand.warehouse.readerUrl, env: EACH_SECOND });
    t.after(() => own.stop());
    const { page, close } = await visit(stand.browser, own.url);
    await page.evaluate(`sessionStorage.setItem('sbw-reloads', '5')`);
    await own.stop();
    await waitUntil(page, `document.querySelector('#lost').checkVisibility()`);
    assert.match(await page.innerText('#lost'), /was lost again each time[\s\S]*Try again/);
    assert.doesNotMatch(await page.innerText('#lost'), /comes back by itself/);
    await close();
  });
});

test('the pauses before another return grow, and end', () => {
  assert.deepEqual([0, 1, 4, 5].map(pauseAfter), [3000, 6000, 48_000, null]);
});

test('the state is one that the server takes as it is', () => {
  const usual = parseState('');
  for (const search of [
    '?range=99&tab=x&sort=%00',
    '?range=custom&from=2026-02-31&to=2026-03-01',
    '?range=custom&from=0001-01-01&to=2026-03-01',
    '?by=brand',
    '?value=HP',
  ]) {
    assert.deepEqual({ ...parseState(search), from: '', to: '' }, usual, search);
  }
  assert.equal([...parseState(`?by=brand&value=${'😀'.repeat(600)}`)['value']!].length, 512);
  const chosen = '?range=custom&from=2026-01-01&to=2026-03-01&by=brand&value=H%26P';
  assert.deepEqual(parseState(formatState(parseState(chosen))), parseState(chosen));
});
