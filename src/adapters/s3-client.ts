import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, type Dispatcher } from 'undici';
import { SbwError } from '../errors.ts';
import { isRetried, isTransient } from './s3-errors.ts';
import type { CredentialSource } from './aws-credentials.ts';
import { EMPTY_PAYLOAD_HASH, S3Signer, encodeKey, encodeQuery } from './sigv4.ts';

export interface S3ClientOptions {
  readonly bucket: string;
  readonly region: string;
  /** An S3-compatible server; AWS itself when absent. */
  readonly endpointUrl: string | undefined;
  readonly credentials: CredentialSource;
  /** Most connections at once; requests beyond wait for one. */
  readonly connections: number;
}

export interface S3Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

interface S3Request {
  readonly method: 'GET' | 'PUT';
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** A longer answer is an error, not memory. */
  readonly maxBytes: number;
}

const MAX_ATTEMPTS = 6;
const TIMEOUT_MS = 30_000;
/** S3 keeps an idle connection a little longer; a new one costs a TLS handshake. */
const KEEP_ALIVE_MS = 15_000;
const MAX_ERROR_BYTES = 64 * 1024;

/**
 * The few S3 requests of the bulk path, signed here and sent through keep-alive connections. The SDK's GetObject
 * costs about 0.93 ms of CPU, this about 0.05 ms. Every request is retried when that may help; a body that ends
 * before its Content-Length is such a case (undici tells).
 */
export class S3Client {
  readonly #pool: Pool;
  readonly #host: string;
  /** Path of the bucket: '/' virtual-hosted, '/bucket/' path style. */
  readonly #base: string;
  readonly #signer: S3Signer;
  readonly #credentials: CredentialSource;

  /** @throws SbwError AWS_ENDPOINT_INVALID */
  constructor(options: S3ClientOptions) {
    const { origin, host, base } = addressOf(options);
    this.#host = host;
    this.#base = base;
    this.#signer = new S3Signer(options.region);
    this.#credentials = options.credentials;
    this.#pool = new Pool(origin, {
      connections: options.connections,
      pipelining: 1,
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connect: { timeout: TIMEOUT_MS },
    });
  }

  /** GET of a key. Resolves to any answer, refusals too. @throws what the network throws */
  get(key: string, maxBytes: number): Promise<S3Answer> {
    return this.#retry(() => this.#send({ method: 'GET', key, maxBytes }));
  }

  /** GET of the bucket itself; otherwise as `get`. */
  getBucket(query: Readonly<Record<string, string>>, maxBytes: number): Promise<S3Answer> {
    return this.#retry(() => this.#send({ method: 'GET', key: '', query, maxBytes }));
  }

  /** PUT that never replaces an object (412). A retry that meets the object of an earlier try is a success. */
  async putNew(key: string, body: Uint8Array, contentType: string): Promise<S3Answer> {
    const headers = { 'content-type': contentType, 'if-none-match': '*' };
    let attempts = 0;
    const answer = await this.#retry(() => {
      attempts += 1;
      return this.#send({ method: 'PUT', key, headers, body, maxBytes: MAX_ERROR_BYTES });
    });
    if (answer.status !== 412 || attempts === 1) return answer;
    const present = await this.get(key, body.length + MAX_ERROR_BYTES);
    return present.status === 200 && present.body.equals(body) ? { ...answer, status: 200 } : answer;
  }

  /**
   * A large object as a stream. Where a connection breaks, the rest is asked for anew, of the same version.
   * @param refused makes the error out of an answer that is no content
   * @throws what the network throws
   */
  async *stream(key: string, refused: (answer: S3Answer) => SbwError): AsyncIterable<Uint8Array> {
    let received = 0;
    let etag = '';
    for (let attempt = 1; ; attempt += 1) {
      try {
        const rest = received === 0 ? {} : { range: `bytes=${received}-`, 'if-match': etag };
        const response = await this.#open(key, rest);
        if (response.statusCode === (received === 0 ? 200 : 206)) {
          etag = String(response.headers['etag'] ?? '');
          for await (const chunk of response.body as AsyncIterable<Buffer>) {
            received += chunk.length;
            // What moves forward may go on: only failures in a row count.
            attempt = 0;
            yield chunk;
          }
          return;
        }
        const answer = await readRefusal(response);
        if (attempt === MAX_ATTEMPTS || !isRetried(answer)) throw refused(answer);
      } catch (error) {
        if (attempt === MAX_ATTEMPTS || !isTransient(error)) throw error;
      }
      await pauseAfter(attempt);
    }
  }

  /** Waits for what is under way. */
  close(): Promise<void> {
    return this.#pool.close();
  }

  async #send({ method, key, query, headers, body, maxBytes }: S3Request): Promise<S3Answer> {
    const path = this.#pathOf(key);
    const canonicalQuery = query === undefined ? '' : encodeSorted(query);
    const signed = await this.#sign({ method, path, query: canonicalQuery, headers, body });
    const target = canonicalQuery === '' ? path : `${path}?${canonicalQuery}`;
    return new Promise((resolve, reject) => {
      this.#pool.dispatch(
        { method, path: target, headers: signed, body: body ?? null },
        new AnswerHandler(maxBytes, resolve, reject),
      );
    });
  }

  async #open(key: string, headers: Readonly<Record<string, string>>): Promise<Dispatcher.ResponseData> {
    const path = this.#pathOf(key);
    const signed = await this.#sign({ method: 'GET', path, query: '', headers, body: undefined });
    return this.#pool.request({ method: 'GET', path, headers: signed });
  }

  async #sign(request: {
    readonly method: 'GET' | 'PUT';
    readonly path: string;
    readonly query: string;
    readonly headers: Readonly<Record<string, string>> | undefined;
    readonly body: Uint8Array | undefined;
  }): Promise<Record<string, string>> {
    const { method, path, query, headers = {}, body } = request;
    const payloadHash =
      body === undefined ? EMPTY_PAYLOAD_HASH : createHash('sha256').update(body).digest('hex');
    const found = this.#credentials();
    // Waiting for what is there costs a turn of the event loop's queue for each object.
    const credentials = found instanceof Promise ? await found : found;
    return this.#signer.sign(
      { method, host: this.#host, path, query, payloadHash, headers },
      credentials,
      new Date(),
    );
  }

  async #retry(send: () => Promise<S3Answer>): Promise<S3Answer> {
    for (let attempt = 1; ; attempt += 1) {
      const isLast = attempt === MAX_ATTEMPTS;
      try {
        const answer = await send();
        if (isLast || !isRetried(answer)) return answer;
      } catch (error) {
        if (isLast || !isTransient(error)) throw error;
      }
      await pauseAfter(attempt);
    }
  }

  #pathOf(key: string): string {
    return `${this.#base}${encodeKey(key)}`;
  }
}

