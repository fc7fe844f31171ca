/** What the service checks before it opens a WebSocket. */
import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** Null: all right. Otherwise what is wrong, for the tests. */
export function refuseUpgrade(
  request: IncomingMessage,
  keys: readonly Keys[],
  region: string,
): string | null {
  const { headers } = request;
  for (const name of ['origin', 'sec-websocket-protocol', 'sec-websocket-extensions']) {
    if (headers[name] !== undefined) return `header ${name}`;
  }
  return refuseSignature(request, keys, region);
}

/** Signature version 4, computed here from the specification. */
function refuseSignature(
  { headers, url = '' }: IncomingMessage,
  keys: readonly Keys[],
  region: string,
): string | null {
  const authorization = headers.authorization ?? '';
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/ssmmessages\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/.exec(
      authorization,
    );
  if (match === null) return authorization === '' ? 'unsigned' : 'authorization cannot be read';
  const [, id, day, signedRegion, names = '', signature] = match;
  const key = keys.find(({ accessKeyId }) => accessKeyId === id);
  if (key === undefined) return 'unknown or expired key';
  if (signedRegion !== region) return `region ${signedRegion}`;
  const wanted = key.sessionToken === undefined ? 'host;x-amz-date' : 'host;x-amz-date;x-amz-security-token';
  if (names !== wanted) return `signed headers ${names}`;
  if (headers['x-amz-security-token'] !== key.sessionToken) return 'security token';
  const date = String(headers['x-amz-date']);
  const sentAt = Date.parse(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!(Math.abs(Date.now() - sentAt) < 300_000)) return `date ${date}`;
  const [path = '', query = ''] = url.split('?');
  const canonical = [
    'GET',
    path
      .split('/')
      .map((part) => encode(decodeURIComponent(part)))
      .join('/'),
    canonicalQuery(query),
    ...names.split(';').map((name) => `${name}:${String(headers[name])}`),
    '',
    names,
    sha256(''),
  ].join('\n');
  const scope = `${day}/${region}/ssmmessages/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  const signingKey = [day!, region, 'ssmmessages', 'aws4_request'].reduce<Buffer | string>(
    (step, part) => hmac(step, part),
    `AWS4${key.secretAccessKey}`,
  );
  return hmac(signingKey, text).toString('hex') === signature ? null : 'signature does not match';
}

/** As Go's signer does it: a bare plus is a space. */
function canonicalQuery(query: string): string {
  return [...new URLSearchParams(query)]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest();
