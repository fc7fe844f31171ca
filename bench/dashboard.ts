/**
 * The dashboard in a cold browser over a real warehouse: first number, clicks, weight, memory, idling.
 *   npm run bench -- dashboard [--events 1000000] [--rounds 5]
 */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { settle, startBrowser, waitUntil } from '../test/dashboard/support/browser.ts';
import { startDashboard, type Dashboard } from '../test/dashboard/support/r.ts';
import { makeShopWarehouse, thisHour } from '../test/dashboard/support/shop.ts';
import { median } from './support/measure.ts';
import { readOptions } from './support/options.ts';
import { BenchReport } from './support/report.ts';

const EVENTS_PER_SESSION = 5.7;
const DAYS = 90;
const IDLE_MS = 20_000;
const TICKS_PER_SECOND = 100;
/** What SSM's agent lets through, to a region on the same continent. */
const TUNNEL = { offline: false, latency: 60, downloadThroughput: 660_000, uploadThroughput: 660_000 };

const { events, rounds } = readOptions({ events: 1_000_000, rounds: 5 });
const report = new BenchReport('dashboard', `${events} events in ${DAYS} days, ${rounds} cold visits`);
const warehouse = await makeShopWarehouse({
  sessions: Math.round(events / EVENTS_PER_SESSION),
  days: DAYS,
  until: thisHour(),
});
const dashboard = await startDashboard({ warehouse: warehouse.readerUrl });

const atStart = await visitCold(false);
report.addRatio('first number after a start', atStart.firstMs, ' ms');
for (const isTunnelled of [false, true]) {
  const visits: Visit[] = [];
  for (let round = 0; round < rounds; round += 1) visits.push(await visitCold(isTunnelled));
  const of = (key: keyof Visit): number => median(visits.map((visit) => visit[key]));
  const where = isTunnelled ? 'tunnel of 0.66 MB/s' : 'cold browser';
  report.addRatio(`first number, ${where}`, of('firstMs'), ' ms', { atMost: 2000 });
  report.addRatio(`all of the overview, ${where}`, of('wholeMs'), ' ms');
}
report.addRatio('page', atStart.rawBytes / 1000, ' kB', { atMost: 1300 });
report.addRatio('page, compressed as sent', atStart.sentBytes / 1000, ' kB');
const browser = await startBrowser();
const clicks = await measureClicks(browser);
for (const [name, times] of Object.entries(clicks)) {
  report.addRatio(name, median(times), ' ms', { atMost: 500 });
}
report.addRatio('memory of R', residentBytes(dashboard) / 1e6, ' MB', { atMost: 250 });
report.addRatio('CPU of R while idle', await idleShare(), ' %', { atMost: 1 });
await browser.close();
await dashboard.stop();
await warehouse.close();
report.finish();

interface Visit {
  /** The headline numbers are painted. */
  readonly firstMs: number;
  /** Every card is drawn. */
  readonly wholeMs: number;
  /** Of everything that came over HTTP: compressed as it came, and unpacked. */
  readonly sentBytes: number;
  readonly rawBytes: number;
}

/** A new browser, with nothing cached. */
async function visitCold(isTunnelled: boolean): Promise<Visit> {
  const cold = await startBrowser();
  const page = await cold.newPage({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  if (isTunnelled) await session.send('Network.emulateNetworkConditions', TUNNEL);
  const received = { sentBytes: 0, rawBytes: 0 };
  session.on('Network.loadingFinished', ({ encodedDataLength }) => (received.sentBytes += encodedDataLength));
  session.on('Network.dataReceived', ({ dataLength }) => (received.rawBytes += dataLength));
  const start = performance.now();
  await page.goto(dashboard.url, { waitUntil: 'commit' });
  await page.waitForSelector('[data-kpi="visitors"]');
  await waitUntil(page, `performance.getEntriesByName('first-contentful-paint').length > 0`);
  const firstMs = performance.now() - start;
  await settle(page);
  const wholeMs = performance.now() - start;
  await cold.close();
  return { firstMs, wholeMs, ...received };
}

/** From the click to the last card that is drawn anew, by the page's own clock. */
async function measureClicks(shared: Browser): Promise<Record<string, number[]>> {
  const found: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round += 1) {
    const page = await shared.newPage({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
    // Each round asks for other days, so that nothing is remembered from the last.
    const day = new Date(Date.now() - (40 + round) * 86_400_000).toISOString().slice(0, 10);
    const to = new Date(Date.now() - (10 + round) * 86_400_000).toISOString().slice(0, 10);
    await page.goto(`${dashboard.url}?range=custom&from=${day}&to=${to}`);
    await settle(page);
    const clicks: [string, string][] = [
      ['click: another metric', '[data-kpi="sessions"]'],
      ['click: signed in', '[data-set*="logged_in"]'],
      ['click: a category', '#overview-categories button.bar'],
      ['tab: Products', '#tab-products'],
      ['tab: Funnel', '#tab-funnel'],
      ['tab: Sessions', '#tab-sessions'],
      ['tab: Time', '#tab-time'],
      ['tab: Live', '#tab-live'],
      ['tab: Data quality', '#tab-quality'],
    ];
    for (const [name, target] of clicks) (found[name] ??= []).push(await timeClick(page, target));
    await page.close();
  }
  for (const [name, target] of [
    ['click: 30 days', '[data-set*="\\"30\\""]'],
    ['click: 90 days', '[data-set*="\\"90\\""]'],
  ] as const) {
    const page = await shared.newPage({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
    await page.goto(dashboard.url);
    await settle(page);
    found[name] = [await timeClick(page, target)];
    await page.close();
  }
  return found;
}

async function timeClick(page: Page, target: string): Promise<number> {
  await page.evaluate(`window.lastDrawn = 0;
    new MutationObserver(() => { window.lastDrawn = performance.now(); })
      .observe(document.getElementById('main'), { childList: true, subtree: true, attributes: true });
    document.addEventListener('click', () => { window.clicked = performance.now(); }, { capture: true, once: true });`);
  await page.click(target);
  await settle(page);
  return Number(await page.evaluate('window.lastDrawn - window.clicked'));
}

function residentBytes({ pid }: Dashboard): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
  return Number(kilobytes) * 1024;
}

/** With one page open. */
async function idleShare(): Promise<number> {
  const page = await browser.newPage();
  await page.goto(dashboard.url);
  await settle(page);
  const before = cpuTicks(dashboard);
  await page.waitForTimeout(IDLE_MS);
  const used = (cpuTicks(dashboard) - before) / TICKS_PER_SECOND;
  return (100 * used) / (IDLE_MS / 1000);
}

function cpuTicks({ pid }: Dashboard): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
