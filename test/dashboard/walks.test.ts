import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { chartOf, numbers, settle, tableOf, visit } from './support/browser.ts';
import { PRODUCTS, WALKS } from './support/raw.ts';
import { assertShare, count, duration, twoDigits } from './support/text.ts';
import { standUp } from './support/stand.ts';

const STEPS = ['page', 'product', 'cart', 'checkout', 'done'];
/** What sessions are split by, and what it is called. */
const SPLITS = {
  category: ['context_product_category', 'context_product_category'],
  brand: ['context_product_brand', 'context_product_brand'],
  product: ['context_product_id', 'context_product_name'],
};
const SPLIT_ROWS = 12;
const PRODUCT_ROWS = 20;

describe('sessions that take steps out of order, or leave some out', () => {
  const stand = standUp({ sessions: 2500, days: 30, hasOddWalks: true });

  test('the funnel is that of the raw table: steps, losses, waits', async () => {
    const [raw] = await stand.warehouse.rows<Record<string, string>>(`${WALKS}
      SELECT count(*) AS page, count(at2) AS product, count(at3) AS cart, count(at4) AS checkout,
             count(at5) AS done FROM walked`);
    const [waits] = await stand.warehouse.rows<{ seconds: number[] }>(`${WALKS}
      SELECT ARRAY[percentile_disc(0.5) WITHIN GROUP (ORDER BY floor(extract(epoch FROM at2 - began))),
                   percentile_disc(0.5) WITHIN GROUP (ORDER BY floor(extract(epoch FROM at3 - at2))),
                   percentile_disc(0.5) WITHIN GROUP (ORDER BY floor(extract(epoch FROM at4 - at3))),
                   percentile_disc(0.5) WITHIN GROUP (ORDER BY floor(extract(epoch FROM at5 - at4)))]::int[] AS seconds
        FROM walked`);
    const [unordered] = await stand.warehouse.rows<{ cart: string }>(`${WALKS}
      SELECT count(DISTINCT session_id) AS cart FROM walked JOIN public.clickstream_events USING (session_id)
       WHERE event_name = 'add_to_cart_click'`);
    assert.ok(Number(unordered!.cart) > Number(raw!['cart']) * 1.2, 'the order matters here');

    const { page, faults, close } = await visit(stand.browser, `${stand.dashboard.url}?tab=funnel`);
    const sessions = STEPS.map((step) => Number(raw![step]));
    assert.deepEqual(
      await numbers(page, 'step'),
      Object.fromEntries(STEPS.map((step, i) => [step, sessions[i]])),
    );
    const lines = await page.evaluate<[string, string, string][]>(
      `[...document.querySelectorAll('#funnel-steps li')].map((step) => [
        step.querySelector('.value').textContent, step.querySelector('.lost b')?.textContent ?? '',
        step.querySelector('.lost span:last-child')?.textContent ?? ''])`,
    );
    for (const [i, [text, loss, wait]] of lines.entries()) {
      assert.equal(text, count(sessions[i]));
      if (i === STEPS.length - 1) continue;
      assertShare(loss.replace('−', ''), 1 - sessions[i + 1]! / sessions[i]!, `what is lost at ${STEPS[i]}`);
      assert.equal(wait, `typically ${duration(twoDigits(waits!.seconds[i]!))} to the next step`);
    }
    assert.equal((await chartOf(page, 'funnel-trend')).series[0]!.values.length, 7);
    assert.deepEqual(faults, []);
    await close();
  });

  test('the funnel by category, brand, product and login is that of the raw table', async () => {
    const { page, faults, close } = await visit(stand.browser, `${stand.dashboard.url}?tab=funnel`);
    for (const [kind, [key, label]] of Object.entries(SPLITS)) {
      const raw = await stand.warehouse.rows<SplitRow>(`${WALKS}, keyed AS (
          SELECT session_id, ${key} AS key, max(${label}) AS label
            FROM public.clickstream_events WHERE ${key} IS NOT NULL GROUP BY 1, 2)
        SELECT max(label) AS label, ${SPLIT_SUMS} FROM walked JOIN keyed USING (session_id) GROUP BY key
         ORDER BY count(*) DESC, key COLLATE "C" LIMIT ${SPLIT_ROWS}`);
      assert.ok(raw.length > 9);
      await checkSplit(page, kind, raw);
    }
    const signedIn = await stand.warehouse.rows<SplitRow>(`${WALKS}
      SELECT CASE WHEN is_signed_in THEN 'Signed in' ELSE 'Anonymous' END AS label, ${SPLIT_SUMS}
        FROM walked GROUP BY is_signed_in ORDER BY count(*) DESC`);
    assert.equal(signedIn.length, 2);
    await checkSplit(page, 'login', signedIn);
    assert.deepEqual(faults, []);
    await close();
  });

  test('products in every order, and their rates, are those of the raw table', async () => {
    const { page, faults, close } = await visit(stand.browser, `${stand.dashboard.url}?tab=products`);
    for (const sort of ['adds', 'sales', 'cart_rate', 'conversion', 'at_risk', 'views']) {
      // A rate of few sessions is chance.
      const fewLast = ['cart_rate', 'conversion'].includes(sort) ? 'viewed < 10,' : '';
      const raw = await stand.warehouse.rows<Record<string, string>>(`${PRODUCTS}
        SELECT name, views, adds, sales, cart_rate::float8, conversion::float8, at_risk FROM products
         ORDER BY ${fewLast} ${sort} DESC NULLS LAST, views DESC, id COLLATE "C" LIMIT ${PRODUCT_ROWS}`);
      await page.click(`#products-table th [data-set*='"${sort}"']`);
      await settle(page);
      const sorted = page.locator('#products-table th[aria-sort]');
      assert.deepEqual(await sorted.locator('[data-set]').count(), 1);
      assert.match((await sorted.locator('[data-set]').getAttribute('data-set')) ?? '', new RegExp(sort));
      const shown = await tableOf(page, 'products-table');
      assert.deepEqual(
        shown.map((row) => [row[0], ...row.slice(3, 6), row[8]]),
        raw.map(({ name, views, adds, sales, at_risk }) => [
          name,
          ...[views, adds, sales, at_risk].map(count),
        ]),
        `by ${sort}`,
      );
      for (const [i, { name, cart_rate, conversion }] of raw.entries()) {
        assert.ok(Number(cart_rate) <= 1 && Number(conversion) <= 1);
        assertShare(shown[i]![6], Number(cart_rate), `cart rate of ${name}`);
        assertShare(shown[i]![7], Number(conversion), `conversion of ${name}`);
      }
    }
    assert.deepEqual(faults, []);
    await close();
  });
});

interface SplitRow {
  readonly label: string;
  /** Sessions at each of the five steps. */
  readonly steps: readonly string[];
}
const SPLIT_SUMS = 'ARRAY[count(*), count(at2), count(at3), count(at4), count(at5)] AS steps';

async function checkSplit(page: Page, kind: string, raw: readonly SplitRow[]): Promise<void> {
  await page.click(`#panel-funnel .switch [data-set*='"${kind}"']`);
  await settle(page);
  const shown = await tableOf(page, 'funnel-split');
  assert.deepEqual(
    shown.map((row) => row.slice(0, 2)),
    raw.map(({ label, steps }) => [label, count(steps[0])]),
    `by ${kind}`,
  );
  for (const [i, { label, steps }] of raw.entries()) {
    const [all, ...taken] = steps.map(Number);
    for (const [k, n] of taken.entries()) {
      assertShare(shown[i]![2 + k], n / all!, `${label}, ${STEPS[k + 1]}`);
    }
  }
}
