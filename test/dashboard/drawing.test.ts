import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { Browser } from 'playwright-core';
import { startBrowser } from './support/browser.ts';
import { openChartPage, type ChartOptions, type ChartPage, type Label } from './support/chart-page.ts';

const CHARTS = 'src/instance/dashboard/browser/charts';
const LIBRARY = 'src/instance/dashboard/browser/library/plot.js';
const WEEK = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'));
const long = { timeout: 120_000 };

const namesOf = (count: number): string[] => Array.from({ length: count }, (_, i) => `${1 + (i % 28)} Nov`);

function chart(type: 'line' | 'columns', values: readonly (number | null)[], more = {}): ChartOptions {
  const labels = namesOf(values.length);
  return {
    type,
    unit: 'count',
    labels,
    titles: labels,
    series: [{ name: 'now', role: 'main', values }],
    ...more,
  };
}

function heatmap(values: readonly number[]): ChartOptions {
  const titles = WEEK.flatMap((day) => HOURS.map((hour) => `${day} ${hour}:00`));
  const series = [{ name: 'sessions', role: 'main', values }];
  return { type: 'heatmap', unit: 'count', rows: WEEK, columns: HOURS, titles, series };
}

/** How far two labels reach into each other, in pixels; on each side a tenth of a line is no fault. */
function collisions(labels: readonly Label[]): string[] {
  return labels.flatMap((one, i) =>
    labels
      .slice(i + 1)
      .filter(
        (other) =>
          one.left < other.right &&
          other.left < one.right &&
          one.top + 1 < other.bottom &&
          other.top + 1 < one.bottom,
      )
      .map((other) => `${one.text} | ${other.text}`),
  );
}

test('the library holds what the charts import, and nothing besides', () => {
  const imported = readdirSync(CHARTS).flatMap((file) => {
    const text = readFileSync(join(CHARTS, file), 'utf8');
    return [...text.matchAll(/import \{([^}]*)\} from '\.\.\/library\/plot\.js'/g)].flatMap(([, names]) =>
      names!.split(',').map((name) => name.trim()),
    );
  });
  const [, exported] = /export\s*\{([^}]*)\};?\s*$/.exec(readFileSync(LIBRARY, 'utf8'))!;
  assert.deepEqual(
    exported!
      .split(',')
      .map((name) => name.replace(/^.* as /, '').trim())
      .toSorted(),
    [...new Set(imported)].toSorted(),
  );
});

