import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { FakeClock } from './world/clock.ts';

const START = new Date('2026-01-01T00:00:00Z');
const still = (): FakeClock => new FakeClock({ startAt: START, msPerMinute: Infinity });

test('time stands still until it is moved, and then tasks see their own time', () => {
  const clock = still();
  const seen: string[] = [];
  const note = (name: string) => (): void =>
    void seen.push(`${name} ${clock.now().toISOString().slice(11, 19)}`);
  clock.after(2, note('two'));
  clock.after(1, () => {
    note('one')();
    clock.after(0.5, note('half past one'));
  });
  assert.equal(clock.now().getTime(), START.getTime());
  clock.advance(1.75);
  assert.deepEqual(seen, ['one 00:01:00', 'half past one 00:01:30']);
  clock.advance(1);
  assert.deepEqual(seen.at(-1), 'two 00:02:00');
  assert.equal(clock.now().toISOString(), '2026-01-01T00:02:45.000Z');
});

test('tasks of one moment run in the order in which they were planned, and can be taken back', () => {
  const clock = still();
  const seen: number[] = [];
  clock.after(1, () => seen.push(1));
  const takeBack = clock.after(1, () => seen.push(2));
  clock.after(1, () => seen.push(3));
  takeBack();
  clock.advance(1);
  assert.deepEqual(seen, [1, 3]);
});

test('finish runs to the end, up to a limit', () => {
  const clock = still();
  let beats = 0;
  const beat = (): void => {
    beats += 1;
    clock.after(1, beat);
  };
  clock.after(1, beat);
  clock.finish(10);
  assert.ok(beats >= 9 && beats <= 11, String(beats));
});

test('time runs by itself when it has a speed', async () => {
  const clock = new FakeClock({ startAt: START, msPerMinute: 5 });
  await sleep(30);
  assert.ok(clock.now().getTime() - START.getTime() >= 5 * 60_000);
});
