import { spawn } from 'node:child_process';
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { SbwError } from '../../errors.ts';
import { programOf } from './binaries.ts';
import { serverSurroundings } from './cluster.ts';
import { SUPERUSER } from './init.ts';
import type { ClusterPlace } from './placement.ts';

const ITERATIONS = 4096;

/**
 * What PostgreSQL keeps of a password (RFC 5803). Sent in place of the password, which so never stands in an SQL
 * statement that the server might log. Safe to put between single quotes.
 */
export function scramVerifier(password: string, salt = randomBytes(16)): string {
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256');
  const keyOf = (name: string): Buffer => createHmac('sha256', salted).update(name).digest();
  const storedKey = createHash('sha256').update(keyOf('Client Key')).digest('base64');
  const serverKey = keyOf('Server Key').toString('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

/**
 * Gives the superuser a new password, without the old one. The server must be stopped.
 * @throws SbwError CLUSTER_PASSWORD_RESET_FAILED
 */
export async function resetSuperuserPassword(place: ClusterPlace, password: string): Promise<void> {
  const child = spawn(
    programOf(place.binaries, 'postgres'),
    ['--single', '-D', place.dataDirectory, 'postgres'],
    {
      stdio: ['pipe', 'ignore', 'pipe'],
      ...serverSurroundings(place),
    },
  );
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-2048)));
  child.stdin.on('error', () => undefined);
  child.stdin.end(`ALTER ROLE ${SUPERUSER} PASSWORD '${scramVerifier(password)}'\n`);
  const failure = await new Promise<string | null>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code) => resolve(code === 0 && !/ERROR|FATAL/.test(output) ? null : output.trim()));
  });
  if (failure === null) return;
  throw new SbwError(
    'CLUSTER_PASSWORD_RESET_FAILED',
    `the superuser's password could not be set: ${failure}`,
  );
}
