/**
 * The part of AWS that a server sees, inside the machine's own network. It is strict:
 *
 * - the metadata service wants a session token, and answers nothing without one;
 * - S3 and Systems Manager speak TLS under their own names, and compare every signature with that of AWS's own signer;
 * - S3 gives what the settings list, and 403 for the rest; a parameter that is not listed is not found;
 * - the address of a wait condition takes a PUT with an empty content type, as CloudFormation has signed it.
 *
 * Run as a process: `cloud.ts SETTINGS`. The settings are read anew for each request; what was asked is in a file.
 */
import { SignatureV4 } from '@smithy/signature-v4';
import type { HttpRequest } from '@smithy/types';
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { appendFileSync, createReadStream, readFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { text } from 'node:stream/consumers';

export interface CloudSettings {
  readonly region: string;
  readonly bucket: string;
  /** Gets a line of JSON for each request: a CloudRequest. */
  readonly log: string;
  /** PEM files. */
  readonly key: string;
  readonly certificate: string;
  readonly role: { readonly AccessKeyId: string; readonly SecretAccessKey: string; readonly Token: string };
  readonly privateIp: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Key -> file. */
  readonly objects: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
}

/** What was asked for and what came of it; `signal` for the wait condition. */
export interface CloudRequest {
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly signal?: { readonly Status: string; readonly Reason: string };
}

export const METADATA_ADDRESS = '169.254.169.254';
export const DOORS_ADDRESS = '127.0.0.2';
export const hostsOf = (region: string): string[] => [
  `s3.${region}.amazonaws.com`,
  `ssm.${region}.amazonaws.com`,
  `cloudformation-waitcondition-${region}.s3.${region}.amazonaws.com`,
];

const TOKEN = 'session-token';

class Sha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined ? createHash('sha256') : createHmac('sha256', Buffer.from(secret as Uint8Array));
  }
  update(data: string | Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

interface Answer {
  readonly status: number;
  readonly body?: string;
  readonly file?: string;
  readonly signal?: CloudRequest['signal'];
}

const refused = (status: number, code: string): Answer => ({
  status,
  body: `<Error><Code>${code}</Code></Error>`,
});

function metadata({ method, url = '', headers }: IncomingMessage, settings: CloudSettings): Answer {
  if (method === 'PUT' && url === '/latest/api/token') {
    const lifetime = Number(headers['x-aws-ec2-metadata-token-ttl-seconds']);
    return lifetime >= 1 && lifetime <= 21_600 ? { status: 200, body: TOKEN } : { status: 400 };
  }
  if (headers['x-aws-ec2-metadata-token'] !== TOKEN) return { status: 401 };
  const path = decodeURIComponent(url.replace('/latest/meta-data/', ''));
  const tag = /^tags\/instance\/(.+)$/.exec(path)?.[1];
  const body =
    path === 'local-ipv4'
      ? settings.privateIp
      : path === 'iam/security-credentials/'
        ? 'warehouse-role'
        : path === 'iam/security-credentials/warehouse-role'
          ? JSON.stringify(settings.role)
          : tag !== undefined
            ? settings.tags[tag]
            : undefined;
  return body === undefined ? { status: 404 } : { status: 200, body };
}

async function isSigned(
  { method = '', url = '', headers }: IncomingMessage,
  body: string,
  service: string,
  { region, role }: CloudSettings,
): Promise<boolean> {
  const given = String(headers['authorization'] ?? '');
  const names = /SignedHeaders=([^,]+)/.exec(given)?.[1]?.split(';') ?? [];
  const time = String(headers['x-amz-date'] ?? '');
  const signer = new SignatureV4({
    service,
    region,
    credentials: {
      accessKeyId: role.AccessKeyId,
      secretAccessKey: role.SecretAccessKey,
      sessionToken: role.Token,
    },
    sha256: Sha256,
    uriEscapePath: service !== 's3',
  });
  const unsigned: HttpRequest = {
    method,
    protocol: 'https:',
    hostname: String(headers.host),
    path: url,
    body,
    headers: Object.fromEntries(names.map((name) => [name, String(headers[name] ?? '')])),
  };
  const signed = await signer.sign(unsigned, {
    signingDate: new Date(time.replace(/(....)(..)(..T..)(..)/, '$1-$2-$3:$4:')),
  });
  const [expected, actual] = [Buffer.from(signed.headers['authorization'] ?? ''), Buffer.from(given)];
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

async function storage(request: IncomingMessage, body: string, settings: CloudSettings): Promise<Answer> {
  if (!(await isSigned(request, body, 's3', settings))) return refused(403, 'SignatureDoesNotMatch');
  const key = decodeURIComponent((request.url ?? '').replace(`/${settings.bucket}/`, ''));
  const file = settings.objects[key];
  return request.method === 'GET' && file !== undefined
    ? { status: 200, file }
    : refused(403, 'AccessDenied');
}

async function parameters(request: IncomingMessage, body: string, settings: CloudSettings): Promise<Answer> {
  if (!(await isSigned(request, body, 'ssm', settings))) return refused(400, 'InvalidSignatureException');
  if (request.headers['x-amz-target'] !== 'AmazonSSM.GetParameter') return refused(400, 'UnknownOperation');
  const { Name, WithDecryption } = JSON.parse(body) as { Name: string; WithDecryption: boolean };
  const Value = settings.parameters[Name];
  if (Value === undefined || !WithDecryption) return refused(400, 'ParameterNotFound');
  return { status: 200, body: JSON.stringify({ Parameter: { Name, Value } }) };
}

function waitCondition({ method, headers }: IncomingMessage, body: string): Answer {
  if (method !== 'PUT' || headers['content-type'] !== '') return refused(403, 'SignatureDoesNotMatch');
  return { status: 200, signal: JSON.parse(body) as NonNullable<CloudRequest['signal']> };
}

async function answer(request: IncomingMessage, settings: CloudSettings): Promise<Answer> {
  const body = await text(request);
  const host = request.headers.host ?? '';
  if (host === METADATA_ADDRESS) return metadata(request, settings);
  const [s3, ssm, ready] = hostsOf(settings.region);
  if (host === s3) return storage(request, body, settings);
  if (host === ssm) return parameters(request, body, settings);
  return host === ready ? waitCondition(request, body) : refused(404, 'NoSuchHost');
}

async function handle(file: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const settings = JSON.parse(readFileSync(file, 'utf8')) as CloudSettings;
  const { status, body, file: content, signal } = await answer(request, settings);
  const { host = '' } = request.headers;
  const told: CloudRequest = { host, method: request.method ?? '', path: request.url ?? '', status };
  appendFileSync(settings.log, `${JSON.stringify({ ...told, ...(signal && { signal }) })}\n`);
  response.statusCode = status;
  if (content === undefined) response.end(body ?? '');
  else createReadStream(content).pipe(response);
}

if (process.argv[1]?.endsWith('cloud.ts') === true) {
  const file = process.argv[2]!;
  const { key, certificate } = JSON.parse(readFileSync(file, 'utf8')) as CloudSettings;
  const listener = (request: IncomingMessage, response: ServerResponse): void =>
    void handle(file, request, response);
  createHttpServer(listener).listen(80, METADATA_ADDRESS);
  createTlsServer({ key: readFileSync(key), cert: readFileSync(certificate) }, listener).listen(
    443,
    DOORS_ADDRESS,
    () => process.stdout.write('ready\n'),
  );
}
