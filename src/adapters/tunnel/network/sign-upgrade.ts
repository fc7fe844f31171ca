import { createHmac, hash } from 'node:crypto';
import { EMPTY_PAYLOAD_HASH, encodeQuery } from '../../sigv4.ts';
import type { AwsCredentials } from '../../sigv4.ts';

const SERVICE = 'ssmmessages';
/** A URL with one of these is signed already. */
const PRESIGNED = /[?&]X-Amz-(Algorithm|Credential|Date|Expires|SignedHeaders|Signature|Security-Token)=/i;

/** How the service reads a bare `+` in the stream URL's query is not known for sure. */
export type PlusReading = 'space' | 'plus';

export function isPresigned(url: string): boolean {
  return PRESIGNED.test(url);
}

/** The headers that sign a WebSocket upgrade: AWS Signature Version 4, without a payload hash header. */
export function signUpgrade(
  url: URL,
  region: string,
  credentials: AwsCredentials,
  now: Date,
  plus: PlusReading,
): Record<string, string> {
  const amzDate = `${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  const { sessionToken } = credentials;
  const headers: Record<string, string> = {
    'x-amz-date': amzDate,
    ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
  };
  const signed: Record<string, string> = { host: url.host, ...headers };
  const names = Object.keys(signed).sort();
  const canonical = [
    'GET',
    url.pathname.split('/').map(encodeSegment).join('/'),
    canonicalQuery(url.search.slice(1), plus),
    ...names.map((name) => `${name}:${signed[name]}`),
    '',
    names.join(';'),
    EMPTY_PAYLOAD_HASH,
  ].join('\n');
  const scope = `${amzDate.slice(0, 8)}/${region}/${SERVICE}/aws4_request`;
  const text = `AWS4-HMAC-SHA256\n${amzDate}\n${scope}\n${hash('sha256', canonical)}`;
  const key = scope
    .split('/')
    .reduce<Buffer | string>((step, part) => hmac(step, part), `AWS4${credentials.secretAccessKey}`);
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${hmac(key, text).toString('hex')}`,
  };
}

/** Session ids may hold an `@`, which goes over the wire as it is and is signed as `%40`. */
function encodeSegment(segment: string): string {
  return encodeQuery(decodeURIComponent(segment));
}

function canonicalQuery(query: string, plus: PlusReading): string {
  const parameters = new URLSearchParams(plus === 'space' ? query : query.replaceAll('+', '%2B'));
  return [...parameters]
    .map(([name, value]) => `${encodeQuery(name)}=${encodeQuery(value)}`)
    .sort()
    .join('&');
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
