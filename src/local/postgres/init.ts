import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SbwError } from '../../errors.ts';
import { serverSurroundings } from './cluster.ts';
import { programOf } from './binaries.ts';
import { handOver } from './placement.ts';
import type { ClusterPlace } from './placement.ts';

/** The role that initdb makes; used for setting up and for nothing else. */
export const SUPERUSER = 'postgres';

export interface InitOptions {
  /** Of SUPERUSER. A cluster that is already there keeps the one it has. */
  readonly password: string;
  /** False leaves writing to disk to the system: for tests only. */
  readonly isDurable?: boolean;
}

/**
 * Makes the data directory, unless it is there. It is made under another name and then renamed: an initdb that
 * was killed half way leaves rubbish, which the next one removes, never a broken cluster. Not to be run twice at
 * once for one place.
 *
 * @returns false when it was already there
 * @throws SbwError CLUSTER_OTHER_VERSION (environment), CLUSTER_INIT_FAILED
 */
export async function initCluster(place: ClusterPlace, options: InitOptions): Promise<boolean> {
  const { dataDirectory, user, binaries } = place;
  const present = await readFile(join(dataDirectory, 'PG_VERSION'), 'utf8').catch(() => null);
  if (present !== null) {
    requireMajor(place, present.trim());
    return false;
  }
  const parent = dirname(dataDirectory);
  await mkdir(parent, { recursive: true });
  await removeDrafts(dataDirectory);
  const draft = `${dataDirectory}.init-${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(join(draft, 'data'), { recursive: true });
    await writeFile(join(draft, 'password'), options.password, { mode: 0o600 });
    await handOver(join(draft, 'password'), user, 0o600);
    await handOver(join(draft, 'data'), user, 0o700);
    await handOver(draft, user, 0o700);
    const failure = await runInitdb(place, draft, options.isDurable ?? true);
    if (failure !== null) {
      throw new SbwError('CLUSTER_INIT_FAILED', `initdb of PostgreSQL ${binaries.major} failed: ${failure}`, {
        fix: `check the free space and the rights of ${parent}`,
      });
    }
    await rename(join(draft, 'data'), dataDirectory);
    return true;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** What killed runs left beside the data directory. */
async function removeDrafts(dataDirectory: string): Promise<void> {
  const parent = dirname(dataDirectory);
  for (const name of await readdir(parent)) {
    if (!name.startsWith(`${basename(dataDirectory)}.init-`)) continue;
    await rm(join(parent, name), { recursive: true, force: true });
  }
}

function requireMajor({ dataDirectory, binaries }: ClusterPlace, found: string): void {
  if (found === String(binaries.major)) return;
  throw new SbwError(
    'CLUSTER_OTHER_VERSION',
    `${dataDirectory} was made by PostgreSQL ${found}; this sbw brings PostgreSQL ${binaries.major}`,
    {
      kind: 'environment',
      fix: `the raw events hold everything: mv ${dataDirectory} ${dataDirectory}.${found}, sbw local up, then sbw etl backfill`,
    },
  );
}

/** Null when it worked, else the end of what initdb said. */
async function runInitdb(place: ClusterPlace, draft: string, isDurable: boolean): Promise<string | null> {
  const child = spawn(
    programOf(place.binaries, 'initdb'),
    [
      `--pgdata=${join(draft, 'data')}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${join(draft, 'password')}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      ...localeOptions(place.binaries.major),
      ...(isDurable ? [] : ['--no-sync']),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], ...serverSurroundings(place) },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-4096)));
  }
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, killer) =>
      resolve(code === 0 ? null : `${killer ?? `exit code ${code}`}\n${output.trim()}`),
    );
  });
}

/** The builtin provider (17 and later) sorts alike on every machine and asks nothing of the system. */
function localeOptions(major: number): string[] {
  return major >= 17
    ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
    : ['--locale=C.UTF-8'];
}
