import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { Channel } from '../../../src/tunnel/channel/channel.ts';
import type { Outgoing } from '../../../src/tunnel/channel/channel.ts';
import type { Socket } from '../../../src/tunnel/ports.ts';
import { ManualClock } from '../../fakes/ssm/manual-clock.ts';
import { acknowledge, read, serviceMessage, write } from '../../fakes/ssm/wire.ts';
import type { WireMessage } from '../../fakes/ssm/wire.ts';

/** A channel between a source of texts and a socket that keeps what it is sent. */
function setUp(pace = { perSecond: 100_000, burst: 10_000 }) {
  const clock = new ManualClock();
  const sent: { message: WireMessage; frame: Buffer }[] = [];
  const [waiting, delivered, closed]: [Outgoing[], string[], string[]] = [[], [], []];
  const state = { bufferedBytes: 0, silent: 0 };
  const socket: Socket = {
    // Not read strictly: the manual clock is not the time of day.
    send: (frame) => void sent.push({ message: parse(frame as Buffer), frame: frame as Buffer }),
    get bufferedBytes() {
      return state.bufferedBytes;
    },
    ping: () => undefined,
    close: () => undefined,
    destroy: () => undefined,
  };
  const channel = new Channel(
    { clock, newId: randomUUID, pace },
    {
      deliver: (type, payload) => delivered.push(`${type}:${payload.toString()}`),
      closed: (output) => closed.push(output),
      silent: () => (state.silent += 1),
    },
  );
  channel.attach(socket);
  channel.open({ take: () => waiting.shift() ?? null }, 1024);
  const say = (...texts: string[]): void => {
    waiting.push(...texts.map((text) => ({ payloadType: 1, payload: Buffer.from(text) })));
    channel.pump();
  };
  const input = (): WireMessage[] =>
    sent.map(({ message }) => message).filter(({ type }) => type !== 'acknowledge');
  const acknowledged = (): number[] =>
    sent
      .filter(({ message }) => message.type === 'acknowledge')
      .map(
        ({ message }) =>
          (JSON.parse(message.payload.toString()) as Record<string, number>)[
            'AcknowledgedMessageSequenceNumber'
          ]!,
      );
  return { clock, channel, socket, state, say, input, acknowledged, delivered, closed };
}

function parse(frame: Buffer): WireMessage {
  const copy = Buffer.from(frame);
  copy.writeBigUInt64BE(BigInt(Date.now()), 40);
  return read(copy);
}

const output = (sequence: number, text: string, payloadType = 1): Buffer =>
  write({
    type: 'output_stream_data',
    sequence: BigInt(sequence),
    flags: 0n,
    payloadType,
    payload: Buffer.from(text),
  });

const acknowledgementOf = (message: WireMessage): Buffer => acknowledge(message);

test('messages count from 0, without flags', () => {
  const { say, input } = setUp();
  say('a', 'b', 'c');
  assert.deepEqual(
    input().map(({ sequence, flags, payload }) => [sequence, flags, payload.toString()]),
    [
      [0n, 0n, 'a'],
      [1n, 0n, 'b'],
      [2n, 0n, 'c'],
    ],
  );
});

test('what comes out of order is delivered in order, each once, and acknowledged as it comes', () => {
  const { channel, delivered, acknowledged } = setUp();
  for (const [sequence, text] of [
    [2, 'c'],
    [0, 'a'],
    [0, 'a'],
    [1, 'b'],
    [2, 'c'],
    [3, 'd'],
  ] as const) {
    channel.receive(output(sequence, text));
  }
  assert.deepEqual(delivered, ['1:a', '1:b', '1:c', '1:d']);
  // Twice for what came twice: the first acknowledgement may be lost.
  assert.deepEqual(acknowledged(), [2, 0, 0, 1, 2, 3]);
});

test('a spoiled message is neither delivered nor acknowledged, and the next copy is', () => {
  const { channel, delivered, acknowledged } = setUp();
  const frame = output(0, 'a');
  const spoiled = Buffer.from(frame);
  spoiled[120] = 0x62;
  channel.receive(spoiled);
  channel.receive(Buffer.from('nonsense'));
  assert.deepEqual([delivered, acknowledged(), channel.counts.refused], [[], [], 2]);
  channel.receive(frame);
  assert.deepEqual([delivered, acknowledged()], [['1:a'], [0]]);
});

