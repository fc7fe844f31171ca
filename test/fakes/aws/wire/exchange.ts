import type { IncomingMessage } from 'node:http';
import type { Service } from '../services/service.ts';
import type { AwsFault } from './fault.ts';
import { NotInFake } from './fault.ts';
import { decodeChunked } from './chunked.ts';
import { decodeJson, encodeJson } from './json.ts';
import { decodeQuery } from './query.ts';
import { decodeRest, encodeRest, type RestAnswer, type RestRequest, routeRest } from './rest.ts';
import { type Operation, operationsOf } from './schema.ts';
import { encodeXml, escapeXml } from './xml.ts';

/** A request that has been understood. */
export interface Understood {
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
  encode(output: unknown, requestId: string): RestAnswer;
}

const MODELS = new Map<string, Promise<ReadonlyMap<string, Operation>>>();

function modelOf(service: Service): Promise<ReadonlyMap<string, Operation>> {
  const known = MODELS.get(service.name) ?? service.client().then(operationsOf);
  MODELS.set(service.name, known);
  return known;
}

/** @throws AwsFault for a request that AWS would refuse too, NotInFake for an action that the fake does not have */
export async function understand(
  service: Service,
  request: IncomingMessage,
  body: Buffer,
): Promise<Understood> {
  const model = await modelOf(service);
  const require = (name: string | undefined): Operation => {
    const operation = name === undefined ? undefined : model.get(name);
    if (operation === undefined) throw new NotInFake(`action ${service.name}:${name ?? request.url ?? ''}`);
    return operation;
  };
  switch (service.protocol) {
    case 'query':
    case 'ec2':
      return understandQuery(service, require, body);
    case 'json':
      return understandJson(require, request, body);
    case 'rest-json':
    case 'rest-xml':
      return understandRest(service, model, request, body);
  }
}

type Require = (name: string | undefined) => Operation;

function understandQuery({ protocol, xmlns }: Service, require: Require, body: Buffer): Understood {
  const form = new URLSearchParams(body.toString('utf8'));
  const { name, input, output } = require(form.get('Action') ?? undefined);
  const headers = { 'content-type': 'text/xml' };
  return {
    action: name,
    input: decodeQuery(input, form, protocol === 'ec2' ? 'ec2' : 'query') as Understood['input'],
    encode: (value, requestId) => {
      const isEmpty = !output.isStructSchema();
      if (protocol === 'ec2') {
        const whole = isEmpty
          ? `<${name}Response xmlns="${xmlns}"></${name}Response>`
          : encodeXml(`${name}Response`, output, value, xmlns);
        const end = whole.lastIndexOf('</');
        const text = `${whole.slice(0, end)}<requestId>${requestId}</requestId>${whole.slice(end)}`;
        return { status: 200, headers, body: Buffer.from(text) };
      }
      const result = isEmpty ? '' : encodeXml(`${name}Result`, output, value);
      const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
      const text = `<${name}Response xmlns="${xmlns}">${result}${metadata}</${name}Response>`;
      return { status: 200, headers, body: Buffer.from(text) };
    },
  };
}

function understandJson(require: Require, request: IncomingMessage, body: Buffer): Understood {
  const { name, input, output } = require(
    String(request.headers['x-amz-target'] ?? '')
      .split('.')
      .at(-1),
  );
  const type = request.headers['content-type'] ?? 'application/x-amz-json-1.1';
  return {
    action: name,
    input: decodeJson(input, JSON.parse(body.toString('utf8') || '{}')) as Understood['input'],
    encode: (value) => ({
      status: 200,
      headers: { 'content-type': type },
      body: Buffer.from(output.isStructSchema() ? encodeJson(output, value) : '{}'),
    }),
  };
}

function understandRest(
  service: Service,
  model: ReadonlyMap<string, Operation>,
  { method = 'GET', url = '/', headers }: IncomingMessage,
  body: Buffer,
): Understood {
  const target = new URL(url, 'http://fake');
  const isS3 = service.protocol === 'rest-xml';
  const [, bucket = '', rest = '/'] = isS3
    ? (/^\/([^/]*)(\/.*)?$/s.exec(target.pathname) ?? [])
    : ['', '', target.pathname];
  const isChunked = /aws-chunked/.test(
    `${headers['content-encoding'] ?? ''}${String(headers['x-amz-content-sha256'] ?? '')}`,
  );
  const isStreamed = isChunked || String(headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-');
  const content = isStreamed ? decodeChunked(body) : body;
  const request: RestRequest = { method, path: rest, query: target.searchParams, headers, body: content };
  // Actions on the account have no bucket, all others have one.
  const candidates = isS3
    ? [...model.values()].filter(({ input }) => (bucket !== '') === memberExists(input, 'Bucket'))
    : model.values();
  const operation = routeRest(candidates, request);
  if (operation === null) throw new NotInFake(`action ${service.name}: ${method} ${url}`);
  const format = isS3 ? 'xml' : 'json';
  const fixed = bucket === '' ? {} : { Bucket: decodeURIComponent(bucket) };
  return {
    action: operation.name,
    input: decodeRest(operation, request, format, fixed) as Understood['input'],
    encode: (value) => {
      const answer = encodeRest(operation, (value ?? {}) as Record<string, unknown>, format, service.xmlns);
      const type = isS3 ? 'application/xml' : 'application/json';
      return { ...answer, headers: { 'content-type': type, ...lowerCased(answer.headers) } };
    },
  };
}

function memberExists(input: Operation['input'], name: string): boolean {
  return input.isStructSchema() && [...input.structIterator()].some(([member]) => member === name);
}

const lowerCased = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** A refusal as the service puts it. */
export function encodeFault(
  { code, message, status }: AwsFault,
  { protocol, xmlns }: Service,
  requestId: string,
): RestAnswer {
  const [safeCode, safeMessage] = [escapeXml(code), escapeXml(message)];
  const kind = status < 500 ? 'Sender' : 'Receiver';
  switch (protocol) {
    case 'query':
      return xmlAnswer(
        status,
        `<ErrorResponse xmlns="${xmlns}"><Error><Type>${kind}</Type><Code>${safeCode}</Code><Message>${safeMessage}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
      );
    case 'ec2':
      return xmlAnswer(
        status,
        `<Response><Errors><Error><Code>${safeCode}</Code><Message>${safeMessage}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`,
      );
    case 'rest-xml':
      return xmlAnswer(
        status,
        `<Error><Code>${safeCode}</Code><Message>${safeMessage}</Message><RequestId>${requestId}</RequestId></Error>`,
      );
    case 'json':
    case 'rest-json':
      return {
        status,
        headers: {
          'content-type': 'application/json',
          'x-amzn-errortype': code,
          'x-amzn-query-error': `${code};${kind}`,
        },
        body: Buffer.from(JSON.stringify({ __type: code, message, Message: message })),
      };
  }
}

const xmlAnswer = (status: number, text: string): RestAnswer => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`),
});
