import { SbwError } from '../../errors.ts';
import type { Window } from '../plan/plan.ts';
import { parseTime, requireZone } from './instant.ts';
import { DAY_MS, HOUR_MS, partitionOf } from './partition.ts';

/** The flags that name a window; all of them text as typed. */
export interface WindowFlags {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** `24h`, `7d`: instead of the two ends. */
  readonly last?: string | undefined;
  /** IANA name; times that carry no zone of their own are local to it. Default UTC. */
  readonly tz?: string | undefined;
}

export interface NamedWindow {
  readonly window: Window;
  /** The window is larger than what was typed: partitions are whole UTC hours, so it grew outward to them. */
  readonly widened: boolean;
  /** The zone of `--tz`, as typed; null without. */
  readonly zone: string | null;
}

/**
 * The window that `--from` (inclusive) and `--to` (exclusive), or `--last`, name: whole UTC hours.
 *
 * Ends that are not on a UTC hour are widened outward, since an hour is loaded whole or not at all and loading
 * more than asked does no harm. For the same reason a local hour that a clock change repeats counts from its
 * first beginning (`--from`) and to its last (`--to`).
 *
 * @throws SbwError (usage) WINDOW_INCOMPLETE when an end is missing, WINDOW_EMPTY when it ends before it begins,
 * WINDOW_CONTRADICTION for `--last` beside an end, TIME_INVALID, ZONE_UNKNOWN.
 */
export function parseWindow(flags: WindowFlags, now: Date): NamedWindow {
  const zone = flags.tz === undefined ? null : requireZone(flags.tz);
  if (flags.last !== undefined) return lastWindow(flags, flags.last, zone, now);
  if (flags.from === undefined || flags.to === undefined) throw incomplete(flags);
  const fromMs = parseTime(flags.from, zone).earliestMs;
  const beforeMs = parseTime(flags.to, zone).latestMs;
  if (fromMs >= beforeMs) {
    throw new SbwError('WINDOW_EMPTY', `--from ${flags.from} is not before --to ${flags.to}.`, {
      kind: 'usage',
      fix: 'for the whole of one day: --from 2025-12-06 --to 2025-12-07 (the end is not included)',
    });
  }
  return { ...widen(fromMs, beforeMs), zone };
}

/** Whether any flag names a window, for commands where it may be left out. */
export function namesWindow(flags: WindowFlags): boolean {
  return flags.from !== undefined || flags.to !== undefined || flags.last !== undefined;
}

function lastWindow(flags: WindowFlags, last: string, zone: string | null, now: Date): NamedWindow {
  if (flags.from !== undefined || flags.to !== undefined) {
    throw new SbwError('WINDOW_CONTRADICTION', '--last and --from/--to name two windows.', {
      kind: 'usage',
      fix: 'give either --last 24h, or both --from and --to',
    });
  }
  const match = /^([1-9]\d{0,4})([hd])$/.exec(last);
  if (!match) {
    throw new SbwError('TIME_INVALID', `--last "${last}" is no number of hours or days.`, {
      kind: 'usage',
      fix: 'write it like --last 24h or --last 7d',
    });
  }
  const lengthMs = Number(match[1]) * (match[2] === 'd' ? DAY_MS : HOUR_MS);
  const fromMs = now.getTime() - lengthMs;
  if (fromMs < 0)
    throw new SbwError('TIME_INVALID', `--last ${last} reaches back before 1970.`, { kind: 'usage' });
  return { ...widen(fromMs, now.getTime()), zone };
}

function widen(fromMs: number, beforeMs: number): { window: Window; widened: boolean } {
  const window = { fromMs: partitionOf(fromMs), beforeMs: Math.ceil(beforeMs / HOUR_MS) * HOUR_MS };
  return { window, widened: window.fromMs !== fromMs || window.beforeMs !== beforeMs };
}

function incomplete(flags: WindowFlags): SbwError {
  const missing = flags.from === undefined ? (flags.to === undefined ? '--from and --to' : '--from') : '--to';
  return new SbwError('WINDOW_INCOMPLETE', `The window has no ${missing}.`, {
    kind: 'usage',
    fix: 'for example --from 2025-12-06 --to 2025-12-07 (end not included), or --last 24h',
  });
}
