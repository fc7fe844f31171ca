import type { IncomingHttpHeaders } from 'node:http';
import { AwsFault } from './fault.ts';
import { decodeJson, encodeJson } from './json.ts';
import {
  type Operation,
  type Schema,
  membersOf,
  requiredMembers,
  requireShape,
  traitOf,
  writeTime,
} from './schema.ts';
import { decodeXml, encodeXml, parseXml } from './xml.ts';

export type RestFormat = 'json' | 'xml';

export interface RestRequest {
  readonly method: string;
  /** Still percent-encoded; for S3 without its bucket. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface RestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Of an answer that holds a range of an object. */
const PARTIAL = 206;

/** The SDK names the action in it where path and query alone are not enough; other clients need not. */
const HINT = 'x-id';

/** The action that a request means: the pattern that fits, and of several the one that asks for most. */
export function routeRest(operations: Iterable<Operation>, request: RestRequest): Operation | null {
  let best: { operation: Operation; weight: number } | null = null;
  for (const operation of operations) {
    const weight = weightOf(operation, request);
    if (weight !== null && (best === null || weight > best.weight)) best = { operation, weight };
  }
  return best?.operation ?? null;
}

/** How much of the request a pattern names; null when it does not fit. */
function weightOf({ http, input }: Operation, { method, path, query, headers }: RestRequest): number | null {
  if (http?.[0] !== method) return null;
  const [pattern, literals] = http[1].split('?') as [string, string?];
  const labels = matchPath(pattern, path);
  if (labels === null) return null;
  let weight = pattern.replaceAll(/\{[^}]*\}/g, '').length;
  for (const [name, value] of new URLSearchParams(literals ?? '')) {
    if (name === HINT) {
      if (query.has(HINT) && query.get(HINT) !== value) return null;
    } else if (query.get(name) === value) {
      weight += 100;
    } else {
      return null;
    }
  }
  for (const member of requiredMembers(input)) {
    const schema = input.getMemberSchema(member);
    const inQuery = traitOf(schema, 'httpQuery');
    const inHeader = traitOf(schema, 'httpHeader');
    if (inQuery === undefined && inHeader === undefined) continue;
    const isThere =
      inQuery === undefined ? headers[inHeader!.toLowerCase()] !== undefined : query.has(inQuery);
    if (!isThere) return null;
    weight += 10;
  }
  return weight;
}

/** `/functions/{Name}/policy` against a path; a label that ends in + takes slashes too. */
function matchPath(pattern: string, path: string): Record<string, string> | null {
  const names: string[] = [];
  const source = pattern
    .split(/(\{[^}]*\})/)
    .map((part) => {
      if (!part.startsWith('{')) return part.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&');
      names.push(part.slice(1, -1).replace('+', ''));
      return part.endsWith('+}') ? '(.+)' : '([^/]+)';
    })
    .join('');
  const match = new RegExp(`^${source}/?$`, 's').exec(path);
  if (match === null) return null;
  return Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(match[index + 1]!)]));
}

/** @param fixed members that neither pattern nor body carry, such as S3's Bucket @throws AwsFault */
export function decodeRest(
  { input, http }: Operation,
  request: RestRequest,
  format: RestFormat,
  fixed: Readonly<Record<string, unknown>> = {},
): unknown {
  const labels = matchPath(http![1].split('?')[0]!, request.path) ?? {};
  const value: Record<string, unknown> = { ...fixed };
  let payload: [name: string, schema: Schema] | null = null;
  for (const [name, member] of membersOf(input)) {
    if (labels[name] !== undefined) value[name] = labels[name];
    const key = traitOf(member, 'httpQuery');
    const header = traitOf(member, 'httpHeader');
    const prefix = traitOf(member, 'httpPrefixHeaders');
    const texts =
      key !== undefined ? request.query.getAll(key) : header === undefined ? [] : headerOf(request, header);
    if (texts.length > 0) value[name] = parseTexts(member, texts);
    if (prefix !== undefined) value[name] = prefixed(request.headers, prefix);
    if (traitOf(member, 'httpPayload') !== undefined) payload = [name, member];
  }
  if (payload !== null) {
    const [name, member] = payload;
    if (member.isBlobSchema()) value[name] = request.body;
    else if (member.isStringSchema()) value[name] = request.body.toString('utf8');
    else if (request.body.length > 0) value[name] = decodeBody(member, request.body, format);
  } else if (request.body.length > 0) {
    Object.assign(value, decodeBody(input, request.body, format));
  }
  const missing = requiredMembers(input).find((name) => value[name] === undefined);
  if (missing !== undefined) throw new AwsFault('ValidationException', `Missing required member ${missing}`);
  return value;
}

