import { isUtf8 } from 'node:buffer';
import { parseExactly, type ParsedJson } from '../contract/exact-json.ts';
import type { Reason } from '../contract/reasons.ts';
import { describe, storable } from '../contract/transform.ts';
import type { Decoded } from '../event.ts';
import { ValueScanner } from './scan.ts';

/**
 * Cuts a whole raw object into raw events: one JSON object (also pretty-printed), a JSON array, or NDJSON
 * whose lines are objects or arrays. What is no event comes as a rejection in its place; nothing is dropped,
 * and one bad piece never costs its neighbours. Blank lines are no events.
 * @param bytes uncompressed
 */
export function decodeBytes(bytes: Uint8Array): Decoded[] {
  const [only = [], ...others] = decodePieces(bytes);
  return others.length === 0 ? only : only.concat(...others);
}

/** As decodeBytes, some events at a time: thousands of parsed events at once would be the garbage collector's work. */
export function* decodePieces(bytes: Uint8Array): Iterable<Decoded[]> {
  if (isUtf8(bytes)) {
    const text = withoutBom(textOf(bytes));
    if (isNdjson(text)) yield* decodeLines(text);
    else yield decodeOne(text);
    return;
  }
  // Only the lines that are broken are lost, not the object.
  for (let start = 0; start < bytes.length;) {
    const feed = bytes.indexOf(LINE_FEED, start);
    const end = feed < 0 ? bytes.length : feed;
    const decoded: Decoded[] = [];
    decodeLine(bytes.subarray(start, end), decoded);
    yield decoded;
    start = end + 1;
  }
}

/** One line of NDJSON as bytes: an event, or an array of events; appends what it holds. */
export function decodeLine(line: Uint8Array, into: Decoded[]): void {
  if (isUtf8(line)) decodeValue(withoutBom(textOf(line)), into);
  else into.push(brokenUtf8(line));
}

/** One value that a ValueScanner cut out, as bytes; appends it. */
export function decodeMember(bytes: Uint8Array, into: Decoded[]): void {
  if (isUtf8(bytes)) decodePiece(textOf(bytes), into);
  else into.push(brokenUtf8(bytes));
}

/** The scanner unfolds arrays itself, so a piece that is one stood in an array. */
function decodePiece(piece: string, into: Decoded[]): void {
  const text = piece.trim();
  if (text === '') return;
  const parsed = tryParse(text);
  if (parsed === null) into.push(brokenJson(text));
  else if (Array.isArray(parsed.value)) into.push(arrayWithin(text));
  else addValue(parsed, text, into);
}

/** The text of one JSON value: an event, or an array of events; appends what it holds. */
export function decodeValue(text: string, into: Decoded[]): void {
  const trimmed = text.trim();
  if (trimmed === '') return;
  const parsed = tryParse(trimmed);
  if (parsed === null) into.push(brokenJson(trimmed));
  else addValue(parsed, trimmed, into);
}

/** A first line that is JSON by itself means NDJSON; else it is one value, perhaps over many lines. */
function isNdjson(text: string): boolean {
  const feed = text.indexOf('\n');
  if (feed < 0) return false;
  const firstLine = text.slice(0, feed).trim();
  return firstLine !== '' && isJson(firstLine);
}

function decodeOne(text: string): Decoded[] {
  const trimmed = text.trim();
  if (trimmed === '') return [];
  const parsed = tryParse(trimmed);
  if (parsed === null) return salvage(trimmed);
  const decoded: Decoded[] = [];
  addValue(parsed, trimmed, decoded);
  return decoded;
}

function* decodeLines(text: string): Iterable<Decoded[]> {
  let decoded: Decoded[] = [];
  for (let start = 0; start < text.length;) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 ? text.length : feed;
    decodeValue(text.slice(start, end), decoded);
    start = end + 1;
    if (decoded.length < PIECE_EVENTS) continue;
    yield decoded;
    decoded = [];
  }
  yield decoded;
}

/** Text that is not JSON as a whole: the better of reading it by lines and by values; else one rejection. */
function salvage(text: string): Decoded[] {
  const isEvent = (piece: Decoded): boolean => piece.kind === 'event';
  const byLine = text.includes('\n') ? [...decodeLines(text)].flat() : [];
  const byValue = decodeByValue(text);
  const best =
    byLine.filter(isEvent).length >= byValue.filter(isEvent).length && byLine.some(isEvent)
      ? byLine
      : byValue;
  return best.some(isEvent) ? best : [brokenJson(text)];
}

function decodeByValue(text: string): Decoded[] {
  const decoded: Decoded[] = [];
  const scanner = new ValueScanner();
  for (const value of scanner.push(text)) decodePiece(value, decoded);
  decodePiece(scanner.rest(), decoded);
  return decoded;
}

function addValue({ value, isUnusual }: ParsedJson, text: string | null, into: Decoded[]): void {
  if (Array.isArray(value)) {
    for (const member of value) addMember(member, isUnusual, into);
  } else if (typeof value === 'object' && value !== null) {
    into.push({ kind: 'event', event: value as Record<string, unknown>, text, isUnusual });
  } else {
    into.push(rejected('not_an_object', 'an event object', describe(value), text ?? describe(value)));
  }
}

function addMember(member: unknown, isUnusual: boolean, into: Decoded[]): void {
  // An array within an array is no event, and unfolding it would hide a client's bug.
  if (Array.isArray(member)) into.push(arrayWithin(describe(member)));
  else addValue({ value: member, isUnusual }, null, into);
}

export function isJson(text: string): boolean {
  return tryParse(text) !== null;
}

/** Null when the text is not JSON. */
function tryParse(text: string): ParsedJson | null {
  try {
    return parseExactly(text);
  } catch {
    return null;
  }
}

function brokenJson(text: string): Decoded {
  return rejected('invalid_json', 'JSON', describe(text), storable(text));
}

function brokenUtf8(bytes: Uint8Array): Decoded {
  const text = storable(textOf(bytes));
  return rejected('invalid_utf8', 'UTF-8', describe(text), text);
}

function arrayWithin(text: string): Decoded {
  return rejected('not_an_object', 'an event object', 'an array', storable(text));
}

export function rejected(reason: Reason, expected: string, found: string, text: string): Decoded {
  return { kind: 'rejected', rejection: { reason, field: null, expected, found }, text };
}

const LINE_FEED = 0x0a;
const PIECE_EVENTS = 64;

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

export function withoutBom(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}
