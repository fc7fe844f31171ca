import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { SbwError } from '../../../errors.ts';
import type { Address } from '../../../tunnel/world.ts';

const TIMEOUT_MS = 15_000;
/** Every PostgreSQL server answers it with one letter. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
const PROTOCOL_3 = 0x0003_0000;
/** A role that every server has: it asks for a password then, and writes nothing into its log when we leave. */
const PARAMETERS = 'user\0postgres\0database\0postgres\0application_name\0sbw tunnel\0\0';
/** "cannot connect now": starting, stopping or recovering. */
const NOT_NOW = 'C57P03\0';
const MAX_ERROR_BYTES = 32 * 1024;

/**
 * Starts a session with a PostgreSQL server as every client does, with TLS where the server has it, and leaves when the
 * server asks who we are. Being turned away is an answer too.
 *
 * Rejects with the system's error when nothing answers or the server is still starting.
 * @throws SbwError TUNNEL_NOT_POSTGRES
 */
export async function startPostgres(address: Address, signal: AbortSignal): Promise<void> {
  const plain = connect({ ...address, signal, timeout: TIMEOUT_MS });
  try {
    plain.write(SSL_REQUEST);
    const letter = (await read(plain, 1)).toString('latin1');
    if (letter !== 'S' && letter !== 'N') throw notPostgres();
    const socket = letter === 'S' ? await secure(plain) : plain;
    // Whose TLS we cannot speak is still a PostgreSQL server.
    if (socket === null) return;
    socket.write(startupMessage());
    const head = await read(socket, 5);
    const type = head.toString('latin1', 0, 1);
    if (type === 'R') return;
    if (type !== 'E') throw notPostgres();
    const rest = Math.min(MAX_ERROR_BYTES, head.readUInt32BE(1) - 4);
    const text = (await read(socket, rest)).toString('latin1');
    if (text.includes(NOT_NOW)) throw new Error('the server is not ready for connections');
  } finally {
    plain.destroy();
  }
}

function startupMessage(): Buffer {
  const message = Buffer.alloc(8 + PARAMETERS.length);
  message.writeUInt32BE(message.length, 0);
  message.writeUInt32BE(PROTOCOL_3, 4);
  message.write(PARAMETERS, 8, 'latin1');
  return message;
}

/** Nothing secret is sent, so whose certificate it is does not matter. Null when it cannot be done. */
function secure(socket: Socket): Promise<Socket | null> {
  return new Promise((resolve) => {
    const tls = connectTls({ socket, rejectUnauthorized: false });
    tls.once('secureConnect', () => resolve(tls));
    tls.once('error', () => resolve(null));
  });
}

/** So many bytes; rejects when they do not come. */
function read(socket: Socket, bytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      settle();
      // Errors after the first are part of the same end.
      socket.on('error', () => undefined);
      reject(error);
    };
    const late = (): void => fail(new Error(`no answer within ${TIMEOUT_MS / 1000} s`));
    const ended = (): void => fail(new Error('the server closed without an answer'));
    const readable = (): void => {
      const answer = socket.read(bytes) as Buffer | null;
      if (answer === null) return;
      settle();
      resolve(answer);
    };
    const settle = (): void => {
      socket.off('error', fail).off('timeout', late).off('end', ended).off('close', ended);
      socket.off('readable', readable);
    };
    socket.on('error', fail).on('timeout', late).on('end', ended).on('close', ended);
    socket.on('readable', readable);
    readable();
  });
}

function notPostgres(): SbwError {
  return new SbwError('TUNNEL_NOT_POSTGRES', 'What listens behind the tunnel is no PostgreSQL server.', {
    kind: 'environment',
    fix: 'check --remote-port and --remote-host, or --no-proof when it is meant',
  });
}
