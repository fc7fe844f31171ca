import type { KeyRange } from '../ports.ts';

/** One UTC hour in milliseconds. */
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** A partition is named by the start of its UTC hour, epoch milliseconds. */
export type PartitionStart = number;

export function partitionOf(instantMs: number): PartitionStart {
  return Math.floor(instantMs / HOUR_MS) * HOUR_MS;
}

/** `2025-12-06T05`, the short name of a partition in messages, flags and JSON. */
export function partitionName(start: PartitionStart): string {
  return new Date(start).toISOString().slice(0, 13);
}

/** `events/2025/12/06/05/`: where new raw events of this hour are written. */
export function hourPrefix(start: PartitionStart): string {
  return `${dayPrefix(start)}${new Date(start).toISOString().slice(11, 13)}/`;
}

/** `events/2025/12/06/`: holds the hours of the day, and the seeds' objects that name no hour. */
export function dayPrefix(instantMs: number): string {
  return `events/${new Date(instantMs).toISOString().slice(0, 10).replaceAll('-', '/')}/`;
}

/** Every key that can belong to `[fromMs, beforeMs)`: whole days, since the seeds' layout names no hour. */
export function keyRangeOf(fromMs: number, beforeMs: number): KeyRange {
  return {
    from: dayPrefix(fromMs),
    before: dayPrefix(Math.floor((beforeMs - 1) / DAY_MS) * DAY_MS + DAY_MS),
  };
}

const EVENT_KEY = /^events\/(\d{4})\/(\d{2})\/(\d{2})\/(?:(\d{2})\/)?[^/]/;

/** What a key says of its time: the day, and the hour when the layout names one. */
export interface KeyTime {
  readonly dayMs: number;
  readonly hourMs: number | null;
}

/** Listings come in key order, so the answer for an hour's prefix is nearly always the one given last. */
let last: { readonly prefix: string; readonly time: KeyTime } = {
  prefix: '/',
  time: { dayMs: 0, hourMs: null },
};

/** The time in a key. Null when it is no event key. */
export function timeOfKey(key: string): KeyTime | null {
  const isInLastHour = key.startsWith(last.prefix) && key.length > last.prefix.length;
  if (isInLastHour && key[last.prefix.length] !== '/') return last.time;
  const time = readTime(key);
  if (time !== null && time.hourMs !== null) last = { prefix: hourPrefix(time.hourMs), time };
  return time;
}

function readTime(key: string): KeyTime | null {
  const match = EVENT_KEY.exec(key);
  if (!match) return null;
  const [, year, month, day, hour] = match;
  const dayMs = Date.parse(`${year}-${month}-${day}T00:00:00Z`);
  // 2025-02-30 parses to NaN or rolls over; either way the key names no real day.
  if (Number.isNaN(dayMs) || new Date(dayMs).getUTCDate() !== Number(day)) return null;
  if (hour === undefined) return { dayMs, hourMs: null };
  return Number(hour) < 24 ? { dayMs, hourMs: dayMs + Number(hour) * HOUR_MS } : null;
}
