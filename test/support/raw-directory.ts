import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface RawDirectory {
  readonly path: string;
  /** Writes an object; a value is written as JSON, text and bytes as they are. */
  put(key: string, content: unknown): Promise<void>;
  remove(): Promise<void>;
}

/** A raw store in a temporary directory, filled by hand. */
export async function makeRawDirectory(): Promise<RawDirectory> {
  const path = await mkdtemp(join(tmpdir(), 'sbw-raw-'));
  return {
    path,
    put: async (key, content) => {
      const file = join(path, key);
      await mkdir(dirname(file), { recursive: true });
      const isRaw = typeof content === 'string' || content instanceof Uint8Array;
      await writeFile(file, isRaw ? content : JSON.stringify(content));
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}
