import { open, stat } from 'node:fs/promises';

const TAIL_BYTES = 4096;
const TAIL_LINES = 15;

/** Bytes in the file now; a later `readLogTail` from there shows only what was added. 0 without a file. */
export async function sizeOfLog(file: string): Promise<number> {
  return (await stat(file).catch(() => null))?.size ?? 0;
}

/** The last lines of a log, for an error message; never from before `from`. Empty when there are none. */
export async function readLogTail(file: string, from = 0): Promise<string> {
  const handle = await open(file, 'r').catch(() => null);
  if (handle === null) return '';
  try {
    const { size } = await handle.stat();
    const start = Math.max(from, size - TAIL_BYTES);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(TAIL_BYTES), 0, TAIL_BYTES, start);
    const lines = buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n');
    return lines.slice(-TAIL_LINES).join('\n');
  } finally {
    await handle.close();
  }
}
