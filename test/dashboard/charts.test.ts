import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import fc from 'fast-check';

// Plain JavaScript of the browser, which has no types.
const BROWSER = '../../src/instance/dashboard/browser';
type Unit = 'count' | 'share' | 'seconds';
const { ticksUpTo } = (await import(`${BROWSER}/charts/axes.js`)) as {
  ticksUpTo(max: number, wanted: number, unit: Unit): number[];
};
const { formatTick } = (await import(`${BROWSER}/charts/format.js`)) as {
  formatTick(value: number, unit: Unit): string;
};
type State = Record<string, string>;
const { parseState, formatState, holds } = (await import(`${BROWSER}/script/state.js`)) as {
  parseState(search: string): State;
  formatState(state: State): string;
  holds(state: State, part: State): boolean;
};
const { ageOf } = (await import(`${BROWSER}/script/age.js`)) as {
  ageOf(seconds: number): [string, number];
};

describe('ticks', () => {
  before(() => Object.assign(globalThis, { document: { documentElement: { lang: 'en' } } }));
  const read = (max: number, unit: Unit): string[] =>
    ticksUpTo(max, 4, unit).map((value) => formatTick(value, unit));

  test('are round, start at 0 and cover the largest value', () => {
    assert.deepEqual(read(347, 'count'), ['0', '100', '200', '300', '400']);
    assert.deepEqual(read(9_600, 'count'), ['0', '2,000', '4,000', '6,000', '8,000', '10K']);
    assert.deepEqual(read(3, 'count'), ['0', '1', '2', '3']);
    assert.deepEqual(read(0.2, 'count'), ['0', '1']);
    assert.deepEqual(read(0, 'count'), ['0', '1']);
    assert.deepEqual(read(0.041, 'share'), ['0%', '1%', '2%', '3%', '4%', '5%']);
    assert.deepEqual(read(0.001_5, 'share'), ['0%', '0.1%', '0.2%']);
    assert.deepEqual(read(118, 'seconds'), ['0s', '30s', '1m', '1m 30s', '2m']);
    assert.deepEqual(read(200, 'seconds'), ['0s', '1m', '2m', '3m', '4m']);
    assert.deepEqual(read(1100, 'seconds'), ['0s', '5m', '10m', '15m', '20m']);
  });

  test('hold for any value: few, rising, whole where things are counted, and no two read alike', () => {
    const anything = fc.double({ min: 1e-6, max: 1e12, noNaN: true });
    const unit = fc.constantFrom<Unit>('count', 'share', 'seconds');
    fc.assert(
      fc.property(anything, unit, fc.constantFrom(3, 4), (value, of, wanted) => {
        const max = { count: value, share: value / 1e12, seconds: Math.min(value, 1e6) }[of];
        const found = ticksUpTo(max, wanted, of);
        assert.equal(found[0], 0);
        assert.ok(found.at(-1)! >= max * 0.999_999);
        assert.ok(found.length >= 2 && found.length <= 7, String(found));
        assert.ok(of === 'share' || found.every(Number.isInteger), String(found));
        assert.equal(new Set(found.map((tick) => formatTick(tick, of))).size, found.length, String(found));
      }),
    );
  });
});

describe('the state in the URL', () => {
  test('leaves out what is usual, and comes back', () => {
    assert.equal(formatState(parseState('')), '');
    const state = { ...parseState(''), range: '30', by: 'product', value: 'a&b=<c>"ü' };
    assert.deepEqual(parseState(formatState(state)), state);
    assert.equal(formatState({ ...parseState(''), unknown: 'x' }), '');
  });

  test('holds a part', () => {
    assert.ok(holds({ range: '7', by: '' }, { range: '7' }));
    assert.ok(!holds({ range: '7', by: '' }, { range: '7', by: 'brand' }));
  });
});

test('ages change their unit where people do', () => {
  assert.deepEqual(ageOf(20), ['now', 0]);
  assert.deepEqual(ageOf(12 * 60), ['minutes', 12]);
  assert.deepEqual(ageOf(3 * 3600), ['hours', 3]);
  assert.deepEqual(ageOf(5 * 86_400), ['days', 5]);
});
