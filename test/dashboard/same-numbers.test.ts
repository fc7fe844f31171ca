import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { fakeContext, runSbw } from '../support/context.ts';
import { barsOf, numbers, settle, tableOf, visit } from './support/browser.ts';
import { parseCsv } from './support/csv.ts';
import { SESSIONS } from './support/raw.ts';
import { assertShare, count } from './support/text.ts';
import { standUp } from './support/stand.ts';

const TOUCHED = 'session_id IN (SELECT session_id FROM public.clickstream_events WHERE';

/** What is clicked, on which tab, and which sessions are meant by that. $1: the row's value. */
const CLICKS = [
  { tab: 'overview', row: '#overview-products button.name', of: `${TOUCHED} context_product_id = $1)` },
  { tab: 'products', row: '#products-table button.name', of: `${TOUCHED} context_product_id = $1)` },
  {
    tab: 'overview',
    row: '#overview-categories button.bar',
    of: `${TOUCHED} context_product_category = $1)`,
  },
  { tab: 'products', row: '#products-brands button.bar', of: `${TOUCHED} context_product_brand = $1)` },
  {
    tab: 'funnel&split=login',
    row: '#funnel-split button.name',
    of: `is_signed_in = ($1 = 'logged_in')`,
  },
];

describe('the same numbers wherever they are looked at', () => {
  const stand = standUp({ sessions: 1500, days: 30 });

  for (const { tab, row, of } of CLICKS) {
    test(`a click on a row (${row}) leaves the sessions that SQL finds`, async () => {
      const { page, faults, close } = await visit(stand.browser, `${stand.dashboard.url}?tab=${tab}`);
      // The second: by now it is certain that not every row does the same.
      const clicked = page.locator(row).nth(1);
      const set = JSON.parse((await clicked.getAttribute('data-set')) ?? '') as Record<string, string>;
      const [raw] = await stand.warehouse.rows<Record<string, string>>(
        `${SESSIONS} SELECT count(*) AS sessions, avg(is_sold::int)::float8 AS conversion,
                avg((events = 1)::int)::float8 AS bounce,
                avg(extract(epoch FROM ended - began))::float8 AS duration FROM chosen WHERE ${of}`,
        [set['value'] ?? set['login']],
      );
      await clicked.click();
      await settle(page);
      await page.click('#tab-overview');
      await settle(page);
      const shown = await numbers(page, 'kpi');
      assert.ok(Number(raw!['sessions']) > 0);
      for (const [name, value] of Object.entries(raw!)) {
        assert.ok(
          Math.abs(shown[name]! - Number(value)) <= 1e-3,
          `${name}: ${shown[name]} is shown, ${value} it is`,
        );
      }
      assert.deepEqual(faults, []);
      await close();
    });
  }

  /** The rows of a card's file. */
  async function fileOf(page: Page, link: string): Promise<Record<string, string>[]> {
    const href = await page.evaluate<string>(`document.querySelector('#${link}').href`);
    return parseCsv(await (await page.request.get(href)).text());
  }

  test("a table's file has the rows of the table, and more of them", async () => {
    const { page, close } = await visit(stand.browser, `${stand.dashboard.url}?tab=products&sort=at_risk`);
    const shown = await tableOf(page, 'products-table');
    const file = await fileOf(page, 'products-products_csv');
    assert.ok(file.length > shown.length);
    assert.deepEqual(
      shown.map((row) => [...row.slice(0, 6), row[8]]),
      file
        .slice(0, shown.length)
        .map(({ name, category, price, views, adds, sessions_bought, at_risk }) => [
          name,
          category,
          ...[price, views, adds, sessions_bought, at_risk].map(count),
        ]),
    );
    for (const [i, row] of shown.entries()) {
      assertShare(row[6], Number(file[i]!['cart_rate']), `cart rate of ${row[0]}`);
      assertShare(row[7], Number(file[i]!['conversion']), `conversion of ${row[0]}`);
    }
    await close();
  });

  test("a list's file has the rows of the list", async () => {
    const { page, close } = await visit(stand.browser, `${stand.dashboard.url}?tab=sessions`);
    const file = await fileOf(page, 'sessions-trails_csv');
    assert.deepEqual(
      await barsOf(page, 'sessions-trails'),
      file.map(({ step1, step2, step3, step4, sessions }) => [
        [step1, step2, step3, step4].filter((step) => step !== '').join(' → '),
        count(sessions),
      ]),
    );
    const pages = await fileOf(page, 'sessions-exit_csv');
    assert.deepEqual(
      (await tableOf(page, 'sessions-exit')).map((row) => row.slice(0, 2)),
      pages.map(({ page: path, sessions }) => [path, count(sessions)]),
    );
    await close();
  });

  test("a chart's file has the rows of the chart as a table", async () => {
    const { page, close } = await visit(stand.browser, `${stand.dashboard.url}?metric=page_views`);
    await page.click('#panel-overview [data-do=table]');
    const shown = await tableOf(page, 'overview-trend');
    const file = await fileOf(page, 'overview-days_csv');
    assert.equal(shown.length, 7);
    assert.deepEqual(
      shown.map((row) => row[1]),
      file.map(({ page_views }) => count(page_views)),
    );
    for (const [i, { day }] of file.entries()) {
      assert.ok(shown[i]![0]!.includes(` ${Number(day!.slice(8))} `), `${day} is ${shown[i]![0]}`);
    }
    await close();
  });

  test('sbw report --json prints the numbers of the page', async () => {
    const ctx = fakeContext({ env: { SBW_WAREHOUSE: stand.warehouse.readerUrl } });
    for (const [flags, query] of [
      [[], ''],
      [['--days', '30', '--login', 'anonymous'], '?range=30&login=anonymous'],
      [['--category', 'Mice'], '?by=category&value=Mice'],
    ] as const) {
      const { code, stdout, stderr } = await runSbw(ctx, 'report', ...flags, '--json');
      assert.equal(code, 0, stderr);
      const { range, now, funnel, products } = JSON.parse(stdout) as Report;
      const { page, close } = await visit(stand.browser, stand.dashboard.url + query);
      assert.equal(await page.getAttribute('.period', 'data-from'), range.from_day);
      assert.equal(await page.getAttribute('.period', 'data-to'), range.to_day);
      const shown = await numbers(page, 'kpi');
      const {
        sessions = 0,
        conversions = 0,
        bounced = 0,
        duration_seconds = 0,
      } = now as Record<string, number>;
      const told = {
        visitors: now['visitors'] ?? 0,
        sessions,
        page_views: now['page_views'] ?? 0,
        conversion: conversions / sessions,
        bounce: bounced / sessions,
        duration: duration_seconds / sessions,
      };
      assert.ok(sessions > 0);
      for (const [name, value] of Object.entries(told)) {
        assert.ok(Math.abs(shown[name]! - value) <= 1e-6, `${name}: ${shown[name]} and ${value}`);
      }
      assert.deepEqual(
        Object.values(await numbers(page, 'step')),
        funnel.map((step) => step.sessions),
      );
      assert.deepEqual(
        (await tableOf(page, 'overview-products')).slice(0, products.length).map((row) => row.slice(0, 2)),
        products.map(({ name, views }) => [name, count(views)]),
      );
      await close();
    }
  });
});

interface Report {
  readonly range: { readonly from_day: string; readonly to_day: string };
  readonly now: Readonly<Record<string, number | null>>;
  readonly funnel: readonly { readonly sessions: number }[];
  readonly products: readonly { readonly name: string; readonly views: number }[];
}