test('types nobody knows are ignored', () => {
  const { channel, delivered, acknowledged } = setUp();
  channel.receive(
    write({
      type: 'agent_session_state',
      sequence: 0n,
      flags: 0n,
      payloadType: 1,
      payload: Buffer.from('x'),
    }),
  );
  channel.receive(
    write({ type: 'input_stream_data', sequence: 0n, flags: 0n, payloadType: 1, payload: Buffer.from('x') }),
  );
  assert.deepEqual([delivered, acknowledged()], [[], []]);
});

test('all that is late is sent again, in order, and only what is not acknowledged', () => {
  const { clock, channel, say, input } = setUp();
  say('a', 'b', 'c', 'd');
  clock.pass(50);
  channel.receive(acknowledgementOf(input()[1]!));
  clock.pass(149);
  assert.equal(input().length, 4);
  // The sample of 50 ms leaves the timeout at its floor of 200 ms.
  clock.pass(2);
  assert.deepEqual(
    input()
      .slice(4)
      .map(({ sequence, payload }) => [sequence, payload.toString()]),
    [
      [0n, 'a'],
      [2n, 'c'],
      [3n, 'd'],
    ],
  );
  assert.equal(channel.counts.sentAgain, 3);
});

test('repeats come slower and slower, up to a second, for the same message with the same bytes', () => {
  const { clock, channel, say, input } = setUp();
  say('a');
  const times: number[] = [];
  let seen = input().length;
  for (let ms = 0; ms < 5000; ms += 10) {
    clock.pass(10);
    if (input().length > seen) times.push(ms + 10);
    seen = input().length;
  }
  const pauses = times.map((time, index) => time - (times[index - 1] ?? 0));
  assert.deepEqual(pauses, [200, 400, 800, 1000, 1000, 1000]);
  assert.equal(new Set(input().map(({ id }) => id)).size, 1);
  channel.receive(acknowledgementOf(input()[0]!));
  clock.pass(5000);
  assert.equal(input().length, seen);
  assert.equal(clock.pending, 0);
});

test('what was sent twice gives no sample of the round trip', () => {
  const { clock, channel, say, input } = setUp();
  say('a');
  clock.pass(250);
  channel.receive(acknowledgementOf(input()[0]!));
  assert.equal(channel.roundTripMs, null);
  say('b');
  clock.pass(30);
  channel.receive(acknowledgementOf(input().at(-1)!));
  assert.equal(channel.roundTripMs, 30);
});

test('a window bounds what is on its way, and opens as acknowledgements come', () => {
  const { clock, channel, say, input } = setUp();
  say(...Array.from({ length: 200 }, (_, index) => String(index)));
  assert.equal(input().length, 64);
  clock.pass(20);
  for (const message of input().slice(0, 64)) channel.receive(acknowledgementOf(message));
  // One more for each that was acknowledged while the window was full.
  assert.ok(input().length > 64 + 64, String(input().length));
  assert.deepEqual(
    input().map(({ payload }) => payload.toString()),
    input().map((_, index) => String(index)),
  );
});

test('after a new connection everything unacknowledged comes first, in order; nothing is delivered twice', () => {
  const { clock, channel, socket, say, input, delivered } = setUp();
  say('a', 'b', 'c');
  channel.receive(acknowledgementOf(input()[1]!));
  channel.receive(output(0, 'x'));
  channel.detach();
  say('d');
  clock.pass(60_000);
  assert.equal(input().length, 3);
  channel.attach(socket);
  assert.deepEqual(
    input()
      .slice(3)
      .map(({ payload }) => payload.toString()),
    ['a', 'c', 'd'],
  );
  channel.receive(output(0, 'x'));
  channel.receive(output(1, 'y'));
  assert.deepEqual(delivered, ['1:x', '1:y']);
});

