import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { SbwError } from '../../src/errors.ts';
import { standUp } from '../fakes/ssm/stand.ts';
import type { Stand, StandOptions } from '../fakes/ssm/stand.ts';
import { dial, echo, randomBytesOf, readAll, readBytes, sha256 } from './traffic.ts';

async function stand(t: TestContext, options?: StandOptions): Promise<Stand> {
  const one = await standUp(options);
  t.after(() => one.close());
  return one;
}

/** As fast as a nap of a millisecond could ever be. */
const FAST = { agent: { messagesPerSecond: 950 } };

const failsWith = (code: string) => (error: unknown) => error instanceof SbwError && error.code === code;
const gone = async (socket: Socket): Promise<void> => {
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
};
const pause = (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms));

test('bytes go both ways unchanged, a single line feed and all 256 values among them', async (t) => {
  const { tunnel, ssm } = await stand(t);
  const socket = await dial(tunnel.port);
  for (const bytes of [
    Buffer.from('\n'),
    Buffer.from('\r'),
    Buffer.from(Array.from({ length: 256 }, (_, i) => i)),
  ]) {
    socket.write(bytes);
    assert.deepEqual(await readBytes(socket, bytes.length), bytes);
    socket.removeAllListeners();
  }
  // 1016 bytes and a line feed: alone in the last message.
  const tail = Buffer.concat([Buffer.alloc(1016, 'x'), Buffer.from('\n')]);
  socket.write(tail);
  assert.deepEqual(await readBytes(socket, tail.length), tail);
  socket.destroy();
  assert.deepEqual(ssm.violations, []);
});

test('fifty connections at once keep their bytes apart', async (t) => {
  const { tunnel, ssm } = await stand(t, { ssm: FAST });
  await Promise.all(Array.from({ length: 50 }, (_, index) => echo(tunnel.port, 20_000 + index, index)));
  assert.equal(ssm.last.agent.opened, 50);
  assert.deepEqual(ssm.violations, []);
});

test('programs that come before the first session is up wait for it: no other is opened', async (t) => {
  const early: Promise<Socket>[] = [];
  let port = 0;
  let accepted: () => void = () => undefined;
  const come = async (): Promise<void> => {
    const isIn = new Promise<void>((resolve) => (accepted = resolve));
    early.push(dial(port));
    await isIn;
  };
  const { tunnel, ssm } = await stand(t, {
    tunnel: { sessions: 2 },
    deps: ({ listen, api }) => ({
      listen: async (address, accept) => {
        const listener = await listen(address, (local) => {
          accept(local);
          accepted();
        });
        port = listener.port;
        await come();
        return listener;
      },
      api: {
        ...api,
        start: async (...asked) => {
          if (early.length < 2) await come();
          return api.start(...asked);
        },
      },
    }),
  });
  for (const [i, socket] of (await Promise.all(early)).entries()) {
    socket.write(`early ${i}`);
    assert.equal(String(await readBytes(socket, 7)), `early ${i}`);
  }
  while (ssm.sessions.length < 2) await pause(10);
  await tunnel.close();
  assert.deepEqual([ssm.sessions.length, ssm.active], [2, []]);
});

test('a program that has said all it has to say still gets its answer', async (t) => {
  const { tunnel } = await stand(t, {
    target: (socket) => {
      socket.once('data', (data) => setTimeout(() => socket.end(`you said ${String(data)}`), 300));
    },
  });
  const socket = await dial(tunnel.port);
  socket.end('hello');
  assert.equal(String(await readAll(socket)), 'you said hello');
});

test('a target that waits for the end of input gets it after a second of silence', async (t) => {
  let arrived: (text: string) => void = () => undefined;
  const got = new Promise<string>((resolve) => (arrived = resolve));
  const { tunnel } = await stand(t, {
    target: (socket) => void readAll(socket).then((bytes) => arrived(String(bytes))),
  });
  const socket = await dial(tunnel.port);
  const startedAt = performance.now();
  socket.end('all of it');
  assert.equal(await got, 'all of it');
  assert.ok(performance.now() - startedAt >= 900);
  // The answer that it would give now is lost: the protocol cannot half-close.
  assert.equal(String(await readAll(socket)), '');
});

test('what the target sends before it closes arrives whole, then the end', async (t) => {
  const bytes = randomBytesOf(7, 300_000);
  const { tunnel } = await stand(t, {
    target: (socket) => socket.end(bytes),
    ssm: FAST,
  });
  const socket = await dial(tunnel.port);
  assert.equal(sha256(await readAll(socket)), sha256(bytes));
});

