import { SbwError } from '../errors.ts';
import type { ObjectInfo } from '../etl/ports.ts';

/** Where a listing goes on, told before its objects are read: the next page can be on its way meanwhile. */
export interface ListEnd {
  /** Of the last object; '' on an empty page. */
  readonly lastKey: string;
  /** Where the next page begins; null on the last. */
  readonly continuationToken: string | null;
}

/**
 * Reads the end of a ListObjectsV2 answer. An XML parser would cost more than the request itself; this answer has a
 * fixed shape, so the few elements are cut out of the text.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 * @param skip characters of the store's prefix to leave out of each key
 * @throws SbwError RAW_STORE_LIST_FAILED for anything but a whole listing: an empty store must not be made of it
 */
export function readListEnd(xml: string, skip: number): ListEnd {
  const isWhole = xml.includes('<ListBucketResult') && xml.includes('</ListBucketResult>');
  if (!isWhole && !/<ListBucketResult[^>]*\/>\s*$/.test(xml)) throw notAListing('it is no ListBucketResult');
  const last = xml.lastIndexOf('<Contents>');
  const lastKey = last < 0 ? '' : keyReader(xml, skip)(textAt(xml, 'Key', last, xml.length));
  if (textAt(xml, 'IsTruncated', 0, xml.length) !== 'true') return { lastKey, continuationToken: null };
  const continuationToken = decodeEntities(textAt(xml, 'NextContinuationToken', 0, xml.length));
  if (continuationToken === '') throw notAListing('it goes on but does not say where');
  return { lastKey, continuationToken };
}

/** The objects of a ListObjectsV2 answer; otherwise as readListEnd. */
export function readListedObjects(xml: string, skip: number): ObjectInfo[] {
  const readKey = keyReader(xml, skip);
  const objects: ObjectInfo[] = [];
  for (let at = xml.indexOf('<Contents>'); at >= 0;) {
    const end = xml.indexOf('</Contents>', at);
    const key = textAt(xml, 'Key', at, end);
    const size = Number.parseInt(textAt(xml, 'Size', at, end), 10);
    const modifiedAtMs = Date.parse(textAt(xml, 'LastModified', at, end));
    if (key === '' || Number.isNaN(size) || Number.isNaN(modifiedAtMs))
      throw notAListing('an object lacks its fields');
    objects.push({ key: readKey(key), size, modifiedAtMs, version: unquote(textAt(xml, 'ETag', at, end)) });
    at = xml.indexOf('<Contents>', end);
  }
  return objects;
}

function keyReader(xml: string, skip: number): (text: string) => string {
  const decode = xml.includes('<EncodingType>url</EncodingType>') ? decodeUrl : decodeEntities;
  return (text) => decode(text).slice(skip);
}

/** The content of the first such element between two places; '' when there is none. */
export function textAt(xml: string, name: string, from: number, to: number): string {
  const open = xml.indexOf(`<${name}>`, from);
  if (open < 0 || open >= to) return '';
  const start = open + name.length + 2;
  return xml.slice(start, xml.indexOf('<', start));
}

/** An ETag without its quotes, which S3 writes as entities. */
function unquote(etag: string): string {
  const inner = etag.startsWith('&quot;') && etag.endsWith('&quot;') ? etag.slice(6, -6) : etag;
  return decodeEntities(inner).replaceAll('"', '');
}

function decodeUrl(text: string): string {
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    throw notAListing('a key is not encoded as it says', error);
  }
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(\w+));/g,
    (whole, hex, decimal, name?: string) => {
      if (name !== undefined) return ENTITIES[name] ?? whole;
      const point = hex === undefined ? Number(decimal) : Number.parseInt(String(hex), 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    },
  );
}

export function notAListing(why: string, cause?: unknown): SbwError {
  return new SbwError('RAW_STORE_LIST_FAILED', `The answer to a listing makes no sense: ${why}.`, {
    kind: 'environment',
    fix: 'check AWS_ENDPOINT_URL: does an S3 server answer there?',
    cause,
  });
}
