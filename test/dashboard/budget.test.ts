import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { settle, startBrowser, visit } from './support/browser.ts';
import { startDashboard } from './support/r.ts';
import { makeShopWarehouse, thisHour } from './support/shop.ts';

const PAGE_BYTES = 1_300_000;
const MEMORY_BYTES = 250_000_000;
const TABS = ['funnel', 'products', 'time', 'sessions', 'live', 'quality', 'overview'];
const RANGES = ['today', '30', '90', '7'];

test('the page stays light and R small, whatever is looked at', { timeout: 120_000 }, async (t) => {
  const warehouse = await makeShopWarehouse({ sessions: 3000, days: 100, until: thisHour() });
  t.after(() => warehouse.close());
  const dashboard = await startDashboard({ warehouse: warehouse.readerUrl });
  t.after(() => dashboard.stop());
  const browser = await startBrowser();
  t.after(() => browser.close());

  const weighed = await browser.newPage();
  const session = await weighed.context().newCDPSession(weighed);
  await session.send('Network.enable');
  let bytes = 0;
  session.on('Network.dataReceived', ({ dataLength }) => (bytes += dataLength));
  await weighed.goto(dashboard.url);
  await settle(weighed);
  assert.ok(bytes > 100_000, `only ${bytes} bytes were seen`);
  assert.ok(bytes < PAGE_BYTES, `the page weighs ${bytes} bytes`);

  const { page, faults } = await visit(browser, dashboard.url);
  for (const range of RANGES) {
    await page.click(`[data-set='{"range":"${range}"}']`);
    for (const tab of TABS) {
      await page.click(`#tab-${tab}`);
      await settle(page);
    }
  }
  assert.deepEqual(faults, []);
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${dashboard.pid}/status`, 'utf8'))!;
  assert.ok(Number(kilobytes) * 1024 < MEMORY_BYTES, `R has ${kilobytes} kB`);
});
