import { SbwError } from '../../errors.ts';
import type { Database, Session } from '../ports.ts';
import { MIGRATIONS } from './sql.generated.ts';

/** Held while migrating; any number will do, as long as nobody else uses it. */
const MIGRATION_LOCK = 7_308_332_101_337_001n;

export interface Migrated {
  /** Versions applied just now; empty when the schema was current. */
  readonly applied: number[];
  readonly version: number;
}

/**
 * Brings the schema up to date. Safe to run any number of times and from any number of places at once: all but
 * one wait, and then find nothing to do. Needs no rights beyond reading when there is nothing to do.
 * @throws SbwError SCHEMA_TOO_NEW when a newer sbw has been here; SCHEMA_FORBIDDEN without the rights
 */
export async function migrate(database: Database): Promise<Migrated> {
  const newest = MIGRATIONS.at(-1)!.version;
  const current = await database.withSession(readVersion);
  if (current === newest) return { applied: [], version: newest };
  if (current > newest) throw tooNew(current, newest);
  try {
    return await database.withTransaction(async (session) => {
      await session.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK.toString()]);
      return applyPending(session, newest);
    });
  } catch (error) {
    if ((error as { code?: string }).code !== '42501') throw error;
    throw new SbwError('SCHEMA_FORBIDDEN', `This user may not create the tables in ${database.url}.`, {
      kind: 'environment',
      fix: 'run it once as the owner of the database: sbw etl run --warehouse postgres://owner@...   on AWS: sbw deploy',
      cause: error,
    });
  }
}

/** 0 when no sbw has been here. */
async function readVersion(session: Session): Promise<number> {
  const { rows } = await session.query<{ there: boolean }>(
    `SELECT to_regclass('sbw.schema_version') IS NOT NULL AS there`,
  );
  if (rows[0]?.there !== true) return 0;
  const version = await session.query<{ version: number }>(
    'SELECT max(version) AS version FROM sbw.schema_version',
  );
  return version.rows[0]?.version ?? 0;
}

async function applyPending(session: Session, newest: number): Promise<Migrated> {
  await session.query('CREATE SCHEMA IF NOT EXISTS sbw');
  await session.query(
    `CREATE TABLE IF NOT EXISTS sbw.schema_version (
       version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`,
  );
  const current = await readVersion(session);
  if (current > newest) throw tooNew(current, newest);
  const applied: number[] = [];
  for (const { version, sql } of MIGRATIONS) {
    if (version <= current) continue;
    await session.query(sql);
    await session.query('INSERT INTO sbw.schema_version (version) VALUES ($1)', [version]);
    applied.push(version);
  }
  return { applied, version: newest };
}

function tooNew(current: number, newest: number): SbwError {
  return new SbwError(
    'SCHEMA_TOO_NEW',
    `The warehouse has schema version ${current}; this sbw knows up to ${newest}.`,
    { kind: 'environment', fix: 'npm install -g sbw@latest' },
  );
}
