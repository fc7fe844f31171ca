import { after, before } from 'node:test';
import type { Browser } from 'playwright-core';
import { startBrowser } from './browser.ts';
import { startDashboard, type Dashboard } from './r.ts';
import type { Shop } from './shop-events.ts';
import { makeShopWarehouse, thisHour, type ShopWarehouse } from './shop.ts';

/** There from the first test of a suite to its last. */
export interface Stand {
  readonly warehouse: ShopWarehouse;
  readonly dashboard: Dashboard;
  readonly browser: Browser;
}

const START_MS = 120_000;

/**
 * A shop whose last event was a moment ago, the dashboard over it, and a browser, for the suite that calls it.
 * @param env settings of the dashboard
 */
export function standUp(shop: Omit<Shop, 'until'>, env: Readonly<Record<string, string>> = {}): Stand {
  const stand = {} as { -readonly [part in keyof Stand]: Stand[part] };
  before(
    async () => {
      stand.warehouse = await makeShopWarehouse({ ...shop, until: thisHour() });
      stand.dashboard = await startDashboard({ warehouse: stand.warehouse.readerUrl, env });
      stand.browser = await startBrowser();
    },
    { timeout: START_MS },
  );
  after(async () => {
    await stand.browser.close();
    await stand.dashboard.stop();
    await stand.warehouse.close();
  });
  return stand;
}
