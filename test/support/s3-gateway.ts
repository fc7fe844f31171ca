import { Agent, createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What goes wrong on the way to S3: told to slow down, the connection reset before the request arrived, the answer's
 * body cut in the middle, and the worst one: done, but the answer is lost.
 */
export type Fault = 'slow-down' | 'reset' | 'cut' | 'lost-answer';

/** @param attempt how often this very request was seen, from 1 */
export type FaultOf = (request: { method: string; path: string; attempt: number }) => Fault | null;

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Passes requests on to an S3 server at a port of 127.0.0.1; `If-None-Match: *` is honoured here. */
export async function startS3Gateway(
  upstreamPort: number,
  faultOf: FaultOf,
): Promise<{ endpointUrl: string; close(): Promise<void> }> {
  const agent = new Agent({ keepAlive: true });
  const attempts = new Map<string, number>();

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/', headers } = request;
    const attempt = (attempts.get(`${method} ${path}`) ?? 0) + 1;
    attempts.set(`${method} ${path}`, attempt);
    const body = await bodyOf(request);
    const fault = faultOf({ method, path, attempt });
    if (fault === 'reset') return void response.socket?.resetAndDestroy();
    if (fault === 'slow-down') return refuse(response, 503, 'SlowDown');
    const ask = (verb: string, content: Buffer): Promise<Answer> =>
      forward({ agent, port: upstreamPort, method: verb, path, headers }, content);
    if (headers['if-none-match'] === '*') {
      const present = await ask('HEAD', Buffer.alloc(0));
      if (present.status === 200) return refuse(response, 412, 'PreconditionFailed');
    }
    const answer = await ask(method, body);
    if (fault === 'lost-answer') return void response.socket?.resetAndDestroy();
    response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length });
    if (fault !== 'cut') return void response.end(answer.body);
    response.write(answer.body.subarray(0, answer.body.length >> 1), () => response.socket?.end());
  }

  const server = createServer((request, response) => {
    pass(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpointUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function forward(
  options: {
    agent: Agent;
    port: number;
    method: string;
    path: string;
    headers: IncomingMessage['headers'];
  },
  body: Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { ...options.headers, 'content-length': String(body.length) };
    delete headers['transfer-encoding'];
    const outgoing = send({ ...options, host: '127.0.0.1', headers }, (incoming) => {
      bodyOf(incoming).then(
        (received) =>
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: received }),
        reject,
      );
    });
    outgoing.once('error', reject).end(body);
  });
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(`<Error><Code>${code}</Code></Error>`);
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