test('an upload arrives whole although its program leaves at once', async (t) => {
  const bytes = randomBytesOf(8, 500_000);
  let arrived: (got: Buffer) => void;
  const got = new Promise<Buffer>((resolve) => (arrived = resolve));
  const { tunnel } = await stand(t, { target: (socket) => void readAll(socket).then(arrived) });
  const socket = await dial(tunnel.port);
  socket.end(bytes);
  assert.equal(sha256(await got), sha256(bytes));
  socket.destroy();
});

test('a target that refuses: the program sees an error, the operator a reason, and the tunnel stays up', async (t) => {
  const { tunnel, seen, ssm } = await stand(t, { ssm: { targetPort: 1 } });
  const socket = await dial(tunnel.port);
  await assert.rejects(readAll(socket));
  const { error } = await seen('target_refused');
  assert.equal(error.code, 'TUNNEL_TARGET_REFUSED');
  assert.match(error.message, /i-0123456789abcdef0 port 3838/);
  await assert.rejects(readAll(await dial(tunnel.port)));
  await seen('target_refused', 2);
  assert.deepEqual(ssm.violations, []);
});

test('a program that does not read holds up nobody else', async (t) => {
  const { tunnel, ssm } = await stand(t, {
    ssm: FAST,
    target: (socket) => {
      socket.once('data', (first) => {
        socket.write(first);
        if (String(first) === 'flood') socket.write(Buffer.alloc(10_000_000));
        else socket.pipe(socket);
      });
    },
  });
  const stalled = await dial(tunnel.port);
  stalled.pause();
  stalled.write('flood');
  await Promise.all(Array.from({ length: 8 }, (_, index) => echo(tunnel.port, 20_000, index)));
  assert.equal(stalled.readyState, 'open');
  stalled.destroy();
  assert.deepEqual(ssm.violations, []);
});

test('after the end nothing is left: no session, no port, no connection, within two seconds', async (t) => {
  const { tunnel, ssm } = await stand(t);
  const { port } = tunnel;
  const open = await Promise.all([dial(port), dial(port), dial(port, '::1')]);
  open[0].write('x');
  await readBytes(open[0], 1);
  const ends = open.map((socket) => gone(socket.on('error', () => undefined).resume()));
  const startedAt = performance.now();
  const summary = await tunnel.close();
  assert.ok(performance.now() - startedAt < 2000);
  await Promise.all(ends);
  assert.deepEqual(ssm.active, []);
  assert.equal(ssm.last.counts.terminations, 1);
  await assert.rejects(dial(port));
  assert.deepEqual([summary.connections, summary.bytesSent, summary.bytesReceived], [3, 1, 1]);
  assert.deepEqual(ssm.violations, []);
  await tunnel.close();
  assert.equal(ssm.last.counts.terminations, 1);
});

test('with several sessions connections go to the one with the fewest', async (t) => {
  const { tunnel, ssm, seen } = await stand(t, { tunnel: { sessions: 3 } });
  await seen('session_opened', 3);
  const open = await Promise.all(Array.from({ length: 9 }, () => dial(tunnel.port)));
  for (const socket of open) socket.write('x');
  await Promise.all(open.map((socket) => readBytes(socket, 1)));
  assert.deepEqual(
    ssm.sessions.map(({ agent }) => agent.opened),
    [3, 3, 3],
  );
  await tunnel.close();
  assert.deepEqual(ssm.active, []);
});

test('what the start says decides: each refusal has its code, and leaves neither session nor port', async () => {
  const refusals: [string, string, string?][] = [
    ['TargetNotConnected', 'TUNNEL_NOT_CONNECTED'],
    ['InvalidDocument', 'TUNNEL_DOCUMENT_INVALID'],
    ['AccessDeniedException', 'AWS_ACCESS_DENIED', 'not authorized on arn:aws:ec2:us-west-1:1:instance/i-1'],
    ['ThrottlingException', 'AWS_THROTTLED'],
    ['ExpiredTokenException', 'AWS_CREDENTIALS_EXPIRED'],
    ['InternalServerError', 'AWS_CALL_FAILED'],
  ];
  for (const [name, code, message] of refusals) {
    let closed: () => unknown = () => undefined;
    const attempt = standUp({
      prepare: (ssm) => {
        ssm.always.set('StartSession', { status: 400, name, message: message ?? name });
        closed = () => ssm.sessions;
      },
    });
    await assert.rejects(attempt, failsWith(code), name);
    assert.deepEqual(closed(), []);
  }
});

test('a refused document names the statement that is missing', async () => {
  const message =
    'User: arn:aws:iam::1:user/x is not authorized to perform: ssm:StartSession on resource: arn:aws:ssm:us-west-1::document/AWS-StartPortForwardingSession';
  const attempt = standUp({
    prepare: (ssm) =>
      void ssm.always.set('StartSession', { status: 400, name: 'AccessDeniedException', message }),
  });
  await assert.rejects(attempt, (error: SbwError) => /::document\/AWS-StartPort/.test(error.fix ?? ''));
});

