import { SbwError } from '../errors.ts';
import { READ_WHOLE_BYTES, type KeyRange, type ObjectInfo, type ObjectStore } from '../etl/ports.ts';
import { credentialsFrom } from './aws-credentials.ts';
import { requirePlainKey } from './object-key.ts';
import { S3Client } from './s3-client.ts';
import {
  listFailed,
  listRefused,
  objectRefused,
  readFailed,
  writeFailed,
  writeRefused,
} from './s3-errors.ts';
import { notAListing, readListEnd, readListedObjects } from './s3-list.ts';

/**
 * Needed is rate times latency: at 20 ms and 8,000 objects a second, 160. Each costs memory for its connection; large
 * objects have a limit of their own (load/run.ts).
 */
const READS_IN_FLIGHT = 160;
/** `--reads` beyond these wait for a connection. */
const MAX_CONNECTIONS = 256;
/** 1,000 keys of 1,024 bytes, each byte encoded as three, and room for the rest. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024;

export interface S3StoreOptions {
  readonly bucket: string;
  /** '' or a path ending in '/'; it is left out of the keys given out. */
  readonly prefix: string;
  readonly region: string;
  readonly profile: string | undefined;
  readonly endpointUrl: string | undefined;
}

/**
 * The raw store in S3. Nothing is asked of the bucket before the first use.
 * @throws SbwError AWS_ENDPOINT_INVALID (environment)
 */
export async function openS3Store(options: S3StoreOptions): Promise<ObjectStore> {
  const { bucket, prefix, profile } = options;
  const client = new S3Client({
    ...options,
    credentials: credentialsFrom(profile),
    connections: MAX_CONNECTIONS,
  });
  const url = `s3://${bucket}${prefix === '' ? '' : `/${prefix.replace(/\/$/, '')}`}`;
  return {
    url,
    readsInFlight: READS_IN_FLIGHT,
    list: (range) => listPages(client, url, prefix, range),
    read: async ({ key, size }) => {
      if (size > READ_WHOLE_BYTES) return streamOf(client, url, prefix, key);
      let answer;
      try {
        answer = await client.get(prefix + key, READ_WHOLE_BYTES);
      } catch (error) {
        throw readFailed(error, url, key);
      }
      if (answer.status !== 200) throw objectRefused(answer, url, key);
      return answer.body;
    },
    write: async (key, body, contentType) => {
      requirePlainKey(key);
      const answer = await client.putNew(prefix + key, body, contentType).catch((error: unknown) => {
        throw writeFailed(error, url, key);
      });
      if (answer.status === 200) return;
      if (answer.status !== 412) throw writeRefused(answer, url, key);
      throw new SbwError('RAW_OBJECT_EXISTS', `There is an object ${key} already.`);
    },
    close: () => client.close(),
  } satisfies ObjectStore;
}

async function* streamOf(
  client: S3Client,
  url: string,
  prefix: string,
  key: string,
): AsyncIterable<Uint8Array> {
  try {
    yield* client.stream(prefix + key, (answer) => objectRefused(answer, url, key));
  } catch (error) {
    throw readFailed(error, url, key);
  }
}

/**
 * S3 lists in the order of UTF-8 bytes. That is the order of code units but for characters beyond U+FFFF, and for
 * bounds in ASCII, as ours are, it makes no difference.
 */
async function* listPages(
  client: S3Client,
  url: string,
  prefix: string,
  range: KeyRange,
): AsyncIterable<readonly ObjectInfo[]> {
  const query = { 'list-type': '2', 'encoding-type': 'url', prefix: prefix + commonPrefix(range) };
  const getPage = async (start: Readonly<Record<string, string>>): Promise<string> => {
    const answer = await client.getBucket({ ...query, ...start }, MAX_PAGE_BYTES).catch((error: unknown) => {
      throw listFailed(error, url);
    });
    if (answer.status !== 200) throw listRefused(answer, url);
    return answer.body.toString('utf8');
  };
  let next: Promise<string> | null = getPage({ 'start-after': prefix + justBefore(range.from) });
  let last = '';
  while (next !== null) {
    const xml: string = await next;
    const { lastKey, continuationToken: token } = readListEnd(xml, prefix.length);
    // A server that forgets where it was would keep us for ever.
    if (token !== null && token === last) throw notAListing('it goes in circles');
    last = token ?? '';
    const isPast = lastKey >= range.before;
    // The next page is on its way while this one is worked on.
    next = token === null || isPast ? null : getPage({ 'continuation-token': token });
    next?.catch(() => undefined);
    const objects = readListedObjects(xml, prefix.length);
    yield isPast || (objects[0]?.key ?? range.from) < range.from
      ? objects.filter(({ key }) => key >= range.from && key < range.before)
      : objects;
  }
}

function commonPrefix({ from, before }: KeyRange): string {
  let length = 0;
  while (length < from.length && from[length] === before[length]) length += 1;
  const common = from.slice(0, length);
  // Half a surrogate pair is no prefix of anything.
  return common.isWellFormed() ? common : common.slice(0, -1);
}

/** start-after leaves its own key out, so it must lie before the first key wanted; what lies between is dropped. */
function justBefore(from: string): string {
  const last = from.charCodeAt(from.length - 1);
  const start = from.slice(0, -1);
  if (last > 0x20 && last < 0x80) return `${start}${String.fromCharCode(last - 1)}~`;
  return start.isWellFormed() ? start : start.slice(0, -1);
}
