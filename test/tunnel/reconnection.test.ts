import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { SSMClientConfig } from '@aws-sdk/client-ssm';
import { openSessionApi } from '../../src/adapters/tunnel/aws/session-api.ts';
import { createDial } from '../../src/adapters/tunnel/network/dial.ts';
import { readNetwork } from '../../src/adapters/tunnel/network/settings.ts';
import { KEYS, REGION } from '../fakes/ssm/fake-ssm.ts';
import { standUp } from '../fakes/ssm/stand.ts';
import type { Stand, StandOptions } from '../fakes/ssm/stand.ts';
import { dial, echo, randomBytesOf, readAll, readBytes, sha256, writeInPieces } from './traffic.ts';

/** As fast as a nap of a millisecond could ever be. */
const FAST = { agent: { messagesPerSecond: 950 } };

async function stand(t: TestContext, options?: StandOptions): Promise<Stand> {
  const one = await standUp({ ssm: FAST, ...options });
  t.after(() => one.close());
  return one;
}

const pause = (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms));

/** One line when it drops, one when it is back. */
const lines = ({ events }: Stand): string[] =>
  events.map(({ type }) => type).filter((type) => type !== 'message');

test('the hourly close is nothing that a program sees', async (t) => {
  const one = await stand(t);
  const socket = await dial(one.tunnel.port);
  socket.write('before');
  await readBytes(socket, 6);
  socket.removeAllListeners('close');
  one.ssm.last.cut();
  await one.seen('dropped');
  socket.write('after');
  assert.equal(String(await readBytes(socket, 5)), 'after');
  const { gapMs } = await one.seen('resumed');
  assert.ok(gapMs < 1000, `${gapMs} ms`);
  assert.deepEqual(lines(one), ['session_opened', 'dropped', 'resumed']);
  assert.deepEqual(
    [one.ssm.last.counts.resumptions, one.ssm.sessions.length, one.ssm.violations],
    [1, 1, []],
  );
});

test('ten cuts in mid-transfer change no byte', async (t) => {
  const one = await stand(t);
  const bytes = randomBytesOf(1, 800_000);
  const socket = await dial(one.tunnel.port);
  const reading = readBytes(socket, bytes.length);
  const writing = writeInPieces(socket, bytes, 1);
  for (let cut = 0; cut < 10; cut += 1) {
    await pause(120);
    if (cut % 5 > 0) one.ssm.last.cut();
    else one.ssm.last.vanish();
    await one.seen('resumed', cut + 1);
  }
  const [got] = await Promise.all([reading, writing]);
  assert.equal(sha256(got), sha256(bytes));
  assert.deepEqual([one.ssm.sessions.length, one.ssm.violations], [1, []]);
  assert.equal(one.ssm.last.counts.connections, 11);
});

test('a connection that is opened while the session is down waits for it', async (t) => {
  const one = await stand(t);
  one.ssm.refusals.set('ResumeSession', [{ status: 500, name: 'InternalServerError' }]);
  one.ssm.last.cut();
  await one.seen('dropped');
  await echo(one.tunnel.port, 10_000, 2);
  assert.equal((await one.seen('retrying')).error.code, 'AWS_CALL_FAILED');
  assert.deepEqual(lines(one), ['session_opened', 'dropped', 'retrying', 'resumed']);
});

test('a resumption that is denied: what is open breaks, a new session takes over, and the statement is named', async (t) => {
  const one = await stand(t);
  const socket = await dial(one.tunnel.port);
  socket.write('x');
  await readBytes(socket, 1);
  const broken = assert.rejects(readAll(socket));
  one.ssm.always.set('ResumeSession', {
    status: 400,
    name: 'AccessDeniedException',
    message: 'not authorized',
  });
  one.ssm.last.cut();
  const { error, isRenewing } = await one.seen('session_ended');
  await broken;
  assert.deepEqual([error.code, isRenewing], ['TUNNEL_RESUME_DENIED', true]);
  assert.match(error.fix ?? '', /ssm:ResumeSession/);
  await one.seen('session_opened', 2);
  await echo(one.tunnel.port, 10_000, 3);
  assert.equal(one.ssm.active.length, 1);
});

test('a session that is gone is replaced', async (t) => {
  const one = await stand(t);
  const [first] = one.ssm.sessions;
  first!.isEnded = true;
  first!.cut();
  await one.seen('session_opened', 2);
  await echo(one.tunnel.port, 10_000, 4);
  assert.equal((await one.seen('session_ended')).error.code, 'TUNNEL_SESSION_GONE');
});

test('an idle limit ends the session; the next connection opens another one, and not before', async (t) => {
  const one = await stand(t);
  one.ssm.last.end('Your session timed out due to inactivity and has been terminated.');
  const { error, isRenewing } = await one.seen('session_ended');
  assert.deepEqual([error.code, isRenewing], ['TUNNEL_IDLE_TIMEOUT', false]);
  await pause(300);
  assert.equal(one.ssm.sessions.length, 1);
  await echo(one.tunnel.port, 10_000, 5);
  assert.equal(one.ssm.sessions.length, 2);
});

