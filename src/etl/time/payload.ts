import { SbwError } from '../../errors.ts';
import type { Window } from '../plan/plan.ts';
import { parseTime } from './instant.ts';
import { DAY_MS, HOUR_MS, partitionOf } from './partition.ts';

type Payload = Readonly<Record<string, unknown>>;

/** The keys that name a window; `scope` goes with hoursBack. */
const TARGETS = ['overridePrefix', 'targetUtcHour', 'targetUtcDate', 'hoursBack'] as const;
const KEYS: readonly string[] = [...TARGETS, 'scope'];
const SCHEDULERS: readonly unknown[] = ['aws.events', 'aws.scheduler'];

/**
 * The window that a payload of the original Lambda asks for:
 *
 * - `overridePrefix`: `events/2025/12/06/05/`, or the prefix of a day, a month or a year;
 * - `targetUtcHour`, `targetUtcDate`: the hour, or the day, that holds an ISO 8601 time or epoch milliseconds;
 * - `hoursBack` (whole, 0 is the hour not yet over; 1 when only `scope` is given) with `scope` `hour` or `day`.
 *
 * Null means the incremental run: `{}`, nothing, or the event of a schedule, see instantOfPayload.
 *
 * @throws SbwError PAYLOAD_INVALID (usage) for anything else: nonsense must never be an empty success.
 */
export function windowOfPayload(payload: unknown, now: Date): Window | null {
  if (payload === undefined || payload === null) return null;
  const fields = requireObject(payload);
  if (isScheduleEvent(fields)) return null;
  for (const key of Object.keys(fields)) if (!KEYS.includes(key)) throw unknownKey(key);
  const targets = TARGETS.filter((key) => fields[key] !== undefined);
  if (targets.length > 1) throw invalid(`${targets.join(' and ')} name two windows: give one of them`);
  checkScope(fields, targets[0]);
  switch (targets[0]) {
    case 'overridePrefix':
      return windowOfPrefix(fields['overridePrefix']);
    case 'targetUtcHour':
      return hourOf(instantOf('targetUtcHour', fields['targetUtcHour']));
    case 'targetUtcDate':
      return dayOf(instantOf('targetUtcDate', fields['targetUtcDate']));
    default:
      return fields['hoursBack'] === undefined && fields['scope'] === undefined
        ? null
        : windowBack(fields['hoursBack'] === undefined ? 1 : fields['hoursBack'], fields['scope'], now);
  }
}

/**
 * The instant an invocation stands for: a schedule event's own `time`, else `now`. A late or repeated
 * invocation must look at the hours it was meant for.
 *
 * @throws SbwError PAYLOAD_INVALID (usage) when a schedule event has no valid time.
 */
export function instantOfPayload(payload: unknown, now: Date): Date {
  if (typeof payload !== 'object' || payload === null || !isScheduleEvent(payload as Payload)) return now;
  return new Date(instantOf('time', (payload as Payload)['time']));
}

function isScheduleEvent(fields: Payload): boolean {
  if (!SCHEDULERS.includes(fields['source'])) return false;
  const target = KEYS.find((key) => fields[key] !== undefined);
  if (target !== undefined) throw invalid(`${target} has no place in a schedule event`);
  instantOf('time', fields['time']);
  return true;
}

function checkScope(fields: Payload, target: string | undefined): void {
  const { scope } = fields;
  if (scope === undefined) return;
  if (scope !== 'hour' && scope !== 'day')
    throw invalid(`scope is ${show(scope)}; it can be "hour" or "day"`);
  const implied = target === 'targetUtcHour' ? 'hour' : target === 'targetUtcDate' ? 'day' : scope;
  if (target === 'overridePrefix')
    throw invalid('scope goes with hoursBack; overridePrefix names its own scope');
  if (implied !== scope)
    throw invalid(`scope "${scope}" contradicts ${target}, which names a whole ${implied}`);
}