function decodeBody(schema: Schema, body: Buffer, format: RestFormat): unknown {
  const text = body.toString('utf8');
  try {
    return format === 'json' ? decodeJson(schema, JSON.parse(text)) : decodeXml(schema, parseXml(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw format === 'json'
      ? new AwsFault('SerializationException', error.message)
      : new AwsFault('MalformedXML', 'The XML you provided was not well-formed or did not validate.');
  }
}

const headerOf = ({ headers }: RestRequest, name: string): string[] => {
  const value = headers[name.toLowerCase()];
  return value === undefined ? [] : [String(value)];
};

function prefixed(headers: IncomingHttpHeaders, prefix: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith(prefix.toLowerCase()))
      .map(([name, value]) => [name.slice(prefix.length), String(value)]),
  );
}

function parseTexts(schema: Schema, texts: readonly string[]): unknown {
  const [text] = texts as [string];
  if (schema.isListSchema()) return texts.flatMap((one) => one.split(',')).map((one) => one.trim());
  if (schema.isNumericSchema()) return Number(text);
  if (schema.isBooleanSchema()) return text === 'true';
  if (schema.isTimestampSchema()) return new Date(text);
  return text;
}

/** @throws Error when the fake answers with something that the model does not know */
export function encodeRest(
  { name, output, http }: Operation,
  value: Readonly<Record<string, unknown>>,
  format: RestFormat,
  xmlns: string,
): RestAnswer {
  const headers: Record<string, string> = {};
  requireShape(output, value, name);
  let status = http![2];
  let payload: [schema: Schema, value: unknown] | null = null;
  for (const [member, schema] of membersOf(output)) {
    const given = value[member];
    if (traitOf(schema, 'httpPayload') !== undefined) payload = [schema, given];
    if (given === undefined) continue;
    const header = traitOf(schema, 'httpHeader');
    const prefix = traitOf(schema, 'httpPrefixHeaders');
    if (header !== undefined) headers[header] = headerText(schema, given);
    if (prefix !== undefined) {
      for (const [key, text] of Object.entries(given as Record<string, string>))
        headers[`${prefix}${key}`] = text;
    }
    if (traitOf(schema, 'httpResponseCode') !== undefined) status = given as number;
  }
  if (payload !== null) {
    const [schema, given] = payload;
    if (schema.isBlobSchema() || schema.isStringSchema()) {
      if ('Content-Range' in headers) status = PARTIAL;
      return { status, headers, body: Buffer.from((given ?? '') as string | Buffer) };
    }
    if (given === undefined) return { status, headers, body: Buffer.alloc(0) };
    return {
      status,
      headers,
      body: bodyOf(schema, given, format, traitOf(schema, 'xmlName') ?? name, xmlns),
    };
  }
  if (status === 204 || !output.isStructSchema()) return { status, headers, body: Buffer.alloc(0) };
  return {
    status,
    headers,
    body: bodyOf(output, value, format, traitOf(output, 'xmlName') ?? `${name}Result`, xmlns),
  };
}

function bodyOf(schema: Schema, value: unknown, format: RestFormat, tag: string, xmlns: string): Buffer {
  if (format === 'json') return Buffer.from(encodeJson(schema, value));
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${encodeXml(tag, schema, value, xmlns)}`);
}

function headerText(schema: Schema, value: unknown): string {
  if (value instanceof Date) return writeTime(schema, value, 'http-date');
  return String(value);
}
