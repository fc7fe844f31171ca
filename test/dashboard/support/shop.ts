import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { openDatabase } from '../../../src/adapters/postgres.ts';
import { rebuildRollups } from '../../../src/etl/rollups/rebuild.ts';
import { refreshRollups } from '../../../src/etl/rollups/refresh.ts';
import { migrate } from '../../../src/etl/store/migrate.ts';
import { startTestPostgres } from '../../support/postgres.ts';
import { fillLoads, fillShop, type Shop } from './shop-events.ts';

export interface ShopWarehouse {
  /** As a role that may only what dashboard_reader may. */
  readonly readerUrl: string;
  /** As the superuser. */
  rows<R = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<R[]>;
  /** Makes the rollups anew. */
  refresh(): Promise<void>;
  /** Brings the rollups up to date with what was changed, as a load does. */
  catchUp(): Promise<void>;
  close(): Promise<void>;
}

export const TIME_ZONE = 'Asia/Ho_Chi_Minh';
const HOUR_MS = 3_600_000;

/** The hour that runs now. */
export function thisHour(): Date {
  return new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS);
}

/**
 * A real warehouse with a shop's events and their rollups.
 * @param shop null: a warehouse without events
 */
export async function makeShopWarehouse(shop: Shop | null): Promise<ShopWarehouse> {
  const postgres = await startTestPostgres(18);
  const url = await postgres.createDatabase();
  const database = await openDatabase(url, 'sbw test');
  await migrate(database);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  if (shop !== null) {
    await fillShop(client, shop);
    await fillLoads(client);
  }
  const refresh = async (): Promise<void> => {
    await rebuildRollups(database, { timeZone: TIME_ZONE });
    await client.query('ANALYZE');
  };
  await refresh();

  const reader = await addReader(url);
  return {
    readerUrl: reader.url,
    rows: async <R>(sql: string, params: readonly unknown[] = []) =>
      (await client.query(sql, [...params])).rows as R[],
    refresh,
    catchUp: async () => {
      await refreshRollups(database);
    },
    close: async () => {
      await client.end();
      await database.close();
      await postgres.stop();
      await reader.drop(postgres.url('postgres'));
    },
  };
}

/**
 * A role that may only what dashboard_reader may. Roles belong to the whole server, which other tests use too: a member
 * of the real one, with a name of its own.
 * @param url the superuser's, of the database
 * @returns its URL; `drop` takes the superuser's URL of another database
 */
export async function addReader(url: string): Promise<{ url: string; drop(admin: string): Promise<void> }> {
  const role = `dashboard_${randomBytes(6).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  await execute(url, `CREATE ROLE ${role} LOGIN PASSWORD '${password}' IN ROLE dashboard_reader`);
  return {
    url: Object.assign(new URL(url), { username: role, password }).href,
    drop: (admin) => execute(admin, `DROP ROLE ${role}`),
  };
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
}
