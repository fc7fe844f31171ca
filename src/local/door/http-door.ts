import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import { SbwError } from '../../errors.ts';
import { MAX_BODY_BYTES } from '../../etl/ingest/body.ts';
import type { IngestRequest, IngestResponse } from '../../etl/ingest/request.ts';
import { answerWatch } from './watch-door.ts';
import type { Watch } from './watch.ts';

export interface HttpDoor {
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Running requests are finished, no further one is taken; the port is free afterwards. */
  close(): Promise<void>;
}

export interface HttpDoorOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** The ingest handler: the same function as in the Lambda. */
  handle(request: IngestRequest): Promise<IngestResponse>;
  readonly watch: Watch;
}

/** A client that sends its headers or body slower than this is not one of ours. */
const REQUEST_TIMEOUT_MS = 15_000;
/** So long may requests that are under way take when the door closes. */
const CLOSE_TIMEOUT_MS = 5000;
/** Lets seeded history land in the hours it tells of. Only here, only from this machine. */
const RECEIVED_AT_HEADER = 'x-sbw-received-at';

/**
 * The local stand-in for API Gateway: turns each HTTP request into the proxy event of payload version 2.0 and
 * hands it to the ingest handler. Everything below /sbw/ is for people and tests on this machine.
 * @throws SbwError PORT_TAKEN (refused)
 */
export async function startHttpDoor(options: HttpDoorOptions): Promise<HttpDoor> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void answer(options, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(portError(error, options)));
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://${options.host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        // A tail never ends by itself, and a client may hold its connection open.
        options.watch.close();
        setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT_MS).unref();
      }),
  };
}

async function answer(
  options: HttpDoorOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  if (pathname.startsWith('/sbw/')) {
    // A page of another site may resolve its own name to 127.0.0.1 and read what is shown here.
    if (isLoopbackName(request.headers.host)) answerWatch(options.watch, pathname, request, response);
    else response.writeHead(403).end();
    return;
  }
  const body = await readBody(request);
  const { statusCode, headers, body: text } = await options.handle(proxyEvent(request, pathname, body));
  // What came in was more than we read: the connection cannot be used again.
  if (body.length > MAX_BODY_BYTES) response.setHeader('connection', 'close');
  response.writeHead(statusCode, headers).end(text);
}

/** At most one byte more than is allowed: enough for the handler to refuse it. */
async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop must not destroy the request: its answer is still to be sent.
  const body = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES + 1);
}

/** Types that API Gateway passes on as text; every other body, one without a type too, comes as base64. */
const TEXT_TYPE = /^(text\/.*|application\/(json|xml|javascript))$/;

function proxyEvent(request: IncomingMessage, rawPath: string, body: Buffer): IngestRequest {
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name] = Array.isArray(value) ? value.join(',') : value;
  }
  const type = (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  const isBase64Encoded = !TEXT_TYPE.test(type) || headers['content-encoding'] !== undefined || !isText(body);
  const receivedAt = Date.parse(headers[RECEIVED_AT_HEADER] ?? '');
  return {
    rawPath,
    headers,
    body: body.toString(isBase64Encoded ? 'base64' : 'utf8'),
    isBase64Encoded,
    requestContext: {
      requestId: randomUUID(),
      apiId: 'local',
      stage: '$default',
      timeEpoch: Number.isNaN(receivedAt) ? Date.now() : receivedAt,
      http: {
        method: request.method ?? 'POST',
        path: rawPath,
        sourceIp: request.socket.remoteAddress ?? '',
        userAgent: headers['user-agent'] ?? '',
      },
    },
  };
}

/** Decoding and encoding again would change bytes that are not UTF-8 before the handler can refuse them. */
function isText(body: Buffer): boolean {
  return Buffer.from(body.toString('utf8')).equals(body);
}

function isLoopbackName(host: string | undefined): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host ?? '');
}

function portError(error: NodeJS.ErrnoException, { host, port }: HttpDoorOptions): Error {
  if (error.code !== 'EADDRINUSE') return error;
  return new SbwError('PORT_TAKEN', `another program listens on port ${port} of ${host}`, {
    kind: 'refused',
    fix: 'name another with --port, or leave --port out: then a free one is found',
    cause: error,
  });
}
