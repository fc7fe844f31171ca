import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOrder } from '../../src/lambda/order.ts';

const NOW = new Date('2025-12-06T08:20:00Z');
const HOUR_MS = 3_600_000;

test("the schedule's own time counts, however late it comes", () => {
  const order = readOrder({ source: 'aws.events', time: '2025-12-06T05:05:00Z', id: 'e' }, NOW);
  assert.deepEqual(order, {
    kind: 'scheduled',
    window: null,
    reprocess: 'missing',
    now: new Date('2025-12-06T05:05:00Z'),
    payload: { time: '2025-12-06T05:05:00.000Z' },
    isAnswerRead: false,
  });
});

test('nothing, or an empty payload, asks for what is new', () => {
  for (const event of [undefined, null, {}]) {
    const { kind, window, now, payload } = readOrder(event, NOW);
    assert.deepEqual({ kind, window, now, payload }, { kind: 'run', window: null, now: NOW, payload: {} });
  }
});

test('the four payloads of the original Lambda name their window', () => {
  const start = Date.parse('2025-12-06T05:00:00Z');
  for (const event of [
    { overridePrefix: 'events/2025/12/06/05/' },
    { targetUtcHour: '2025-12-06T05:30:00Z' },
    { hoursBack: 3, scope: 'hour' },
  ]) {
    const { kind, window, payload, isAnswerRead } = readOrder(event, NOW);
    assert.deepEqual(window, { fromMs: start, beforeMs: start + HOUR_MS }, JSON.stringify(event));
    assert.deepEqual(
      { kind, payload, isAnswerRead },
      { kind: 'backfill', payload: event, isAnswerRead: false },
    );
  }
  const day = Date.parse('2025-12-06T00:00:00Z');
  assert.deepEqual(readOrder({ targetUtcDate: '2025-12-06' }, NOW).window, {
    fromMs: day,
    beforeMs: day + 24 * HOUR_MS,
  });
});

test('a range of sbw names whole hours, and its answer is read', () => {
  const order = readOrder({ from: '2025-12-06T05', to: '2025-12-06T07', reprocess: 'all' }, NOW);
  const fromMs = Date.parse('2025-12-06T05:00:00Z');
  assert.deepEqual(order.window, { fromMs, beforeMs: fromMs + 2 * HOUR_MS });
  assert.deepEqual([order.kind, order.reprocess, order.isAnswerRead], ['backfill', 'all', true]);
});

test('nonsense is refused, and never an empty success', () => {
  const refused: [unknown, string][] = [
    [{ from: '2025-12-06T05' }, 'PAYLOAD_INVALID'],
    [{ from: 1765000800000, to: '2025-12-06T07' }, 'PAYLOAD_INVALID'],
    [{ from: '2025-12-06T07', to: '2025-12-06T05' }, 'WINDOW_EMPTY'],
    [{ from: '2025-13-06', to: '2025-12-07' }, 'TIME_INVALID'],
    [{ from: '2025-12-06', to: '2025-12-07', hoursBack: 1 }, 'PAYLOAD_INVALID'],
    [{ from: '2025-12-06', to: '2025-12-07', reprocess: 'everything' }, 'PAYLOAD_INVALID'],
    [{ from: '2025-12-06', to: '2025-12-07', reprocess: null }, 'PAYLOAD_INVALID'],
    [{ hoursBack: '' }, 'PAYLOAD_INVALID'],
    [{ source: 'aws.s3' }, 'PAYLOAD_INVALID'],
    [{ source: 'aws.events' }, 'PAYLOAD_INVALID'],
    [[], 'PAYLOAD_INVALID'],
    ['from', 'PAYLOAD_INVALID'],
  ];
  for (const [event, code] of refused) {
    assert.throws(() => readOrder(event, NOW), { code, kind: 'usage' }, JSON.stringify(event));
  }
});
