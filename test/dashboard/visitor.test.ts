import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { numbers, settle, tableOf, visit, waitUntil } from './support/browser.ts';
import { SESSIONS } from './support/raw.ts';
import { standUp } from './support/stand.ts';

const TABS = ['overview', 'funnel', 'products', 'time', 'sessions', 'live', 'quality'];

describe('what a visitor does', () => {
  const stand = standUp({ sessions: 1500, days: 30 }, { SBW_DASHBOARD_POLL_SECONDS: '1' });

  test('a click on a category filters, stands in the URL, survives a reload and goes back', async () => {
    const { page, faults, close } = await visit(stand.browser, stand.dashboard.url);
    const all = await numbers(page, 'kpi');
    const name = await page.textContent('#overview-categories .bar .name');
    await page.click('#overview-categories button.bar');
    await settle(page);
    const some = await numbers(page, 'kpi');
    assert.ok(some['sessions']! > 0 && some['sessions']! < all['sessions']!);
    assert.equal(new URL(page.url()).searchParams.get('value'), name);
    assert.match((await page.textContent('#chips')) ?? '', new RegExp(`Category: ${name}`));
    // Visitors of one item are not kept: the chart is of sessions, and their number is the one that is marked.
    const marked = page.locator('.kpi[aria-pressed=true]');
    assert.deepEqual(await marked.locator('.kpi-name').allTextContents(), ['Sessions']);
    await page.reload();
    await settle(page);
    assert.deepEqual(await numbers(page, 'kpi'), some);
    await page.goBack();
    await settle(page);
    assert.deepEqual(await numbers(page, 'kpi'), all);
    assert.deepEqual(faults, []);
    await close();
  });

  test('the keyboard reaches everything and keeps its place when a card is drawn anew', async () => {
    const { page, close } = await visit(stand.browser, stand.dashboard.url);
    await page.focus('[role=tab][aria-selected=true]');
    await page.keyboard.press('ArrowRight');
    await settle(page);
    assert.equal(await page.getAttribute('#tab-funnel', 'aria-selected'), 'true');
    assert.ok(await page.isVisible('#panel-funnel'));
    assert.ok(await page.isHidden('#panel-overview'));
    await page.keyboard.press('Home');
    await settle(page);
    await page.focus('[data-set*="bounce"]');
    await page.keyboard.press('Enter');
    await settle(page);
    await page.waitForTimeout(200);
    assert.match(String(await page.evaluate('document.activeElement.dataset.set')), /bounce/);
    await page.focus('#overview-trend svg');
    await page.keyboard.press('ArrowRight');
    assert.match((await page.textContent('#overview-trend .tip')) ?? '', /%/);
    await page.evaluate(`document.querySelector('[data-kpi="visitors"]').click()`);
    await settle(page);
    assert.equal(
      await page.evaluate(`document.activeElement.closest('sbw-chart')?.parentElement.id`),
      'overview-trend',
    );
    await page.click('#panel-overview [data-do=table]');
    assert.equal((await tableOf(page, 'overview-trend')).length, 7);
    await close();
  });

  test('nothing waits for the charts, and what is asked of them before they are there is done then', async () => {
    const context = await stand.browser.newContext({
      viewport: { width: 1440, height: 900 },
      locale: 'en-GB',
    });
    const page = await context.newPage();
    let letGo = (): void => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    await page.route('**/library/plot.js', async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(stand.dashboard.url, { waitUntil: 'commit' });
    await waitUntil(page, `document.querySelectorAll('#overview-products tbody tr').length > 0`);
    assert.ok((await numbers(page, 'kpi'))['visitors']! > 0);
    await page.click('[data-kpi="sessions"]');
    await waitUntil(
      page,
      `document.querySelector('#overview-trend_title').textContent === 'Sessions per day'`,
    );
    await page.click('#panel-overview [data-do=table]');
    assert.equal(await page.locator('sbw-chart > *').count(), 0);
    letGo();
    await settle(page);
    assert.equal((await tableOf(page, 'overview-trend')).length, 7);
    await page.click('#panel-overview [data-do=table]');
    await page.waitForSelector('#overview-trend sbw-chart > svg');
    await context.close();
  });

  test('a screen reader finds a name on everything that it can use', async () => {
    const { page, close } = await visit(stand.browser, stand.dashboard.url);
    for (const tab of TABS) {
      await page.click(`#tab-${tab}`);
      await settle(page);
      const nameless = await page.evaluate<string[]>(`(() => {
        const shown = (selector) => [...document.querySelectorAll(selector)].filter((e) => e.checkVisibility());
        const nameOf = (e) => e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.[0]?.textContent;
        const faults = shown('button, a, input, summary, [role=img], [role=group], [role=region]')
          .filter((e) => !(e.matches('[role=group], [role=img], [role=region]') ? e.getAttribute('aria-label') : nameOf(e)))
          .map((e) => e.outerHTML.slice(0, 120));
        for (const table of shown('table')) if (!table.caption) faults.push('a table without a caption');
        for (const card of shown('.card')) {
          if (!document.getElementById(card.getAttribute('aria-labelledby'))?.textContent) faults.push('a card without a title');
        }
        const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
        for (const id of new Set(ids)) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push('twice: ' + id);
        if (document.querySelectorAll('h1').length !== 1) faults.push('not one h1');
        return faults;
      })()`);
      assert.deepEqual(nameless, [], tab);
    }
    // What changed is said in one sentence, not card by card.
    await page.click('#tab-overview');
    await page.click('[data-set*="\\"30\\""]');
    await settle(page);
    assert.match(
      (await page.textContent('#said')) ?? '',
      new RegExp(`^${await page.textContent('.period')}\\. (Compared with|Not compared)`),
    );
    await close();
  });

  test('days are chosen by hand', async () => {
    const { page, faults, close } = await visit(stand.browser, stand.dashboard.url);
    await page.click('.dates summary');
    const shown = await page.getAttribute('.period', 'data-to');
    await page.fill('.dates input >> nth=0', shown!);
    await page.fill('.dates input >> nth=1', shown!);
    await page.keyboard.press('Enter');
    await settle(page);
    assert.equal(await page.getAttribute('.period', 'data-from'), shown);
    assert.equal(await page.textContent('#overview-trend_title'), 'Visitors per hour');
    assert.equal(new URL(page.url()).searchParams.get('from'), shown);
    assert.deepEqual(faults, []);
    await close();
  });

  test('signed in is what the raw table says, and a product is found by a part of its name', async () => {
    const [raw] = await stand.warehouse.rows<{ n: string }>(`${SESSIONS}
      SELECT count(*) AS n FROM (
        SELECT session_id FROM chosen JOIN public.clickstream_events USING (session_id)
         GROUP BY 1 HAVING bool_or(user_login_state = 'logged_in')) AS signed_in`);
    const { page, faults, close } = await visit(stand.browser, stand.dashboard.url);
    await page.click('[data-set*="logged_in"]');
    await settle(page);
    assert.equal((await numbers(page, 'kpi'))['sessions'], Number(raw!.n));
    await page.click('#tab-products');
    await settle(page);
    await page.fill('[data-search]', 'samsung');
    await waitUntil(
      page,
      `[...document.querySelectorAll('#products-table tbody tr')].every((row) => /Samsung/.test(row.textContent))`,
    );
    assert.equal(new URL(page.url()).searchParams.get('find'), 'samsung');
    await page.reload();
    await settle(page);
    assert.equal(await page.inputValue('[data-search]'), 'samsung');
    assert.match((await tableOf(page, 'products-table'))[0]![0]!, /Samsung/);
    await page.fill('[data-search]', '<b>(');
    await waitUntil(page, `/No such product/.test(document.querySelector('#products-table').textContent)`);
    assert.deepEqual(faults, []);
    await close();
  });

  test('every table comes as CSV', async () => {
    const { page, faults, close } = await visit(stand.browser, `${stand.dashboard.url}?tab=products`);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.click('#products-products_csv'),
    ]);
    assert.match(download.suggestedFilename(), /^products_\d{4}-\d\d-\d\d_\d{4}-\d\d-\d\d\.csv$/);
    const text = await readFile(await download.path(), 'utf8');
    assert.match(text, /^\uFEFFproduct_id,name,/);
    assert.ok(text.split('\r\n').length > 50);
    for (const tab of TABS) {
      await page.click(`#tab-${tab}`);
      await settle(page);
      // A card's file is asked for as the browser would, without opening seven times as many downloads.
      const links = await page.evaluate<[string, string | null][]>(
        `[...document.querySelectorAll('#panel-${tab} .card')]
          .map((card) => [card.querySelector('h2').textContent, card.querySelector('a.shiny-download-link')?.href])`,
      );
      for (const [title, href] of links) {
        assert.ok(href, `${tab}: ${title} has a file`);
        const answer = await page.request.get(href);
        assert.equal(answer.status(), 200, `${tab}: ${title}`);
        assert.match(answer.headers()['content-disposition'] ?? '', /\.csv/);
        assert.match(await answer.text(), /^\uFEFF[a-z_0-9]+(,[a-z_0-9]+)+\r\n/, `${tab}: ${title}`);
      }
    }
    assert.deepEqual(faults, []);
    await close();
  });

  test('it speaks Vietnamese, is dark when wished, and fits a phone', async () => {
    const { page, faults, close } = await visit(stand.browser, `${stand.dashboard.url}?lang=vi`, {
      viewport: { width: 390, height: 844 },
      colorScheme: 'dark',
    });
    assert.equal(await page.getAttribute('html', 'lang'), 'vi');
    assert.equal(await page.getAttribute('html', 'data-theme'), 'dark');
    for (const tab of TABS) {
      await page.click(`#tab-${tab}`);
      await settle(page);
      const width = Number(await page.evaluate('document.documentElement.scrollWidth'));
      assert.ok(width <= 390, `${tab} is ${width} wide`);
    }
    assert.deepEqual(faults, []);
    await close();
  });

  test('nothing is asked while nothing changes, hidden tabs ask nothing, and new data appears by itself', async () => {
    const role = decodeURIComponent(new URL(stand.warehouse.readerUrl).username);
    const { page, close } = await visit(stand.browser, stand.dashboard.url);
    await page.waitForTimeout(2500);
    const asked = new Set<string>();
    for (const end = Date.now() + 3000; Date.now() < end;) {
      const rows = await stand.warehouse.rows<{ query: string }>(
        `SELECT query FROM pg_stat_activity WHERE usename = $1 AND query_start > now() - interval '2 seconds'`,
        [role],
      );
      for (const { query } of rows) asked.add(query);
    }
    assert.ok(asked.size > 0);
    // Besides whether there is new data, the driver asks the catalogue for the types of its answer.
    const idle = [...asked].filter((query) => !/FROM dash\.version|from pg_(attribute|type)/i.test(query));
    assert.deepEqual(idle, []);
    assert.equal((await page.textContent('#funnel-steps'))?.trim(), '', 'the hidden funnel is not drawn');
    const before = await numbers(page, 'kpi');
    const [{ session } = { session: '' }] = await stand.warehouse.rows<{ session: string }>(
      `SELECT session_id AS session FROM public.clickstream_events
        WHERE event_timestamp < now() - interval '3 days' AND event_timestamp > now() - interval '5 days' LIMIT 1`,
    );
    await stand.warehouse.rows(`DELETE FROM public.clickstream_events WHERE session_id = $1`, [session]);
    await stand.warehouse.refresh();
    await waitUntil(
      page,
      `document.querySelector('[data-kpi=sessions]')?.dataset.value === '${before['sessions']! - 1}'`,
    );
    await close();
  });

  test('another site may neither load nor listen', async () => {
    const { port } = new URL(stand.dashboard.url);
    const answer = await fetch(`http://127.0.0.1:${port}/sbw_dashboard`);
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-security-policy') ?? '', /default-src 'none'/);
    const { request } = await import('node:http');
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const asking = request(
        { host: '127.0.0.1', port, path: '/sbw_dashboard', headers: { host: 'evil.example' } },
        (response) => resolve(response.resume().statusCode),
      );
      asking.on('error', reject).end();
    });
    assert.equal(status, 403);
    const { WebSocket } = await import('ws');
    const socket = new WebSocket(`ws://127.0.0.1:${port}/websocket/`, { origin: 'https://evil.example' });
    const heard: string[] = [];
    socket.on('message', (data: Buffer) => heard.push(data.toString()));
    await new Promise((opened, failed) => socket.once('open', opened).once('error', failed));
    socket.send(JSON.stringify({ method: 'init', data: { state: { range: '7' } } }));
    await new Promise((wake) => setTimeout(wake, 2500));
    socket.terminate();
    assert.doesNotMatch(heard.join(''), /kpi/);
  });
});
