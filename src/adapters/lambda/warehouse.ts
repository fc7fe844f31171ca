import { createHash, randomUUID } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SbwError } from '../../errors.ts';
import type { Database, Session } from '../../etl/ports.ts';
import { openDatabase } from '../postgres.ts';

export interface WarehouseAddress {
  /** As the server's certificate says it. */
  readonly host: string;
  readonly port: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** PEM: the only authority whose certificates are believed. */
  readonly authority: string;
}

/** A transaction may have been between two statements, and begun another. */
const LEAVE_AGAIN_MS = 1000;
/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const QUERY_CANCELED = '57014';

/**
 * The warehouse over TLS, its certificate verified in full. Nothing is connected until the first use.
 * @param name shown in pg_stat_activity
 * @param leave ends every transaction, also one that waits for the server; those reject with SbwError RUN_STOPPED
 */
export async function openWarehouse(
  address: WarehouseAddress,
  name: string,
  leave: AbortSignal,
): Promise<Database> {
  const { host, port, user, password, database, authority } = address;
  // The driver takes an authority from a file only. Named by its content: a new one does not meet the old.
  const digest = createHash('sha256').update(authority).digest('hex').slice(0, 16);
  const file = join(tmpdir(), `sbw-authority-${digest}.pem`);
  // Whole or not at all: somebody else may be reading it at this moment.
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, authority, { mode: 0o600 });
  await rename(draft, file);
  const url = new URL(`postgres://${host}:${port}/${encodeURIComponent(database)}`);
  url.username = encodeURIComponent(user);
  url.password = encodeURIComponent(password);
  url.searchParams.set('sslmode', 'verify-full');
  url.searchParams.set('sslrootcert', file);
  return cancelOn(leave, await openDatabase(url.href, name));
}

function cancelOn(leave: AbortSignal, database: Database): Database {
  /** Server processes with a transaction of ours. */
  const pids = new Set<number>();
  let again: NodeJS.Timeout | undefined;
  const cancelAll = (): void => {
    const cancel = 'SELECT pg_cancel_backend(pid) FROM unnest($1::int[]) AS pid';
    // Whoever is not reached now is reached by the next try.
    database.withSession((session) => session.query(cancel, [[...pids]])).catch(() => undefined);
  };
  const onLeave = (): void => {
    cancelAll();
    again = setInterval(cancelAll, LEAVE_AGAIN_MS);
  };
  leave.addEventListener('abort', onLeave, { once: true });
  return {
    ...database,
    withTransaction: (use) =>
      database.withTransaction(async (session) => {
        const pid = await pidOf(session);
        pids.add(pid);
        try {
          return await use(session);
        } catch (error) {
          throw leave.aborted && (error as { code?: string }).code === QUERY_CANCELED
            ? stopped(error)
            : error;
        } finally {
          pids.delete(pid);
        }
      }),
    close: async () => {
      leave.removeEventListener('abort', onLeave);
      clearInterval(again);
      await database.close();
    },
  };
}

async function pidOf(session: Session): Promise<number> {
  const { rows } = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]!.pid;
}

function stopped(cause: unknown): SbwError {
  return new SbwError('RUN_STOPPED', 'Stopped in the middle of a partition; nothing of it was kept.', {
    kind: 'cancelled',
    cause,
  });
}