function windowOfPrefix(prefix: unknown): Window {
  const match =
    typeof prefix === 'string'
      ? /^events\/(\d{4})(?:\/(\d{2})(?:\/(\d{2})(?:\/(\d{2}))?)?)?\/?$/.exec(prefix)
      : null;
  if (!match) {
    throw invalid(
      `overridePrefix is ${show(prefix)}; it must name an hour or a day, like "events/2025/12/06/05/"`,
    );
  }
  const [, year, month, day, hour] = match;
  const instantMs = instantOf('overridePrefix', `${year}-${month ?? '01'}-${day ?? '01'}T${hour ?? '00'}`);
  if (hour !== undefined) return hourOf(instantMs);
  if (day !== undefined) return dayOf(instantMs);
  const next = month === undefined ? [Number(year) + 1, 0] : [Number(year), Number(month)];
  return { fromMs: instantMs, beforeMs: Date.UTC(next[0] ?? 0, next[1]) };
}

function windowBack(hoursBack: unknown, scope: unknown, now: Date): Window {
  const isWhole =
    typeof hoursBack === 'number' ? Number.isInteger(hoursBack) : /^\d+$/.test(textOf(hoursBack));
  const hours = isWhole ? Number(hoursBack) : Number.NaN;
  if (!(hours >= 0)) throw invalid(`hoursBack is ${show(hoursBack)}; it must be a whole number, 0 or more`);
  const instantMs = now.getTime() - hours * HOUR_MS;
  if (!(instantMs >= 0)) throw invalid(`hoursBack ${hours} reaches back before 1970`);
  return scope === 'day' ? dayOf(instantMs) : hourOf(instantMs);
}

function instantOf(key: string, value: unknown): number {
  if (typeof value === 'number') {
    // Epoch seconds of our days are 1.8e9, which as milliseconds is still January 1970.
    if (!Number.isInteger(value) || value < 1e11 || value > 8e15) {
      throw invalid(`${key} is ${show(value)}; a number must be epoch milliseconds, such as 1765000800000`);
    }
    return value;
  }
  try {
    return parseTime(textOf(value), null).earliestMs;
  } catch (cause) {
    throw invalid(`${key} is ${show(value)}; it must be a UTC time like "2025-12-06T05:00:00Z"`, cause);
  }
}

function hourOf(instantMs: number): Window {
  return { fromMs: partitionOf(instantMs), beforeMs: partitionOf(instantMs) + HOUR_MS };
}

function dayOf(instantMs: number): Window {
  const fromMs = Math.floor(instantMs / DAY_MS) * DAY_MS;
  return { fromMs, beforeMs: fromMs + DAY_MS };
}

function requireObject(payload: unknown): Payload {
  if (typeof payload === 'object' && payload !== null && !Array.isArray(payload)) return payload as Payload;
  throw invalid(`the payload is ${show(payload)}; it must be a JSON object`);
}

function unknownKey(key: string): SbwError {
  const meant = KEYS.find((known) => isClose(key, known));
  const hint = meant === undefined ? `known are ${KEYS.join(', ')}` : `perhaps ${meant} was meant`;
  return invalid(`unknown key ${show(key)}, ${hint}`);
}

/** Same letters but for case, or for two of them: enough for typos in names this long. */
function isClose(typed: string, known: string): boolean {
  const a = typed.toLowerCase().replaceAll(/[^a-z]/g, '');
  const b = known.toLowerCase();
  if (a.length > 40) return false;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return (row[b.length] ?? Infinity) <= 2;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A value as JSON, short enough for a message. */
function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function invalid(why: string, cause?: unknown): SbwError {
  return new SbwError('PAYLOAD_INVALID', `Payload: ${why}.`, {
    kind: 'usage',
    fix: 'for example {"targetUtcHour":"2025-12-06T05:00:00Z"}, {"hoursBack":1,"scope":"hour"} or {}',
    cause,
  });
}
