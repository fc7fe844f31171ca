import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { CERTIFICATE, KEY } from '../../fakes/ssm/certificate.ts';

export interface TlsFront {
  readonly port: number;
  /** The authority that a client must believe; the certificate is for 127.0.0.1. */
  readonly authority: string;
  close(): Promise<void>;
}

/**
 * TLS in front of a PostgreSQL that has none: takes the client's SSLRequest, agrees, and passes on what comes after
 * the handshake. Who does not ask for TLS is cut off.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL
 */
export async function startTlsFront(upstreamPort: number): Promise<TlsFront> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    client.on('error', () => client.destroy());
    client.once('data', (request) => {
      const isSslRequest = request.length === 8 && request.readUInt32BE(4) === 80_877_103;
      if (!isSslRequest) return void client.destroy();
      client.write('S');
      const secure = new TLSSocket(client, { isServer: true, key: KEY, cert: CERTIFICATE });
      const upstream = connect(upstreamPort, '127.0.0.1');
      sockets.add(upstream);
      for (const [one, other] of [
        [secure, upstream],
        [upstream, secure],
      ] as const) {
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroy());
        one.pipe(other);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    port,
    authority: CERTIFICATE,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