test('while the instance reboots new sessions are tried until its agent is back', async (t) => {
  const one = await stand(t);
  one.ssm.refusals.set('StartSession', Array(3).fill({ status: 400, name: 'TargetNotConnected' }));
  one.ssm.last.isEnded = true;
  one.ssm.last.cut();
  await one.seen('session_opened', 2);
  const codes = one.events.flatMap((event) => (event.type === 'retrying' ? event.error.code : []));
  assert.deepEqual(codes, Array(3).fill('TUNNEL_NOT_CONNECTED'));
  await echo(one.tunnel.port, 1000, 6);
});

test('expired credentials end nothing: after a login the session goes on', async (t) => {
  const keys = { current: KEYS };
  const one = await stand(t, { deps: dialWith(keys) });
  const socket = await dial(one.tunnel.port);
  socket.write('x');
  await readBytes(socket, 1);
  socket.removeAllListeners('close');
  const accepted = one.ssm.keys;
  one.ssm.keys = [];
  one.ssm.last.cut();
  assert.equal((await one.seen('retrying')).error.code, 'AWS_CREDENTIALS_EXPIRED');
  assert.equal(socket.destroyed, false);
  one.ssm.keys = accepted;
  await one.seen('resumed');
  socket.write('y');
  assert.equal(String(await readBytes(socket, 1)), 'y');
});

test('upgrades that are refused and tokens that expire on the way are tried again with new ones', async (t) => {
  const one = await stand(t);
  one.ssm.last.cut();
  await one.seen('resumed');
  one.ssm.refusedUpgrades = 2;
  one.ssm.last.vanish();
  await one.seen('resumed', 2);
  one.ssm.last.expireTokens(2);
  one.ssm.last.cut();
  await one.seen('resumed', 3);
  assert.equal(new Set(one.ssm.last.tokens).size, 1 + one.ssm.last.counts.resumptions);
  const codes = one.events.flatMap((event) => (event.type === 'retrying' ? event.error.code : []));
  assert.deepEqual(codes.slice(-2), ['TUNNEL_CONNECTION_REFUSED', 'TUNNEL_CONNECTION_REFUSED']);
  await echo(one.tunnel.port, 1000, 7);
  assert.deepEqual(one.ssm.violations, []);
});

test('a network that is away is no session that has ended', async (t) => {
  let isAway = false;
  const one = await stand(t, {
    deps: (real) => ({
      api: {
        ...real.api,
        // As Node's resolver says it without a network; the SDK passes it on.
        resume: (id, signal) => {
          if (isAway) return openSessionApi(nowhere, undefined).resume(id, signal);
          return real.api.resume(id, signal);
        },
      },
    }),
  });
  const socket = await dial(one.tunnel.port);
  socket.write('x');
  await readBytes(socket, 1);
  socket.removeAllListeners('close');
  isAway = true;
  one.ssm.last.cut();
  assert.equal((await one.seen('retrying')).error.code, 'AWS_UNREACHABLE');
  isAway = false;
  await one.seen('resumed');
  socket.write('y');
  assert.equal(String(await readBytes(socket, 1)), 'y');
  assert.equal(one.ssm.sessions.length, 1);
});

test('a session that may not be ended is told of', async (t) => {
  const one = await stand(t);
  const denied = { status: 400, name: 'AccessDeniedException', message: 'not authorized' };
  one.ssm.always.set('TerminateSession', denied);
  await one.tunnel.close();
  const { error } = await one.seen('session_left');
  assert.equal(error.code, 'TUNNEL_SESSION_LEFT');
  assert.match(error.fix ?? '', /allow ssm:TerminateSession/);
});

test('Ctrl-C while the connection is down is quick and leaves no session', async (t) => {
  const one = await stand(t);
  one.ssm.always.set('ResumeSession', { status: 500, name: 'InternalServerError' });
  one.ssm.last.cut();
  await one.seen('retrying', 2);
  const startedAt = performance.now();
  await one.tunnel.close();
  assert.ok(performance.now() - startedAt < 2000);
  assert.deepEqual(one.ssm.active, []);
});

const nowhere = (requestTimeout: number): SSMClientConfig => ({
  region: REGION,
  endpoint: 'http://ssm.invalid',
  credentials: { accessKeyId: 'A', secretAccessKey: 'B' },
  requestHandler: { requestTimeout },
});

function dialWith(keys: { current: typeof KEYS }): NonNullable<StandOptions['deps']> {
  return {
    dial: createDial({
      region: REGION,
      credentials: () => keys.current,
      network: readNetwork({}),
      host: { isLoopbackTrusted: true },
    }),
  };
}
