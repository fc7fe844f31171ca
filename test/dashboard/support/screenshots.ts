/**
 * Makes docs/images/dashboard-*.png: node --import tsx test/dashboard/support/screenshots.ts
 * Look at them: what a designer would mend is a fault.
 */
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { rebuildRollups } from '../../../src/etl/rollups/rebuild.ts';
import { startPipeline } from '../../support/pipeline.ts';
import { startBrowser, visit } from './browser.ts';
import { startDashboard } from './r.ts';
import { loadRecorded } from './recorded.ts';
import { addReader, makeShopWarehouse, thisHour } from './shop.ts';

const TABS = ['overview', 'funnel', 'products', 'time', 'sessions', 'live', 'quality'];
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** 21:00 in the shop's zone, as an hour of UTC's day. */
const EVENING_MS = 14 * HOUR_MS;

const browser = await startBrowser();
// Of a shop's evening, whenever they are made: in the morning "today" is nearly empty.
const evening = new Date(Math.floor((Date.now() - EVENING_MS) / DAY_MS) * DAY_MS + EVENING_MS);
const shop = await makeShopWarehouse({ sessions: 60_000, days: 90, until: evening });
const dashboard = await startDashboard({
  warehouse: shop.readerUrl,
  env: { SBW_DASHBOARD_STALE_MINUTES: '1500' },
});
for (const tab of TABS) await shoot(browser, `${dashboard.url}?tab=${tab}`, tab);
await shoot(browser, `${dashboard.url}?range=30&metric=conversion`, 'dark', { colorScheme: 'dark' });
await shoot(browser, `${dashboard.url}?by=category&value=Mice`, 'filter');
await shoot(browser, `${dashboard.url}?range=today&lang=vi`, 'today-vietnamese');
await shoot(browser, dashboard.url, 'phone', { viewport: { width: 390, height: 844 } });
await shoot(browser, `${dashboard.url}?tab=products`, 'phone-products', {
  viewport: { width: 390, height: 844 },
});
await dashboard.stop();
await shop.close();

const old = await makeShopWarehouse({
  sessions: 5000,
  days: 60,
  until: new Date(thisHour().getTime() - 30 * HOUR_MS),
});
const stale = await startDashboard({ warehouse: old.readerUrl });
await shoot(browser, stale.url, 'stale');
await stale.stop();
await old.close();

const pipeline = await startPipeline();
await loadRecorded(pipeline);
await rebuildRollups(pipeline.database, { timeZone: 'UTC' });
const reader = await addReader(pipeline.url);
const recorded = await startDashboard({ warehouse: reader.url });
const days = 'range=custom&from=2019-10-01&to=2019-12-31';
await shoot(browser, `${recorded.url}?${days}&metric=sessions`, 'recorded');
await shoot(browser, `${recorded.url}?${days}&tab=products&sort=at_risk`, 'recorded-products');
await recorded.stop();
await pipeline.close();
await reader.drop(Object.assign(new URL(pipeline.url), { pathname: '/postgres' }).href);

const nothing = await makeShopWarehouse(null);
const empty = await startDashboard({ warehouse: nothing.readerUrl });
await shoot(browser, empty.url, 'empty');
await empty.stop();
await nothing.close();

const broken = await startDashboard({ warehouse: 'postgres://nobody:x@127.0.0.1:9/none' });
await shoot(browser, broken.url, 'error');
await broken.stop();
await browser.close();
process.exit(0);

async function shoot(
  from: Browser,
  url: string,
  name: string,
  options: BrowserContextOptions = {},
): Promise<void> {
  const { page, close } = await visit(from, url, options);
  await page.screenshot({ path: `docs/images/dashboard-${name}.png`, fullPage: true });
  await close();
}
