import { SbwError } from '../errors.ts';

/** What S3 allows; a directory allows 255 for each part. */
const MAX_KEY_BYTES = 1024;

/**
 * A key that means the same in a directory, in S3 and behind a proxy that tidies paths: parts between slashes, none
 * of them empty, `.` or `..`. Both stores write no other; S3 reads any, since others may have written it.
 * @throws SbwError RAW_OBJECT_KEY_INVALID
 */
export function requirePlainKey(key: string): void {
  const isPlain = key.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  if (isPlain && !key.includes('\0') && key.isWellFormed() && Buffer.byteLength(key) <= MAX_KEY_BYTES) return;
  throw new SbwError(
    'RAW_OBJECT_KEY_INVALID',
    'An object key must be a plain path below the root of the raw store.',
  );
}
