import { createHmac, hash } from 'node:crypto';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  readonly expiration?: Date | undefined;
}

export interface SignableRequest {
  readonly method: 'GET' | 'PUT';
  /** Host header: name and port as the server sees them. */
  readonly host: string;
  /** Percent-encoded once, as it goes over the wire (S3 signs it like that). */
  readonly path: string;
  /** Sorted by name and encoded, without the question mark; '' when there is none. */
  readonly query: string;
  /** SHA-256 of the body in hex. */
  readonly payloadHash: string;
  /** Further headers to sign, names in lower case, in any order. */
  readonly headers: Readonly<Record<string, string>>;
}

/** SHA-256 of nothing: the body of every GET. */
export const EMPTY_PAYLOAD_HASH = hash('sha256', '');

/**
 * Signs S3 requests: AWS Signature Version 4, in one header.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 * The signing key changes once a day and the date once a second; both are kept, which makes a signature cost two
 * hashes. The SDK's signer costs many times that, and the bulk read pays it per object.
 */
export class S3Signer {
  readonly #region: string;
  #key: { readonly day: string; readonly of: AwsCredentials; readonly hmac: Hmac } | null = null;
  #second: { readonly of: number; readonly text: string } | null = null;

  constructor(region: string) {
    this.#region = region;
  }

  /** The headers to send with the request, Authorization included. */
  sign(request: SignableRequest, credentials: AwsCredentials, now: Date): Record<string, string> {
    const amzDate = this.#format(now);
    const headers: Record<string, string> = {
      ...request.headers,
      host: request.host,
      'x-amz-content-sha256': request.payloadHash,
      'x-amz-date': amzDate,
    };
    if (credentials.sessionToken !== undefined) headers['x-amz-security-token'] = credentials.sessionToken;
    const names = Object.keys(headers).sort();
    const signed = names.join(';');
    let canonical = `${request.method}\n${request.path}\n${request.query}\n`;
    for (const name of names) canonical += `${name}:${headers[name]!.trim()}\n`;
    canonical += `\n${signed}\n${request.payloadHash}`;

    const scope = `${amzDate.slice(0, 8)}/${this.#region}/s3/aws4_request`;
    const digest = hash('sha256', canonical);
    const signature = this.#signingKey(credentials, amzDate.slice(0, 8)).digest(
      `AWS4-HMAC-SHA256\n${amzDate}\n${scope}\n${digest}`,
    );
    headers['authorization'] =
      `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
    return headers;
  }

  #signingKey(of: AwsCredentials, day: string): Hmac {
    if (this.#key?.of === of && this.#key.day === day) return this.#key.hmac;
    const step = (key: Buffer | string, text: string): Buffer =>
      createHmac('sha256', key).update(text).digest();
    const bytes = step(
      step(step(step(`AWS4${of.secretAccessKey}`, day), this.#region), 's3'),
      'aws4_request',
    );
    const hmac = new Hmac(bytes);
    this.#key = { day, of, hmac };
    return hmac;
  }

  /** `20251206T051112Z` */
  #format(now: Date): string {
    const second = Math.floor(now.getTime() / 1000);
    if (this.#second?.of === second) return this.#second.text;
    const text = `${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
    this.#second = { of: second, text };
    return text;
  }
}

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** Longer than any string to sign: 16 + 17 + 10 + 1 + 32 + 1 + 2 + 1 + 12 + 64 and line feeds. */
const MAX_MESSAGE_BYTES = 512;

/**
 * HMAC-SHA256 (RFC 2104) of short ASCII texts under one key. node:crypto's makes an object for each signature, which
 * the garbage collector must finalize; two one-shot hashes leave nothing behind.
 */
class Hmac {
  readonly #inner = Buffer.alloc(BLOCK_BYTES + MAX_MESSAGE_BYTES);
  readonly #outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);

  /** @param key 32 bytes */
  constructor(key: Buffer) {
    for (let at = 0; at < BLOCK_BYTES; at += 1) {
      this.#inner[at] = 0x36 ^ (key[at] ?? 0);
      this.#outer[at] = 0x5c ^ (key[at] ?? 0);
    }
  }

  /** @returns hex */
  digest(text: string): string {
    const end = BLOCK_BYTES + this.#inner.write(text, BLOCK_BYTES, 'latin1');
    hash('sha256', this.#inner.subarray(0, end), 'buffer').copy(this.#outer, BLOCK_BYTES);
    return hash('sha256', this.#outer);
  }
}

/** What needs no encoding: nearly every key there is. */
const PLAIN_KEY = /^[\w.~/-]*$/;

/** RFC 3986 encoding as S3 wants it: everything but unreserved characters, and `/` kept in paths. */
export function encodeKey(key: string): string {
  return PLAIN_KEY.test(key) ? key : encodeQuery(key).replaceAll('%2F', '/');
}

export function encodeQuery(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
