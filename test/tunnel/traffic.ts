/** Programs at the local end of a tunnel. */
import { createHash, hash } from 'node:crypto';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { randomOf } from '../fakes/ssm/link.ts';

export async function dial(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host, noDelay: true, allowHalfOpen: true });
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return socket;
}

/** Everything until the other side ends; rejects when it breaks off. */
export async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise<void>((resolve, reject) => {
    socket.once('end', resolve).once('error', reject);
    socket.once('close', () => reject(new Error('closed without an end')));
  });
  return Buffer.concat(chunks);
}

/** Up to so many bytes. */
export async function readBytes(socket: Socket, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let left = bytes;
  await new Promise<void>((resolve, reject) => {
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      left -= chunk.length;
      if (left <= 0) resolve();
    });
    socket.once('error', reject).once('close', () => reject(new Error(`closed, ${left} bytes missing`)));
  });
  return Buffer.concat(chunks);
}

/** The same bytes for the same seed. */
export function randomBytesOf(seed: number, length: number): Buffer {
  const random = randomOf(seed);
  const bytes = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; at += 1) bytes[at] = random() * 256;
  return bytes;
}

/** Writes in pieces of random size, with pauses now and then. */
export async function writeInPieces(socket: Socket, bytes: Buffer, seed: number): Promise<void> {
  const random = randomOf(seed);
  for (let at = 0; at < bytes.length;) {
    const size = 1 + Math.floor(random() ** 4 * 60_000);
    if (!socket.write(bytes.subarray(at, at + size))) {
      await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve));
    }
    if (socket.destroyed) return;
    if (random() < 0.1) await new Promise((resolve) => setTimeout(resolve, random() * 5));
    at += size;
  }
}

/** Sends random bytes to an echo and compares what comes back. */
export async function echo(port: number, length: number, seed: number): Promise<void> {
  const socket = await dial(port);
  const bytes = randomBytesOf(seed, length);
  const [got] = await Promise.all([readBytes(socket, length), writeInPieces(socket, bytes, seed)]);
  if (hash('sha256', got) !== hash('sha256', bytes))
    throw new Error(`echo of ${length} bytes came back changed`);
  socket.destroy();
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
