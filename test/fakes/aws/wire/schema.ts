import { NormalizedSchema } from '@smithy/core/schema';
import { NotInFake } from './fault.ts';

/** The SDK's own description of a shape: what its clients send and expect is read from it, so neither can drift. */
export type Schema = NormalizedSchema;

export interface Operation {
  readonly name: string;
  readonly input: Schema;
  readonly output: Schema;
  /** Of the REST protocols: method, path pattern with literal query, status. */
  readonly http: readonly [method: string, uri: string, status: number] | null;
}

/** `[9, namespace, name, traits, input, output]`, as the clients export them. */
const OPERATION = 9;

/** @param client the module of an SDK client, such as `await import('@aws-sdk/client-ec2')` */
export function operationsOf(client: object): ReadonlyMap<string, Operation> {
  const operations = new Map<string, Operation>();
  for (const value of Object.values(client) as unknown[]) {
    if (!Array.isArray(value) || value[0] !== OPERATION || value.length < 6) continue;
    const [, , name, traits, input, output] = value as [9, string, string, unknown, never, never];
    const http = (traits as { http?: Operation['http'] } | 0 | undefined) || {};
    operations.set(name, {
      name,
      input: NormalizedSchema.of(input),
      output: NormalizedSchema.of(output),
      http: http.http ?? null,
    });
  }
  if (operations.size === 0) throw new NotInFake('schemas in this version of the SDK');
  return operations;
}

export function isRequired(struct: Schema, member: string): boolean {
  const schema = struct.getSchema();
  if (!Array.isArray(schema)) return false;
  const names = schema[4] as unknown as readonly string[];
  return names.indexOf(member) < (((schema as readonly unknown[])[6] as number | undefined) ?? 0);
}

export function requiredMembers(struct: Schema): string[] {
  return membersOf(struct)
    .map(([name]) => name)
    .filter((name) => isRequired(struct, name));
}

export function membersOf(struct: Schema): [name: string, member: Schema][] {
  return struct.isStructSchema() ? [...struct.structIterator()] : [];
}

/** A trait's value: `traitOf(member, 'httpHeader')`. */
export function traitOf(schema: Schema, name: string): string | undefined {
  const value = (schema.getMergedTraits() as Readonly<Record<string, string | number | undefined>>)[name];
  return value === undefined ? undefined : String(value);
}

/** Whether the REST protocols carry it in the path, the query or a header. */
export function isBoundToHttp(member: Schema): boolean {
  const traits = member.getMergedTraits() as Readonly<Record<string, unknown>>;
  return [
    'httpLabel',
    'httpQuery',
    'httpHeader',
    'httpPrefixHeaders',
    'httpResponseCode',
    'httpQueryParams',
  ].some((name) => traits[name] !== undefined);
}

/** @throws Error when an answer of the fake is not what the SDK's model says; a mistake in the fake itself */
export function requireShape(schema: Schema, value: unknown, path: string): void {
  const fail = (expected: string): never => {
    throw new TypeError(`${path} should be ${expected}, not ${JSON.stringify(value)}`);
  };
  if (schema.isDocumentSchema()) return;
  if (schema.isStructSchema()) {
    if (typeof value !== 'object' || value === null) return fail('an object');
    const names = membersOf(schema).map(([name]) => name);
    const unknown = Object.keys(value).filter((name) => !names.includes(name));
    if (unknown.length > 0) return fail(`without ${unknown.join(', ')}`);
    for (const [name, member] of membersOf(schema)) {
      const inner = (value as Record<string, unknown>)[name];
      if (inner !== undefined) requireShape(member, inner, `${path}.${name}`);
    }
  } else if (schema.isListSchema()) {
    if (!Array.isArray(value)) return fail('a list');
    value.forEach((item, index) => requireShape(schema.getValueSchema(), item, `${path}[${index}]`));
  } else if (schema.isMapSchema()) {
    if (typeof value !== 'object' || value === null) return fail('a map');
    for (const [key, item] of Object.entries(value)) {
      requireShape(schema.getValueSchema(), item, `${path}.${key}`);
    }
  } else if (schema.isStringSchema()) {
    if (typeof value !== 'string') fail('text');
  } else if (schema.isNumericSchema()) {
    if (typeof value !== 'number' || !Number.isFinite(value)) fail('a number');
  } else if (schema.isBooleanSchema()) {
    if (typeof value !== 'boolean') fail('true or false');
  } else if (schema.isTimestampSchema()) {
    if (!(value instanceof Date)) fail('a Date');
  }
}

const DATE_TIME = 5;
const HTTP_DATE = 6;
const EPOCH_SECONDS = 7;

/** @param standard what the protocol uses when the model names no format */
export function writeTime(schema: Schema, time: Date, standard: 'date-time' | 'http-date' | 'epoch'): string {
  const format = schema.getSchema() as number;
  if (format === DATE_TIME) return time.toISOString();
  if (format === HTTP_DATE) return time.toUTCString();
  if (format === EPOCH_SECONDS) return String(time.getTime() / 1000);
  if (standard === 'epoch') return String(time.getTime() / 1000);
  return standard === 'date-time' ? time.toISOString() : time.toUTCString();
}
