import type { Decoded, EventRow, EventSource, Rejection } from '../event.ts';
import { inspect, numberText, stringifyExactly } from './exact-json.ts';
import { FIELDS, MAX_DEPTH, MAX_EVENT_CHARACTERS, PLATFORM_EVENT_PREFIX, type Field } from './fields.ts';
import { identityOf } from './identity.ts';
import type { Reason } from './reasons.ts';
import { parseAgent, parseBoolean, parseInstant, parsePrice, parseText, type Parsed } from './values.ts';

/** What became of one decoded event. The row holds the columns of FIELDS, in their order. */
export type Transformed =
  | { readonly kind: 'row'; readonly row: EventRow }
  | { readonly kind: 'filtered' }
  | { readonly kind: 'rejected'; readonly rejection: Rejection };

const indexOf = (column: string): number => FIELDS.findIndex((field) => field.column === column);
export const EVENT_ID = indexOf('event_id');
export const EVENT_TIMESTAMP = indexOf('event_timestamp');
export const EVENT_NAME = indexOf('event_name');
const RECEIVED_AT = indexOf('received_at');
const CLIENT_TIMESTAMP = indexOf('client_timestamp');
const PROPERTIES = indexOf('properties');

/** Where a name of the payload belongs: the field, and how early the name stands among the field's names. */
interface Slot {
  readonly index: number;
  readonly rank: number;
}

/** `''` -> names at the top; `'product'` -> names in that object. Built from FIELDS once. */
const SLOTS = new Map<string, Map<string, Slot>>();
for (const [index, field] of FIELDS.entries()) {
  // event_timestamp is put together at the end, from the two fields that follow the same names.
  if (index === EVENT_TIMESTAMP) continue;
  for (const [rank, name] of field.names.entries()) {
    const dot = name.indexOf('.');
    const object = name.slice(0, Math.max(dot, 0));
    const slots = SLOTS.get(object) ?? new Map<string, Slot>();
    slots.set(name.slice(dot + 1), { index, rank });
    SLOTS.set(object, slots);
  }
}
const TOP = SLOTS.get('')!;
const PARSERS: Readonly<Record<Field['type'], (value: unknown, field: Field) => Parsed>> = {
  id: parseText,
  text: parseText,
  price: parsePrice,
  boolean: parseBoolean,
  timestamp: parseInstant,
  json: parseJson,
  agent: parseAgent,
};

/**
 * One raw event to one row, or the reason why not. Pure: the same event gives the same row, always.
 * @param modifiedAtMs LastModified of the object, the last resort for a time
 */
export function transform(decoded: Decoded, source: EventSource, modifiedAtMs: number): Transformed {
  if (decoded.kind === 'rejected') return { kind: 'rejected', rejection: decoded.rejection };
  const { event, text, isUnusual } = decoded;
  if (text !== null && text.length > MAX_EVENT_CHARACTERS) {
    return reject('event_too_large', null, `at most ${MAX_EVENT_CHARACTERS} characters`, `${text.length}`);
  }
  const unstorable = isUnusual ? findUnstorable(event) : null;
  if (unstorable !== null) return unstorable;

  const found = gather(event);
  if ('kind' in found) return found;
  const row = new Array<string | null>(FIELDS.length).fill(null);
  for (let index = 0; index < FIELDS.length; index += 1) {
    const value = found.values[index];
    if (value === undefined || value === null || value === '') continue;
    const field = FIELDS[index]!;
    const parsed = PARSERS[field.type](value, field);
    if (parsed.ok) row[index] = parsed.text;
    else if (index === CLIENT_TIMESTAMP && row[RECEIVED_AT] !== null) {
      found.rest.push([nameOf(found, index), value]);
    } else return reject(parsed.reason, nameOf(found, index), parsed.expected, describe(value));
  }
  const name = row[EVENT_NAME]?.trim();
  if (name === undefined || name === '') {
    return reject(
      'missing_event_name',
      'eventName',
      'the name of the event',
      describe(found.values[EVENT_NAME]),
    );
  }
  if (name.startsWith(PLATFORM_EVENT_PREFIX)) return { kind: 'filtered' };
  row[EVENT_ID] ??= identityOf(source);
  row[EVENT_TIMESTAMP] = row[RECEIVED_AT] ?? row[CLIENT_TIMESTAMP] ?? new Date(modifiedAtMs).toISOString();
  if (found.rest.length === 0) return { kind: 'row', row };
  const properties = propertiesText(found.rest);
  if (typeof properties !== 'string') return properties;
  row[PROPERTIES] = properties;
  return { kind: 'row', row };
}

interface Gathered {
  /** Value of each field of FIELDS, as sent. */
  readonly values: unknown[];
  /** Under which of the field's names each was found. */
  readonly ranks: number[];
  /** Members that belong to no field. */
  readonly rest: Member[];
}

type Member = readonly [name: string, value: unknown];

