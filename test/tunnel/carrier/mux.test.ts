import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import type { StreamEnd, StreamHandlers } from '../../../src/tunnel/carrier/carrier.ts';
import { encodeHeader, FrameParser } from '../../../src/tunnel/carrier/frame.ts';
import { Mux } from '../../../src/tunnel/carrier/mux.ts';
import { ManualClock } from '../../fakes/ssm/manual-clock.ts';

function setUp(firstStream = 3) {
  const clock = new ManualClock();
  const [broken, counts] = [[] as string[], { wakes: 0, freed: 0 }];
  const mux = new Mux(
    clock,
    {
      wake: () => (counts.wakes += 1),
      broken: (reason) => broken.push(reason),
      freed: () => (counts.freed += 1),
    },
    firstStream,
  );
  return { clock, mux, broken, counts };
}

interface Heard extends StreamHandlers {
  readonly chunks: Buffer[];
  readonly ends: StreamEnd[];
  drains: number;
}

function listener(): Heard {
  const heard: Heard = {
    chunks: [],
    ends: [],
    drains: 0,
    data: (chunk) => heard.chunks.push(chunk),
    drained: () => (heard.drains += 1),
    ended: (how) => heard.ends.push(how),
  };
  return heard;
}

/** Everything there is to send, as hex, message by message. */
function takeAll(mux: Mux, maxBytes = 1024): Buffer[] {
  const taken: Buffer[] = [];
  for (let next = mux.take(maxBytes); next !== null; next = mux.take(maxBytes)) taken.push(next.payload);
  return taken;
}

/** Command, stream and length of every frame. */
function framesIn(payloads: readonly Buffer[]): string[] {
  const bytes = Buffer.concat(payloads);
  const frames: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt16LE(at + 2);
    frames.push(
      `${['open', 'close', 'data', 'nop'][bytes[at + 1]!]} ${bytes.readUInt32LE(at + 4)} ${length}`,
    );
    at += 8 + length;
  }
  return frames;
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

test('frames on the wire are those of the real peers', () => {
  const { mux } = setUp();
  const stream = mux.open(listener())!;
  assert.equal(takeAll(mux)[0]!.toString('hex'), '0100000003000000');
  stream.write(Buffer.from('hello'));
  assert.equal(takeAll(mux)[0]!.toString('hex'), '010205000300000068656c6c6f');
  stream.end();
  assert.equal(takeAll(mux)[0]!.toString('hex'), '0101000003000000');
  mux.keepAlive();
  assert.equal(takeAll(mux)[0]!.toString('hex'), '0103000000000000');
});

test('open and first data share a message; a frame of a full message fits it exactly', () => {
  const { mux } = setUp();
  mux.open(listener())!.write(Buffer.alloc(3000));
  const payloads = takeAll(mux);
  assert.deepEqual(
    payloads.map(({ length }) => length),
    [1024, 1024, 984],
  );
  assert.deepEqual(framesIn(payloads), ['open 3 0', 'data 3 1008', 'data 3 1016', 'data 3 976']);
});

test('streams take turns, so a small one waits for a big one no longer than a turn', () => {
  const { mux } = setUp();
  const [big, small] = [mux.open(listener())!, mux.open(listener())!];
  takeAll(mux);
  big.write(Buffer.alloc(100_000));
  const first = mux.take(1024)!.payload;
  small.write(Buffer.from('x'));
  assert.deepEqual(framesIn([first, mux.take(1024)!.payload]).slice(1), ['data 3 1016']);
  assert.deepEqual(framesIn([mux.take(1024)!.payload])[0], 'data 5 1');
  // In a large message they alternate inside it.
  assert.equal(framesIn([mux.take(16_384)!.payload])[0], 'data 3 16376');
  small.write(Buffer.alloc(20_000));
  assert.deepEqual(framesIn([mux.take(4096)!.payload]), [
    'data 3 1016',
    'data 5 1016',
    'data 3 1016',
    'data 5 1016',
  ]);
});

