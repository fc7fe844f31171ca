import type { Field } from './fields.ts';
import { numberText } from './exact-json.ts';
import type { Reason } from './reasons.ts';

/** The value in PostgreSQL's text form, or why it is none. Absent and empty values never get here. */
export type Parsed =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: Reason; readonly expected: string };

const wrong = (reason: Reason, expected: string): Parsed => ({ ok: false, reason, expected });
const right = (text: string): Parsed => ({ ok: true, text });

/** A text; an `id` may also come as a whole number, whose digits are kept as sent. */
export function parseText(value: unknown, field: Field): Parsed {
  let text: string;
  if (typeof value === 'string') text = value;
  else {
    const digits = field.type === 'id' ? numberText(value) : null;
    if (digits === null || !/^-?\d+$/.test(digits)) {
      return wrong('wrong_type', field.type === 'id' ? 'text or a whole number' : 'text');
    }
    text = digits;
  }
  return text.length > field.limit
    ? wrong('text_too_long', `at most ${field.limit} characters`)
    : right(text);
}

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;
/** NUMERIC(18,4): this many digits before the point, and after it. */
const WHOLE_DIGITS = 14;
const FRACTION_DIGITS = 4;

/** A decimal number or its text, into NUMERIC(18,4) without rounding. `""` is absent, `"abc"` is an error. */
export function parsePrice(value: unknown): Parsed {
  const text = typeof value === 'string' ? value.trim() : numberText(value);
  const match = text === null ? null : DECIMAL.exec(text);
  if (text === null || match === null) return wrong('price_not_number', 'a decimal number such as 19.99');
  const digits = match[4] === undefined ? text : expandExponent(match);
  const [whole = '', fraction = ''] = digits.replace(/^[+-]/, '').split('.');
  const significant = fraction.replace(/0+$/, '');
  const wholeDigits = whole.replace(/^0+/, '');
  const isZero = wholeDigits === '' && significant === '';
  if (wholeDigits.length > WHOLE_DIGITS || (match[1] === '-' && !isZero)) {
    return wrong('price_out_of_range', `0 to ${'9'.repeat(WHOLE_DIGITS)}`);
  }
  if (significant.length > FRACTION_DIGITS) return wrong('price_too_precise', 'at most four decimals');
  return right(significant === '' ? wholeDigits || '0' : `${wholeDigits || '0'}.${significant}`);
}

/** `1.5e3` to `1500`, by moving the point through the digits: a double would round. */
function expandExponent(match: RegExpExecArray): string {
  const [, , whole = '', fraction = '', exponent = '0'] = match;
  const shift = Number(exponent);
  const digits = whole + fraction;
  const point = whole.length + shift;
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`;
  return `${digits.padEnd(point, '0').slice(0, point)}.${digits.slice(point)}`;
}

export function parseBoolean(value: unknown): Parsed {
  const text = typeof value === 'string' ? value.trim().toLowerCase() : value;
  if (text === true || text === 'true') return right('t');
  if (text === false || text === 'false') return right('f');
  return wrong('not_boolean', 'true or false');
}

const INSTANT =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?$/i;
const EXPECTED_INSTANT = 'an ISO 8601 time such as 2025-12-06T05:11:12.345Z, or epoch milliseconds';
const FIRST_MS = 0;
const LAST_MS = Date.UTC(2200, 0, 1);
/** Epoch seconds of 2001 to 2200 have 10 digits, milliseconds 12 or more: no number can mean both. */
const SMALLEST_EPOCH_MS = 1e11;

/**
 * An instant as ISO 8601 in UTC with 3 fractional digits, or 6 when the client sent more than milliseconds.
 * A time without a zone is UTC.
 */
export function parseInstant(value: unknown): Parsed {
  if (typeof value === 'string' && isCanonical(value)) return right(value);
  const epoch = numberText(value) ?? (typeof value === 'string' && /^\d{10,16}$/.test(value) ? value : null);
  if (epoch !== null) return parseEpoch(Number(epoch));
  const match = typeof value === 'string' ? INSTANT.exec(value.trim()) : null;
  if (match === null) return wrong('timestamp_invalid', EXPECTED_INSTANT);
  const [, date = '', minute = '00:00', second = '00', fraction = '', zone] = match;
  const ms = Date.parse(`${date}T${minute}:${second}${zoneSuffix(zone)}`);
  // Date.parse lets 2025-02-30 roll over into March.
  if (Number.isNaN(ms) || new Date(`${date}T00:00:00Z`).getUTCDate() !== Number(date.slice(8))) {
    return wrong('timestamp_invalid', EXPECTED_INSTANT);
  }
  if (ms < FIRST_MS || ms >= LAST_MS) return wrong('timestamp_out_of_range', '1970 to 2199');
  const micros = fraction.slice(0, 6).padEnd(6, '0');
  // One instant, one text: .345 and .345000 must be neither earlier nor later than each other.
  const digits = micros.endsWith('000') ? micros.slice(0, 3) : micros;
  return right(`${new Date(ms).toISOString().slice(0, 19)}.${digits}Z`);
}

const CANONICAL =
  /^(?:19[789]\d|20\d\d|21\d\d)-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

/** Our own form of an instant, which nearly all have: nothing to change. Days past the 28th need a calendar. */
function isCanonical(value: string): boolean {
  return value.length === 24 && CANONICAL.test(value);
}

function zoneSuffix(zone: string | undefined): string {
  if (zone === undefined || /^(Z|UTC|GMT)$/i.test(zone)) return 'Z';
  return zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
}

function parseEpoch(epoch: number): Parsed {
  const ms = epoch < SMALLEST_EPOCH_MS ? epoch * 1000 : epoch;
  if (!(ms >= FIRST_MS && ms < LAST_MS)) return wrong('timestamp_out_of_range', '1970 to 2199');
  return right(new Date(ms).toISOString());
}

/**
 * What programs call themselves that run a page's scripts. HTTP libraries are not among them: a shop's server or app
 * sends the events of people with them.
 */
const PROGRAM =
  /(?<!cu)bot(?![a-z])|crawl|spider|slurp|headless|phantomjs|selenium|puppeteer|playwright|lighthouse|pingdom|scrapy|facebookexternalhit/i;
/** A shop meets the same few hundred user agents again and again. */
const judged = new Map<string, boolean>();
const MOST_JUDGED = 10_000;

/** Whether a user agent is a program's. Nothing is rejected for it, whatever it is. */
export function parseAgent(value: unknown, field: Field): Parsed {
  if (typeof value !== 'string' || value.length > field.limit) return right('f');
  let isProgram = judged.get(value);
  if (isProgram === undefined) {
    isProgram = PROGRAM.test(value);
    if (judged.size >= MOST_JUDGED) judged.clear();
    judged.set(value, isProgram);
  }
  return right(isProgram ? 't' : 'f');
}
