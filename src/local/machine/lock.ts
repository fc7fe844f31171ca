import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { SbwError } from '../../errors.ts';
import { commandOf, waitUntil } from './process.ts';

const WAIT_MS = 90_000;

/**
 * Runs `use` while no other process holds the lock file. A lock whose holder was killed is taken over.
 *
 * @param onWait called once when somebody else holds it
 * @throws SbwError LOCAL_BUSY (refused) when it stays held
 */
export async function withLock<T>(
  file: string,
  use: () => Promise<T>,
  onWait: (holder: number) => void,
  waitMs = WAIT_MS,
): Promise<T> {
  let hasWaited = false;
  const isTaken = await waitUntil(async () => {
    if (await take(file)) return true;
    const holder = await readHolder(file);
    if (holder !== null && (await isHeldBy(holder))) {
      if (!hasWaited) onWait(holder.pid);
      hasWaited = true;
    } else if (holder !== null) {
      await breakLock(file, holder);
    }
    return false;
  }, waitMs);
  if (!isTaken) {
    throw new SbwError('LOCAL_BUSY', 'another sbw is starting or stopping the local platform', {
      kind: 'refused',
      fix: `wait for it; if none is there: rm ${file}`,
    });
  }
  try {
    return await use();
  } finally {
    await rm(file, { force: true });
  }
}

interface Holder {
  readonly pid: number;
  readonly command: string;
}

/** A link appears with its content, unlike a file that is created and then written. */
async function take(file: string): Promise<boolean> {
  const draft = `${file}.${randomBytes(4).toString('hex')}`;
  const holder: Holder = { pid: process.pid, command: (await commandOf(process.pid)) ?? '' };
  await writeFile(draft, JSON.stringify(holder), { mode: 0o600 });
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function readHolder(file: string): Promise<Holder | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return { pid: 0, command: '' };
  }
}

async function isHeldBy({ pid, command }: Holder): Promise<boolean> {
  const running = await commandOf(pid);
  return running !== null && running === command;
}

/** Moves the dead holder's lock away. Of two who try, one gets it; a lock that was taken meanwhile is put back. */
async function breakLock(file: string, dead: Holder): Promise<void> {
  const moved = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    await rename(file, moved);
  } catch {
    return;
  }
  const holder = await readHolder(moved);
  if (holder?.pid !== dead.pid) await link(moved, file).catch(() => undefined);
  await rm(moved, { force: true });
}
