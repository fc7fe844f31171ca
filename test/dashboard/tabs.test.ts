import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { barsOf, chartOf, numbers, settle, tableOf, visit, waitUntil } from './support/browser.ts';
import { HEADLINE, PRODUCTS, SESSIONS, sessionsOf, WALKS } from './support/raw.ts';
import { TIME_ZONE } from './support/shop.ts';
import { assertShare, count, duration } from './support/text.ts';
import { standUp } from './support/stand.ts';

interface PageRow {
  readonly page: string;
  readonly n: string;
  readonly bounce: number;
  readonly conversion: number;
}

const BEFORE = sessionsOf('today - 14', 'today - 8');

describe('each tab shows what the raw table says', () => {
  const stand = standUp({ sessions: 4000, days: 60 });

  /** Opens a tab, gives its page to `check`, and looks for faults and strangers afterwards. */
  async function onTab(name: string, check: (page: Page) => Promise<void>, query = ''): Promise<void> {
    const { page, faults, hosts, close } = await visit(
      stand.browser,
      `${stand.dashboard.url}?tab=${name}${query}`,
    );
    try {
      await check(page);
      assert.deepEqual(faults, []);
      assert.deepEqual([...hosts], [new URL(stand.dashboard.url).host]);
    } finally {
      await close();
    }
  }

  /** Holds the headline numbers, and what is written of them, against SQL. */
  async function checkHeadline(page: Page, sessions: string): Promise<void> {
    const [raw] = await stand.warehouse.rows<Record<string, number>>(sessions + HEADLINE);
    const shown = await numbers(page, 'kpi');
    const written = await page.evaluate<Record<string, string>>(`Object.fromEntries(
      [...document.querySelectorAll('#overview-kpis [data-kpi]')].map((n) => [n.dataset.kpi, n.textContent]))`);
    assert.equal(Object.keys(written).length, Object.keys(raw!).length);
    for (const [name, value] of Object.entries(raw!).map(([key, n]) => [key, Number(n)] as const)) {
      const differs = Math.abs(shown[name]! - value);
      assert.ok(differs <= 1e-3, `${name}: ${shown[name]} is shown, ${value} it is`);
      if (name === 'conversion' || name === 'bounce') assertShare(written[name], value, name);
      else assert.equal(written[name], name === 'duration' ? duration(value) : count(value), name);
    }
  }

  test('Overview', async () => {
    const events = await stand.warehouse.rows<{ event_name: string; n: string }>(`${SESSIONS}
      SELECT event_name, count(*) AS n FROM happened GROUP BY 1 ORDER BY 2 DESC, 1`);
    const visitors = `SELECT count(DISTINCT client_id)::int AS n FROM chosen
      GROUP BY local_began::date ORDER BY local_began::date`;
    const daily = await stand.warehouse.rows<{ n: number }>(`${SESSIONS} ${visitors}`);
    const dailyBefore = await stand.warehouse.rows<{ n: number }>(`${BEFORE} ${visitors}`);
    const [funnel] = await stand.warehouse.rows<Record<string, number>>(`${WALKS}
      SELECT count(*)::int AS page, count(at2)::int AS product, count(at3)::int AS cart,
             count(at4)::int AS checkout, count(at5)::int AS done FROM walked`);
    const products = await stand.warehouse.rows<Record<string, string>>(`${PRODUCTS}
      SELECT name, views, adds, cart_rate FROM products ORDER BY views DESC, id COLLATE "C" LIMIT 10`);
    await onTab('overview', async (page) => {
      await checkHeadline(page, SESSIONS);
      assert.deepEqual(
        await barsOf(page, 'overview-events'),
        events.slice(0, 10).map(({ event_name, n }) => [event_name, count(n)]),
      );
      assert.deepEqual(await numbers(page, 'step'), funnel);
      const shown = await tableOf(page, 'overview-products');
      assert.deepEqual(
        shown.map((row) => row.slice(0, 3)),
        products.map(({ name, views, adds }) => [name, count(views), count(adds)]),
      );
      for (const [i, { name, cart_rate }] of products.entries()) {
        assertShare(shown[i]![3], Number(cart_rate), `cart rate of ${name}`);
      }
      const chart = await chartOf(page, 'overview-trend');
      assert.deepEqual(
        chart.series.map(({ values }) => values),
        [daily, dailyBefore].map((days) => days.map(({ n }) => n)),
      );
      await waitUntil(
        page,
        `[...document.querySelectorAll('#overview-trend svg :is(.line-before, .line-before *)')].some((line) =>
           getComputedStyle(line).strokeDasharray !== 'none' && line.getBoundingClientRect().width > 100)`,
      );
      await page.click('[data-kpi="sessions"]');
      await settle(page);
      assert.equal(await page.textContent('#overview-trend_title'), 'Sessions per day');
    });
  });

  test('Overview says how much changed since the days before', async () => {
    const [now] = await stand.warehouse.rows<Record<string, number>>(SESSIONS + HEADLINE);
    const [before] = await stand.warehouse.rows<Record<string, number>>(BEFORE + HEADLINE);
    const rise = Number(now!['sessions']) / Number(before!['sessions']) - 1;
    const points = Number(now!['conversion']) - Number(before!['conversion']);
    await onTab('overview', async (page) => {
      const changeOf = async (kpi: string): Promise<string> =>
        (await page.textContent(`.kpi:has([data-kpi=${kpi}]) .change [aria-hidden]`)) ?? '';
      for (const [text, change] of [
        [await changeOf('sessions'), rise],
        [(await changeOf('conversion')).replace(' pts', ''), points],
      ] as const) {
        const arrow = change > 0.0005 ? '↑ ' : change < -0.0005 ? '↓ ' : '';
        assert.ok(text.startsWith(arrow), `${text} for ${change}`);
        assertShare(text.slice(arrow.length), Math.abs(change), 'change');
      }
      await page.click('.filters > .toggle');
      await settle(page);
      assert.equal(await page.locator('#overview-kpis .change').count(), 0);
      assert.equal((await chartOf(page, 'overview-trend')).series.length, 1);
    });
  });

  test('Overview of thirty days', async () => {
    const month = sessionsOf('today - 30', 'today - 1');
    const daily = await stand.warehouse.rows<{ n: number }>(`${month}
      SELECT count(*)::int AS n FROM chosen GROUP BY local_began::date ORDER BY local_began::date`);
    assert.equal(daily.length, 30);
    const open = async (page: Page): Promise<void> => {
      await checkHeadline(page, month);
      assert.deepEqual(
        (await chartOf(page, 'overview-trend')).series[0]!.values,
        daily.map(({ n }) => n),
      );
    };
    await onTab('overview', open, '&range=30&metric=sessions');
  });

  test('Overview of today, by the hour', async () => {
    const today = sessionsOf('today', 'today');
    const hourly = await stand.warehouse.rows<{ n: number | null }>(`${today}
      SELECT CASE WHEN at <= (SELECT max(event_timestamp) FROM public.clickstream_events)
                  THEN (SELECT count(*)::int FROM chosen WHERE date_trunc('hour', began) = at) END AS n
        FROM bound, generate_series(today::timestamp AT TIME ZONE '${TIME_ZONE}',
               today::timestamp AT TIME ZONE '${TIME_ZONE}' + interval '23 hours', interval '1 hour') AS at ORDER BY at`);
    const open = async (page: Page): Promise<void> => {
      await checkHeadline(page, today);
      assert.equal(await page.textContent('#overview-trend_title'), 'Sessions per hour');
      assert.deepEqual(
        (await chartOf(page, 'overview-trend')).series[0]!.values,
        hourly.map(({ n }) => n),
      );
    };
    await onTab('overview', open, '&range=today&metric=sessions');
  });

  test('Time', async () => {
    const raw = await stand.warehouse.rows<{ weekday: number; hour: number; n: string }>(`${SESSIONS}
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
    const raw = await stand.warehouse.rows<{ events: number; n: string }>(`${SESSIONS}
      SELECT least(events, 20)::int AS events, count(*) AS n FROM chosen GROUP BY 1`);
    const pages = (order: 'ASC' | 'DESC'): Promise<PageRow[]> =>
      stand.warehouse.rows<PageRow>(`${SESSIONS}
      SELECT page, count(*) AS n, avg((events = 1)::int)::float8 AS bounce, avg(is_sold::int)::float8 AS conversion
        FROM (SELECT DISTINCT ON (session_id) session_id, events, is_sold,
                     regexp_replace(page_url, '^https://shop.example', '') AS page
                FROM chosen JOIN public.clickstream_events USING (session_id)
               WHERE page_url IS NOT NULL
               ORDER BY session_id, event_timestamp ${order}, event_id COLLATE "C" ${order}) AS one
       GROUP BY 1 ORDER BY 2 DESC, page COLLATE "C" LIMIT 8`);
    const [entries, exits] = [await pages('ASC'), await pages('DESC')];
    // A step that is repeated counts once.
    const trails = await stand.warehouse.rows<{ trail: string; n: string }>(`${SESSIONS}
      SELECT array_to_string(steps[1:4], ' → ') AS trail, count(*) AS n FROM (
        SELECT session_id, array_agg(event_name ORDER BY event_timestamp, event_id COLLATE "C") AS steps FROM (
          SELECT session_id, event_name, event_timestamp, event_id,
                 lag(event_name) OVER (PARTITION BY session_id ORDER BY event_timestamp, event_id COLLATE "C") AS previous
            FROM chosen JOIN public.clickstream_events USING (session_id)) AS e
         WHERE event_name IS DISTINCT FROM previous GROUP BY session_id) AS walks
       GROUP BY 1 ORDER BY 2 DESC`);
    const returning = await stand.warehouse.rows<{ returning: string; fresh: string }>(`${SESSIONS}, seen AS (
        SELECT client_id, (began AT TIME ZONE '${TIME_ZONE}')::date AS day,
               min((began AT TIME ZONE '${TIME_ZONE}')::date) OVER (PARTITION BY client_id) AS first FROM whole)
      SELECT count(DISTINCT client_id) FILTER (WHERE day > first) AS returning,
             count(DISTINCT client_id) FILTER (WHERE day = first) AS fresh
        FROM seen, bound WHERE day BETWEEN today - 7 AND today - 1 GROUP BY day ORDER BY day`);
    const cohorts = await stand.warehouse.rows<{ n: string; back: string }>(`${SESSIONS}, weeks AS (
        SELECT DISTINCT client_id, date_trunc('week', began AT TIME ZONE '${TIME_ZONE}')::date AS week FROM whole
      ), firsts AS (SELECT client_id, min(week) AS cohort FROM weeks GROUP BY client_id)
      SELECT count(*) FILTER (WHERE week = cohort) AS n, count(*) FILTER (WHERE week = cohort + 7) AS back
        FROM weeks JOIN firsts USING (client_id), bound
       WHERE cohort BETWEEN date_trunc('week', today - 56)::date AND today - 1 GROUP BY cohort ORDER BY cohort`);
    await onTab('sessions', async (page) => {
      const { values } = (await chartOf(page, 'sessions-depth')).series[0]!;
      const expected = Array.from({ length: 20 }, () => 0);
      for (const { events, n } of raw) expected[events - 1] = Number(n);
      assert.deepEqual(values, expected);
      for (const [card, rows] of [
        ['sessions-entry', entries],
        ['sessions-exit', exits],
      ] as const) {
        const shown = await tableOf(page, card);
        assert.deepEqual(
          shown.map((row) => row.slice(0, 2)),
          rows.map((row) => [row.page, count(row.n)]),
        );
        for (const [i, { page: path, bounce, conversion }] of rows.entries()) {
          assertShare(shown[i]![2], bounce, `bounce of ${path}`);
          assertShare(shown[i]![3], conversion, `conversion of ${path}`);
        }
      }
      const bars = await barsOf(page, 'sessions-trails');
      assert.deepEqual(
        bars.map(([, n]) => n),
        trails.slice(0, 10).map(({ n }) => count(n)),
      );
      assert.ok(bars.some(([trail]) => trail.split(' → ').length === 4));
      // Of those that are as frequent as each other any may come first.
      for (const [trail, n] of bars)
        assert.equal(n, count(trails.find((row) => row.trail === trail)?.n), trail);
      const [back, fresh] = (await chartOf(page, 'sessions-returning')).series;
      assert.deepEqual(
        back!.values,
        returning.map((day) => Number(day.returning)),
      );
      assert.deepEqual(
        fresh!.values,
        returning.map((day) => Number(day.fresh)),
      );
      const weeks = await tableOf(page, 'sessions-retention');
      assert.deepEqual(
        weeks.map((row) => row[1]),
        cohorts.map(({ n }) => count(n)),
      );
      const told = await page.evaluate<string[]>(
        `[...document.querySelectorAll('#sessions-retention tbody tr')].map((row) => row.cells[2].title)`,
      );
      for (const [i, { n, back }] of cohorts.entries()) {
        const text = Number(back) === 0 ? '' : count(back);
        assert.equal(told[i]?.split(' ')[0], text, `back after a week, of ${weeks[i]![0]}`);
        const share = Number.parseFloat(weeks[i]![2] || '0');
        assert.ok(
          Math.abs(share - (100 * Number(back)) / Number(n)) <= 0.501,
          `${share}% of ${weeks[i]![0]}`,
        );
      }
    });
  });

  test('Live', async () => {
    const [raw] = await stand.warehouse.rows<Record<string, string>>(`
      WITH up AS (SELECT max(event_timestamp) AS at FROM public.clickstream_events)
      SELECT count(DISTINCT client_id) AS visitors, count(DISTINCT session_id) AS sessions, count(*) AS events
        FROM public.clickstream_events, up WHERE event_timestamp > at - interval '1 hour'`);
    const byMinute = await stand.warehouse.rows<{ n: number }>(`
      WITH up AS (SELECT max(event_timestamp) AS at FROM public.clickstream_events)
      SELECT (SELECT count(*)::int FROM public.clickstream_events AS e
               WHERE date_trunc('minute', event_timestamp) = minute AND event_timestamp > up.at - interval '1 hour') AS n
        FROM up, generate_series(date_trunc('minute', at) - interval '59 minutes', date_trunc('minute', at),
                                 interval '1 minute') AS minute ORDER BY minute`);
    await onTab('live', async (page) => {
      const shown = await numbers(page, 'live');
      for (const [name, n] of Object.entries(raw!)) assert.equal(shown[name], Number(n), name);
      const minutes = await chartOf(page, 'live-minutes');
      assert.deepEqual(
        minutes.series[0]!.values,
        byMinute.map(({ n }) => n),
      );
    });
  });

  test('Data quality', async () => {
    const reasons = await stand.warehouse.rows<{ reason: string; n: string }>(
      `SELECT reason, count(*) AS n FROM sbw.quarantine WHERE state = 'open' GROUP BY 1 ORDER BY 2 DESC, 1`,
    );
    const loads = await stand.warehouse.rows<Record<string, string>>(`${SESSIONS}
      SELECT sum(loaded) AS loaded, sum(duplicates) AS duplicates, sum(quarantined) AS quarantined
        FROM sbw.ledger, bound
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