test('a pause holds new data back for two seconds at most; acknowledgements and the oldest message go on', () => {
  const { clock, channel, say, input, acknowledged } = setUp();
  say('a', 'b');
  channel.receive(serviceMessage('pause_publication'));
  say('c');
  channel.receive(output(0, 'x'));
  clock.pass(1000);
  assert.deepEqual(acknowledged(), [0]);
  const again = input()
    .slice(2)
    .map(({ payload }) => payload.toString());
  assert.ok(again.length > 0 && again.every((text) => text === 'a'), again.join());
  clock.pass(1200);
  assert.ok(input().some(({ payload }) => payload.toString() === 'c'));
});

test('a pause ends with start_publication, and with any acknowledgement', () => {
  for (const lift of ['start', 'acknowledge']) {
    const { channel, say, input } = setUp();
    say('a');
    channel.receive(serviceMessage('pause_publication'));
    say('b');
    assert.equal(input().length, 1);
    channel.receive(lift === 'start' ? serviceMessage('start_publication') : acknowledgementOf(input()[0]!));
    assert.equal(input().length, 2, lift);
  }
});

test('never more than the pace, acknowledgements included; these go first and leave data a tenth', () => {
  for (const arriving of [1, 12]) {
    const { clock, channel, say, input, acknowledged } = setUp({ perSecond: 868, burst: 32 });
    say(...Array.from({ length: 5000 }, () => 'x'));
    let [seen, sequence] = [0, 0];
    const perSecond: [number, number][] = [];
    for (let second = 0; second < 4; second += 1) {
      const before = [input().length, acknowledged().length] as const;
      for (let ms = 0; ms < 1000; ms += 10) {
        clock.pass(10);
        for (const message of input().slice(seen)) channel.receive(acknowledgementOf(message));
        seen = input().length;
        for (let count = 0; count < arriving; count += 1) channel.receive(output(sequence++, 'y'));
      }
      perSecond.push([input().length - before[0], acknowledged().length - before[1]]);
    }
    for (const [data, acknowledgements] of perSecond.slice(1)) {
      assert.ok(data + acknowledgements <= 900 && data + acknowledgements >= 840, perSecond.join(' '));
      // A hundred a second are all acknowledged at once; of 1200 a second as many as the pace allows.
      if (arriving === 1) assert.ok(Math.abs(acknowledgements - 100) <= 1, perSecond.join(' '));
      else assert.ok(data >= 80 && data <= 100, perSecond.join(' '));
    }
  }
});

test('a full socket is given nothing more until it drains', () => {
  const { channel, state, say, input } = setUp();
  state.bufferedBytes = 129 * 1024;
  say('a');
  assert.equal(input().length, 0);
  state.bufferedBytes = 0;
  channel.pump();
  assert.equal(input().length, 1);
});

test('what still lies in the socket is not sent again', () => {
  const { clock, channel, state, say, input } = setUp();
  say('a');
  state.bufferedBytes = 64 * 1024;
  clock.pass(3000);
  assert.equal(input().length, 1);
  state.bufferedBytes = 0;
  channel.pump();
  assert.equal(input().length, 2);
});

test('the reason of a close is passed on; an agent that is silent for minutes is told of', () => {
  const { clock, channel, state, say, closed } = setUp();
  channel.receive(serviceMessage('channel_closed', '{"Output":"timed out"}'));
  channel.receive(serviceMessage('channel_closed', 'not json'));
  assert.deepEqual(closed, ['timed out', '']);
  say('a');
  clock.pass(299_000);
  assert.equal(state.silent, 0);
  clock.pass(3000);
  assert.ok(state.silent > 0);
});

test("the session's own words go before waiting data and say when they have arrived", () => {
  const { channel, say, input } = setUp();
  let arrived = 0;
  channel.receive(serviceMessage('pause_publication'));
  say('a');
  channel.send({ payloadType: 10, payload: Buffer.from('flag'), acknowledged: () => (arrived += 1) });
  channel.receive(serviceMessage('start_publication'));
  assert.deepEqual(
    input().map(({ payloadType }) => payloadType),
    [10, 1],
  );
  for (let times = 0; times < 2; times += 1) channel.receive(acknowledgementOf(input()[0]!));
  assert.equal(arrived, 1);
});
