import { SbwError } from '../errors.ts';
import { READ_WHOLE_BYTES, type KeyRange, type ObjectInfo, type ObjectStore } from '../etl/ports.ts';
import { credentialsFrom } from './aws-credentials.ts';
import { S3Client, answerError, type S3Answer, type S3ClientOptions } from './s3-client.ts';
import { parseListPage, textAt, type ListPage } from './s3-list.ts';

/** Needed is rate times latency: 64 reads at 20 ms are 3,000 objects a second. More is a flag away. */
const READS_IN_FLIGHT = 64;
/** Beyond the default: --reads may ask for more connections than READS_IN_FLIGHT. */
const MAX_CONNECTIONS = 256;

export interface S3StoreOptions {
  readonly bucket: string;
  /** '' or a path ending in '/'; it is left out of the keys given out. */
  readonly prefix: string;
  readonly region: string;
  readonly profile: string | undefined;
  readonly endpointUrl: string | undefined;
}

/** The raw store in S3. Nothing is asked of the bucket before the first use. */
export async function openS3Store(options: S3StoreOptions): Promise<ObjectStore> {
  const { bucket, prefix } = options;
  const clientOptions: S3ClientOptions = { ...options, credentials: credentialsFrom(options.profile) };
  const client = new S3Client(clientOptions, MAX_CONNECTIONS);
  const url = `s3://${bucket}${prefix === '' ? '' : `/${prefix.replace(/\/$/, '')}`}`;
  return {
    url,
    readsInFlight: READS_IN_FLIGHT,
    list: (range) => listPages(client, url, prefix, range),
    read: async ({ key, size }) => {
      if (size > READ_WHOLE_BYTES) return guarded(client.stream(prefix + key), key);
      const answer = await client.get(prefix + key).catch((error: unknown) => {
        throw readFailed(error, key);
      });
      if (answer.status !== 200) throw answerError(answer, key);
      return answer.body;
    },
    write: async (key, body, contentType) => {
      const answer = await client.putNew(prefix + key, body, contentType).catch((error: unknown) => {
        throw new SbwError('RAW_STORE_WRITE_FAILED', `Cannot write ${key} to ${url}.`, { cause: error });
      });
      if (answer.status === 412)
        throw new SbwError('RAW_OBJECT_EXISTS', `There is an object ${key} already.`);
      if (answer.status !== 200) throw storeError(answer, url, 'RAW_STORE_WRITE_FAILED');
    },
    close: () => client.close(),
  };
}

async function* listPages(
  client: S3Client,
  url: string,
  prefix: string,
  range: KeyRange,
): AsyncIterable<readonly ObjectInfo[]> {
  const query = { 'list-type': '2', 'encoding-type': 'url', prefix: prefix + commonPrefix(range) };
  const get = async (more: Record<string, string>): Promise<ListPage> => {
    const answer = await client.get('', { ...query, ...more }).catch((error: unknown) => {
      throw unreachable(error, url);
    });
    if (answer.status !== 200) throw storeError(answer, url, 'RAW_STORE_LIST_FAILED');
    return parseListPage(answer.body.toString('utf8'), prefix.length);
  };
  let next: Promise<ListPage> | null = get({ 'start-after': prefix + justBefore(range.from) });
  while (next !== null) {
    const page: ListPage = await next;
    const { objects, continuationToken: token } = page;
    const isPast = (objects.at(-1)?.key ?? '') >= range.before;
    // The next page is on its way while this one is worked on.
    next = token === null || isPast ? null : get({ 'continuation-token': token });
    next?.catch(() => undefined);
    yield isPast || (objects[0]?.key ?? range.from) < range.from
      ? objects.filter(({ key }) => key >= range.from && key < range.before)
      : objects;
  }
}

function commonPrefix({ from, before }: KeyRange): string {
  let length = 0;
  while (length < from.length && from[length] === before[length]) length += 1;
  return from.slice(0, length);
}

/** start-after leaves its own key out, so it must lie before the first key wanted. */
function justBefore(from: string): string {
  if (from === '') return '';
  const last = from.charCodeAt(from.length - 1);
  return `${from.slice(0, -1)}${String.fromCharCode(last - 1)}~`;
}

async function* guarded(chunks: AsyncIterable<Uint8Array>, key: string): AsyncIterable<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    throw error instanceof SbwError ? error : readFailed(error, key);
  }
}

function readFailed(error: unknown, key: string): SbwError {
  if (error instanceof SbwError) return error;
  return new SbwError('RAW_OBJECT_READ_FAILED', `Cannot read ${key}: ${(error as Error).message}`, {
    cause: error,
  });
}

function unreachable(error: unknown, url: string): SbwError {
  if (error instanceof SbwError) return error;
  return new SbwError('RAW_STORE_UNREACHABLE', `Cannot reach ${url}: ${(error as Error).message}`, {
    kind: 'environment',
    fix: 'check the network, --raw and AWS_ENDPOINT_URL',
    cause: error,
  });
}

/** What a refused request for the bucket as a whole means. */
function storeError({ status, headers, body }: S3Answer, url: string, otherwise: string): SbwError {
  const xml = body.toString('utf8');
  const code = textAt(xml, 'Code', 0, xml.length) || `HTTP ${status}`;
  const fail = (name: string, message: string, fix: string): SbwError =>
    new SbwError(name, message, { kind: 'environment', fix });
  const region = headers['x-amz-bucket-region'];
  if (code === 'NoSuchBucket') return fail('RAW_STORE_MISSING', `There is no bucket ${url}.`, 'check --raw');
  if (code === 'RequestTimeTooSkewed') {
    return fail(
      'CLOCK_SKEWED',
      "This computer's clock is wrong by more than 15 minutes.",
      'set the clock (NTP)',
    );
  }
  if (status === 301 || status === 307) {
    return fail(
      'RAW_STORE_ELSEWHERE',
      `${url} is in another region.`,
      `AWS_REGION=${String(region)} sbw ...`,
    );
  }
  if (status === 403) {
    const fix =
      'check AWS_PROFILE, and that it may s3:ListBucket, s3:GetObject and (for ingest) s3:PutObject here';
    return fail('RAW_STORE_FORBIDDEN', `${url} refuses us: ${code}.`, fix);
  }
  return new SbwError(otherwise, `${url} answered ${code}.`);
}
