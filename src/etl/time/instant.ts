import { SbwError } from '../../errors.ts';

/** What a written time can mean. The two differ only where a clock change repeats an hour. */
export interface WrittenTime {
  readonly earliestMs: number;
  readonly latestMs: number;
}

const TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2})(?::(\d{2})(?::(\d{2}(?:\.\d{1,9})?))?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;
const FORMS = '2025-12-06, 2025-12-06T05, 2025-12-06T05:30 or 2025-12-06T05:00:00+07:00';
const MINUTE_MS = 60_000;

/**
 * Reads `2025-12-06`, `2025-12-06T05`, `2025-12-06T05:30` or a full ISO 8601 time with its zone.
 *
 * A time that names no zone is UTC, or local to `zone` (an IANA name). A date is the first instant of its day.
 *
 * @throws SbwError TIME_INVALID (usage) for another form, a date or time that no calendar has, years before
 * 1970, and a local time that a clock change skips.
 */
export function parseTime(text: string, zone: string | null): WrittenTime {
  const match = TIME.exec(text);
  if (!match) throw invalid(text, `is no time in one of the forms ${FORMS}`);
  const [, year, month, day, hour, minute, second, offset] = match;
  const dayMs = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const isRealDay = new Date(dayMs).toISOString().startsWith(`${year}-${month}-${day}`);
  if (!isRealDay) throw invalid(text, 'names a day that no calendar has');
  if (Number(year) < 1970) throw invalid(text, 'is before 1970, when nothing was recorded');
  if (Number(hour ?? 0) > 23 || Number(minute ?? 0) > 59 || Number(second ?? 0) >= 60) {
    throw invalid(text, 'names a time that no clock shows (00:00 to 23:59)');
  }
  const localMs =
    dayMs + (Number(hour ?? 0) * 60 + Number(minute ?? 0)) * MINUTE_MS + Number(second ?? 0) * 1000;
  if (offset !== undefined) return once(localMs - offsetOfText(text, offset));
  if (zone === null) return once(localMs);
  return timeInZone(text, localMs, zone, hour === undefined);
}

/** @throws SbwError ZONE_UNKNOWN (usage) when `name` is no IANA time zone */
export function requireZone(name: string): string {
  try {
    // The name stays as typed: the system's spelling may be an older one (Asia/Saigon).
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return name;
  } catch (cause) {
    throw new SbwError('ZONE_UNKNOWN', `"${name}" is no time zone.`, {
      kind: 'usage',
      fix: 'use an IANA name, such as --tz Asia/Ho_Chi_Minh',
      cause,
    });
  }
}

/** The wall clock of `zone` at an instant, as `2025-12-06 12:00`. */
export function wallClock(instantMs: number, zone: string): string {
  return new Date(instantMs + zoneOffset(instantMs, zone)).toISOString().slice(0, 16).replace('T', ' ');
}

function timeInZone(text: string, localMs: number, zone: string, isDate: boolean): WrittenTime {
  // No zone is further than 14 h from UTC, so these two offsets are those before and after any clock change.
  const before = zoneOffset(localMs - 15 * 60 * MINUTE_MS, zone);
  const after = zoneOffset(localMs + 15 * 60 * MINUTE_MS, zone);
  const meant = [...new Set([before, after])]
    .map((offset) => localMs - offset)
    .filter((instantMs) => instantMs + zoneOffset(instantMs, zone) === localMs)
    .sort((a, b) => a - b);
  const [earliestMs] = meant;
  if (earliestMs !== undefined) return { earliestMs, latestMs: meant.at(-1) ?? earliestMs };
  // A day whose midnight is skipped begins when the clocks jump.
  if (isDate) return once(localMs - before);
  throw invalid(text, `does not exist in ${zone}: the clocks skip it`);
}

/** How far the zone's wall clock is ahead of UTC at an instant, milliseconds. */
function zoneOffset(instantMs: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(instantMs);
  const field = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  const shownMs = Date.UTC(
    field('year'),
    field('month') - 1,
    field('day'),
    field('hour'),
    field('minute'),
    field('second'),
  );
  return shownMs - Math.floor(instantMs / 1000) * 1000;
}

function offsetOfText(text: string, offset: string): number {
  if (offset.toUpperCase() === 'Z') return 0;
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(3).replace(':', '') || 0);
  if (hours > 14 || minutes > 59) throw invalid(text, `has an offset that no zone has (${offset})`);
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * MINUTE_MS;
}

function once(instantMs: number): WrittenTime {
  return { earliestMs: instantMs, latestMs: instantMs };
}

function invalid(text: string, why: string): SbwError {
  return new SbwError('TIME_INVALID', `"${text}" ${why}.`, {
    kind: 'usage',
    fix: 'write it like --from 2025-12-06T05 --to 2025-12-06T08 (UTC; --to is not included)',
  });
}
