import { type Schema, isBoundToHttp, membersOf, requireShape, traitOf, writeTime } from './schema.ts';

/** A shape as XML, the way the query protocols and S3 write it; the shape is checked against the SDK's model first. */
export function encodeXml(name: string, schema: Schema, value: unknown, xmlns = ''): string {
  requireShape(schema, value, name);
  const attribute = xmlns === '' ? '' : ` xmlns="${xmlns}"`;
  return `<${name}${attribute}>${contentOf(schema, value)}</${name}>`;
}

export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#xD;');
}

function contentOf(schema: Schema, value: unknown): string {
  if (schema.isStructSchema()) {
    return membersOf(schema)
      .map(([name, member]) => elementOf(name, member, (value as Record<string, unknown>)[name]))
      .join('');
  }
  if (schema.isListSchema()) return itemsOf('', schema, value as unknown[]);
  if (schema.isMapSchema()) {
    const [key, item] = [schema.getKeySchema(), schema.getValueSchema()];
    return Object.entries(value as Record<string, unknown>)
      .map(
        ([name, one]) =>
          `<entry>${elementOf(traitOf(key, 'xmlName') ?? 'key', key, name)}` +
          `${elementOf(traitOf(item, 'xmlName') ?? 'value', item, one)}</entry>`,
      )
      .join('');
  }
  if (value instanceof Date) return writeTime(schema, value, 'date-time');
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return escapeXml(String(value));
}

function elementOf(name: string, schema: Schema, value: unknown): string {
  if (value === undefined || isBoundToHttp(schema)) return '';
  const tag = traitOf(schema, 'xmlName') ?? name;
  if (schema.isListSchema() && traitOf(schema, 'xmlFlattened') !== undefined) {
    return itemsOf(tag, schema, value as unknown[]);
  }
  return `<${tag}>${contentOf(schema, value)}</${tag}>`;
}

/** @param flatTag the list's own tag when its items stand without a wrapper */
function itemsOf(flatTag: string, schema: Schema, items: readonly unknown[]): string {
  const item = schema.getValueSchema();
  const tag = flatTag === '' ? (traitOf(item, 'xmlName') ?? 'member') : flatTag;
  return items.map((one) => `<${tag}>${contentOf(item, one)}</${tag}>`).join('');
}

/** An element: its children by tag in order, and its text when it has no children. */
export interface XmlElement {
  readonly tag: string;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

const TOKEN = /<\?[^>]*\?>|<(\/?)([\w:.-]+)([^<>]*?)(\/?)>|([^<]+)/gs;

/** Just enough XML for what S3 clients send: elements and text, no CDATA and no comments. @throws SyntaxError */
export function parseXml(source: string): XmlElement {
  interface Open extends XmlElement {
    children: XmlElement[];
    text: string;
  }
  const root: Open = { tag: '', children: [], text: '' };
  const open: Open[] = [root];
  for (const [token, closing, tag, , empty, text] of source.matchAll(TOKEN)) {
    const current = open.at(-1)!;
    if (token.startsWith('<?')) continue;
    if (text !== undefined) {
      current.text += unescapeXml(text);
    } else if (closing === '/') {
      if (open.length < 2 || current.tag !== tag) throw new SyntaxError(`Unexpected ${token}`);
      open.pop();
    } else {
      const element: Open = { tag: tag!, children: [], text: '' };
      current.children.push(element);
      if (empty !== '/') open.push(element);
    }
  }
  const [document] = root.children;
  if (open.length !== 1 || document === undefined) throw new SyntaxError('The XML ends too early');
  return document;
}

function unescapeXml(text: string): string {
  const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replaceAll(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(String(hex), 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return named[String(name)] ?? String(whole);
  });
}

/** XML as the value that a schema describes; tags that the schema does not know are refused. */
export function decodeXml(schema: Schema, element: XmlElement): unknown {
  if (schema.isStructSchema()) {
    const value: Record<string, unknown> = {};
    const known = new Set<string>();
    for (const [name, member] of membersOf(schema)) {
      const tag = traitOf(member, 'xmlName') ?? name;
      known.add(tag);
      const found = element.children.filter((child) => child.tag === tag);
      if (found.length === 0) continue;
      const isFlat = member.isListSchema() && traitOf(member, 'xmlFlattened') !== undefined;
      value[name] = isFlat
        ? found.map((child) => decodeXml(member.getValueSchema(), child))
        : decodeXml(member, found[0]!);
    }
    const unknown = element.children.find((child) => !known.has(child.tag));
    if (unknown !== undefined) throw new SyntaxError(`Unknown element ${unknown.tag} in ${element.tag}`);
    return value;
  }
  if (schema.isListSchema())
    return element.children.map((child) => decodeXml(schema.getValueSchema(), child));
  if (schema.isNumericSchema()) return Number(element.text);
  if (schema.isBooleanSchema()) return element.text === 'true';
  if (schema.isTimestampSchema()) return new Date(element.text);
  return element.text;
}
