import { createServer } from 'node:net';
import { SbwError } from '../../errors.ts';

const HOST = '127.0.0.1';
const TRIES = 100;

/** Whether a program could listen there now. It may be taken a moment later: be ready for that. */
export async function isPortFree(port: number): Promise<boolean> {
  return (await tryPort(port)) !== null;
}

/** The first free port at or after `preferred`; with 0, any. */
export async function findFreePort(preferred: number): Promise<number> {
  for (let offset = 0; offset < TRIES && preferred + offset <= 65_535; offset += 1) {
    const port = await tryPort(preferred === 0 ? 0 : preferred + offset);
    if (port !== null) return port;
  }
  throw new SbwError('PORTS_TAKEN', `no free port from ${preferred} on`, {
    kind: 'environment',
    fix: 'name one: sbw local up --port <port> --pg-port <port>',
  });
}

async function tryPort(port: number): Promise<number | null> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(null));
    server.listen({ port, host: HOST, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null));
    });
  });
}
