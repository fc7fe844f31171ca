import type { ObjectInfo } from '../etl/ports.ts';

export interface ListPage {
  readonly objects: ObjectInfo[];
  /** Where the next page begins; null on the last. */
  readonly continuationToken: string | null;
}

/**
 * Reads a ListObjectsV2 answer. An XML parser would cost more than the request itself; this answer has a fixed
 * shape, so the few elements are cut out of the text.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 * @param skip characters of the store's prefix to leave out of each key
 */
export function parseListPage(xml: string, skip: number): ListPage {
  const isEncoded = xml.includes('<EncodingType>url</EncodingType>');
  const objects: ObjectInfo[] = [];
  for (let at = xml.indexOf('<Contents>'); at >= 0;) {
    const end = xml.indexOf('</Contents>', at);
    const key = textAt(xml, 'Key', at, end);
    objects.push({
      key: (isEncoded ? decodeUrl(key) : decodeEntities(key)).slice(skip),
      size: Number(textAt(xml, 'Size', at, end)),
      modifiedAtMs: Date.parse(textAt(xml, 'LastModified', at, end)),
      version: decodeEntities(textAt(xml, 'ETag', at, end)).replaceAll('"', ''),
    });
    at = xml.indexOf('<Contents>', end);
  }
  const isTruncated = textAt(xml, 'IsTruncated', 0, xml.length) === 'true';
  const token = isTruncated ? decodeEntities(textAt(xml, 'NextContinuationToken', 0, xml.length)) : null;
  return { objects, continuationToken: token };
}

/** The content of the first such element between two places; '' when there is none. */
export function textAt(xml: string, name: string, from: number, to: number): string {
  const open = xml.indexOf(`<${name}>`, from);
  if (open < 0 || open >= to) return '';
  const start = open + name.length + 2;
  return xml.slice(start, xml.indexOf('<', start));
}

function decodeUrl(text: string): string {
  return /[%+]/.test(text) ? decodeURIComponent(text.replaceAll('+', ' ')) : text;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      return ENTITIES[name ?? ''] ?? whole;
    },
  );
}
