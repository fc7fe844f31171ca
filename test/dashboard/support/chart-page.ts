import { resolve } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { waitUntil } from './browser.ts';

const BROWSER = resolve('src/instance/dashboard/browser');
const ORIGIN = 'http://charts.test';
// Stricter than the dashboard's: no style in a tag either.
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'";
const PAGE = `<!DOCTYPE html><html lang="en"><head>
  <link rel="stylesheet" href="/styles/base.css"><link rel="stylesheet" href="/styles/charts.css">
  <script type="module" src="/charts/chart.js"></script></head><body></body></html>`;

/** What <sbw-chart> is given; see browser/charts. */
export interface ChartOptions {
  readonly type: 'line' | 'columns' | 'heatmap';
  readonly unit: 'count' | 'share' | 'seconds';
  readonly titles: readonly string[];
  readonly labels?: readonly string[];
  readonly rows?: readonly string[];
  readonly columns?: readonly string[];
  readonly heading?: string;
  readonly open?: boolean;
  readonly series: readonly {
    readonly name: string;
    readonly role: string;
    readonly values: readonly (number | null)[];
  }[];
}

/** A text in a chart and where it stands, in pixels of the page. */
export interface Label {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface ChartPage {
  readonly page: Page;
  /** Errors and warnings of the console, exceptions. */
  readonly faults: string[];
  /** Draws a chart in place of the last one. */
  draw(options: ChartOptions, size?: { readonly width: number; readonly height: number }): Promise<void>;
  labels(): Promise<Label[]>;
  close(): Promise<void>;
}

/** The chart element with its own scripts and styles, without R and a warehouse. */
export async function openChartPage(browser: Browser, given?: BrowserContext): Promise<ChartPage> {
  const context = given ?? (await browser.newContext({ viewport: { width: 1440, height: 900 } }));
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  await page.route(`${ORIGIN}/**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname !== '/') return route.fulfill({ path: BROWSER + pathname });
    const headers = { 'Content-Security-Policy': POLICY };
    return route.fulfill({ body: PAGE, contentType: 'text/html; charset=utf-8', headers });
  });
  await page.goto(`${ORIGIN}/`);
  await waitUntil(page, `customElements.get('sbw-chart') !== undefined`);
  return {
    page,
    faults,
    draw: async (options, { width, height } = { width: 800, height: 280 }) => {
      await page.evaluate(`(() => {
        const chart = document.createElement('sbw-chart');
        chart.setAttribute('data', ${JSON.stringify(JSON.stringify(options))});
        chart.setAttribute('label', 'A chart');
        chart.style.cssText = 'width: ${width}px; height: ${height}px; min-height: 0; margin: 20px 40px';
        document.body.replaceChildren(chart);
      })()`);
      await waitUntil(page, `document.querySelector('sbw-chart > svg') !== null`);
    },
    labels: () =>
      page.evaluate<Label[]>(`[...document.querySelectorAll('sbw-chart svg text')].map((text) => {
        const { left, right, top, bottom } = text.getBoundingClientRect();
        return { text: text.textContent, left, right, top, bottom };
      })`),
    close: () => context.close(),
  };
}
