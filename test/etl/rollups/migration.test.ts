import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openDirectoryStore } from '../../../src/adapters/directory-store.ts';
import { openDatabase } from '../../../src/adapters/postgres.ts';
import type { Database } from '../../../src/etl/ports.ts';
import { migrate } from '../../../src/etl/store/migrate.ts';
import { MIGRATIONS } from '../../../src/etl/store/sql.generated.ts';
import { load } from '../../support/pipeline.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres.ts';
import { SAME } from './truth.ts';

const EVENTS = `INSERT INTO public.clickstream_events (event_id, event_timestamp, event_name, user_login_state, client_id,
    session_id, context_product_id, context_product_category, context_product_price, page_url, loaded_run)
  SELECT 'e-' || i, '2025-12-06T22:00:00Z'::timestamptz + i * interval '37 seconds',
         (ARRAY['page_view', 'product_view', 'add_to_cart_click', 'checkout_complete'])[1 + i % 4],
         CASE WHEN i % 3 = 0 THEN 'logged_in' ELSE 'anonymous' END, 'c-' || i % 7, 's-' || i % 50,
         CASE WHEN i % 4 IN (1, 2) THEN 'p-' || i % 5 END, CASE WHEN i % 4 IN (1, 2) THEN 'lamps' END, 10 + i % 5,
         'https://shop.example/page-' || i % 4, 'r_old'
    FROM generate_series(1, 600) AS i`;

for (const major of [15, 18] as const) {
  describe(`a warehouse from before there were rollups, on PostgreSQL ${major}`, () => {
    let postgres: TestPostgres;
    let database: Database;
    let raw: string;
    before(async () => {
      postgres = await startTestPostgres(major);
      database = await openDatabase(await postgres.createDatabase(), 'sbw test');
      raw = await mkdtemp(join(tmpdir(), 'sbw-raw-'));
      const [first] = MIGRATIONS;
      await database.withTransaction(async (session) => {
        await session.query(
          'CREATE SCHEMA sbw; CREATE TABLE sbw.schema_version (version integer PRIMARY KEY)',
        );
        await session.query(first!.sql);
        await session.query('INSERT INTO sbw.schema_version VALUES (1)');
        await session.query(EVENTS);
      });
    });
    after(async () => {
      await database.close();
      await postgres.stop();
      await rm(raw, { recursive: true, force: true });
    });
    const rows = async (sql: string, params: readonly unknown[] = []): Promise<Record<string, unknown>[]> =>
      (await database.withSession((session) => session.query(sql, params))).rows;

    it('keeps its events, and the next run counts them, even if it has nothing to load', async () => {
      assert.deepEqual((await migrate(database)).applied, [2]);
      assert.deepEqual(await rows('SELECT count(*)::integer AS events FROM public.clickstream_events'), [
        { events: 600 },
      ]);
      assert.deepEqual(await rows('SELECT count(*)::integer AS hours FROM dash.dirty'), [{ hours: 7 }]);
      const { rollups } = await load({ store: await openDirectoryStore(raw), database });
      assert.deepEqual(rollups, { hours: 7, events: 600, version: 1 });
      for (const [name, { raw: truth, rollup }] of Object.entries(SAME)) {
        assert.deepEqual(await rows(rollup, ['UTC']), await rows(truth, ['UTC']), name);
      }
    });

    it('migrated again, nothing happens', async () => {
      assert.deepEqual((await migrate(database)).applied, []);
      assert.deepEqual(await rows('SELECT * FROM dash.dirty'), []);
    });

    it('what is unknown has no first two digits', async () => {
      assert.deepEqual(
        await rows(
          'SELECT dash.two_digits(NULL) AS none, dash.two_digits(0) AS zero, dash.two_digits(4567) AS many',
        ),
        [{ none: null, zero: 0, many: 4500 }],
      );
    });

    it('a load leaves no row outside the block ranges of the index on time', async () => {
      await rows(EVENTS.replaceAll("'e-'", "'f-'").replace("'r_old'", 'NULL'));
      await load({ store: await openDirectoryStore(raw), database });
      assert.deepEqual(await rows(`SELECT dash.summarize_times() AS ranges`), [{ ranges: 0 }]);
    });
  });
}
