import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, parse, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { SbwError } from '../errors.ts';
import { isRoot } from './postgres/os-user.ts';

/** Where the local platform of a project keeps its files. */
export interface LocalHome {
  readonly directory: string;
  /** The raw store. */
  readonly raw: string;
  /** Wanted; root's may be elsewhere, see placeCluster. */
  readonly dataDirectory: string;
  /** What runs: see state.ts. */
  readonly state: string;
  /** Passwords, mode 0600. */
  readonly credentials: string;
  /** The same for psql and R (PGPASSFILE), mode 0600. */
  readonly passFile: string;
  /** How the last scheduled run went. */
  readonly lastRun: string;
  readonly serviceLog: string;
  readonly postgresLog: string;
  /** Held by up and down while they change something. */
  readonly lock: string;
  /** Its presence says that everything here is ours, and may be wiped. */
  readonly marker: string;
}

const MARKER_TEXT = 'The local platform of sbw. "sbw local down --wipe" deletes it.\n';

/** `SBW_LOCAL_HOME`, else `.sbw/local` of the nearest project that has one, else of this project. */
export function locateHome(config: Pick<Config, 'cwd' | 'localHome'>): LocalHome {
  if (config.localHome !== undefined) return homeAt(resolve(config.cwd, config.localHome));
  const project =
    findUpward(config.cwd, [join('.sbw', 'local')]) ?? findUpward(config.cwd, ['.git', 'package.json']);
  return homeAt(join(project ?? config.cwd, '.sbw', 'local'));
}

export function homeAt(directory: string): LocalHome {
  const at = (name: string): string => join(directory, name);
  return {
    directory,
    raw: at('raw'),
    dataDirectory: at('postgres'),
    state: at('state.json'),
    credentials: at('credentials.json'),
    passFile: at('pgpass'),
    lastRun: at('last-run.json'),
    serviceLog: at('service.log'),
    postgresLog: at('postgres.log'),
    lock: at('lock'),
    marker: at('.sbw-local'),
  };
}

export function isOurs(home: LocalHome): boolean {
  return existsSync(home.marker);
}

/**
 * Makes the folder, or makes sure that it is ours.
 * @throws SbwError LOCAL_HOME_FOREIGN, LOCAL_HOME_OTHER_USER (refused)
 */
export async function prepareHome(home: LocalHome): Promise<void> {
  const { directory } = home;
  await mkdir(directory, { recursive: true });
  if (isOurs(home)) {
    await requireOwn(home);
    return;
  }
  if ((await readdir(directory)).length > 0) {
    throw new SbwError('LOCAL_HOME_FOREIGN', `${directory} holds files that sbw did not make`, {
      kind: 'refused',
      fix: 'give the local platform a folder of its own: SBW_LOCAL_HOME=<folder> sbw local up',
    });
  }
  // Root's server runs as another user, who must get through; there is nothing to be seen on the way.
  await chmod(directory, isRoot() ? 0o711 : 0o700);
  await mkdir(home.raw, { mode: 0o700 });
  await writeFile(home.marker, MARKER_TEXT);
}

/**
 * Whether this user made it. A folder found on the way up may be somebody else's trap: its state would name a
 * warehouse to send passwords to. True when there is no platform at all.
 */
export async function isOwn({ marker }: LocalHome): Promise<boolean> {
  const uid = await ownerOf(marker);
  return uid === null || uid === (process.getuid?.() ?? uid);
}

/** @throws SbwError LOCAL_HOME_OTHER_USER (refused) */
export async function requireOwn(home: LocalHome): Promise<void> {
  const { marker, directory } = home;
  if (await isOwn(home)) return;
  const uid = await ownerOf(marker);
  throw new SbwError(
    'LOCAL_HOME_OTHER_USER',
    `${directory} belongs to ${uid === 0 ? 'root' : `user ${uid}`}`,
    {
      kind: 'refused',
      fix: `${uid === 0 ? 'sudo sbw ...' : 'run sbw as that user'}, or use another folder: SBW_LOCAL_HOME=<folder>`,
    },
  );
}

async function ownerOf(file: string): Promise<number | null> {
  return (await stat(file).catch(() => null))?.uid ?? null;
}

function findUpward(from: string, names: readonly string[]): string | null {
  const { root } = parse(from);
  for (let folder = from; ; folder = dirname(folder)) {
    if (names.some((name) => existsSync(join(folder, name)))) return folder;
    if (folder === root) return null;
  }
}