test('data arrives at its stream, however the bytes are cut', () => {
  const whole = Buffer.concat([
    hex('0102 0500 03000000 68656c6c6f'),
    hex('0103 0000 00000000'),
    hex('0102 0100 05000000 0a'),
    hex('0102 0000 05000000'),
    hex('0102 0300 03000000 212121'),
    hex('0101 0000 03000000'),
  ]);
  const cuts = fc.uniqueArray(fc.nat(whole.length), { maxLength: whole.length });
  fc.assert(
    fc.property(cuts, (at) => {
      const { mux, broken } = setUp();
      const [three, five] = [listener(), listener()];
      mux.open(three);
      mux.open(five);
      const borders = [0, ...at.toSorted((a, b) => a - b), whole.length];
      borders.slice(1).forEach((end, index) => mux.receive(whole.subarray(borders[index], end)));
      assert.deepEqual([String(Buffer.concat(three.chunks)), three.ends], ['hello!!!', ['closed']]);
      assert.deepEqual([String(Buffer.concat(five.chunks)), five.ends], ['\n', []]);
      assert.deepEqual(broken, []);
    }),
  );
});

test('what is no frame ends the session and is told once; nothing throws', () => {
  const lies = {
    'version 2': '0202 0100 03000000 61',
    'version 0': '0000 0000 03000000',
    'command of version 2': '0104 0800 03000000 0000000000000000',
    'command 255': '01ff 0000 03000000',
    'a close with a length': '0101 0100 03000000 61',
    'a nop with a length': '0103 ffff 00000000',
  };
  for (const [name, bytes] of Object.entries(lies)) {
    const { mux, broken } = setUp();
    mux.receive(hex(bytes));
    assert.equal(broken.length, 1, name);
  }
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 10 }), (pieces) => {
      const seen = { bytes: 0 };
      const parser = new FrameParser({
        data: (_, chunk) => (seen.bytes += chunk.length),
        closed: () => undefined,
      });
      for (const piece of pieces) if (parser.push(Buffer.from(piece)) !== null) break;
      assert.ok(seen.bytes <= pieces.reduce((sum, { length }) => sum + length, 0));
    }),
    { numRuns: 2000 },
  );
});

test('the last byte of a frame that lies about its length is never delivered elsewhere', () => {
  const { mux, broken } = setUp();
  const three = listener();
  mux.open(three);
  // Announces 65,535 bytes; the "frame" inside belongs to its data.
  mux.receive(hex('0102 ffff 03000000 0101 0000 03000000'));
  assert.deepEqual([three.chunks.length, three.ends, broken], [1, [], []]);
});

test('frames for streams that nobody knows are ignored, and so is an agent that opens one', () => {
  const { mux, broken } = setUp();
  mux.receive(hex('0102 0100 09000000 61 0101 0000 09000000 0100 0000 02000000 0102 0100 02000000 61'));
  assert.deepEqual([broken, mux.streams, takeAll(mux)], [[], 0, []]);
});

test("the agent's close is answered with a close; what was queued is dropped, nothing follows", () => {
  const { mux, counts } = setUp();
  const heard = listener();
  const stream = mux.open(heard)!;
  takeAll(mux);
  stream.write(Buffer.from('too late'));
  mux.receive(hex('0101 0000 03000000 0102 0100 03000000 61'));
  stream.write(Buffer.from('later still'));
  assert.deepEqual(framesIn(takeAll(mux)), ['close 3 0']);
  assert.deepEqual([heard.ends, heard.chunks, mux.streams, counts.freed], [['closed'], [], 0, 1]);
});

test('our close goes after what is queued, and data still comes until the agent agrees', () => {
  const { mux } = setUp();
  const heard = listener();
  const stream = mux.open(heard)!;
  stream.write(Buffer.from('last words'));
  stream.end();
  assert.deepEqual(framesIn(takeAll(mux)), ['open 3 0', 'data 3 10', 'close 3 0']);
  mux.receive(hex('0102 0100 03000000 61 0101 0000 03000000'));
  assert.deepEqual([heard.chunks.length, heard.ends, takeAll(mux)], [1, ['closed'], []]);
});