test('an upgrade that is refused for good ends the start and the session; the fix names the permission', async () => {
  let sessions: () => number = () => -1;
  const attempt = standUp({
    prepare: (ssm) => {
      ssm.refusedUpgrades = 10;
      sessions = () => ssm.active.length;
    },
  });
  await assert.rejects(attempt, (error: SbwError) => {
    assert.equal(error.code, 'TUNNEL_UPGRADE_REFUSED');
    assert.match(error.fix ?? '', /ssmmessages:OpenDataChannel/);
    return true;
  });
  assert.equal(sessions(), 0);
});

test('messages from everywhere are as the versions want them', async (t) => {
  for (const [version, isBasic] of [
    ['2.3.700.0', true],
    ['2.3.1644.0', true],
    ['3.0.196.0', true],
    ['3.0.222.0', false],
    ['3.1.1374.0', false],
    ['3.1.1511.0', false],
    ['3.1.1512.0', false],
    ['3.3.987.0', false],
  ] as const) {
    const { tunnel, ssm, events } = await stand(t, { ssm: { agent: { version } } });
    assert.deepEqual(
      events.map((event) => event.type === 'session_opened' && [event.agentVersion, event.isBasic]),
      [[version, isBasic]],
    );
    await echo(tunnel.port, 20_000, 3);
    await echo(tunnel.port, 20_000, 4);
    await tunnel.close();
    assert.deepEqual([ssm.violations, ssm.active], [[], []], version);
  }
});

test('an old agent serves one program after the other, and the operator is told why they wait', async (t) => {
  const { tunnel, seen, ssm } = await stand(t, {
    ssm: { agent: { version: '2.3.700.0' } },
  });
  await Promise.all(Array.from({ length: 4 }, (_, index) => echo(tunnel.port, 30_000, index)));
  assert.ok((await seen('queued')).waiting > 0);
  assert.deepEqual(ssm.violations, []);
});

test('an old agent whose target does not listen: the reason is named', async (t) => {
  const { seen, tunnel } = await stand(t, { ssm: { targetPort: 1, agent: { version: '2.3.700.0' } } });
  assert.equal((await seen('session_ended')).error.code, 'TUNNEL_TARGET_REFUSED');
  await assert.rejects(readAll(await dial(tunnel.port)));
});

test('agents that cannot do it at all are named', async () => {
  await assert.rejects(
    standUp({ ssm: { agent: { version: '2.3.600.0' } } }),
    failsWith('TUNNEL_AGENT_TOO_OLD'),
  );
  const extraActions = [{ ActionType: 'KMSEncryption', ActionParameters: { KMSKeyId: 'k' } }];
  await assert.rejects(standUp({ ssm: { agent: { extraActions } } }), failsWith('TUNNEL_HANDSHAKE_REFUSED'));
});

test("the administrator's message reaches the operator", async (t) => {
  const { seen } = await stand(t, { ssm: { agent: { customerMessage: 'Sessions are recorded.' } } });
  assert.equal((await seen('message')).text, 'Sessions are recorded.');
});

test('messages that the agent is not ready for come again', async (t) => {
  const { tunnel, ssm } = await stand(t, { ssm: { agent: { notReadyMs: 400 } } });
  await echo(tunnel.port, 30_000, 5);
  assert.deepEqual(ssm.violations, []);
});

test('large messages are used where they arrive; where they do not, the usual ones, before any data', async (t) => {
  const large = await stand(t, { tunnel: { maxPayloadBytes: 16_384 } });
  await echo(large.tunnel.port, 200_000, 6);
  assert.ok(large.ssm.last.counts.largestPayload > 16_000);
  const small = await stand(t, {
    tunnel: { maxPayloadBytes: 16_384 },
    ssm: { gateway: { maxPayload: 2048 } },
  });
  await echo(small.tunnel.port, 200_000, 6);
  assert.ok(small.events.some(({ type }) => type === 'small_messages'));
  assert.deepEqual([small.ssm.active.length, small.ssm.violations], [1, []]);
  assert.ok(small.ssm.last.counts.largestPayload <= 1024);
});

test('the token is in the open message and nowhere else', async (t) => {
  const { ssm, events, tunnel } = await stand(t);
  ssm.last.cut();
  await pause(300);
  await tunnel.close();
  const said = JSON.stringify({ events, calls: ssm.calls });
  assert.doesNotMatch(said, /TokenValue|[A-Za-z0-9+/]{32}/);
});
