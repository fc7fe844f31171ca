import { createHash, randomBytes } from 'node:crypto';
import { access, chmod, chown, cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SbwError } from '../../errors.ts';
import { canRun, linkLibraries } from './binaries.ts';
import type { PostgresBinaries } from './binaries.ts';
import { canEnter, findServerUsers, findUser, isRoot } from './os-user.ts';
import type { OsUser } from './os-user.ts';

/** Where a cluster lives and who runs it. */
export interface ClusterPlace {
  readonly binaries: PostgresBinaries;
  /** Its parent exists, and `user` may enter it. */
  readonly dataDirectory: string;
  /** Who runs the server; null: whoever runs sbw. */
  readonly user: OsUser | null;
  /** Why something is not where it was asked for; for the operator. */
  readonly notes: readonly string[];
}

export interface PlacementOptions {
  readonly binaries: PostgresBinaries;
  /** Where the data should be. It need not exist; its parent is made. */
  readonly dataDirectory: string;
  /** Where programs and data go that root's PostgreSQL user could not reach. Only root writes there. */
  readonly sharedHome?: string;
  /** SUDO_UID of the environment. */
  readonly sudoUid?: string | undefined;
}

const SHARED_HOME = '/var/lib/sbw';

/**
 * Decides where a cluster lives. A normal user's is where it was asked for. Root's runs as another user, who may
 * not be able to enter the folder (a 0700 home): then it lives in `sharedHome`, and the notes say so.
 *
 * @throws SbwError CLUSTER_USER_MISSING, CLUSTER_PATH_UNREACHABLE, POSTGRES_UNUSABLE (environment)
 */
export async function placeCluster(options: PlacementOptions): Promise<ClusterPlace> {
  const { dataDirectory, sharedHome = SHARED_HOME } = options;
  rejectControlCharacters(dataDirectory);
  await mkdir(dirname(dataDirectory), { recursive: true });
  const notes: string[] = [];
  const isLinked = await linkLibraries(options.binaries);
  if (!isRoot()) {
    const binaries = isLinked
      ? options.binaries
      : await copyPrograms(options.binaries, dirname(dataDirectory));
    await requireUsable(binaries, null);
    return { binaries, dataDirectory, user: null, notes };
  }

  const [, relocated] = dataDirectoriesOf(dataDirectory, sharedHome);
  const { user, directory } = await findHome(
    dataDirectory,
    relocated,
    await findServerUsers(options.sudoUid),
  );
  if (directory !== dataDirectory) {
    notes.push(
      `the user ${user.name}, who runs PostgreSQL for root, may not enter ${dirname(dataDirectory)}`,
    );
    notes.push(`the warehouse's files are in ${directory}`);
  }
  let { binaries } = options;
  if (!isLinked || hasShellCharacters(binaries.directory) || !(await canRun(binaries, user))) {
    binaries = await copyPrograms(binaries, sharedHome);
    notes.push(`PostgreSQL's programs were copied to ${binaries.directory}`);
  }
  await requireUsable(binaries, user);
  return { binaries, dataDirectory: directory, user, notes };
}

/** Where the cluster of this wanted place can be. */
export function dataDirectoriesOf(wanted: string, sharedHome = SHARED_HOME): readonly [string, string] {
  return [wanted, join(sharedHome, basenameFor(wanted))];
}

/** An existing cluster keeps its place and its user; a new one is best where it was asked for. */
async function findHome(
  wanted: string,
  relocated: string,
  candidates: [OsUser, ...OsUser[]],
): Promise<{ user: OsUser; directory: string }> {
  for (const directory of [wanted, relocated]) {
    const existing = await stat(directory).catch(() => null);
    const owner = existing === null || existing.uid === 0 ? null : await findUser(existing.uid);
    if (owner !== null && (await canEnter(owner, directory))) return { user: owner, directory };
  }
  for (const user of candidates) {
    if (await canEnter(user, dirname(wanted))) return { user, directory: wanted };
  }
  const [user] = candidates;
  await makeShared(dirname(relocated));
  if (await canEnter(user, dirname(relocated))) return { user, directory: relocated };
  throw new SbwError(
    'CLUSTER_PATH_UNREACHABLE',
    `the user ${user.name}, who runs PostgreSQL for root, may enter neither ${dirname(wanted)} nor ${dirname(relocated)}`,
    {
      kind: 'environment',
      fix: `chmod a+x ${dirname(wanted)} and the folders above, or run sbw as a normal user`,
    },
  );
}

/** One name per asked-for path, so that two projects of one machine do not meet. */
function basenameFor(dataDirectory: string): string {
  return `data-${createHash('sha256').update(dataDirectory).digest('hex').slice(0, 12)}`;
}

/** Copies bin/, lib/ and share/ to a folder with the version in its name; once, and whole or not at all. */
async function copyPrograms(binaries: PostgresBinaries, parent: string): Promise<PostgresBinaries> {
  const directory = join(parent, `postgresql-${binaries.version}-${process.platform}-${process.arch}`);
  const copied = { ...binaries, directory: join(directory, 'native') };
  if (await isThere(directory)) return copied;
  if (isRoot()) await makeShared(parent);
  const draft = `${directory}.${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(draft);
    await chmod(draft, 0o755);
    await cp(binaries.directory, join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
    await linkLibraries({ directory: join(draft, 'native') });
    // Another sbw may have put it there meanwhile: then its copy is as good as ours.
    await rename(draft, directory).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return copied;
}

/** A folder that everybody may walk through, whatever the umask. */
async function makeShared(directory: string): Promise<void> {
  if (await isThere(directory)) return;
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o755);
}

/** Gives a folder to the server's user and nobody else. */
export async function handOver(path: string, user: OsUser | null, mode: number): Promise<void> {
  await chmod(path, mode);
  if (user !== null) await chown(path, user.uid, user.gid);
}

async function requireUsable(binaries: PostgresBinaries, user: OsUser | null): Promise<void> {
  if (await canRun(binaries, user)) return;
  throw new SbwError(
    'POSTGRES_UNUSABLE',
    `PostgreSQL's programs in ${binaries.directory} do not run on this machine`,
    {
      kind: 'environment',
      fix: 'use your own server: sbw local up --warehouse postgres://user@host:5432/database',
    },
  );
}

/** initdb hands the path of its own programs to a shell in double quotes. */
function hasShellCharacters(path: string): boolean {
  return /["$`\\]/.test(path);
}

/** postmaster.pid holds the path on a line of its own. */
function rejectControlCharacters(path: string): void {
  if (!/[\x00-\x1f]/.test(path)) return;
  throw new SbwError('CLUSTER_PATH_INVALID', `PostgreSQL cannot live in ${JSON.stringify(path)}`, {
    kind: 'usage',
    fix: 'use a folder whose path has no line break in it',
  });
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