describe('charts, drawn', () => {
  let browser: Browser;
  let charts: ChartPage;
  before(async () => {
    browser = await startBrowser();
    charts = await openChartPage(browser);
  }, long);
  after(async () => {
    assert.deepEqual(charts.faults, []);
    await browser.close();
  });
  const tip = (): Promise<string | null> => charts.page.textContent('.tip');
  const isShown = (): Promise<boolean> => charts.page.isVisible('.tip');
  const count = (selector: string): Promise<number> => charts.page.locator(selector).count();

  test('labels never touch, whatever the size, and the newest has one', long, async () => {
    const sizes = fc.record({
      width: fc.integer({ min: 300, max: 1300 }),
      height: fc.integer({ min: 150, max: 420 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('line' as const, 'columns' as const),
        fc.constantFrom('count' as const, 'share' as const, 'seconds' as const),
        fc.integer({ min: 1, max: 400 }),
        fc.double({ min: 1e-3, max: 1e9, noNaN: true }),
        sizes,
        async (type, unit, length, max, size) => {
          const values = Array.from({ length }, (_, i) => (i === 0 ? max : (max * (i % 7)) / 7));
          await charts.draw(chart(type, values, { unit }), size);
          const labels = await charts.labels();
          assert.deepEqual(collisions(labels), []);
          assert.ok(labels.some(({ text }) => text === namesOf(length).at(-1)));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a heatmap labels its rows, columns and colours', async () => {
    for (const width of [1240, 700, 320]) {
      await charts.draw(heatmap(Array.from({ length: 168 }, (_, i) => i * 2)), { width, height: 330 });
      const labels = await charts.labels();
      assert.deepEqual(collisions(labels), []);
      const texts = labels.map(({ text }) => text);
      assert.deepEqual(texts.slice(0, 7), WEEK);
      assert.ok(texts.includes('00'));
      assert.deepEqual(texts.slice(-5), ['0', '100', '200', '300', '400'], 'the legend has numbers');
    }
    assert.equal(await count('.cell-back rect'), 168 + 5);
    assert.equal(await count('.cell-value rect'), 167 + 4, 'nothing is not coloured');
  });

  test('a line has gaps where values are missing, and its last step is dotted while its day goes on', async () => {
    const before = { name: 'before', role: 'before', values: [3, 4, 5, 4, 3, 4] };
    const main = { name: 'now', role: 'main', values: [1, 2, null, 4, 5, 3] };
    const path = (selector: string): Promise<string | null> =>
      charts.page.getAttribute(`${selector} path`, 'd');
    const pieces = async (selector: string): Promise<number> => (await path(selector))!.split('M').length - 1;
    await charts.draw(chart('line', main.values, { open: true, series: [main, before] }));
    assert.equal(await pieces('.line-main:not(.line-open)'), 2);
    assert.equal(await pieces('.area-main'), 2);
    assert.equal(await pieces('.line-before'), 1);
    assert.equal(await pieces('.line-open'), 1);
    // Today by the hour: those to come are unknown, and the one that runs is not over.
    await charts.draw(chart('line', [5, 6, 7, 1, null, null], { open: true }));
    const points = async (selector: string): Promise<number> =>
      (await path(selector))!.split(/[ML]/).length - 1;
    assert.equal(await points('.line-main:not(.line-open)'), 3);
    assert.equal(await points('.line-open'), 2);
    await charts.draw(chart('line', main.values));
    assert.equal(await count('.line-open, .line-before'), 0);
    await charts.draw(chart('line', [7], { open: true }));
    assert.equal(await count('.dot-main circle'), 1, 'one value is a dot');
    await charts.draw(chart('line', [7, null, null, 2, 3, null, 4]));
    assert.equal(await count('.dot-main circle'), 2, 'and so is one without neighbours');
  });

  test('columns stand side by side, their shoulders are round, and nothing is drawn for nothing', async () => {
    const series = [
      { name: 'now', role: 'main', values: [4, 0, 5] },
      { name: 'before', role: 'before', values: [3, 6, null] },
    ];
    await charts.draw(chart('columns', [1, 2, 3], { series }));
    const boxes = await charts.page.evaluate<{ left: number; right: number }[]>(
      `[...document.querySelectorAll('.column path')].map((path) => path.getBoundingClientRect().toJSON())`,
    );
    assert.equal(boxes.length, 4);
    const [earlier, , now] = boxes;
    assert.ok(earlier!.right < now!.left && now!.left - earlier!.right < 4);
    // From the upper left: down the side the path starts below the shoulder.
    const [, d] = await charts.page.evaluate<string[]>(
      `[...document.querySelectorAll('.column:not(.before) path')].map((path) => path.getAttribute('d'))`,
    );
    const [, start, top] = /^M[\d.]+,([\d.]+)A4,4 0 0 1 [\d.]+,([\d.]+)H/.exec(d!)!;
    assert.equal(Number(start) - Number(top), 4);
  });

  test('pointer and arrow keys show numbers, Escape hides them', async () => {
    const series = [
      { name: 'now', role: 'main', values: [120, 50, null] },
      { name: 'before', role: 'before', values: [100, 50, 8] },
    ];
    for (const type of ['line', 'columns'] as const) {
      await charts.draw(chart(type, [1, 2, 3], { series }));
      const box = (await charts.page.locator('sbw-chart > svg').boundingBox())!;
      await charts.page.mouse.move(box.x + 60, box.y + 100);
      assert.equal(await tip(), '1 Novnow120before100+20%');
      await charts.page.mouse.move(box.x + box.width - 10, box.y + 100);
      assert.equal(await tip(), '3 Novnow–before8');
      await charts.page.mouse.move(0, 0);
      assert.ok(!(await isShown()));

      await charts.page.focus('sbw-chart > svg');
      await charts.page.keyboard.press('ArrowRight');
      assert.match((await tip())!, /^1 Nov/);
      await charts.page.keyboard.press('ArrowRight');
      assert.match((await tip())!, /^2 Nov/);
      await charts.page.keyboard.press('Escape');
      assert.ok(!(await isShown()));
      await charts.page.keyboard.press('ArrowLeft');
      assert.match((await tip())!, /^3 Nov/);
      await charts.page.keyboard.press('ArrowRight');
      assert.match((await tip())!, /^3 Nov/, 'there is no fourth');
    }
  });

  test('a share differs by points', async () => {
    const series = [
      { name: 'now', role: 'main', values: [0.052, 0.04] },
      { name: 'before', role: 'before', values: [0.04, 0] },
    ];
    await charts.draw(chart('line', [1, 2], { series, unit: 'share' }));
    await charts.page.focus('sbw-chart > svg');
    await charts.page.keyboard.press('ArrowRight');
    assert.equal(await tip(), '1 Novnow5.2%before4%+1.2 pts');
    await charts.page.keyboard.press('ArrowRight');
    assert.equal(await tip(), '2 Novnow4%before0%+4 pts');
  });

  test('a finger shows numbers, and they stay when it is lifted', async () => {
    const context = await browser.newContext({ hasTouch: true, viewport: { width: 390, height: 800 } });
    const touched = await openChartPage(browser, context);
    await touched.draw(chart('columns', [5, 6, 7]), { width: 360, height: 240 });
    const box = (await touched.page.locator('sbw-chart > svg').boundingBox())!;
    await touched.page.touchscreen.tap(box.x + box.width / 2, box.y + 100);
    assert.equal(await touched.page.isVisible('.tip'), true);
    assert.equal(await touched.page.textContent('.tip'), '2 Novnow6');
    assert.deepEqual(touched.faults, []);
    await touched.close();
  });

  test('in a heatmap up and down go by row', async () => {
    await charts.draw(heatmap(Array.from({ length: 168 }, (_, i) => i)), { width: 900, height: 330 });
    await charts.page.focus('sbw-chart > svg');
    await charts.page.keyboard.press('ArrowRight');
    await charts.page.keyboard.press('ArrowDown');
    assert.equal(await tip(), 'Tue 00:00sessions24');
    await charts.page.keyboard.press('ArrowRight');
    await charts.page.keyboard.press('ArrowUp');
    assert.equal(await tip(), 'Mon 01:00sessions1');
    await charts.page.keyboard.press('ArrowUp');
    assert.equal(await tip(), 'Mon 01:00sessions1', 'above Monday there is nothing');
    const ring = (await charts.page.locator('.cell-ring rect').boundingBox())!;
    await charts.page.mouse.move(ring.x + ring.width / 2, ring.y + ring.height / 2 + 38);
    assert.equal(await tip(), 'Tue 01:00sessions25');
  });

  test('it has a name, is drawn anew in another size with the focus where it was, and is a table on request', async () => {
    await charts.draw(chart('line', [5, 6, 7], { heading: 'day' }));
    const { page } = charts;
    assert.equal(await page.getAttribute('sbw-chart > svg', 'aria-label'), 'A chart');
    await page.focus('sbw-chart > svg');
    await page.evaluate(`document.querySelector('sbw-chart').style.width = '500px'`);
    await page.waitForSelector('sbw-chart > svg[width="500"]');
    assert.equal(await page.evaluate('document.activeElement.tagName'), 'svg');
    await page.evaluate(`document.querySelector('sbw-chart').toggle()`);
    assert.equal(await page.innerText('sbw-chart table'), 'A chart\nday\tnow\n1 Nov\t5\n2 Nov\t6\n3 Nov\t7');
    await page.evaluate(`document.querySelector('sbw-chart').toggle()`);
    assert.equal(await count('sbw-chart > svg'), 1);
  });

  test('dark mode needs no drawing', async () => {
    await charts.draw(chart('columns', [5, 6, 7]));
    const colour = (): Promise<string> =>
      charts.page.evaluate<string>(`(document.querySelector('svg').dataset.same = '1',
        getComputedStyle(document.querySelector('.column path')).fill)`);
    const light = await colour();
    await charts.page.evaluate(`document.documentElement.dataset.theme = 'dark'`);
    assert.notEqual(await colour(), light);
    assert.equal(await charts.page.getAttribute('svg', 'data-same'), '1');
    await charts.page.evaluate(`delete document.documentElement.dataset.theme`);
  });

  test('hostile names are text', async () => {
    const names = [
      '<script>window.hurt = 1</script>',
      '"><img src=x onerror="window.hurt = 1">',
      '</text><svg onload="window.hurt = 1">',
      'javascript:alert(1)',
      '2026-01-01',
    ];
    const values = [1, 2, 3, 4, 5];
    const series = names.slice(0, 2).map((name, i) => ({ name, role: i === 0 ? 'main' : 'before', values }));
    const of = { labels: names, titles: names, heading: names[0]!, unit: 'count' as const, series };
    const grid = { rows: names, columns: names, titles: names.flatMap(() => names) };
    const shapes: ChartOptions[] = [
      { type: 'line', ...of },
      { type: 'columns', ...of },
      { ...of, ...grid, type: 'heatmap', series: [{ ...series[0]!, values: names.flatMap(() => values) }] },
    ];
    for (const shape of shapes) {
      await charts.draw(shape, { width: 1390, height: 300 });
      const texts = (await charts.labels()).map(({ text }) => text);
      assert.ok(texts.includes(names[4]!), shape.type);
      if (shape.type === 'heatmap') assert.deepEqual(texts.slice(0, 5), names);
      await charts.page.hover('sbw-chart > svg');
      assert.ok((await tip())!.includes(names[0]!));
      await charts.page.evaluate(`document.querySelector('sbw-chart').toggle()`);
      assert.ok((await charts.page.textContent('sbw-chart'))!.includes(names[1]!));
      const strangers = 'sbw-chart :is(script, img, a, style, foreignObject, [onload], [onerror])';
      assert.equal(await count(strangers), 0, shape.type);
      assert.equal(await charts.page.evaluate('window.hurt'), undefined);
    }
  });
});
