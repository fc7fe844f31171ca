import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeObjects, type Filling } from './events.ts';

export interface BenchDirectory {
  readonly path: string;
  remove(): Promise<void>;
}

/** The objects as files. Not made durable as the store does: only reading them is measured. */
export async function makeDirectory(filling: Filling): Promise<BenchDirectory> {
  const path = await mkdtemp(join(tmpdir(), 'sbw-bench-'));
  for (const { key, body } of makeObjects(filling)) {
    const file = join(path, key);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, body);
  }
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
