import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SbwError } from '../../src/errors.ts';
import { listenNear } from '../../src/tunnel/listen-near.ts';
import type { Listen } from '../../src/tunnel/ports.ts';

/** A machine on which these ports are taken. */
function machine(...taken: number[]): Listen {
  return async ({ host, port }) => {
    if (taken.includes(port)) throw new SbwError('PORT_TAKEN', `${port}`, { kind: 'refused' });
    if (port === 80) throw new SbwError('PORT_FORBIDDEN', '80', { kind: 'environment' });
    return { host, port, close: async () => undefined };
  };
}

test('the next free port, and each that was taken is told', async () => {
  const taken: number[] = [];
  const listen = listenNear(machine(3838, 3839), (port) => void taken.push(port));
  assert.equal((await listen({ host: '127.0.0.1', port: 3838 }, () => undefined)).port, 3840);
  assert.deepEqual(taken, [3838, 3839]);
});

test('another trouble is no reason to try the next, nor is the end of all ports', async () => {
  const listen = listenNear(machine(65_534, 65_535), () => undefined);
  const at = (port: number): Promise<unknown> => listen({ host: '127.0.0.1', port }, () => undefined);
  await assert.rejects(at(80), { code: 'PORT_FORBIDDEN' });
  await assert.rejects(at(65_534), { code: 'PORT_TAKEN' });
});