test('a stream that is left says its last words and hears nothing; one that is destroyed says nothing', () => {
  for (const [how, frames] of [
    ['leave', ['data 3 5', 'close 3 0']],
    ['destroy', ['close 3 0']],
  ] as const) {
    const { mux } = setUp();
    const heard = listener();
    const stream = mux.open(heard)!;
    takeAll(mux);
    stream.write(Buffer.from('hello'));
    stream[how]();
    assert.deepEqual(framesIn(takeAll(mux)), frames);
    assert.equal(mux.streams, 0);
    mux.receive(hex('0102 0100 03000000 61 0101 0000 03000000'));
    assert.deepEqual([heard.chunks, heard.ends], [[], []]);
  }
});

test('a stream that was destroyed before it was opened was never there', () => {
  const { mux } = setUp();
  mux.open(listener())!.destroy();
  assert.deepEqual([takeAll(mux), mux.streams], [[], 0]);
});

test('the flag for a refused target belongs to the next stream that ends without a byte, soon', () => {
  const { clock, mux } = setUp();
  const [three, five, seven, nine] = [listener(), listener(), listener(), listener()];
  for (const heard of [three, five, seven, nine]) mux.open(heard);
  mux.receive(hex('0102 0100 03000000 61'));
  mux.refused();
  mux.receive(hex('0101 0000 03000000'));
  mux.receive(hex('0101 0000 05000000'));
  mux.receive(hex('0101 0000 07000000'));
  mux.refused();
  clock.pass(1500);
  mux.receive(hex('0101 0000 09000000'));
  assert.deepEqual(
    [three.ends, five.ends, seven.ends, nine.ends],
    [['closed'], ['refused'], ['closed'], ['closed']],
  );
});

test('a program is asked to wait at 256 KiB and to go on at half of it', () => {
  const { mux } = setUp();
  const heard = listener();
  const stream = mux.open(heard)!;
  stream.write(Buffer.alloc(256 * 1024));
  while (stream.queuedBytes > 128 * 1024) {
    assert.equal(heard.drains, 0);
    mux.take(1024);
  }
  assert.equal(heard.drains, 1);
  takeAll(mux);
  assert.equal(heard.drains, 1);
});

test('numbers are odd, grow, and end at 2^32; then there is no room', () => {
  const { mux } = setUp(0xffff_fffd);
  mux.open(listener());
  mux.open(listener());
  assert.equal(mux.hasRoom, false);
  assert.equal(mux.open(listener()), null);
  assert.deepEqual(framesIn(takeAll(mux)), ['open 4294967293 0', 'open 4294967295 0']);
});

test('when the session is gone every stream ends as lost', () => {
  const { mux } = setUp();
  const [three, five] = [listener(), listener()];
  mux.open(three);
  mux.open(five)!.leave();
  mux.abandon();
  assert.deepEqual([three.ends, five.ends, mux.streams], [['lost'], [], 0]);
});

test('random streams come through two muxes whole', () => {
  const piece = fc.record({ stream: fc.nat(4), size: fc.integer({ min: 1, max: 5000 }) });
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 60 }),
      fc.integer({ min: 64, max: 5000 }),
      (pieces, maxBytes) => {
        const { mux } = setUp();
        const streams = Array.from({ length: 5 }, () => mux.open(listener())!);
        const written: Buffer[][] = streams.map(() => []);
        const arrived = new Map<number, Buffer[]>();
        const parser = new FrameParser({
          data: (id, chunk) => arrived.set(id, [...(arrived.get(id) ?? []), chunk]),
          closed: () => undefined,
        });
        pieces.forEach(({ stream, size }, index) => {
          const bytes = Buffer.alloc(size, index);
          written[stream]!.push(bytes);
          streams[stream]!.write(bytes);
          if (index % 7 !== 0) return;
          const taken = mux.take(maxBytes)!.payload;
          assert.ok(taken.length <= maxBytes);
          assert.equal(parser.push(taken), null);
        });
        for (const payload of takeAll(mux, maxBytes)) assert.equal(parser.push(payload), null);
        written.forEach((chunks, index) => {
          const got = Buffer.concat(arrived.get(3 + 2 * index) ?? []);
          assert.equal(hash('sha256', got), hash('sha256', Buffer.concat(chunks)));
        });
      },
    ),
  );
  assert.equal(encodeHeader(2, 3, 65_535).readUInt16LE(2), 65_535);
});
