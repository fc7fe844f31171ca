import { AwsFault } from './fault.ts';
import {
  type Schema,
  isBoundToHttp,
  isRequired,
  membersOf,
  requireShape,
  traitOf,
  writeTime,
} from './schema.ts';

/** A JSON value as the model describes it: Dates and bytes instead of numbers and base64. @throws AwsFault */
export function decodeJson(schema: Schema, value: unknown, path = ''): unknown {
  if (value === null || schema.isDocumentSchema()) return value;
  if (schema.isStructSchema()) {
    const given = { ...(value as Record<string, unknown>) };
    const decoded: Record<string, unknown> = {};
    for (const [name, member] of membersOf(schema)) {
      const key = traitOf(member, 'jsonName') ?? name;
      const inner = given[key];
      delete given[key];
      if (inner !== undefined && inner !== null) decoded[name] = decodeJson(member, inner, `${path}.${key}`);
      else if (isRequired(schema, name) && !isBoundToHttp(member)) throw missing(`${path}.${key}`);
    }
    const [unknown] = Object.keys(given);
    if (unknown !== undefined) {
      throw new AwsFault('SerializationException', `Unknown member ${path}.${unknown}`);
    }
    return decoded;
  }
  if (schema.isListSchema()) {
    return (value as unknown[]).map((item) => decodeJson(schema.getValueSchema(), item, path));
  }
  if (schema.isMapSchema()) {
    return Object.fromEntries(
      Object.entries(value as Record<string, unknown>).map(([key, item]) => [
        key,
        decodeJson(schema.getValueSchema(), item, `${path}.${key}`),
      ]),
    );
  }
  if (schema.isTimestampSchema()) {
    return new Date(typeof value === 'number' ? value * 1000 : (value as string));
  }
  if (schema.isBlobSchema()) return Buffer.from(value as string, 'base64');
  return value;
}

/** @throws Error when the fake answers with something that the model does not know */
export function encodeJson(schema: Schema, value: unknown): string {
  requireShape(schema, value, schema.getName() ?? 'output');
  return JSON.stringify(plain(schema, value));
}

function plain(schema: Schema, value: unknown): unknown {
  if (value === null || value === undefined || schema.isDocumentSchema()) return value;
  if (schema.isStructSchema()) {
    const given = value as Record<string, unknown>;
    return Object.fromEntries(
      membersOf(schema)
        .filter(([name, member]) => given[name] !== undefined && !isBoundToHttp(member))
        .map(([name, member]) => [traitOf(member, 'jsonName') ?? name, plain(member, given[name])]),
    );
  }
  if (schema.isListSchema()) return (value as unknown[]).map((item) => plain(schema.getValueSchema(), item));
  if (schema.isMapSchema()) {
    return Object.fromEntries(
      Object.entries(value as Record<string, unknown>).map(([key, item]) => [
        key,
        plain(schema.getValueSchema(), item),
      ]),
    );
  }
  if (value instanceof Date) {
    const text = writeTime(schema, value, 'epoch');
    return Number.isNaN(Number(text)) ? text : Number(text);
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return value;
}

const missing = (path: string): AwsFault =>
  new AwsFault(
    'ValidationException',
    `1 validation error detected: Value null at '${path.slice(1)}' failed to satisfy constraint: Member must not be null`,
  );
