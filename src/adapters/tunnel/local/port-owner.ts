import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';

const LISTEN = '0A';
const TIMEOUT_MS = 1500;

/** Who listens on a port of this machine: `R (pid 4121)`. Null when it cannot be seen; never throws. */
export async function portOwner(port: number): Promise<string | null> {
  try {
    return process.platform === 'linux' ? await ownerFromProc(port) : await ownerFromLsof(port);
  } catch {
    return null;
  }
}

async function ownerFromProc(port: number): Promise<string | null> {
  const inodes = await listeningInodes(port);
  if (inodes.size === 0) return null;
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    // Processes of others do not show their files.
    const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const file of files) {
      const link = await readlink(`/proc/${pid}/fd/${file}`).catch(() => '');
      if (!inodes.has(link)) continue;
      const name = (await readFile(`/proc/${pid}/comm`, 'utf8')).trim();
      return `${name} (pid ${pid})`;
    }
  }
  return null;
}

/** As the links of open files name them: `socket:[4711]`. */
async function listeningInodes(port: number): Promise<Set<string>> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  );
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const inodes = new Set<string>();
  for (const line of tables.join('\n').split('\n')) {
    const fields = line.trim().split(/\s+/);
    if (fields[1]?.endsWith(suffix) === true && fields[3] === LISTEN) inodes.add(`socket:[${fields[9]}]`);
  }
  return inodes;
}

/** `p4121` and `cR`, a line each. */
async function ownerFromLsof(port: number): Promise<string | null> {
  const arguments_ = ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'];
  const { stdout } = await promisify(execFile)('lsof', arguments_, { timeout: TIMEOUT_MS });
  const pid = /^p(\d+)$/m.exec(stdout)?.[1];
  return pid === undefined ? null : `${/^c(.+)$/m.exec(stdout)?.[1] ?? 'a program'} (pid ${pid})`;
}
