// A fast S3 server for benches and the 100,001-object listing: one process, objects in memory, path style.
// It speaks what the loader and the tests need (PUT with If-None-Match, GET, DELETE, ListObjectsV2, and our own
// /_fill and /_stats) and checks no signatures; test/support/s3-servers.ts has the server that behaviour is tested on.
//   node --import tsx bench/s3-server.ts [--port 0] [--latency-ms 20]
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { makeObjects, type Filling } from './support/events.ts';

const { values } = parseArgs({ options: { port: { type: 'string' }, 'latency-ms': { type: 'string' } } });
const latencyMs = Number(values['latency-ms'] ?? 0);

interface Stored {
  readonly body: Buffer;
  readonly etag: string;
  /** Its part of a listing, made once: what is measured is the client. */
  readonly listed: string;
}

const objects = new Map<string, Stored>();
let sortedKeys: string[] | null = null;
const stats = { get: 0, list: 0, put: 0 };

function store(key: string, body: Buffer): void {
  const etag = createHash('md5').update(body).digest('hex');
  const listed =
    `<Contents><Key>${encodeURIComponent(key).replaceAll('%2F', '/')}</Key><LastModified>${new Date().toISOString()}</LastModified>` +
    `<ETag>&quot;${etag}&quot;</ETag><Size>${body.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
  objects.set(key, { body, etag, listed });
  sortedKeys = null;
}

/** First place in the sorted keys for which `isWanted` holds; it holds for all behind it. */
function firstPlace(keys: readonly string[], isWanted: (key: string) => boolean): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isWanted(keys[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

const PAGE = 1000;

function list(query: URLSearchParams): string {
  sortedKeys ??= [...objects.keys()].sort();
  const prefix = query.get('prefix') ?? '';
  const token = query.get('continuation-token');
  const after =
    token === null ? (query.get('start-after') ?? '') : Buffer.from(token, 'base64url').toString();
  const page: string[] = [];
  let at = firstPlace(sortedKeys, (key) => key >= prefix && key > after);
  for (; at < sortedKeys.length && page.length < PAGE; at += 1) {
    const key = sortedKeys[at]!;
    if (!key.startsWith(prefix)) break;
    page.push(objects.get(key)!.listed);
  }
  const isTruncated = sortedKeys[at]?.startsWith(prefix) === true;
  const next = isTruncated ? Buffer.from(sortedKeys[at - 1]!).toString('base64url') : '';
  return (
    `<?xml version="1.0"?><ListBucketResult><Name>raw</Name><EncodingType>url</EncodingType><KeyCount>${page.length}</KeyCount>` +
    `<IsTruncated>${isTruncated}</IsTruncated>${isTruncated ? `<NextContinuationToken>${next}</NextContinuationToken>` : ''}` +
    `${page.join('')}</ListBucketResult>`
  );
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname === '/_stats') return void response.end(JSON.stringify(stats));
  if (url.pathname === '/_fill') {
    objects.clear();
    Object.assign(stats, { get: 0, list: 0, put: 0 });
    const filling = JSON.parse((await bodyOf(request)).toString()) as Filling;
    let events = 0;
    for (const object of makeObjects(filling)) {
      store(object.key, object.body);
      events += object.events;
    }
    return void response.end(JSON.stringify({ objects: objects.size, events }));
  }
  if (latencyMs > 0)
    await new Promise((resolve) => setTimeout(resolve, latencyMs * (0.7 + Math.random() * 0.6)));
  const key = decodeURIComponent(url.pathname).replace(/^\/[^/]+\/?/, '');
  if (request.method === 'PUT') {
    stats.put += 1;
    const body = await bodyOf(request);
    const isTaken = request.headers['if-none-match'] === '*' && objects.has(key);
    if (isTaken) return refuse(response, 412, 'PreconditionFailed');
    store(key, body);
    return void response.end();
  }
  if (request.method === 'DELETE') {
    if (objects.delete(key)) sortedKeys = null;
    return void response.writeHead(204).end();
  }
  if (key === '') {
    stats.list += 1;
    response.setHeader('content-type', 'application/xml');
    return void response.end(list(url.searchParams));
  }
  stats.get += 1;
  const object = objects.get(key);
  if (object === undefined) return refuse(response, 404, 'NoSuchKey');
  response
    .writeHead(200, { 'content-length': object.body.length, etag: `"${object.etag}"` })
    .end(object.body);
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status).end(`<Error><Code>${code}</Code></Error>`);
}

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  answer(request, response).catch((error: unknown) => {
    response.statusCode = 500;
    response.end(String(error));
  });
});
server.listen(Number(values.port ?? 0), '127.0.0.1', () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});
// It ends with whoever started it.
process.stdin.resume().once('end', () => process.exit(0));
