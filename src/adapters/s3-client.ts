import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { SbwError } from '../errors.ts';
import { textAt } from './s3-list.ts';
import { EMPTY_PAYLOAD_HASH, S3Signer, encodeKey, encodeQuery, type AwsCredentials } from './sigv4.ts';

export interface S3ClientOptions {
  readonly bucket: string;
  readonly region: string;
  /** An S3-compatible server; AWS itself when absent. */
  readonly endpointUrl: string | undefined;
  readonly credentials: () => Promise<AwsCredentials>;
}

export interface S3Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

const MAX_ATTEMPTS = 6;
const TIMEOUT_MS = 30_000;
/** AWS answers these when it wants to be asked again; https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const RETRIED = new Set([429, 500, 502, 503, 504]);

/**
 * The few S3 requests of the bulk path, signed here and sent through keep-alive connections. The SDK's GetObject
 * costs about 0.93 ms of CPU, this about 0.06 ms (bench/objects.ts).
 */
export class S3Client {
  readonly #pool: Pool;
  readonly #host: string;
  /** Path of the bucket: '/' virtual-hosted, '/bucket/' path style. */
  readonly #base: string;
  readonly #signer: S3Signer;
  readonly #credentials: () => Promise<AwsCredentials>;

  constructor(options: S3ClientOptions, connections: number) {
    const { origin, host, base } = addressOf(options);
    this.#host = host;
    this.#base = base;
    this.#signer = new S3Signer(options.region);
    this.#credentials = options.credentials;
    this.#pool = new Pool(origin, {
      connections,
      pipelining: 1,
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
      connect: { timeout: TIMEOUT_MS },
    });
  }

  /** GET of a key, or of the bucket with a query. Retries what AWS wants retried. @throws network errors */
  async get(key: string, query: Readonly<Record<string, string>> = {}): Promise<S3Answer> {
    return this.#retry(() => this.#send('GET', key, query, null, {}));
  }

  /** PUT that never replaces an object. A retry that meets its own first try is a success. */
  async putNew(key: string, body: Uint8Array, contentType: string): Promise<S3Answer> {
    let attempt = 0;
    const answer = await this.#retry(() => {
      attempt += 1;
      return this.#send('PUT', key, {}, body, { 'content-type': contentType, 'if-none-match': '*' });
    });
    if (answer.status !== 412 || attempt === 1) return answer;
    const present = await this.get(key);
    return present.status === 200 && present.body.equals(body) ? { ...answer, status: 200 } : answer;
  }

  /** A large object as a stream; a body that ends early is an error. */
  async *stream(key: string): AsyncIterable<Uint8Array> {
    const path = this.#pathOf(key);
    const headers = await this.#sign('GET', path, '', EMPTY_PAYLOAD_HASH, {});
    const response = await this.#pool.request({ method: 'GET', path, headers });
    if (response.statusCode !== 200) {
      const body = Buffer.from(await response.body.arrayBuffer());
      throw answerError({ status: response.statusCode, headers: response.headers, body }, key);
    }
    const expected = Number(response.headers['content-length'] ?? Number.NaN);
    let received = 0;
    for await (const chunk of response.body) {
      received += (chunk as Buffer).length;
      yield chunk as Buffer;
    }
    if (!Number.isNaN(expected) && received !== expected) throw cutShort(key);
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #send(
    method: 'GET' | 'PUT',
    key: string,
    query: Readonly<Record<string, string>>,
    body: Uint8Array | null,
    extra: Readonly<Record<string, string>>,
  ): Promise<S3Answer> {
    const path = this.#pathOf(key);
    const canonicalQuery = Object.keys(query)
      .sort()
      .map((name) => `${encodeQuery(name)}=${encodeQuery(query[name]!)}`)
      .join('&');
    const hash = body === null ? EMPTY_PAYLOAD_HASH : createHash('sha256').update(body).digest('hex');
    const headers = await this.#sign(method, path, canonicalQuery, hash, extra);
    const target = canonicalQuery === '' ? path : `${path}?${canonicalQuery}`;
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let status = 0;
      let answerHeaders: S3Answer['headers'] = {};
      this.#pool.dispatch(
        { method, path: target, headers, body },
        {
          onRequestStart: () => undefined,
          onResponseStart: (_controller, statusCode, received) => {
            status = statusCode;
            answerHeaders = received;
          },
          onResponseData: (_controller, chunk) => void chunks.push(chunk),
          onResponseEnd: () => {
            const whole = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
            resolve({ status, headers: answerHeaders, body: whole });
          },
          onResponseError: (_controller, error) => reject(error),
        },
      );
    });
  }

  async #sign(
    method: 'GET' | 'PUT',
    path: string,
    query: string,
    payloadHash: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<Record<string, string>> {
    const request = { method, host: this.#host, path, query, payloadHash, headers };
    return this.#signer.sign(request, await this.#credentials(), new Date());
  }

  async #retry(send: () => Promise<S3Answer>): Promise<S3Answer> {
    for (let attempt = 1; ; attempt += 1) {
      const last = attempt === MAX_ATTEMPTS;
      try {
        const answer = await send();
        if (last || !RETRIED.has(answer.status)) return answer;
      } catch (error) {
        if (last || error instanceof SbwError) throw error;
      }
      // Full jitter: many readers that were told to slow down must not come back together.
      await sleep(Math.random() * 50 * 2 ** attempt);
    }
  }

  #pathOf(key: string): string {
    return `${this.#base}${encodeKey(key)}`;
  }
}

/** Where the bucket answers: its own host name, or a path of the endpoint (also for names TLS cannot cover). */
function addressOf({ bucket, region, endpointUrl }: S3ClientOptions): {
  origin: string;
  host: string;
  base: string;
} {
  if (endpointUrl !== undefined) {
    const url = new URL(endpointUrl);
    return { origin: url.origin, host: url.host, base: `${url.pathname.replace(/\/$/, '')}/${bucket}/` };
  }
  const service = `s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
  if (bucket.includes('.')) return { origin: `https://${service}`, host: service, base: `/${bucket}/` };
  return { origin: `https://${bucket}.${service}`, host: `${bucket}.${service}`, base: '/' };
}

/** What a refused request for one object means. */
export function answerError({ status, body }: S3Answer, key: string): SbwError {
  const xml = body.toString('utf8');
  const code = textAt(xml, 'Code', 0, xml.length);
  const said = code === '' ? `HTTP ${status}` : `${code} (HTTP ${status})`;
  if (status === 404) return new SbwError('RAW_OBJECT_MISSING', `There is no object ${key}: ${said}.`);
  if (status === 403) return new SbwError('RAW_OBJECT_FORBIDDEN', `May not read ${key}: ${said}.`);
  return new SbwError('RAW_OBJECT_READ_FAILED', `Cannot read ${key}: ${said}.`);
}

function cutShort(key: string): SbwError {
  return new SbwError('RAW_OBJECT_READ_FAILED', `Cannot read ${key}: the answer ended early.`);
}
