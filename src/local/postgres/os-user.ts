import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { SbwError } from '../../errors.ts';

/** Somebody the operating system knows. */
export interface OsUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * Who may run PostgreSQL for root, best first: PostgreSQL refuses to run as root, and wants a user that is listed
 * in the password file.
 *
 * @param sudoUid what sudo left in SUDO_UID: the person behind root
 * @throws SbwError CLUSTER_USER_MISSING (environment)
 */
export async function findServerUsers(sudoUid: string | undefined): Promise<[OsUser, ...OsUser[]]> {
  const asked = /^\d+$/.test(sudoUid ?? '') ? ['postgres', sudoUid!, 'nobody'] : ['postgres', 'nobody'];
  const found = await Promise.all(asked.map(findUser));
  const [first, ...others] = found.filter((user): user is OsUser => user !== null && user.uid !== 0);
  if (first !== undefined) return [first, ...others];
  throw new SbwError(
    'CLUSTER_USER_MISSING',
    'PostgreSQL does not run as root, and there is no user that could run it',
    { kind: 'environment', fix: 'useradd --system postgres, or run sbw as a normal user' },
  );
}

/** The user of that uid; one that the password file does not list is of no use to PostgreSQL. */
export async function findUser(nameOrUid: string | number): Promise<OsUser | null> {
  const ask = (flag: string): Promise<string> =>
    promisify(execFile)('id', [flag, '--', String(nameOrUid)]).then(({ stdout }) => stdout.trim());
  try {
    const [name, uid, gid] = await Promise.all([ask('-nu'), ask('-u'), ask('-g')]);
    return { name, uid: Number(uid), gid: Number(gid) };
  } catch {
    return null;
  }
}

/** Whether `user` gets into this directory; the system itself is asked, so that ACLs count too. */
export async function canEnter(user: OsUser, directory: string): Promise<boolean> {
  const { uid, gid } = user;
  return promisify(execFile)('/bin/sh', ['-c', 'cd -- "$1"', 'sh', directory], { uid, gid, cwd: '/' }).then(
    () => true,
    () => false,
  );
}
