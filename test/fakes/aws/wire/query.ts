import { AwsFault } from './fault.ts';
import { type Schema, isRequired, membersOf, traitOf } from './schema.ts';

export type QueryDialect = 'query' | 'ec2';

/** `Filter.1.Name=vpc-id` as a tree: { Filter: { 1: { Name: 'vpc-id' } } }. */
interface Tree {
  readonly [key: string]: Tree | string;
}

/**
 * The input of an action from its form. What the model does not know is refused, as is a missing required member.
 * @throws AwsFault
 */
export function decodeQuery(schema: Schema, form: URLSearchParams, dialect: QueryDialect): unknown {
  const tree = treeOf(form);
  return schema.isStructSchema() ? decodeStruct(schema, tree, dialect, '') : {};
}

function treeOf(form: URLSearchParams): Tree {
  const root: Record<string, unknown> = {};
  for (const [name, value] of form) {
    if (name === 'Action' || name === 'Version') continue;
    const keys = name.split('.');
    const last = keys.pop()!;
    let node = root;
    for (const key of keys) node = (node[key] ??= {}) as Record<string, unknown>;
    node[last] = value;
  }
  return root as Tree;
}

function decode(schema: Schema, node: Tree | string, dialect: QueryDialect, path: string): unknown {
  if (schema.isStructSchema()) {
    if (typeof node === 'string') throw malformed(path);
    return decodeStruct(schema, node, dialect, path);
  }
  if (schema.isListSchema()) {
    // The query protocol writes an empty list as the bare name.
    if (node === '') return [];
    if (typeof node === 'string') throw malformed(path);
    const item = schema.getValueSchema();
    const isFlat = dialect === 'ec2' || traitOf(schema, 'xmlFlattened') !== undefined;
    const holder = isFlat ? node : node[traitOf(item, 'xmlName') ?? 'member'];
    if (holder === '') return [];
    if (holder === undefined || typeof holder === 'string') throw malformed(path);
    return Object.keys(holder)
      .toSorted((a, b) => Number(a) - Number(b))
      .map((key) => decode(item, holder[key]!, dialect, `${path}.${key}`));
  }
  if (schema.isMapSchema()) {
    const entries = typeof node === 'string' ? undefined : node['entry'];
    if (entries === undefined || typeof entries === 'string') throw malformed(path);
    return Object.fromEntries(
      Object.values(entries).map((entry) => {
        const { key, value } = entry as Tree;
        return [key as string, decode(schema.getValueSchema(), value!, dialect, path)];
      }),
    );
  }
  if (typeof node !== 'string') throw malformed(path);
  if (schema.isNumericSchema()) return Number(node);
  if (schema.isBooleanSchema()) return node === 'true';
  if (schema.isTimestampSchema()) return new Date(node);
  if (schema.isBlobSchema()) return Buffer.from(node, 'base64');
  return node;
}

function decodeStruct(schema: Schema, tree: Tree, dialect: QueryDialect, path: string): unknown {
  const value: Record<string, unknown> = {};
  const left = new Set(Object.keys(tree));
  for (const [name, member] of membersOf(schema)) {
    const key = keyOf(name, member, dialect);
    const node = tree[key];
    left.delete(key);
    if (node !== undefined) value[name] = decode(member, node, dialect, `${path}${key}`);
    else if (isRequired(schema, name)) {
      throw dialect === 'ec2'
        ? new AwsFault('MissingParameter', `The request must contain the parameter ${key}`)
        : new AwsFault(
            'ValidationError',
            `1 validation error detected: Value null at '${path}${key}' failed to satisfy constraint: Member must not be null`,
          );
    }
  }
  const [unknown] = left;
  if (unknown !== undefined) throw malformed(`${path}${unknown}`);
  return value;
}

function keyOf(name: string, member: Schema, dialect: QueryDialect): string {
  if (dialect === 'query') return traitOf(member, 'xmlName') ?? name;
  const key = traitOf(member, 'ec2QueryName') ?? traitOf(member, 'xmlName') ?? name;
  return key[0]!.toUpperCase() + key.slice(1);
}

const malformed = (path: string): AwsFault =>
  new AwsFault('MalformedInput', `Unexpected form of the parameter ${path}`);
