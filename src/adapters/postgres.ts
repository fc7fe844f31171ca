import { once } from 'node:events';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { SbwError } from '../errors.ts';
import type { Database, QueryResult, Session } from '../etl/ports.ts';

const CONNECT_TIMEOUT_MS = 10_000;
/**
 * The warehouse is a small machine, and each connection costs it memory. A run takes one for itself, one per hour at
 * once (--parallel, at most 16) and one for the rollups.
 */
const MAX_CONNECTIONS = 20;

/**
 * Opens a pool; nothing is connected until the first use. TLS follows `sslmode` of the URL (libpq's words).
 * @param name shown in pg_stat_activity, so that an operator sees which run holds a partition
 * @throws SbwError WAREHOUSE_URL_INVALID (usage)
 */
export async function openDatabase(url: string, name: string): Promise<Database> {
  const described = describeDatabaseUrl(url);
  const pool = new pg.Pool({
    connectionString: url,
    application_name: name.slice(0, 63),
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    allowExitOnIdle: true,
    options: '-c timezone=UTC -c jit=off -c client_min_messages=warning',
  });
  // An idle connection may die with the server; the next query says so with a better message.
  pool.on('error', () => undefined);

  async function withSession<T>(use: (session: Session) => Promise<T>): Promise<T> {
    const client = await pool.connect().catch((error: unknown) => {
      throw connectError(error, described);
    });
    let broken: Error | undefined;
    const onError = (error: Error): void => void (broken = error);
    client.on('error', onError);
    try {
      return await use(sessionOf(client));
    } catch (error) {
      // A session that failed may be in the middle of anything (COPY, a transaction): never give it out again.
      broken ??= error instanceof Error ? error : new Error(String(error));
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }

  return {
    url: described,
    withSession,
    withTransaction: (use) =>
      withSession(async (session) => {
        await session.query('BEGIN');
        try {
          const value = await use(session);
          await session.query('COMMIT');
          return value;
        } catch (error) {
          // The server may be gone, and then it has rolled back by itself.
          await session.query('ROLLBACK').catch(() => undefined);
          throw error;
        }
      }),
    close: () => pool.end(),
  };
}

function sessionOf(client: pg.PoolClient): Session {
  return {
    async query<R>(sql: string, params?: readonly unknown[]): Promise<QueryResult<R>> {
      const result = await client.query(sql, params as unknown[] | undefined);
      return { rows: result.rows as R[], rowCount: result.rowCount ?? 0 };
    },
    async copyIn(sql, chunks) {
      const stream = client.query(copyFrom(sql));
      const failure = new Promise<never>((_, reject) => stream.once('error', reject));
      failure.catch(() => undefined);
      const feed = async (): Promise<number> => {
        for await (const chunk of chunks) {
          if (!stream.write(chunk)) await Promise.race([once(stream, 'drain'), failure]);
        }
        stream.end();
        await Promise.race([once(stream, 'finish'), failure]);
        return stream.rowCount;
      };
      try {
        return await feed();
      } catch (error) {
        stream.destroy();
        throw error;
      }
    },
  };
}

/** The URL without its password, for messages, logs and JSON. */
export function describeDatabaseUrl(url: string): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    parsed = new URL('invalid:');
  }
  if (parsed.protocol !== 'postgres:' && parsed.protocol !== 'postgresql:') {
    // The text may hold a password: it is not repeated here.
    throw new SbwError('WAREHOUSE_URL_INVALID', '--warehouse is not a PostgreSQL URL.', {
      kind: 'usage',
      fix: 'sbw ... --warehouse postgres://user@host:5432/clickstream_dw   (password from PGPASSWORD or PGPASSFILE)',
    });
  }
  const user = parsed.username === '' ? '' : `${parsed.username}@`;
  return `postgres://${user}${parsed.host}${parsed.pathname}`;
}

/** What a failed connection means, in words; the driver's own text stays as the cause. */
const CONNECT_ERRORS: Readonly<Record<string, { message: string; fix: string }>> = {
  '3D000': { message: 'the database does not exist', fix: 'create it: createdb clickstream_dw' },
  '28P01': {
    message: 'the password was refused',
    fix: 'set PGPASSWORD, or PGPASSFILE to a file of mode 0600',
  },
  '28000': { message: 'this user may not connect', fix: 'check the user of --warehouse and pg_hba.conf' },
  ECONNREFUSED: { message: 'nothing listens there', fix: 'start it, or use the local one: sbw local up' },
  ENOTFOUND: { message: 'the host name is unknown', fix: 'check the host of --warehouse' },
  '53300': { message: 'it has no free connection', fix: 'wait, or raise max_connections' },
};

function connectError(error: unknown, url: string): SbwError {
  const code = (error as { code?: string } | null)?.code ?? '';
  const known = CONNECT_ERRORS[code];
  const reason = known?.message ?? (error instanceof Error ? error.message : String(error));
  return new SbwError('WAREHOUSE_UNREACHABLE', `Cannot connect to the warehouse ${url}: ${reason}.`, {
    kind: 'environment',
    fix: known?.fix ?? 'check that the server is up and that --warehouse names it',
    cause: error,
  });
}
