import { SbwError } from '../../../errors.ts';
import { type Buckets, DELETE_LIMIT, type ObjectVersion, type Refusal } from '../../ports/buckets.ts';
import type { Patience } from './patience.ts';

type Named = Pick<ObjectVersion, 'key' | 'versionId'>;

/** Each deletes a thousand; S3 takes 3,500 deletes a second. */
const DELETES_AT_ONCE = 4;
const REFILL_PAUSE_MS = 2000;
/** Who writes faster than we delete would keep us here for ever. */
const MOST_REFILLS = 200;

export interface Emptying {
  readonly name: string;
  /** The bucket itself goes too, and nobody may write to it meanwhile. */
  readonly isDeleted: boolean;
}

/**
 * Deletes every version, marker and unfinished upload, and looks again until a whole look finds nothing: writers may
 * have been in the middle of something. Then deletes the bucket. One LIST and one DELETE for 1,000 versions.
 *
 * @throws SbwError BUCKET_NOT_EMPTIED
 */
export async function emptyBucket(
  buckets: Buckets,
  { name, isDeleted }: Emptying,
  patience: Patience,
  say: (text: string) => void,
): Promise<'done' | 'gone'> {
  const before = await buckets.describeBucket(name);
  if (before === null) return 'gone';
  if (isDeleted && !before.isWriteDenied) await buckets.denyWrites(name);
  let total = 0;
  for (let look = 0; look < MOST_REFILLS; look += 1) {
    const found = await emptyOnce(buckets, name, patience, (count) => {
      total += count;
      say(`${total.toLocaleString('en-US')} versions deleted`);
    });
    if (found === 0) {
      if (!isDeleted || (await buckets.deleteBucket(name))) return 'done';
      say('something was just written to it, once more');
    }
    if (look > 0) await patience.wait(REFILL_PAUSE_MS);
  }
  throw new SbwError('BUCKET_NOT_EMPTIED', `Something keeps writing to ${name}.`, {
    fix: `find out who writes to ${name} and stop it, then run the same command again`,
  });
}

/** One look. @returns what it found, deleted or not */
async function emptyOnce(
  buckets: Buckets,
  name: string,
  patience: Patience,
  count: (deleted: number) => void,
): Promise<number> {
  let found = 0;
  const refused: Refusal[] = [];
  const problems: unknown[] = [];
  const running = new Set<Promise<void>>();
  const remove = async (versions: readonly Named[]): Promise<void> => {
    try {
      const refusals = await buckets.deleteVersions(name, versions);
      refused.push(...refusals);
      count(versions.length - refusals.length);
    } catch (error) {
      problems.push(error);
    }
  };
  try {
    for await (const page of buckets.listVersions(name)) {
      found += page.length;
      for (let start = 0; start < page.length; start += DELETE_LIMIT) {
        patience.goOn();
        const work = remove(page.slice(start, start + DELETE_LIMIT)).finally(() => running.delete(work));
        running.add(work);
        if (running.size >= DELETES_AT_ONCE) await Promise.race(running);
      }
      if (refused.length > 0 || problems.length > 0) break;
    }
  } finally {
    await Promise.all(running);
  }
  if (problems.length > 0) throw problems[0];
  requireNone(name, refused);
  return found + (await abortUploads(buckets, name, patience));
}

/** @returns how many there were */
async function abortUploads(buckets: Buckets, name: string, patience: Patience): Promise<number> {
  let found = 0;
  for await (const page of buckets.listUploads(name)) {
    found += page.length;
    for (const upload of page) {
      patience.goOn();
      await buckets.abortUpload(name, upload);
    }
  }
  return found;
}

/** @throws SbwError BUCKET_NOT_EMPTIED */
function requireNone(name: string, refused: readonly Refusal[]): void {
  const [first] = refused;
  if (first === undefined) return;
  const isPermission = first.code === 'AccessDenied';
  throw new SbwError(
    'BUCKET_NOT_EMPTIED',
    `S3 would not delete ${refused.length} ${refused.length === 1 ? 'version' : 'versions'} in ${name}: ` +
      `${first.code}: ${first.message} (${JSON.stringify(first.key.slice(0, 200))})`,
    {
      fix: isPermission
        ? `ask for the permissions s3:DeleteObject and s3:DeleteObjectVersion on ${name}, then run the same command again`
        : 'run the same command again',
    },
  );
}
