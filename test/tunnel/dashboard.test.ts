import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numbers, settle, startBrowser, visit } from '../dashboard/support/browser.ts';
import { startDashboard } from '../dashboard/support/r.ts';
import { makeShopWarehouse, thisHour } from '../dashboard/support/shop.ts';
import { standUp } from '../fakes/ssm/stand.ts';

/** The whole way of an operator's morning: Chromium, tunnel, gateway, agent at its real pace, Shiny, PostgreSQL. */
test('the dashboard opens through the tunnel, and the hourly cut is nothing that it shows', async (t) => {
  const warehouse = await makeShopWarehouse({ sessions: 500, days: 10, until: thisHour() });
  t.after(() => warehouse.close());
  const dashboard = await startDashboard({ warehouse: warehouse.readerUrl });
  t.after(() => dashboard.stop());
  const { ssm, tunnel, close, events } = await standUp({
    ssm: { targetPort: Number(new URL(dashboard.url).port) },
  });
  t.after(close);
  const browser = await startBrowser();
  t.after(() => browser.close());

  const direct = await visit(browser, `${dashboard.url}/`);
  const wanted = await numbers(direct.page, 'kpi');
  await direct.close();
  const { page, faults, hosts } = await visit(browser, `http://127.0.0.1:${tunnel.port}/sbw_dashboard/`);
  assert.ok(wanted['sessions']! > 0);
  assert.deepEqual(await numbers(page, 'kpi'), wanted);

  ssm.last.cut();
  // By the same WebSocket: Shiny would say it if that had broken.
  await page.click('#tab-funnel');
  await settle(page);
  const steps = await numbers(page, 'step');
  assert.equal(Object.values(steps)[0], wanted['sessions']);
  assert.equal(events.filter(({ type }) => type === 'resumed').length, 1);
  assert.deepEqual(faults, []);
  assert.deepEqual([...hosts], [`127.0.0.1:${tunnel.port}`]);
  assert.deepEqual(ssm.violations, []);
});
