import { createHash } from 'node:crypto';
import { SbwError } from '../../../errors.ts';

/** Objects to be saved; the raw store of the ETL is one. */
export interface ObjectSource {
  list(range: { readonly from: string; readonly before: string }): AsyncIterable<readonly SourceObject[]>;
  read(object: SourceObject): Promise<Uint8Array | AsyncIterable<Uint8Array>>;
}

/** Where they go; a directory is one. */
export interface ObjectTarget {
  read(object: SourceObject): Promise<Uint8Array | AsyncIterable<Uint8Array>>;
  /** Durable when it resolves. @throws an error with the code RAW_OBJECT_EXISTS for a key that is taken */
  write(key: string, body: Uint8Array, contentType: string): Promise<void>;
}

export interface SourceObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
}

export interface ManifestEntry extends SourceObject {
  readonly sha256: string;
}

export interface CopyReport {
  readonly objects: number;
  readonly bytes: number;
  /** All that could not be saved, or reads differently than it was written. */
  readonly failed: readonly { readonly key: string; readonly reason: string }[];
}

const EVERYTHING = { from: '', before: '\u{10ffff}' };
const AT_ONCE = 16;
/** Entries of one part of the manifest, so that it never has to be in memory as a whole. */
const MANIFEST_ENTRIES = 10_000;

/**
 * Copies every object and reads each copy again. What a copy before has saved is compared, not copied.
 *
 * @param manifest gets the keys, sizes and digests, part by part
 */
export async function copyObjects(
  source: ObjectSource,
  target: ObjectTarget,
  manifest: (entries: readonly ManifestEntry[]) => Promise<void>,
  { stop, say }: { readonly stop: AbortSignal; say(text: string): void },
): Promise<CopyReport> {
  let [objects, bytes] = [0, 0];
  const failed: { key: string; reason: string }[] = [];
  let entries: ManifestEntry[] = [];
  const copy = async (object: SourceObject): Promise<void> => {
    try {
      entries.push(await copyOne(source, target, object));
      objects += 1;
      bytes += object.size;
    } catch (error) {
      failed.push({ key: object.key, reason: (error as Error).message });
    }
  };
  for await (const page of source.list(EVERYTHING)) {
    for (let start = 0; start < page.length; start += AT_ONCE) {
      goOn(stop);
      await Promise.all(page.slice(start, start + AT_ONCE).map(copy));
    }
    say(`${objects.toLocaleString('en-US')} objects saved`);
    if (entries.length < MANIFEST_ENTRIES) continue;
    await manifest(entries);
    entries = [];
  }
  if (entries.length > 0) await manifest(entries);
  return { objects, bytes, failed };
}

/** @throws SbwError CANCELLED */
function goOn(stop: AbortSignal): void {
  if (!stop.aborted) return;
  throw new SbwError('CANCELLED', 'Stopped while saving; nothing was deleted.', {
    kind: stop.reason === 'SIGINT' ? 'cancelled' : 'terminated',
  });
}

async function copyOne(
  source: ObjectSource,
  target: ObjectTarget,
  object: SourceObject,
): Promise<ManifestEntry> {
  const body = await whole(await source.read(object));
  try {
    await target.write(object.key, body, 'application/octet-stream');
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'RAW_OBJECT_EXISTS') throw error;
  }
  const sha256 = digestOf(body);
  const copy = await whole(await target.read({ key: object.key, size: body.length }));
  if (digestOf(copy) !== sha256) throw new Error('the copy differs from the object');
  return { key: object.key, size: body.length, sha256 };
}

async function whole(body: Uint8Array | AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function digestOf(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}
