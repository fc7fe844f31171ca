import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Operation, followStack } from '../../../../src/stacks/deploy/apply/follow.ts';
import type { StackDescription, StackEvent } from '../../../../src/stacks/ports/cloudformation.ts';

const T0 = Date.UTC(2026, 10, 1);
const ID = 'arn:aws:cloudformation:eu-west-1:123456789012:stack/s/1';

function event(id: string, second: number, token = 'mine'): StackEvent {
  return {
    ...{ id, stackId: ID, stackName: 's', logicalId: id, physicalId: id, type: 'AWS::S3::Bucket' },
    ...{ status: 'CREATE_COMPLETE', reason: '', at: new Date(T0 + second * 1000), token },
  };
}

function stack(status: string, updatedSecond: number | null = null): StackDescription {
  return {
    ...{
      name: 's',
      id: ID,
      status,
      statusReason: '',
      createdAt: new Date(T0),
      isTerminationProtected: false,
    },
    updatedAt: updatedSecond === null ? null : new Date(T0 + updatedSecond * 1000),
    ...{ parameters: {}, outputs: {}, tags: {} },
  };
}

/** What CloudFormation says at each look; the last look lasts. Written to what it is known to do: aws.md, section 2. */
interface Look {
  readonly stack: StackDescription | null;
  /** Newest first, by page. */
  readonly pages: readonly (readonly StackEvent[])[];
}

async function follow(
  looks: readonly Look[],
  operation: Partial<Operation> = {},
  leave = new AbortController(),
) {
  let at = 0;
  let nowMs = T0;
  let pagesRead = 0;
  const look = (): Look => looks[Math.min(at, looks.length - 1)]!;
  const shown: string[] = [];
  const followed = await followStack(
    {
      cloudFormation: {
        describeStack: async () => look().stack,
        async *events() {
          for (const page of look().pages) {
            pagesRead += 1;
            yield page;
          }
        },
      },
      clock: {
        now: () => new Date(nowMs),
        sleep: async (ms) => {
          nowMs += ms;
          at += 1;
          if (at > 100) throw new Error('It never ends.');
        },
      },
      leave: leave.signal,
    },
    { stackId: ID, before: null, token: 'mine', startedAt: new Date(T0), ...operation },
    ({ id }) => void shown.push(id),
  );
  return { ...followed, shown, looks: at + 1, pagesRead: () => pagesRead };
}

test('each event is shown once, however often and late it comes; the end has them all in order', async () => {
  const {
    shown,
    events,
    stack: end,
  } = await follow([
    { stack: stack('CREATE_IN_PROGRESS'), pages: [[event('b', 2)]] },
    { stack: stack('CREATE_IN_PROGRESS'), pages: [[event('c', 3), event('b', 2), event('b', 2)]] },
    // One that is older than what was seen: it came late.
    {
      stack: stack('CREATE_COMPLETE'),
      pages: [
        [event('d', 4), event('c', 3)],
        [event('b', 2), event('a', 1)],
      ],
    },
  ]);
  assert.deepEqual(shown, ['b', 'c', 'a', 'd']);
  assert.deepEqual(
    events.map(({ id }) => id),
    ['a', 'b', 'c', 'd'],
  );
  assert.equal(end?.status, 'CREATE_COMPLETE');
});

test("what others do with the stack, before or beside, is not shown as this operation's", async () => {
  const { shown } = await follow([
    {
      stack: stack('UPDATE_COMPLETE', 5),
      pages: [
        [event('mine', 3), event('theirs', 2, 'other'), event('old', -10, 'other')],
        [event('older', -20)],
      ],
    },
  ]);
  assert.deepEqual(shown, ['mine']);
});

test('just after the start the status may still be the one before', async () => {
  const before = { status: 'UPDATE_COMPLETE', changedAt: new Date(T0 + 1000).toISOString() };
  const { stack: end, looks } = await follow(
    [
      { stack: stack('UPDATE_COMPLETE', 1), pages: [] },
      { stack: stack('UPDATE_COMPLETE', 1), pages: [] },
      { stack: stack('UPDATE_IN_PROGRESS', 9), pages: [] },
      { stack: stack('UPDATE_COMPLETE', 9), pages: [] },
    ],
    { before },
  );
  assert.deepEqual([end?.updatedAt?.getTime(), looks], [T0 + 9000, 4]);
});

test('one that began and ended between two looks, with the same status and time, is over after a minute', async () => {
  const before = { status: 'UPDATE_ROLLBACK_COMPLETE', changedAt: new Date(T0 + 1000).toISOString() };
  const { looks } = await follow([{ stack: stack('UPDATE_ROLLBACK_COMPLETE', 1), pages: [] }], { before });
  assert.ok(looks > 5 && looks < 40, `${looks} looks`);
});

test('a stack that was deleted is gone: that is the end', async () => {
  const { stack: end, isLeft } = await follow([
    { stack: stack('DELETE_IN_PROGRESS'), pages: [[event('a', 1)]] },
    { stack: null, pages: [] },
  ]);
  assert.deepEqual([end, isLeft], [null, false]);
});

test('who leaves is told what was seen so far', async () => {
  const leave = new AbortController();
  leave.abort();
  const { isLeft, shown } = await follow(
    [{ stack: stack('CREATE_IN_PROGRESS'), pages: [[event('a', 1)]] }],
    {},
    leave,
  );
  assert.deepEqual([isLeft, shown], [true, ['a']]);
});

test('a long history is not read again and again', async () => {
  const history = Array.from({ length: 50 }, (_, page) => [event(`old-${page}`, -100 - page, 'other')]);
  const looks = [1, 2, 3].map((second) => ({
    stack: stack('UPDATE_IN_PROGRESS', 0),
    pages: [[event(`e${second}`, second)], ...history],
  }));
  const { pagesRead } = await follow([
    ...looks,
    { stack: stack('UPDATE_COMPLETE', 9), pages: [[event('e3', 3)], ...history] },
  ]);
  assert.ok(pagesRead() <= 10, `${pagesRead()} pages`);
});
