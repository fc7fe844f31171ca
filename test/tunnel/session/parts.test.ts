import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '../../../src/tunnel/session/backoff.ts';
import { endingOf } from '../../../src/tunnel/session/ending.ts';
import { Heartbeat } from '../../../src/tunnel/session/heartbeat.ts';
import { KeepAlive } from '../../../src/tunnel/session/keep-alive.ts';
import { watchWake } from '../../../src/tunnel/session/wake.ts';
import { ManualClock } from '../../fakes/ssm/manual-clock.ts';

function heart() {
  const clock = new ManualClock();
  const counts = { pings: 0, dead: 0 };
  const heartbeat = new Heartbeat(
    clock,
    { ping: () => (counts.pings += 1) },
    { dead: () => (counts.dead += 1) },
  );
  return { clock, counts, heartbeat };
}

test('pings at once and every 25 s; two without an answer are the end', () => {
  const { clock, counts, heartbeat } = heart();
  assert.equal(counts.pings, 1);
  heartbeat.pong();
  clock.pass(25_000);
  assert.deepEqual(counts, { pings: 2, dead: 0 });
  clock.pass(25_000);
  assert.deepEqual(counts, { pings: 3, dead: 0 });
  clock.pass(24_999);
  assert.equal(counts.dead, 0);
  clock.pass(1);
  assert.equal(counts.dead, 1);
  clock.pass(600_000);
  assert.deepEqual([counts.dead, clock.pending], [1, 0]);
});

test('any frame is a sign of life, and one that comes late counts', () => {
  const { clock, counts, heartbeat } = heart();
  heartbeat.pong();
  for (let minute = 0; minute < 100; minute += 1) {
    clock.pass(40_000);
    heartbeat.heard();
  }
  assert.equal(counts.dead, 0);
});

test('a gateway that never answers pings is not judged by them', () => {
  const { clock, counts, heartbeat } = heart();
  clock.pass(600_000);
  assert.equal(counts.dead, 0);
  heartbeat.stop();
  assert.equal(clock.pending, 0);
});

test('after a sleep the answer must come within 5 s', () => {
  const { clock, counts, heartbeat } = heart();
  heartbeat.pong();
  heartbeat.woke();
  clock.pass(4999);
  assert.equal(counts.dead, 0);
  clock.pass(1);
  assert.equal(counts.dead, 1);
  const awake = heart();
  awake.heartbeat.pong();
  awake.heartbeat.woke();
  awake.heartbeat.pong();
  awake.clock.pass(20_000);
  assert.equal(awake.counts.dead, 0);
});

test('a sleep of the machine is noticed, a busy machine is none', () => {
  const clock = new ManualClock();
  let wakes = 0;
  const stop = watchWake(clock, () => (wakes += 1));
  clock.pass(60_000);
  clock.sleep(9000);
  clock.pass(60_000);
  assert.equal(wakes, 0);
  clock.sleep(3_600_000);
  clock.pass(5000);
  assert.equal(wakes, 1);
  clock.pass(60_000);
  assert.equal(wakes, 1);
  stop();
  assert.equal(clock.pending, 0);
});

test('pauses grow from 0.2 s to 10 s, spread over their upper half', () => {
  const longest = new Backoff(() => 1);
  assert.deepEqual(
    Array.from({ length: 8 }, () => longest.next()),
    [200, 400, 800, 1600, 3200, 6400, 10_000, 10_000],
  );
  assert.equal(longest.next(1000), 1000);
  longest.reset();
  assert.equal(longest.next(), 200);
  assert.equal(new Backoff(() => 0).next(), 100);
});

test('an old agent is spoken to every 10 s, and given up when it is silent for 30 s while the connection is up', () => {
  const clock = new ManualClock();
  const state = { spoken: 0, dead: 0, isUp: true };
  const keepAlive = new KeepAlive(clock, true, {
    speak: () => (state.spoken += 1),
    isUp: () => state.isUp,
    dead: () => (state.dead += 1),
  });
  clock.pass(30_000);
  assert.deepEqual([state.spoken, state.dead], [3, 0]);
  keepAlive.heard();
  state.isUp = false;
  clock.pass(120_000);
  assert.equal(state.dead, 0);
  state.isUp = true;
  clock.pass(30_000);
  assert.equal(state.dead, 0);
  clock.pass(10_000);
  assert.deepEqual([state.dead, clock.pending], [1, 0]);
});

test('a session that is kept busy says something within the shortest idle limit, a minute', () => {
  const clock = new ManualClock();
  const state = { spoken: 0, dead: 0 };
  const keepAlive = new KeepAlive(clock, false, {
    speak: () => (state.spoken += 1),
    isUp: () => true,
    dead: () => (state.dead += 1),
  });
  clock.pass(59_000);
  assert.equal(state.spoken, 1);
  clock.pass(600_000);
  assert.deepEqual([state.spoken, state.dead], [13, 0]);
  keepAlive.stop();
  assert.equal(clock.pending, 0);
});

test("the service's words have a code, and always a fix", () => {
  const words: Record<string, string> = {
    'Your session timed out due to inactivity and has been terminated.': 'TUNNEL_IDLE_TIMEOUT',
    'Your session has reached the maximum session duration and has been terminated.': 'TUNNEL_MAX_DURATION',
    'Plugin with name Port is not supported by this version of ssm agent': 'TUNNEL_AGENT_TOO_OLD',
    'Forwarding to IP address 169.254.169.254 is forbidden.': 'TUNNEL_ADDRESS_FORBIDDEN',
    '----------ERROR-------\nSetting up data channel with id x failed: CreateDataChannel failed':
      'TUNNEL_AGENT_ROLE',
    'Handshake timed out. Please ensure that you have the latest version': 'TUNNEL_HANDSHAKE_TIMEOUT',
    '': 'TUNNEL_SESSION_ENDED',
    'something new': 'TUNNEL_SESSION_ENDED',
  };
  for (const [said, code] of Object.entries(words)) {
    const { error } = endingOf(said);
    assert.equal(error.code, code);
    assert.ok((error.fix ?? '') !== '', code);
  }
  assert.match(endingOf('something new').error.message, /something new/);
  assert.ok(endingOf('x'.repeat(10_000)).error.message.length < 400);
});
