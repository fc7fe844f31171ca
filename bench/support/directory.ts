import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RawObjects } from './events.ts';

export interface BenchDirectory {
  readonly path: string;
  remove(): Promise<void>;
}

/** The objects as files. Not made durable as the store does: only reading them is measured. */
export async function makeDirectory({ objects }: Pick<RawObjects, 'objects'>): Promise<BenchDirectory> {
  const path = await mkdtemp(join(tmpdir(), 'sbw-bench-'));
  for (const { key, body } of objects) {
    const file = join(path, key);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, body);
  }
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
