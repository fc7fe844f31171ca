import { readFileSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** The kernel counts CPU time in hundredths of a second, whatever the machine. */
const US_PER_TICK = 10_000;

interface ProcessStat {
  readonly parent: number;
  readonly ownUs: number;
  /** Of children that ended and were waited for. */
  readonly goneUs: number;
}

/** CPU time of a process so far, microseconds; 0 where /proc does not exist or the process is gone. */
export function cpuOf(pid: number): number {
  return statOf(String(pid))?.ownUs ?? 0;
}

/** CPU time of a process and all its children, dead or alive: PostgreSQL has one process a connection. */
export function cpuOfFamily(pid: number): number {
  const parent = statOf(String(pid));
  if (parent === null) return 0;
  let total = parent.ownUs + parent.goneUs;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = statOf(name);
    if (stat?.parent === pid) total += stat.ownUs;
  }
  return total;
}

export function parentOf(pid: number): number | null {
  return statOf(String(pid))?.parent ?? null;
}

/** CPU time of the whole machine so far, microseconds; null where /proc does not exist. */
export function cpuOfMachine(): number | null {
  try {
    const [, user, nice, system, , , irq, softIrq] = readFileSync('/proc/stat', 'utf8')
      .split('\n', 1)[0]!
      .split(/\s+/);
    return [user, nice, system, irq, softIrq].reduce((sum, ticks) => sum + Number(ticks), 0) * US_PER_TICK;
  } catch {
    return null;
  }
}

export const CORES = availableParallelism();

/** Peak and present resident memory of a process, bytes; null when it is gone. */
export function memoryOf(pid: number): { peak: number; now: number } | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const field = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
    const memory = { peak: field('VmHWM'), now: field('VmRSS') };
    return Number.isNaN(memory.now) ? null : memory;
  } catch {
    return null;
  }
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function statOf(pid: string): ProcessStat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name may hold anything, spaces and brackets included.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const ticks = (index: number): number => (fields[index] ?? 0) * US_PER_TICK;
    return { parent: fields[1] ?? 0, ownUs: ticks(11) + ticks(12), goneUs: ticks(13) + ticks(14) };
  } catch {
    return null;
  }
}
