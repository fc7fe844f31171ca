import { request } from 'node:http';
import { connect } from 'node:net';
import { SbwError } from '../../../errors.ts';
import type { Probe } from '../../../tunnel/world.ts';

const TIMEOUT_MS = 15_000;
/** SSLRequest: every PostgreSQL server answers it with one letter, and logs nothing. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

export const probe: Probe = {
  http: ({ host, port }, path, signal) =>
    new Promise((resolve, reject) => {
      const asked = request({ host, port, path, agent: false, signal, timeout: TIMEOUT_MS }, (response) => {
        resolve(response.statusCode ?? 0);
        response.destroy();
      });
      asked.on('timeout', () => asked.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
      asked.on('error', reject);
      asked.end();
    }),

  postgres: (address, signal) =>
    new Promise((resolve, reject) => {
      const socket = connect({ ...address, signal, timeout: TIMEOUT_MS });
      socket.on('connect', () => socket.write(SSL_REQUEST));
      socket.on('timeout', () => socket.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
      socket.on('error', reject);
      socket.on('end', () => socket.destroy(new Error('the server closed without an answer')));
      socket.on('close', () => reject(new Error('closed without an answer')));
      socket.once('data', (answer) => {
        const letter = answer.toString('latin1', 0, 1);
        if (letter === 'S' || letter === 'N') resolve();
        else reject(notPostgres());
        socket.destroy();
      });
    }),
};

function notPostgres(): SbwError {
  return new SbwError('TUNNEL_NOT_POSTGRES', 'What listens behind the tunnel is no PostgreSQL server.', {
    kind: 'environment',
    fix: 'check --remote-port and --remote-host, or --no-proof when it is meant',
  });
}
