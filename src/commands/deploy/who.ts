import { hostname, userInfo } from 'node:os';
import type { LockHolder } from '../../stacks/deploy/record/lock.ts';

/** This process, as others see it in the lock. */
export function whoAmI(runId: string): Pick<LockHolder, 'runId' | 'user' | 'host' | 'pid'> {
  return { runId, user: userName(), host: hostname(), pid: process.pid };
}

/** Null: it runs on another computer, and nobody here can tell. */
export function isAlive({ host, pid }: Pick<LockHolder, 'host' | 'pid'>): boolean | null {
  if (host !== hostname()) return null;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive as well.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A container may run as a number that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
