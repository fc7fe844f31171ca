import { rename, rm, writeFile } from 'node:fs/promises';
import { SbwError } from '../../../errors.ts';
import type { ReadyFile } from '../../../tunnel/world.ts';

export const readyFile: ReadyFile = {
  write: async (path, text) => {
    const draft = `${path}.${process.pid}`;
    try {
      await writeFile(draft, text, { mode: 0o600 });
      await rename(draft, path);
    } catch (cause) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw new SbwError('READY_FILE_UNWRITABLE', `Cannot write ${path}: ${(cause as Error).message}`, {
        kind: 'environment',
        fix: 'name another file: --ready-file <file>',
        cause,
      });
    }
  },
  remove: (path) => rm(path, { force: true }).catch(() => undefined),
};
