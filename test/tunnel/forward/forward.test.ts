import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import type { StreamHandlers } from '../../../src/tunnel/carrier/carrier.ts';
import { forward } from '../../../src/tunnel/forward/forward.ts';
import type { ForwardLimits } from '../../../src/tunnel/forward/forward.ts';
import { ManualClock } from '../../fakes/ssm/manual-clock.ts';

/** A program's connection: what it is sent stays unread until `read`. */
class Program extends Duplex {
  readonly got: Buffer[] = [];
  isReading = true;
  wasReset = false;
  #taken: (() => void) | null = null;

  constructor() {
    super({ allowHalfOpen: true, highWaterMark: 1024 });
  }

  override _read(): void {
    // `say` pushes.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const take = (): void => {
      this.got.push(chunk);
      done();
    };
    if (this.isReading) take();
    else this.#taken = take;
  }

  say(text: string | null): void {
    this.push(text === null ? null : Buffer.from(text));
  }

  readOn(): void {
    this.isReading = true;
    this.#taken?.();
  }

  resetAndDestroy(): this {
    this.wasReset = true;
    return this.destroy();
  }

  get text(): string {
    return Buffer.concat(this.got).toString();
  }
}

const LIMITS: ForwardLimits = { connectionBytes: 100_000, totalBytes: 1_000_000 };

function setUp(limits = LIMITS) {
  const clock = new ManualClock();
  const local = new Program();
  const said: string[] = [];
  const state = { queuedBytes: 0, isSettled: true, unread: 0 };
  let handlers!: StreamHandlers;
  const note = (what: string) => (): void => void said.push(what);
  const one = forward(
    local,
    (given) => {
      handlers = given;
      return {
        get queuedBytes() {
          return state.queuedBytes;
        },
        write: (chunk) => said.push(`write ${chunk.toString()}`),
        end: note('end'),
        leave: note('leave'),
        destroy: note('destroy'),
      };
    },
    clock,
    limits,
    {
      sent: () => undefined,
      received: () => undefined,
      unread: () => state.unread,
      isSettled: () => state.isSettled,
      slow: (bytes) => said.push(`slow ${bytes}`),
      over: note('over'),
    },
  )!;
  return { clock, local, said, state, handlers, one };
}

/** Streams speak in later turns of the event loop. */
const turn = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 5));

test('without room the connection is not touched', () => {
  const local = new Program();
  const never = (): never => assert.fail('touched');
  const hooks = { sent: never, received: never, unread: never, isSettled: never, slow: never, over: never };
  assert.equal(
    forward(local, () => null, new ManualClock(), LIMITS, hooks),
    null,
  );
  assert.equal(local.listenerCount('data') + local.listenerCount('close'), 0);
});

test('a full queue makes the program wait, an empty one lets it go on', async () => {
  const { local, said, state, handlers } = setUp();
  state.queuedBytes = 256 * 1024;
  local.say('a');
  await turn();
  assert.equal(local.isPaused(), true);
  local.say('b');
  await turn();
  assert.deepEqual(said, ['write a']);
  state.queuedBytes = 0;
  handlers.drained();
  await turn();
  assert.deepEqual(said, ['write a', 'write b']);
});

test('the end of the program is passed on after a second without an answer, and not before all has arrived', async () => {
  const { clock, local, said, state, handlers } = setUp();
  local.say('question');
  local.say(null);
  await turn();
  clock.pass(900);
  handlers.data(Buffer.from('ans'));
  clock.pass(900);
  handlers.data(Buffer.from('wer'));
  state.isSettled = false;
  clock.pass(5000);
  assert.deepEqual(said, ['write question']);
  state.isSettled = true;
  clock.pass(1000);
  assert.deepEqual(said, ['write question', 'end']);
  handlers.data(Buffer.from('!'));
  handlers.ended('closed');
  await turn();
  assert.equal(local.text, 'answer!');
  assert.deepEqual([local.destroyed, local.wasReset, said.at(-1), clock.pending], [true, false, 'over', 0]);
});

test('an end that nobody answers is not waited for for ever', async () => {
  const { clock, local, said } = setUp();
  local.say(null);
  await turn();
  clock.pass(12_000);
  await turn();
  assert.deepEqual([said, local.wasReset], [['end', 'destroy', 'over'], true]);
});

test('what a program had said before it left is delivered; one that broke off is not spoken for', async () => {
  const left = setUp();
  left.local.say(null);
  await turn();
  left.local.destroy();
  await turn();
  assert.deepEqual(left.said, ['leave', 'over']);
  const broken = setUp();
  broken.local.destroy(new Error('ECONNRESET'));
  await turn();
  assert.deepEqual(broken.said, ['destroy', 'over']);
});

test('the end of the target comes after its last byte, however slowly the program reads', async () => {
  const { local, said, handlers } = setUp();
  local.isReading = false;
  handlers.data(Buffer.from('all'));
  handlers.data(Buffer.from(' of it'));
  handlers.ended('closed');
  await turn();
  assert.equal(local.destroyed, false);
  local.readOn();
  await turn();
  assert.deepEqual([local.text, local.wasReset, local.destroyed, said], ['all of it', false, true, ['over']]);
});

test('a reset is asked for only before the end: afterwards it would leave the socket open for ever', async () => {
  const { local, handlers, one } = setUp();
  local.isReading = false;
  handlers.data(Buffer.from('unread'));
  handlers.ended('closed');
  one.reset();
  await turn();
  assert.deepEqual([local.wasReset, local.destroyed], [false, true]);
});

test('a refused target and a lost session are errors for the program, not ends', async () => {
  for (const how of ['refused', 'lost'] as const) {
    const { local, said, handlers } = setUp();
    handlers.ended(how);
    await turn();
    assert.deepEqual([local.wasReset, said], [true, ['over']]);
  }
});

test('one that does not read is cut off above its limit', async () => {
  const { local, said, handlers, one } = setUp();
  local.isReading = false;
  handlers.data(Buffer.alloc(100_000));
  assert.deepEqual([said, one.unreadBytes], [[], 100_000]);
  handlers.data(Buffer.alloc(1));
  await turn();
  assert.deepEqual([said, local.wasReset], [['slow 100001', 'destroy', 'over'], true]);
  handlers.data(Buffer.alloc(1));
});

test('when all together have too much, one with little is spared', async () => {
  for (const [bytes, isCut] of [
    [3000, false],
    [4000, true],
  ] as const) {
    const { local, said, state, handlers } = setUp();
    local.isReading = false;
    state.unread = 1_000_001;
    handlers.data(Buffer.alloc(bytes));
    await turn();
    assert.equal(said.includes('destroy'), isCut);
  }
});
