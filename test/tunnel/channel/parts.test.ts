import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Inbox } from '../../../src/tunnel/channel/inbox.ts';
import { USUAL_PACE, Pace } from '../../../src/tunnel/channel/pace.ts';
import { RoundTrip } from '../../../src/tunnel/channel/round-trip.ts';
import { SendWindow } from '../../../src/tunnel/channel/window.ts';
import type { Message } from '../../../src/tunnel/wire/message.ts';

test('the timeout follows RFC 6298, between 200 ms and 1 s', () => {
  const roundTrip = new RoundTrip();
  assert.equal(roundTrip.timeoutMs, 200);
  roundTrip.addSample(400);
  // SRTT 400, RTTVAR 200: 400 + 4 * 200, capped.
  assert.equal(roundTrip.timeoutMs, 1000);
  roundTrip.addSample(400);
  // RTTVAR 150.
  assert.equal(roundTrip.timeoutMs, 1000);
  roundTrip.addSample(400);
  // RTTVAR 112.5.
  assert.equal(roundTrip.timeoutMs, 850);
  roundTrip.addSample(240);
  // RTTVAR first, with the old average: 112.5 + (160 - 112.5) / 4; SRTT 400 - 160 / 8.
  assert.equal(roundTrip.smoothedMs, 380);
  assert.equal(roundTrip.timeoutMs, 380 + 4 * 124.375);
});

test('the timeout doubles with each silence and is itself again with the next sample', () => {
  const roundTrip = new RoundTrip();
  roundTrip.addSample(1);
  const timeouts = Array.from({ length: 4 }, () => {
    roundTrip.backOff();
    return roundTrip.timeoutMs;
  });
  assert.deepEqual(timeouts, [400, 800, 1000, 1000]);
  roundTrip.addSample(1);
  assert.equal(roundTrip.timeoutMs, 200);
});

test('rate and burst together stay at 900 in every second', () => {
  const pace = new Pace(USUAL_PACE, 0);
  const sentAt: number[] = [];
  for (let nowMs = 0; nowMs < 5000; nowMs += 1) {
    // A silence, so that the burst is there again.
    if (nowMs > 2000 && nowMs < 2500) continue;
    while (pace.waitMs(nowMs) === 0) {
      pace.spend(nowMs);
      sentAt.push(nowMs);
    }
  }
  const busiest = Math.max(
    ...sentAt.map((from) => sentAt.filter((at) => at >= from && at < from + 1000).length),
  );
  assert.ok(busiest <= 900 && busiest >= 860, String(busiest));
});

test('the wait is as long as it says', () => {
  const pace = new Pace({ perSecond: 100, burst: 1 }, 0);
  pace.spend(0);
  assert.equal(pace.waitMs(0), 10);
  assert.equal(Math.round(pace.waitMs(9)), 1);
  assert.equal(pace.waitMs(10), 0);
});

test('the window shrinks when round trips grow, once per round trip, and not below 16', () => {
  const window = new SendWindow();
  window.acknowledged(20, true, 0);
  assert.equal(window.messages, 65);
  for (let index = 0; index < 10; index += 1) window.acknowledged(300, true, 1000);
  assert.equal(window.messages, 52);
  for (let nowMs = 2000; nowMs < 9000; nowMs += 400) window.acknowledged(300, true, nowMs);
  assert.equal(window.messages, 16);
});

test('a path that got longer for good is not held against it for ever', () => {
  const window = new SendWindow();
  window.acknowledged(20, false, 0);
  for (let nowMs = 1000; nowMs < 60_000; nowMs += 100) window.acknowledged(400, true, nowMs);
  assert.ok(window.messages > 300, String(window.messages));
});

test('a window that is not full does not grow, and never beyond 1000 or 4 MiB', () => {
  const window = new SendWindow();
  for (let index = 0; index < 100; index += 1) window.acknowledged(20, false, index);
  assert.equal(window.messages, 64);
  for (let index = 0; index < 3000; index += 1) window.acknowledged(20, true, index);
  assert.equal(window.messages, 1000);
  assert.deepEqual(
    [window.hasRoom(999, 0), window.hasRoom(1000, 0), window.hasRoom(0, 4 * 1024 * 1024)],
    [true, false, false],
  );
  window.lost(200, 5000);
  window.lost(200, 5100);
  assert.equal(window.messages, 500);
});

test('what there is no room for is not acknowledged; the message whose turn it is always has room', () => {
  const inbox = new Inbox();
  const message = (sequence: number, bytes = 1): Message => ({
    type: 'output_stream_data',
    sequence,
    flags: 0,
    id: '',
    createdAtMs: 1,
    payloadType: 1,
    payload: Buffer.alloc(bytes),
  });
  assert.equal(inbox.accept(message(5, 32 * 1024 * 1024)), true);
  assert.equal(inbox.accept(message(6)), false);
  assert.equal(inbox.accept(message(5, 7)), true);
  assert.equal(inbox.accept(message(0)), true);
  assert.equal(inbox.take()?.sequence, 0);
  assert.equal(inbox.take(), null);
  for (let sequence = 1; sequence < 5; sequence += 1) {
    assert.equal(inbox.accept(message(sequence + 10)), false);
    assert.equal(inbox.accept(message(sequence)), true);
    assert.equal(inbox.take()?.sequence, sequence);
  }
  assert.equal(inbox.take()?.payload.length, 32 * 1024 * 1024);
  assert.equal(inbox.accept(message(7)), true);
  assert.equal(inbox.waiting, 1);
  const many = new Inbox();
  for (let sequence = 1; sequence <= 20_000; sequence += 1) assert.ok(many.accept(message(sequence)));
  assert.equal(many.accept(message(20_001)), false);
});
