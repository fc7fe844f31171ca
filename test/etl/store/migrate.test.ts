import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { openDatabase } from '../../../src/adapters/postgres.ts';
import { SEED_FIELDS } from '../../../src/etl/contract/fields.ts';
import { migrate } from '../../../src/etl/store/migrate.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres.ts';

for (const major of [15, 18] as const) {
  describe(`the schema, on PostgreSQL ${major}`, () => {
    let postgres: TestPostgres;
    before(async () => {
      postgres = await startTestPostgres(major);
    });
    after(() => postgres.stop());

    async function query<R extends pg.QueryResultRow>(url: string, sql: string): Promise<R[]> {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      try {
        return (await client.query<R>(sql)).rows;
      } finally {
        await client.end();
      }
    }
    async function migrateOnce(url: string): Promise<number[]> {
      const database = await openDatabase(url, 'sbw test');
      try {
        return (await migrate(database)).applied;
      } finally {
        await database.close();
      }
    }
    /** As a role without a login: what it may do is what its members may. */
    const as = (role: string, url: string, sql: string): Promise<unknown> =>
      query(url, `SET ROLE ${role}; ${sql}`);

    it('twenty at once: one applies it, nineteen find nothing to do', async () => {
      const url = await postgres.createDatabase();
      const applied = await Promise.all(Array.from({ length: 20 }, () => migrateOnce(url)));
      assert.equal(applied.filter((versions) => versions.length > 0).length, 1);
      const versions = await query<{ version: number }>(url, 'SELECT version FROM sbw.schema_version');
      assert.equal(versions.length, applied.flat().length);
    });

    it('the sixteen columns of the seeds come first, in their order', async () => {
      const url = await postgres.createDatabase();
      await migrateOnce(url);
      const columns = await query<{ column_name: string }>(
        url,
        `SELECT column_name FROM information_schema.columns
          WHERE table_schema = 'public' AND table_name = 'clickstream_events' ORDER BY ordinal_position`,
      );
      assert.deepEqual(
        columns.slice(0, 16).map((column) => column.column_name),
        SEED_FIELDS.map((field) => field.column),
      );
    });

    it('a table made by hand, with UUID keys and whole prices, keeps its rows', async () => {
      const url = await postgres.createDatabase();
      const columns = SEED_FIELDS.map(({ column }) =>
        column === 'event_id'
          ? 'event_id uuid PRIMARY KEY'
          : `${column} ${/price/.test(column) ? 'bigint' : column === 'is_first_visit' ? 'boolean' : column === 'event_timestamp' ? 'timestamptz NOT NULL' : 'text'}`,
      );
      const id = '2bf38278-0511-40d6-a234-1ee8110f08a5';
      await query(
        url,
        `CREATE TABLE public.clickstream_events (${columns.join(', ')});
         INSERT INTO public.clickstream_events (event_id, event_timestamp, event_name, context_product_price)
         VALUES ('${id}', '2025-12-06T05:00:00Z', 'page_view', 1999)`,
      );
      await migrateOnce(url);
      const rows = await query(
        url,
        'SELECT event_id, context_product_price AS price FROM clickstream_events',
      );
      assert.deepEqual(rows, [{ event_id: id, price: '1999.0000' }]);
      await query(
        url,
        `INSERT INTO clickstream_events (event_id, event_timestamp, event_name, context_product_price)
         VALUES ('1733461872-9f3a', '2025-12-06T05:00:00Z', 'page_view', 19.99)`,
      );
    });

    it('a schema from a newer sbw is refused, not touched', async () => {
      const url = await postgres.createDatabase();
      await migrateOnce(url);
      await query(url, 'INSERT INTO sbw.schema_version (version) VALUES (999)');
      await assert.rejects(migrateOnce(url), { code: 'SCHEMA_TOO_NEW' });
    });

    it('the writer loads and cannot destroy; the reader sees rows and no raw text', async () => {
      const url = await postgres.createDatabase();
      await migrateOnce(url);
      await as('etl_writer', url, 'SELECT 1 FROM clickstream_events; CREATE TEMP TABLE mine (n integer)');
      for (const forbidden of [
        'DELETE FROM clickstream_events',
        'TRUNCATE clickstream_events',
        'DROP TABLE clickstream_events',
        'DELETE FROM sbw.ledger',
        'CREATE TABLE public.mine (n integer)',
      ]) {
        await assert.rejects(as('etl_writer', url, forbidden), { code: '42501' }, forbidden);
      }
      await as(
        'dashboard_reader',
        url,
        'SELECT reason FROM sbw.quarantine; SELECT 1 FROM clickstream_events',
      );
      for (const forbidden of [
        'SELECT raw_text FROM sbw.quarantine',
        "INSERT INTO clickstream_events (event_id, event_timestamp, event_name) VALUES ('x', now(), 'x')",
        'UPDATE clickstream_events SET user_id = NULL',
      ]) {
        await assert.rejects(as('dashboard_reader', url, forbidden), { code: '42501' }, forbidden);
      }
    });
  });
}
