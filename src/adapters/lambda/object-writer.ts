import { createHash } from 'node:crypto';
import { request as requestHttp, Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { request as requestHttps, Agent as HttpsAgent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ObjectStore } from '../../etl/ports.ts';
import type { CredentialSource } from '../aws-credentials.ts';
import { requirePlainKey } from '../object-key.ts';
import { addressOf, type S3Answer } from '../s3-client.ts';
import { isRetried, isTransient, writeFailed, writeRefused } from '../s3-errors.ts';
import { encodeKey, S3Signer } from '../sigv4.ts';

export interface ObjectWriterOptions {
  readonly bucket: string;
  readonly region: string;
  /** An S3-compatible server; AWS itself when absent. */
  readonly endpointUrl: string | undefined;
  readonly credentials: CredentialSource;
}

const MAX_ATTEMPTS = 4;
/** All attempts together must end before the function does (10 s, ingest.yaml). */
const TIMEOUT_MS = 2000;
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Writes objects to S3 with nothing but Node's own HTTP client, for a function whose first answer waits for the code
 * to load: this loads in 6 ms, undici in 120, the SDK in 90. Keys must be new each time: a key that is taken counts
 * as an earlier attempt of ours that did arrive.
 * @throws SbwError AWS_ENDPOINT_INVALID (environment)
 */
export function openObjectWriter(options: ObjectWriterOptions): Pick<ObjectStore, 'write'> {
  const { origin, host, base } = addressOf(options);
  const url = `s3://${options.bucket}`;
  const signer = new S3Signer(options.region);
  const isPlain = origin.startsWith('http:');
  const agent = isPlain ? new HttpAgent({ keepAlive: true }) : new HttpsAgent({ keepAlive: true });

  async function put(key: string, body: Uint8Array, contentType: string): Promise<S3Answer> {
    const path = `${base}${encodeKey(key)}`;
    const headers = {
      'content-type': contentType,
      'content-length': String(body.length),
      'if-none-match': '*',
    };
    const payloadHash = createHash('sha256').update(body).digest('hex');
    const signed = signer.sign(
      { method: 'PUT', host, path, query: '', payloadHash, headers },
      await options.credentials(),
      new Date(),
    );
    return send(`${origin}${path}`, { agent, headers: signed, isPlain }, body);
  }

  return {
    write: async (key, body, contentType) => {
      requirePlainKey(key);
      for (let attempt = 1; ; attempt += 1) {
        const isLast = attempt === MAX_ATTEMPTS;
        const answer = await put(key, body, contentType).catch((error: unknown) => {
          if (isLast || !isTransient(error)) throw writeFailed(error, url, key);
          return null;
        });
        if (answer?.status === 200 || answer?.status === 412) return;
        if (answer !== null && (isLast || !isRetried(answer))) throw writeRefused(answer, url, key);
        await sleep(Math.random() * 50 * 2 ** attempt);
      }
    },
  };
}

interface Sending {
  readonly agent: HttpAgent;
  readonly headers: Readonly<Record<string, string>>;
  readonly isPlain: boolean;
}

/** @throws what the network throws; a server that takes too long is a network error too */
function send(url: string, { agent, headers, isPlain }: Sending, body: Uint8Array): Promise<S3Answer> {
  return new Promise((resolve, reject) => {
    const request = (isPlain ? requestHttp : requestHttps)(url, { method: 'PUT', agent, headers });
    const timer = setTimeout(() => request.destroy(tooSlow()), TIMEOUT_MS);
    const end = (): void => clearTimeout(timer);
    request.on('error', (error) => {
      end();
      reject(error);
    });
    request.once('response', (response) => {
      readAnswer(response).then(resolve, reject).finally(end);
    });
    request.end(body);
  });
}

async function readAnswer(response: IncomingMessage): Promise<S3Answer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= MAX_ANSWER_BYTES) chunks.push(chunk);
  }
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
}

function tooSlow(): Error {
  return Object.assign(new Error(`no answer within ${TIMEOUT_MS} ms`), { code: 'ETIMEDOUT' });
}
