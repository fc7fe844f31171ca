import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { startDeadline } from '../../src/lambda/deadline.ts';

beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
afterEach(() => mock.timers.reset());

test('of a quarter of an hour two minutes are kept for the hours under way, and 20 s for the report', () => {
  const { stop, now } = startDeadline(900_000);
  mock.timers.tick(779_999);
  assert.deepEqual([stop.aborted, now.aborted], [false, false]);
  mock.timers.tick(1);
  assert.deepEqual([stop.aborted, now.aborted], [true, false]);
  mock.timers.tick(99_999);
  assert.equal(now.aborted, false);
  mock.timers.tick(1);
  assert.equal(now.aborted, true);
});

test('of a short time less is kept', () => {
  const { stop, now } = startDeadline(30_000);
  mock.timers.tick(20_000);
  assert.deepEqual([stop.aborted, now.aborted], [true, false]);
  mock.timers.tick(7_000);
  assert.equal(now.aborted, true);
});

test('a run that is over hears nothing any more', () => {
  const { stop, now, cancel } = startDeadline(30_000);
  cancel();
  mock.timers.tick(60_000);
  assert.deepEqual([stop.aborted, now.aborted], [false, false]);
});
