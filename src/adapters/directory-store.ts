import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { link, mkdir, open, readdir, unlink } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join, resolve, sep } from 'node:path';
import { SbwError } from '../errors.ts';
import { READ_WHOLE_BYTES, type KeyRange, type ObjectInfo, type ObjectStore } from '../etl/ports.ts';

/** Local reads are synchronous; a few at a time keep the decoder busy while PostgreSQL works. */
const READS_IN_FLIGHT = 8;
const PAGE_OBJECTS = 1000;
/** Files being written; they become objects by a link. */
const TEMPORARY = '.sbw-write-';

/**
 * The raw store in a directory: keys are paths below it, with `/`.
 * @throws SbwError RAW_STORE_MISSING (environment) unless `create` makes it
 */
export async function openDirectoryStore(
  path: string,
  options: { create?: boolean } = {},
): Promise<ObjectStore> {
  const root = resolve(path);
  if (options.create === true) await mkdir(root, { recursive: true });
  if (!existsSync(root) || !statSync(root).isDirectory()) {
    throw new SbwError('RAW_STORE_MISSING', `There is no directory ${root}.`, {
      kind: 'environment',
      fix: 'check --raw, or make the directory: mkdir -p ' + root,
    });
  }
  return {
    url: root,
    readsInFlight: READS_IN_FLIGHT,
    list: (range) => listPages(root, range),
    read: async ({ key, size }) => {
      const file = fileOf(root, key);
      try {
        if (size > READ_WHOLE_BYTES) return streamOf(file);
        return readFileSync(file);
      } catch (error) {
        throw readError(error, key);
      }
    },
    write: (key, body) => writeObject(root, key, body),
    close: async () => undefined,
  };
}

async function* streamOf(file: string): AsyncIterable<Uint8Array> {
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 })) yield chunk as Buffer;
  } catch (error) {
    throw readError(error, file);
  }
}

async function* listPages(root: string, range: KeyRange): AsyncIterable<readonly ObjectInfo[]> {
  let page: ObjectInfo[] = [];
  for await (const object of walk(root, '', range)) {
    page.push(object);
    if (page.length < PAGE_OBJECTS) continue;
    yield page;
    page = [];
  }
  yield page;
}

/** Depth first in the order of the keys; only directories that can hold keys of the range are opened. */
async function* walk(root: string, prefix: string, range: KeyRange): AsyncIterable<ObjectInfo> {
  const entries = await readdir(join(root, prefix), { withFileTypes: true }).catch((error: unknown) => {
    if (isGone(error)) return [];
    throw new SbwError('RAW_STORE_FORBIDDEN', `Cannot list ${join(root, prefix)}.`, {
      kind: 'environment',
      fix: 'check the permissions of the directory',
      cause: error,
    });
  });
  // A directory sorts as its keys do: with the slash behind its name.
  const named = entries
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => ({ name: `${prefix}${entry.name}${entry.isDirectory() ? '/' : ''}`, entry }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, entry } of named) {
    if (name >= range.before) return;
    if (entry.isDirectory()) {
      if (`${name}\uffff` >= range.from) yield* walk(root, name, range);
    } else if (name >= range.from && !entry.name.startsWith(TEMPORARY)) {
      const info = statSync(join(root, name), { throwIfNoEntry: false });
      if (info === undefined) continue;
      yield {
        key: name,
        size: info.size,
        modifiedAtMs: info.mtimeMs,
        version: `${info.size}-${info.mtimeMs}`,
      };
    }
  }
}

/** Written aside, made durable, then linked into place: a reader never sees half an object. */
async function writeObject(root: string, key: string, body: Uint8Array): Promise<void> {
  const file = fileOf(root, key);
  const directory = dirname(file);
  const temporary = join(directory, `${TEMPORARY}${randomUUID()}`);
  try {
    await mkdir(directory, { recursive: true });
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(body);
      await handle.sync();
    } finally {
      await handle.close();
    }
    try {
      await link(temporary, file);
    } finally {
      await unlink(temporary);
    }
    const parent = await open(directory, 'r');
    try {
      await parent.sync();
    } finally {
      await parent.close();
    }
  } catch (error) {
    if ((error as { code?: string }).code === 'EEXIST') {
      throw new SbwError('RAW_OBJECT_EXISTS', `There is an object ${key} already.`, { cause: error });
    }
    throw new SbwError('RAW_STORE_WRITE_FAILED', `Cannot write ${key}.`, {
      kind: 'environment',
      cause: error,
    });
  }
}

function fileOf(root: string, key: string): string {
  const file = resolve(root, key);
  if (!file.startsWith(root + sep) || key.includes('\0')) {
    throw new SbwError('RAW_KEY_INVALID', 'An object key must stay below the directory of the raw store.');
  }
  return file;
}

const isGone = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes((error as { code?: string }).code ?? '');

function readError(error: unknown, key: string): SbwError {
  const code = isGone(error) ? 'RAW_OBJECT_MISSING' : 'RAW_OBJECT_READ_FAILED';
  return new SbwError(code, `Cannot read ${key}: ${(error as Error).message}`, { cause: error });
}
