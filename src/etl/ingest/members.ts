import { inspect, parseExactly, stringifyExactly } from '../contract/exact-json.ts';
import { ValueScanner } from '../decode/scan.ts';
import { Refusal } from './request.ts';

export const MAX_EVENTS = 100;
export const MAX_EVENT_BYTES = 32 * 1024;
export const MAX_EVENT_DEPTH = 32;

/**
 * The events of a body as the client's own JSON text, one line each: parsing and writing again would change
 * numbers that a double cannot hold. A client's `_ingest` is taken out; it is ours to say.
 * @throws Refusal 400, 413. One bad member refuses the batch and names all bad ones: nothing is taken in part,
 *   so a client may send the corrected batch again.
 */
export function eventsOf(text: string): string[] {
  const members = cut(text);
  if (members.length > MAX_EVENTS) {
    throw new Refusal(
      413,
      'too_many_events',
      `A batch may hold ${MAX_EVENTS} events; this one has ${members.length}.`,
    );
  }
  if (members.length === 0) throw new Refusal(400, 'empty_batch', 'The batch holds no event.');
  const faults: { index: number; code: string; message: string }[] = [];
  const events = members.map((member, index) => {
    const judged = judge(member);
    if (typeof judged === 'string') return judged;
    faults.push({ index, ...judged });
    return '';
  });
  const [first] = faults;
  if (first === undefined) return events;
  const status = faults.every(({ code }) => code === 'event_too_large') ? 413 : 400;
  throw new Refusal(status, first.code, first.message, members.length > 1 ? faults : []);
}

/** A JSON array into its members, NDJSON into its lines, anything else as it is. */
function cut(text: string): string[] {
  if (text.startsWith('[') && isJson(text)) {
    const scanner = new ValueScanner();
    const members = scanner.push(text);
    return members.map((member) => member.trim());
  }
  if (text.includes('\n') && !isJson(text)) {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    // Only if the lines are JSON by themselves; else it is one broken text, and so it is reported.
    if (lines.some((line) => isJson(line))) return lines.map((line) => line.trim());
  }
  return [text];
}

/** The event ready to be stored, or what is wrong with it. Light checks only: the rest is the ETL's business. */
function judge(member: string): string | { code: string; message: string } {
  const bytes = Buffer.byteLength(member);
  if (bytes > MAX_EVENT_BYTES) {
    return {
      code: 'event_too_large',
      message: `An event may have ${MAX_EVENT_BYTES / 1024} KB; this one has ${bytes} bytes.`,
    };
  }
  let value: unknown;
  try {
    ({ value } = parseExactly(member));
  } catch {
    return { code: 'invalid_json', message: 'The event is not JSON.' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { code: 'not_an_object', message: 'An event is a JSON object.' };
  }
  if (inspect(value).depth > MAX_EVENT_DEPTH) {
    return { code: 'too_deep', message: `An event may be nested ${MAX_EVENT_DEPTH} levels deep.` };
  }
  const event = value as Record<string, unknown>;
  const name = event['eventName'] ?? event['event_name'];
  if (typeof name !== 'string' || name.trim() === '') {
    return { code: 'missing_event_name', message: 'An event has an eventName.' };
  }
  return oneLine(Object.hasOwn(event, '_ingest') ? withoutIngest(event) : member);
}

/** In valid JSON a line break is only ever white space between tokens. */
function oneLine(json: string): string {
  return json.replace(/[\r\n]+/g, ' ').trim();
}

function withoutIngest(event: Record<string, unknown>): string {
  const parts = Object.keys(event)
    .filter((name) => name !== '_ingest')
    .map((name) => `${JSON.stringify(name)}:${stringifyExactly(event[name], MAX_EVENT_DEPTH) ?? 'null'}`);
  return `{${parts.join(',')}}`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
