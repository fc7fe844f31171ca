import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { barsOf, chartOf, numbers, settle, startBrowser, tableOf, visit } from './support/browser.ts';
import { SESSIONS } from './support/raw.ts';
import { startDashboard, type Dashboard } from './support/r.ts';
import { makeShopWarehouse, thisHour, TIME_ZONE, type ShopWarehouse } from './support/shop.ts';

const count = (n: unknown): string => Number(n).toLocaleString('en');
const seven = { timeout: 120_000 };

describe('each tab shows what the raw table says', () => {
  let warehouse: ShopWarehouse;
  let dashboard: Dashboard;
  let browser: Browser;
  before(async () => {
    warehouse = await makeShopWarehouse({ sessions: 4000, days: 60, until: thisHour() });
    dashboard = await startDashboard({ warehouse: warehouse.readerUrl });
    browser = await startBrowser();
  }, seven);
  after(async () => {
    await browser.close();
    await dashboard.stop();
    await warehouse.close();
  });

  /** Opens a tab, gives its page to `check`, and looks for faults and strangers afterwards. */
  async function onTab(
    name: string,
    check: (page: Awaited<ReturnType<typeof visit>>['page']) => Promise<void>,
  ): Promise<void> {
    const { page, faults, hosts, close } = await visit(browser, `${dashboard.url}?tab=${name}`);
    try {
      await check(page);
      assert.deepEqual(faults, []);
      assert.deepEqual([...hosts], [new URL(dashboard.url).host]);
    } finally {
      await close();
    }
  }

  test('Overview', async () => {
    const [raw] = await warehouse.rows<Record<string, string>>(`${SESSIONS}
      SELECT count(DISTINCT client_id) AS visitors, count(*) AS sessions,
             (SELECT count(*) FROM happened WHERE event_name = 'page_view') AS page_views,
             avg(is_sold::int)::float8 AS conversion, avg((events = 1)::int)::float8 AS bounce,
             avg(extract(epoch FROM ended - began))::float8 AS duration FROM chosen`);
    const events = await warehouse.rows<{ event_name: string; n: string }>(`${SESSIONS}
      SELECT event_name, count(*) AS n FROM happened GROUP BY 1 ORDER BY 2 DESC, 1`);
    const daily = await warehouse.rows<{ n: string }>(`${SESSIONS}
      SELECT count(DISTINCT client_id) AS n FROM chosen GROUP BY local_began::date ORDER BY local_began::date`);
    await onTab('overview', async (page) => {
      const shown = await numbers(page, 'kpi');
      for (const [name, value] of Object.entries(raw!)) {
        const differs = Math.abs(shown[name]! - Number(value));
        assert.ok(differs <= 1e-3, `${name}: ${shown[name]} is shown, ${value} it is`);
      }
      assert.deepEqual(
        await barsOf(page, 'overview-events'),
        events.slice(0, 10).map(({ event_name, n }) => [event_name, count(n)]),
      );
      const chart = await chartOf(page, 'overview-trend');
      assert.deepEqual(
        chart.series[0]!.values,
        daily.map(({ n }) => Number(n)),
      );
      await page.click('[data-kpi="sessions"]');
      await settle(page);
      assert.equal(await page.textContent('#overview-trend_title'), 'Sessions per day');
    });
  });

  test('Time', async () => {
    const raw = await warehouse.rows<{ weekday: number; hour: number; n: string }>(`${SESSIONS}
      SELECT extract(isodow FROM local_began)::int AS weekday, extract(hour FROM local_began)::int AS hour,
             count(*) AS n FROM chosen GROUP BY 1, 2`);
    await onTab('time', async (page) => {
      const { values } = (await chartOf(page, 'time-heatmap')).series[0]!;
      const expected = Array.from({ length: 168 }, () => 0);
      for (const { weekday, hour, n } of raw) expected[(weekday - 1) * 24 + hour] = Number(n);
      assert.deepEqual(values, expected);
    });
  });

  test('Sessions', async () => {
    const raw = await warehouse.rows<{ events: number; n: string }>(`${SESSIONS}
      SELECT least(events, 20)::int AS events, count(*) AS n FROM chosen GROUP BY 1`);
    const entries = await warehouse.rows<{ page: string; n: string }>(`${SESSIONS}
      SELECT page, count(*) AS n FROM (
        SELECT DISTINCT ON (session_id) session_id,
               regexp_replace(page_url, '^https://shop.example', '') AS page
          FROM chosen JOIN public.clickstream_events USING (session_id)
         WHERE page_url IS NOT NULL ORDER BY session_id, event_timestamp, event_id) AS first
       GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 8`);
    const returning = await warehouse.rows<{ returning: string; fresh: string }>(`${SESSIONS}, seen AS (
        SELECT client_id, (began AT TIME ZONE '${TIME_ZONE}')::date AS day,
               min((began AT TIME ZONE '${TIME_ZONE}')::date) OVER (PARTITION BY client_id) AS first FROM whole)
      SELECT count(DISTINCT client_id) FILTER (WHERE day > first) AS returning,
             count(DISTINCT client_id) FILTER (WHERE day = first) AS fresh
        FROM seen, bound WHERE day BETWEEN today - 7 AND today - 1 GROUP BY day ORDER BY day`);
    // Of the newest week of first visits that is over: how many came at all.
    const cohorts = await warehouse.rows<{ n: string }>(`${SESSIONS}
      SELECT count(*) AS n FROM (
        SELECT date_trunc('week', min(began) AT TIME ZONE '${TIME_ZONE}')::date AS week FROM whole GROUP BY client_id
      ) AS firsts, bound
       WHERE week BETWEEN date_trunc('week', today - 56)::date AND today - 1 GROUP BY week ORDER BY week`);
    await onTab('sessions', async (page) => {
      const { values } = (await chartOf(page, 'sessions-depth')).series[0]!;
      const expected = Array.from({ length: 20 }, () => 0);
      for (const { events, n } of raw) expected[events - 1] = Number(n);
      assert.deepEqual(values, expected);
      assert.deepEqual(
        (await tableOf(page, 'sessions-entry')).map((row) => row.slice(0, 2)),
        entries.map((row) => [row.page, count(row.n)]),
      );
      const [back, fresh] = (await chartOf(page, 'sessions-returning')).series;
      assert.deepEqual(
        back!.values,
        returning.map((day) => Number(day.returning)),
      );
      assert.deepEqual(
        fresh!.values,
        returning.map((day) => Number(day.fresh)),
      );
      assert.deepEqual(
        (await tableOf(page, 'sessions-retention')).map((row) => row[1]),
        cohorts.map(({ n }) => count(n)),
      );
    });
  });

  test('Live', async () => {
    const [raw] = await warehouse.rows<Record<string, string>>(`
      WITH up AS (SELECT max(event_timestamp) AS at FROM public.clickstream_events)
      SELECT count(DISTINCT client_id) AS visitors, count(DISTINCT session_id) AS sessions, count(*) AS events
        FROM public.clickstream_events, up WHERE event_timestamp > at - interval '1 hour'`);
    await onTab('live', async (page) => {
      const shown = await numbers(page, 'live');
      for (const [name, n] of Object.entries(raw!)) assert.equal(shown[name], Number(n), name);
      const minutes = await chartOf(page, 'live-minutes');
      const sum = minutes.series[0]!.values.reduce<number>((total, n) => total + (n ?? 0), 0);
      assert.ok(Math.abs(sum - Number(raw!['events'])) <= Number(raw!['events']) * 0.2);
    });
  });

  test('Data quality', async () => {
    const reasons = await warehouse.rows<{ reason: string; n: string }>(
      `SELECT reason, count(*) AS n FROM sbw.quarantine WHERE state = 'open' GROUP BY 1 ORDER BY 2 DESC, 1`,
    );
    const loads = await warehouse.rows<Record<string, string>>(`
      SELECT sum(loaded) AS loaded, sum(duplicates) AS duplicates, sum(quarantined) AS quarantined
        FROM sbw.ledger, (SELECT (max(event_timestamp) AT TIME ZONE '${TIME_ZONE}')::date AS today
                            FROM public.clickstream_events) AS bound
       WHERE (partition_start AT TIME ZONE '${TIME_ZONE}')::date BETWEEN today - 7 AND today - 1
       GROUP BY (partition_start AT TIME ZONE '${TIME_ZONE}')::date
       ORDER BY (partition_start AT TIME ZONE '${TIME_ZONE}')::date DESC`);
    await onTab('quality', async (page) => {
      const shown = await page.evaluate<string[][]>(`[...document.querySelectorAll('#quality-reasons li')]
        .map((line) => [line.querySelector('strong').textContent, line.querySelector('.count').textContent,
                        line.querySelector('code').textContent])`);
      assert.deepEqual(
        shown,
        reasons.map(({ reason, n }) => [reason, `Events: ${n}`, `sbw data quarantine ls --reason ${reason}`]),
      );
      assert.deepEqual(
        (await tableOf(page, 'quality-loads')).map((row) => row.slice(1, 4)),
        loads.map((day) => [day['loaded'], day['duplicates'], day['quarantined']].map(count)),
      );
      const gaps = (await page.textContent('#quality-gaps')) ?? '';
      assert.match(gaps, /3 h\s+sbw etl backfill --from \S+ --to \S+/);
      assert.match(gaps, /1 h\s+sbw etl backfill/);
      const checks = (await page.textContent('#quality-checks')) ?? '';
      assert.match(checks, /Events in quarantine: 23/);
      assert.match(checks, /sbw data quarantine/);
      assert.match(checks, /Unreadable objects: 1[\s\S]*sbw etl retry/);
      assert.match(checks, /Hours without a load: 4/);
      assert.match(checks, /Hours with late objects: \d/);
    });
  });
});
