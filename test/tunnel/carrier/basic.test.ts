import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Basic } from '../../../src/tunnel/carrier/basic.ts';
import type { StreamEnd, StreamHandlers } from '../../../src/tunnel/carrier/carrier.ts';
import type { Outgoing } from '../../../src/tunnel/channel/channel.ts';
import { ManualClock } from '../../fakes/ssm/manual-clock.ts';

function setUp() {
  const clock = new ManualClock();
  const counts = { freed: 0 };
  const basic = new Basic(clock, {
    wake: () => undefined,
    broken: () => undefined,
    freed: () => (counts.freed += 1),
  });
  const heard: string[] = [];
  const handlers = (name: string): StreamHandlers => ({
    data: (chunk) => heard.push(`${name} ${chunk.toString()}`),
    drained: () => heard.push(`${name} drained`),
    ended: (how: StreamEnd) => heard.push(`${name} ${how}`),
  });
  /** Payload type and content of all that there is to send. */
  const takeAll = (): { said: string[]; outgoing: Outgoing[] } => {
    const outgoing: Outgoing[] = [];
    for (let next = basic.take(1024); next !== null; next = basic.take(1024)) outgoing.push(next);
    const said = outgoing.map(({ payloadType, payload }) =>
      payloadType === 10 ? `flag ${payload.readUInt32BE()}` : payload.toString(),
    );
    return { said, outgoing };
  };
  return { clock, basic, counts, heard, handlers, takeAll };
}

const text = (words: string): Buffer => Buffer.from(words);

test('the bytes go bare, and one connection at a time', () => {
  const { basic, heard, handlers, takeAll } = setUp();
  const stream = basic.open(handlers('a'))!;
  assert.equal(basic.open(handlers('b')), null);
  stream.write(text('\n'));
  assert.deepEqual(takeAll().said, ['\n']);
  basic.receive(text('reply'));
  assert.deepEqual(heard, ['a reply']);
});

test('the end of a connection is a flag after its data; the next one waits until the agent has disconnected', () => {
  const { clock, basic, counts, handlers, takeAll } = setUp();
  const stream = basic.open(handlers('a'))!;
  stream.write(text('last'));
  stream.leave();
  assert.deepEqual([basic.hasRoom, basic.streams], [false, 0]);
  const { said, outgoing } = takeAll();
  assert.deepEqual(said, ['last', 'flag 1']);
  clock.pass(60_000);
  assert.equal(basic.hasRoom, false);
  outgoing[1]!.acknowledged!();
  clock.pass(99);
  assert.equal(basic.hasRoom, false);
  clock.pass(1);
  assert.deepEqual([basic.hasRoom, counts.freed], [true, 1]);
});

test('what the old connection still sends reaches nobody: not while it settles, not before the new one speaks', () => {
  const { clock, basic, heard, handlers, takeAll } = setUp();
  const old = basic.open(handlers('a'))!;
  old.write(text('x'));
  takeAll();
  basic.receive(text('for a'));
  old.end();
  basic.receive(text('late'));
  takeAll().outgoing[0]!.acknowledged!();
  basic.receive(text('later'));
  clock.pass(100);
  const next = basic.open(handlers('b'))!;
  basic.receive(text('latest'));
  next.write(text('y'));
  takeAll();
  basic.receive(text('for b'));
  assert.deepEqual(heard, ['a for a', 'a closed', 'b for b']);
});

test('a server that speaks first is heard by the first connection', async () => {
  const { basic, heard, handlers } = setUp();
  basic.receive(text('220 ready'));
  basic.open(handlers('a'));
  await Promise.resolve();
  basic.receive(text('more'));
  assert.deepEqual(heard, ['a 220 ready', 'a more']);
});

test('a later connection that says nothing is no reason to tell the agent', () => {
  const { clock, basic, handlers, takeAll } = setUp();
  basic.open(handlers('a'))!.destroy();
  takeAll().outgoing[0]!.acknowledged!();
  clock.pass(100);
  basic.open(handlers('b'))!.destroy();
  assert.deepEqual([takeAll().said, basic.hasRoom], [[], true]);
});

test('destroyed, its queue is dropped; when the session is gone it ends as lost', () => {
  const { basic, heard, handlers, takeAll } = setUp();
  const stream = basic.open(handlers('a'))!;
  stream.write(text('x'));
  stream.destroy();
  assert.deepEqual(takeAll().said, ['flag 1']);
  const other = setUp();
  other.basic.open(other.handlers('a'));
  other.basic.abandon();
  assert.deepEqual([other.heard, heard], [['a lost'], []]);
});

test('no message is empty: agents take that for the end', () => {
  const { basic, handlers, takeAll } = setUp();
  basic.open(handlers('a'))!.write(Buffer.alloc(0));
  basic.keepAlive();
  assert.deepEqual(takeAll().said, []);
});