/** One answer, gathered. A class and not closures: there is one for each object read. */
class AnswerHandler implements Dispatcher.DispatchHandler {
  readonly #maxBytes: number;
  readonly #resolve: (answer: S3Answer) => void;
  readonly #reject: (error: Error) => void;
  readonly #chunks: Buffer[] = [];
  #length = 0;
  #status = 0;
  #headers: S3Answer['headers'] = {};

  constructor(maxBytes: number, resolve: (answer: S3Answer) => void, reject: (error: Error) => void) {
    this.#maxBytes = maxBytes;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onRequestStart(): void {
    // undici tells a new handler by this method.
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: S3Answer['headers'],
  ): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#length <= this.#maxBytes) this.#chunks.push(chunk);
    else controller.abort(new Error(`the answer is longer than ${this.#maxBytes} bytes`));
  }

  onResponseEnd(): void {
    const body = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    this.#resolve({ status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#reject(error);
  }
}

/** Full jitter: many readers that were told to slow down must not come back together. */
async function pauseAfter(attempt: number): Promise<void> {
  await sleep(Math.random() * 50 * 2 ** attempt);
}

async function readRefusal({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<S3Answer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_ERROR_BYTES) break;
  }
  return { status: statusCode, headers, body: Buffer.concat(chunks) };
}

function encodeSorted(query: Readonly<Record<string, string>>): string {
  return Object.keys(query)
    .sort()
    .map((name) => `${encodeQuery(name)}=${encodeQuery(query[name]!)}`)
    .join('&');
}

/** Where the bucket answers: its own host name, or a path of the endpoint (also for names TLS cannot cover). */
export function addressOf({
  bucket,
  region,
  endpointUrl,
}: Pick<S3ClientOptions, 'bucket' | 'region' | 'endpointUrl'>): {
  origin: string;
  host: string;
  base: string;
} {
  if (endpointUrl !== undefined) {
    const url = URL.canParse(endpointUrl) ? new URL(endpointUrl) : null;
    if (url === null || !['http:', 'https:'].includes(url.protocol)) {
      throw new SbwError('AWS_ENDPOINT_INVALID', 'AWS_ENDPOINT_URL is no http or https address.', {
        kind: 'environment',
        fix: 'export AWS_ENDPOINT_URL=http://127.0.0.1:9000   or unset it',
      });
    }
    return { origin: url.origin, host: url.host, base: `${url.pathname.replace(/\/$/, '')}/${bucket}/` };
  }
  const service = `s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
  if (bucket.includes('.')) return { origin: `https://${service}`, host: service, base: `/${bucket}/` };
  return { origin: `https://${bucket}.${service}`, host: `${bucket}.${service}`, base: '/' };
}