/** Sorts the members of an event into the fields; one look-up a member. */
function gather(event: Record<string, unknown>): Gathered | Transformed {
  const gathered: Gathered = {
    values: new Array<unknown>(FIELDS.length),
    ranks: new Array<number>(FIELDS.length),
    rest: [],
  };
  for (const name of Object.keys(event)) {
    const value = event[name];
    const slot = TOP.get(name);
    if (slot !== undefined) {
      take(gathered, slot, value, gathered.rest, name);
      continue;
    }
    const members = SLOTS.get(name);
    if (members === undefined || name === '') {
      gathered.rest.push([name, value]);
      continue;
    }
    if (value === null || value === undefined) continue;
    if (!isPlainObject(value)) return reject('wrong_type', name, 'an object', describe(value));
    const rest: Member[] = [];
    for (const inner of Object.keys(value)) {
      const innerSlot = members.get(inner);
      const content = value[inner];
      if (innerSlot !== undefined) take(gathered, innerSlot, content, rest, inner);
      else rest.push([inner, content]);
    }
    // What else _ingest holds is ours, not the client's: a retried POST differs there and is a duplicate.
    if (rest.length > 0 && name !== '_ingest') gathered.rest.push([name, objectOf(rest)]);
  }
  return gathered;
}

/** The name under which the client sent a field, for messages. */
function nameOf({ ranks }: Gathered, index: number): string {
  return FIELDS[index]!.names[ranks[index]!]!;
}

/** Gives a value to its field; of two names for one field the earlier wins and the other stays in the rest. */
function take(g: Gathered, slot: Slot, value: unknown, rest: Member[], key: string): void {
  const { index, rank } = slot;
  if (value === null || value === undefined) return;
  const present = g.values[index];
  if (present === undefined || present === '') {
    g.values[index] = value;
  } else if (value === present || value === '') {
    return;
  } else if (rank < g.ranks[index]!) {
    g.rest.push([nameOf(g, index), present]);
    g.values[index] = value;
  } else {
    rest.push([key, value]);
    return;
  }
  g.ranks[index] = rank;
}

function parseJson(value: unknown, field: Field): Parsed {
  if (typeof value !== 'object') return { ok: false, reason: 'wrong_type', expected: 'an object' };
  const text = stringifyExactly(value, MAX_DEPTH);
  if (text === null) return { ok: false, reason: 'too_deep', expected: `at most ${MAX_DEPTH} levels` };
  return text.length > field.limit
    ? { ok: false, reason: 'text_too_long', expected: `at most ${field.limit} characters` }
    : { ok: true, text };
}

/** NUL, half characters, numbers beyond numeric, and nesting that would overflow a stack. */
function findUnstorable(event: Record<string, unknown>): Transformed | null {
  for (const [name, value] of Object.entries(event)) {
    const { depth, fault } = inspect({ [name]: value });
    if (fault === 'nul') return reject('nul_character', name, 'text without U+0000', describe(value));
    if (fault === 'surrogate') return reject('lone_surrogate', name, 'whole characters', describe(value));
    if (fault === 'number') return reject('number_out_of_range', name, 'up to 1000 digits', describe(value));
    if (depth > MAX_DEPTH) return reject('too_deep', name, `at most ${MAX_DEPTH} levels`, `${depth} levels`);
  }
  return null;
}

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && numberText(value) === null;

/** The members as one JSON object. Put together as text, since a key may be `__proto__`. */
function propertiesText(members: readonly Member[]): string | Transformed {
  const parts: string[] = [];
  for (const [name, value] of members) {
    const text = stringifyExactly(value, MAX_DEPTH);
    if (text === null) return reject('too_deep', name, `at most ${MAX_DEPTH} levels`, describe(value));
    parts.push(`${JSON.stringify(name)}:${text}`);
  }
  const text = `{${parts.join(',')}}`;
  const limit = FIELDS[PROPERTIES]!.limit;
  if (text.length <= limit) return text;
  return reject('text_too_long', 'properties', `at most ${limit} characters`, `${text.length}`);
}

/** An object of one's own even for a key like `__proto__`. */
function objectOf(members: readonly Member[]): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const [name, value] of members) {
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return object;
}

function reject(reason: Reason, field: string | null, expected: string, found: string): Transformed {
  return { kind: 'rejected', rejection: { reason, field, expected, found } };
}

const DESCRIBED_CHARACTERS = 200;

/** A value for people: as JSON, cut, without what a terminal or PostgreSQL could not take. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = stringifyExactly(value, MAX_DEPTH) ?? `${inspect(value).depth} levels of nesting`;
  return storable(text.length > DESCRIBED_CHARACTERS ? `${text.slice(0, DESCRIBED_CHARACTERS)}...` : text);
}

/** Any text as PostgreSQL can hold it: NUL and half characters are replaced by U+FFFD. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}
