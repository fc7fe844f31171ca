import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Signal, signal } from '../resources/operations.ts';
import { serviceSignedFor } from '../services/catalog.ts';
import type { Service } from '../services/service.ts';
import { uuid } from '../world/ids.ts';
import type { World } from '../world/world.ts';
import { encodeFault, understand } from './exchange.ts';
import { AwsFault, NotInFake } from './fault.ts';
import { refusalOf } from './refusals.ts';
import type { RestAnswer } from './rest.ts';

/** Answers on a free port of 127.0.0.1. */
export async function listen(world: World): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(world, request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => close(server) };
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

async function answer(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyOf(request);
  if (request.url?.startsWith(`/cloudformation-waitcondition-${world.region}/`) === true) {
    return takeSignal(world, request.url, body, response);
  }
  const requestId = uuid();
  const signed = signatureOf(request);
  const service = serviceSignedFor(signed?.service ?? '');
  if (service === undefined || signed === null) {
    const error = new AwsFault(
      'MissingAuthenticationToken',
      `The fake AWS has no service ${signed?.service ?? '(unsigned)'}`,
      403,
    );
    return send(response, request, { status: 403, headers: {}, body: Buffer.from(error.message) }, requestId);
  }
  try {
    const result = await perform(world, service, signed, request, body, requestId);
    if (result === 'cut') return void response.socket?.resetAndDestroy();
    send(response, request, result, requestId);
  } catch (error) {
    send(response, request, encodeFault(faultOf(error), service, requestId), requestId);
  }
}

/** What the fake itself cannot do is answered as a client's error, so that no retry hides it. */
function faultOf(error: unknown): AwsFault {
  if (error instanceof AwsFault) return error;
  if (error instanceof NotInFake) return new AwsFault('NotInFake', error.message, 400);
  return new AwsFault('FakeIsBroken', String((error as Error).stack ?? error), 400);
}

async function perform(
  world: World,
  service: Service,
  signed: Signed,
  request: IncomingMessage,
  body: Buffer,
  requestId: string,
): Promise<RestAnswer | 'cut'> {
  const { action, input, encode } = await understand(service, request, body);
  world.clock.settle();
  const name = `${service.name}:${action}`;
  const number = world.script.calls.length + 1;
  const cut = await world.script.see({ number, action: name, input, at: world.clock.now() });
  if (cut === 'reset') return 'cut';
  const { region } = world;
  if (service.isGlobal !== true && signed.region !== region) {
    throw new NotInFake(`region ${signed.region} (it has ${region}) for ${name}`);
  }
  const scripted = world.script.errorFor(name, input);
  if (scripted !== null)
    throw refusalOf(scripted, service.protocol, name, world.arn('iam', 'user/operator', ''));
  const handler = service.actions[action];
  if (handler === undefined) throw new NotInFake(`action ${name}`);
  const output = handler(input as never, world, { accessKeyId: signed.accessKeyId });
  const encoded = encode((await output) ?? {}, requestId);
  return cut === 'lost-answer' ? 'cut' : encoded;
}

interface Signed {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
}

/** `Credential=AKIA…/20260101/ap-southeast-1/ec2/aws4_request`, from the header or a presigned URL. */
function signatureOf(request: IncomingMessage): Signed | null {
  const fromUrl = new URL(request.url ?? '/', 'http://fake').searchParams.get('X-Amz-Credential');
  const scope = /Credential=([^,\s]+)/.exec(request.headers.authorization ?? '')?.[1] ?? fromUrl;
  const [accessKeyId, , region, service] = scope?.split('/') ?? [];
  if (accessKeyId === undefined || region === undefined || service === undefined) return null;
  return { accessKeyId, region, service };
}

function takeSignal(world: World, url: string, body: Buffer, response: ServerResponse): void {
  world.clock.settle();
  const isKnown = signal(world, url, JSON.parse(body.toString('utf8')) as Signal);
  response.writeHead(isKnown ? 200 : 403, { 'content-length': 0 }).end();
}

function send(
  response: ServerResponse,
  { method }: IncomingMessage,
  answered: RestAnswer,
  requestId: string,
): void {
  const { status, headers, body } = answered;
  const hasBody = method !== 'HEAD' && status !== 204 && status !== 304;
  response.writeHead(status, {
    ...(hasBody ? { 'content-length': body.length } : {}),
    ...headers,
    'x-amzn-requestid': requestId,
    'x-amz-request-id': requestId,
  });
  response.end(hasBody ? body : undefined);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
