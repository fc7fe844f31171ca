import pg from 'pg';
import { openDatabase } from '../../src/adapters/postgres.ts';
import type { Database } from '../../src/etl/ports.ts';
import { migrate } from '../../src/etl/store/migrate.ts';
import { startTestPostgres } from '../../test/support/postgres.ts';
import { cpuOfFamily, parentOf } from './cpu.ts';

export interface BenchWarehouse {
  readonly database: Database;
  /** With the password: for child processes' environment, not for argv. */
  readonly url: string;
  /** CPU time of the server so far, microseconds. */
  cpuUs(): number;
  query(sql: string): Promise<pg.QueryResult>;
  /** As new, and nothing left for the server to write: the next case must not pay for the last one. */
  empty(): Promise<void>;
  close(): Promise<void>;
}

/** A PostgreSQL 18 of its own that syncs to disk as in real life, with our schema. */
export async function startWarehouse(): Promise<BenchWarehouse> {
  const server = await startTestPostgres(18, { isDurable: true });
  const url = await server.createDatabase();
  const database = await openDatabase(url, 'bench');
  await migrate(database);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const postmaster = parentOf(rows[0]!.pid);
  return {
    database,
    url,
    cpuUs: () => (postmaster === null ? 0 : cpuOfFamily(postmaster)),
    query: (sql) => client.query(sql),
    empty: async () => {
      await client.query(
        'TRUNCATE public.clickstream_events, sbw.ledger, sbw.quarantine, sbw.unreadable, sbw.runs',
      );
      // Last, since emptying the events has marked their hours: the next load would take away what is rolled up of them.
      const { rows: rollups } = await client.query<{ name: string }>(
        `SELECT oid::regclass AS name FROM pg_class WHERE relnamespace = 'dash'::regnamespace AND relkind = 'r'
            AND relname NOT IN ('setting', 'version')`,
      );
      await client.query(`TRUNCATE ${rollups.map(({ name }) => name).join(', ')}`);
      await client.query('CHECKPOINT');
    },
    close: async () => {
      await database.close();
      await client.end();
      await server.stop();
    },
  };
}
