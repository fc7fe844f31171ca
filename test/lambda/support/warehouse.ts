import { randomBytes } from 'node:crypto';
import { openDatabase } from '../../../src/adapters/postgres.ts';
import type { Database } from '../../../src/etl/ports.ts';
import { migrate } from '../../../src/etl/store/migrate.ts';
import { startTestPostgres } from '../../support/postgres.ts';
import { startTlsFront } from './tls-front.ts';

/** A migrated database behind TLS, with a login that may do what the ETL function may. */
export interface TestWarehouse {
  /** On 127.0.0.1. */
  readonly port: number;
  readonly name: string;
  /** A member of etl_writer, and its password. */
  readonly user: string;
  readonly password: string;
  /** PEM of who signed its certificate. */
  readonly authority: string;
  /** Of the superuser, without TLS. */
  readonly url: string;
  /** As the superuser. */
  query<R = Record<string, unknown>>(sql: string): Promise<R[]>;
  close(): Promise<void>;
}

export async function startTestWarehouse(): Promise<TestWarehouse> {
  const postgres = await startTestPostgres(18);
  const url = new URL(await postgres.createDatabase());
  const database = await openDatabase(url.href, 'sbw test');
  await migrate(database);
  const front = await startTlsFront(Number(url.port));
  const [user, password] = [`lambda_${randomBytes(6).toString('hex')}`, randomBytes(12).toString('base64')];
  const query = async <R>(sql: string): Promise<R[]> => queryOn<R>(database, sql);
  await query(`CREATE ROLE ${user} LOGIN PASSWORD '${password}' IN ROLE etl_writer`);
  return {
    url: url.href,
    ...{ port: front.port, name: url.pathname.slice(1), user, password, authority: front.authority, query },
    close: async () => {
      await database.close();
      await front.close();
      await postgres.stop();
      // Only when its database is gone does nothing depend on the role any more.
      const admin = await openDatabase(postgres.url('postgres'), 'sbw test');
      await queryOn(admin, `DROP ROLE ${user}`);
      await admin.close();
    },
  };
}

async function queryOn<R>(database: Database, sql: string): Promise<R[]> {
  return (await database.withSession((session) => session.query<R>(sql))).rows;
}
