import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { SbwError } from '../../../errors.ts';
import type { Listen, LocalConnection } from '../../../tunnel/ports.ts';

const KEEP_ALIVE_MS = 15_000;

/** A TCP port of this machine. On 127.0.0.1 also ::1 where it is free: `localhost` means either. */
export const listen: Listen = async ({ host, port }, accept) => {
  const main = await open(host, port, accept);
  const bound = (main.address() as AddressInfo).port;
  const twin = host === '127.0.0.1' ? await open('::1', bound, accept).catch(() => null) : null;
  return {
    host,
    port: bound,
    close: async () => {
      await Promise.all([close(main), ...(twin === null ? [] : [close(twin)])]);
    },
  };
};

function open(host: string, port: number, accept: (local: LocalConnection) => void): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket: Socket) => {
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    accept(socket);
  });
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(refusal(host, port, cause)));
    server.listen({ host, port, exclusive: true }, () => {
      // Running out of file descriptors fails one connection, not the tunnel.
      server.removeAllListeners('error').on('error', () => undefined);
      resolve(server);
    });
  });
}

/** Resolves when the port is free. Connections are not the server's to end: it does not wait for them. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close();
    setImmediate(resolve);
  });
}

function refusal(host: string, port: number, cause: NodeJS.ErrnoException): SbwError {
  const where = `${host}:${port}`;
  if (cause.code === 'EADDRINUSE') {
    return new SbwError('PORT_TAKEN', `Another program listens on ${where}.`, {
      kind: 'refused',
      fix: 'name another port: --port <port>, or leave --port out and the next free one is taken',
      cause,
    });
  }
  return new SbwError('PORT_FORBIDDEN', `Cannot listen on ${where}: ${cause.message}`, {
    kind: 'environment',
    fix: 'ports below 1024 need rights that you should not need: --port 3838; --bind takes an address of this computer',
    cause,
  });
}
