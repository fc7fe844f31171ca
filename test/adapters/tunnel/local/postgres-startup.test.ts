import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { createSecureContext, TLSSocket } from 'node:tls';
import { startPostgres } from '../../../../src/adapters/tunnel/local/postgres-startup.ts';
import { CERTIFICATE, KEY } from '../../../fakes/ssm/certificate.ts';
import { serve } from '../../../fakes/ssm/stand.ts';
import { startTestPostgres } from '../../../support/postgres.ts';

const QUICK = new AbortController().signal;

/** What a server answers to the request for TLS, then to the startup. */
async function answering(
  t: TestContext,
  letter: string,
  reply: Buffer,
): Promise<{ port: number; asked: string[] }> {
  const asked: string[] = [];
  const { port, close } = await serve((plain) => {
    plain.once('data', () => {
      plain.write(letter);
      const socket: Socket =
        letter === 'S'
          ? new TLSSocket(plain, {
              isServer: true,
              secureContext: createSecureContext({ key: KEY, cert: CERTIFICATE }),
            })
          : plain;
      socket.on('error', () => undefined);
      socket.once('data', (startup: Buffer) => {
        asked.push(startup.toString('latin1', 8));
        // In two pieces, as networks do.
        socket.write(reply.subarray(0, 3));
        setTimeout(() => socket.write(reply.subarray(3)), 20);
      });
    });
  });
  t.after(close);
  return { port, asked };
}

function message(type: string, body: string): Buffer {
  const bytes = Buffer.alloc(5 + body.length);
  bytes.write(type, 0, 'latin1');
  bytes.writeUInt32BE(4 + body.length, 1);
  bytes.write(body, 5, 'latin1');
  return bytes;
}

const PASSWORD = message('R', '\0\0\0\x0aSCRAM-SHA-256\0\0');

test('a real server answers', async (t) => {
  const postgres = await startTestPostgres(18);
  t.after(() => postgres.stop());
  const { port } = new URL(await postgres.createDatabase());
  await startPostgres({ host: '127.0.0.1', port: Number(port) }, QUICK);
});

test('a server that asks for a password is there, with TLS and without', async (t) => {
  for (const letter of ['N', 'S']) {
    const { port, asked } = await answering(t, letter, PASSWORD);
    await startPostgres({ host: '127.0.0.1', port }, QUICK);
    assert.match(asked[0] ?? '', /^user\0postgres\0/, letter);
  }
});

test('being turned away is an answer; "not now" is not', async (t) => {
  const turned = await answering(t, 'N', message('E', 'SFATAL\0C28000\0Mno pg_hba.conf entry\0\0'));
  await startPostgres({ host: '127.0.0.1', port: turned.port }, QUICK);
  const starting = await answering(
    t,
    'N',
    message('E', 'SFATAL\0C57P03\0Mthe database system is starting up\0\0'),
  );
  await assert.rejects(startPostgres({ host: '127.0.0.1', port: starting.port }, QUICK), /not ready/);
});

test('what is no PostgreSQL server is told from one that does not answer', async (t) => {
  const page = await answering(t, 'HTTP/1.1 400 Bad Request\r\n\r\n', Buffer.alloc(0));
  await assert.rejects(startPostgres({ host: '127.0.0.1', port: page.port }, QUICK), {
    code: 'TUNNEL_NOT_POSTGRES',
  });
  const odd = await answering(t, 'N', message('Z', 'I'));
  await assert.rejects(startPostgres({ host: '127.0.0.1', port: odd.port }, QUICK), {
    code: 'TUNNEL_NOT_POSTGRES',
  });
  const mute = await serve((socket) => socket.end());
  t.after(() => mute.close());
  await assert.rejects(
    startPostgres({ host: '127.0.0.1', port: mute.port }, QUICK),
    /closed without an answer/,
  );
  await mute.close();
  await assert.rejects(startPostgres({ host: '127.0.0.1', port: mute.port }, QUICK), {
    code: 'ECONNREFUSED',
  });
});
