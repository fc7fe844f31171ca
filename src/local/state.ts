import { randomBytes } from 'node:crypto';
import { chmod, readFile, rename, writeFile } from 'node:fs/promises';
import type { LocalHome } from './home.ts';

/** A process, so that its pid is not mistaken for another's later. */
export interface ProcessMark {
  readonly pid: number;
  /** Its command line when it started. */
  readonly command: string;
}

/** state.json: what was started. There is none when nothing is meant to run. Holds no secrets. */
export interface LocalState {
  readonly schema: 'sbw.local-state/1';
  /** Of the sbw that started it. */
  readonly version: string;
  readonly started_at: string;
  readonly every_seconds: number;
  readonly raw: string;
  readonly ingest: { readonly url: string; readonly port: number };
  /** Null until it is started. */
  readonly service: ProcessMark | null;
  readonly warehouse: {
    readonly kind: 'embedded' | 'given';
    /** Without a password. */
    readonly url: string;
    /** Of the embedded one; null for a given one. */
    readonly port: number | null;
    readonly data_directory: string | null;
  };
}

/** credentials.json, mode 0600. */
export interface Credentials {
  readonly superuser: string;
  readonly etl_writer: string;
  readonly dashboard_reader: string;
  /** As given with --warehouse, perhaps with a password; null for the embedded one. */
  readonly warehouse_url: string | null;
}

/** Null when nothing is meant to run. A file that is no state (cut off, from another version) counts as none. */
export async function readState(home: LocalHome): Promise<LocalState | null> {
  const state = await readJson<LocalState>(home.state);
  return state?.schema === 'sbw.local-state/1' ? state : null;
}

export async function writeState(home: LocalHome, state: LocalState): Promise<void> {
  await replaceFile(home.state, `${JSON.stringify(state, null, 2)}\n`, 0o644);
}

export async function readCredentials(home: LocalHome): Promise<Credentials | null> {
  const credentials = await readJson<Credentials>(home.credentials);
  return typeof credentials?.superuser === 'string' ? credentials : null;
}

export async function writeCredentials(home: LocalHome, credentials: Credentials): Promise<void> {
  await replaceFile(home.credentials, `${JSON.stringify(credentials, null, 2)}\n`, 0o600);
}

export function makeCredentials(): Credentials {
  const password = (): string => randomBytes(24).toString('base64url');
  return { superuser: password(), etl_writer: password(), dashboard_reader: password(), warehouse_url: null };
}

/** For psql and R: PGPASSFILE=<this>. */
export async function writePassFile(
  home: LocalHome,
  port: number,
  database: string,
  credentials: Credentials,
): Promise<void> {
  const lines = (['etl_writer', 'dashboard_reader'] as const).map(
    (role) => `127.0.0.1:${port}:${database}:${role}:${credentials[role]}\n`,
  );
  await replaceFile(home.passFile, lines.join(''), 0o600);
}

export async function readJson<T>(file: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T | null;
  } catch {
    return null;
  }
}

/** Whole or not at all, and never readable by others on the way; whatever the umask. */
export async function replaceFile(file: string, text: string, mode: number): Promise<void> {
  const draft = `${file}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
  await chmod(draft, mode);
  await rename(draft, file);
}
