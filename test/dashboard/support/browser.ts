import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

/** Debian's; without these flags it looks for hosts of its maker's. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Visit {
  readonly page: Page;
  /** Errors and warnings of the console, exceptions, failed and refused requests: all that a page must not have. */
  readonly faults: string[];
  /** Hosts that were asked. */
  readonly hosts: Set<string>;
  close(): Promise<void>;
}

export async function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
}

/** A cold visit: nothing is cached. Waits until every visible card is drawn. */
export async function visit(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  const faults: string[] = [];
  const hosts = new Set<string>();
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`exception: ${error.message}`));
  page.on('request', (request) => hosts.add(new URL(request.url()).host));
  page.on('requestfailed', (request) => faults.push(`failed: ${request.url()}`));
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`${response.status()}: ${response.url()}`);
  });
  await page.goto(url);
  await settle(page);
  return { page, faults, hosts, close: () => context.close() };
}

const PATIENCE_MS = 20_000;
const STILL_MS = 150;
const TIMERS_MS = 25;
const GONE_MS = 5000;

// What runs in the page is text: the checkout's types know no DOM.
// Hidden cards, and those behind the one message of an empty warehouse, are not computed.
const SETTLED = `![...document.querySelectorAll('.panel :is(.bones, .recalculating), #facts.recalculating')]
    .some((waiting) => waiting.checkVisibility())
  && ![...document.querySelectorAll('sbw-chart:empty')].some((chart) => chart.checkVisibility())
  && !document.documentElement.classList.contains('shiny-busy')`;

// A method that Shiny does not know, answered in turn: what was sent before it has arrived then. First the page's own
// timers have their time, on which inputs are sent. Nothing answers where the server is gone.
const ARRIVED = `new Promise((resolve) => setTimeout(() => {
  const server = window.Shiny?.shinyapp;
  if (!server?.isConnected()) return resolve();
  server.makeRequest('settle', [], resolve, resolve);
  setTimeout(resolve, ${GONE_MS});
}, ${TIMERS_MS}))`;

/** Waits until the server has answered and every visible card is drawn. */
export async function settle(page: Page): Promise<void> {
  do {
    await page.evaluate(ARRIVED);
    // Then the server says that it is busy, if that is what it is.
    await page.waitForTimeout(STILL_MS);
    await waitUntil(page, SETTLED);
    await page.waitForTimeout(STILL_MS);
  } while (!(await page.evaluate(SETTLED)));
}

/** Waits until an expression is true in the page, whose policy forbids it to evaluate text by itself. */
export async function waitUntil(page: Page, expression: string): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!(await page.evaluate(expression))) {
    if (Date.now() > end) throw new Error(`It did not become true: ${expression}`);
    await page.waitForTimeout(25);
  }
}

/** The numbers that elements carry, by what they are: `numbers(page, 'kpi')` -> {visitors: 12730, ...} */
export async function numbers(page: Page, kind: 'kpi' | 'step' | 'live'): Promise<Record<string, number>> {
  return page.evaluate(`Object.fromEntries(
    [...document.querySelectorAll('.panel:not([hidden]) [data-${kind}]')]
      .map(({ dataset }) => [dataset.${kind}, Number(dataset.value)]))`);
}

/** Looks into a card. @throws Error with what the card says when it is one of trouble */
async function look<T>(page: Page, output: string, expression: string): Promise<T> {
  const trouble = await page.evaluate<string | undefined>(
    `document.querySelector('#${output} .message[data-tone=bad]')?.textContent`,
  );
  if (trouble !== undefined) throw new Error(`${output} says: ${trouble}`);
  return page.evaluate(expression);
}

/** A card's table as text, row by row. */
export async function tableOf(page: Page, output: string): Promise<string[][]> {
  return look(
    page,
    output,
    `[...document.querySelectorAll('#${output} tbody tr')]
      .map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent.trim()))`,
  );
}

/** A card's list of bars: name and number. */
export async function barsOf(page: Page, output: string): Promise<[string, string][]> {
  return look(
    page,
    output,
    `[...document.querySelectorAll('#${output} .bar')]
      .map((bar) => [bar.querySelector('.name').textContent.trim(), bar.querySelector('.value').textContent.trim()])`,
  );
}

export interface ChartData {
  readonly titles: readonly string[];
  readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
}

/** What a chart was given to draw. */
export async function chartOf(page: Page, output: string): Promise<ChartData> {
  return look(
    page,
    output,
    `JSON.parse(document.querySelector('#${output} sbw-chart').getAttribute('data'))`,
  );
}
