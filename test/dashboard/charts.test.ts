import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';

// Plain JavaScript of the browser, which has no types.
const BROWSER = '../../src/instance/dashboard/browser';
const { ticks, secondTicks, spacedLabels } = (await import(`${BROWSER}/charts/scale.js`)) as {
  ticks(max: number, wanted: number, isWhole: boolean): number[];
  secondTicks(max: number, wanted: number): number[];
  spacedLabels(count: number, width: number, labelWidth: number): number[];
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
  test('are round, start at 0 and cover the largest value', () => {
    assert.deepEqual(ticks(347, 4, true), [0, 100, 200, 300, 400]);
    assert.deepEqual(ticks(0.041, 4, false), [0, 0.02, 0.04, 0.06]);
    assert.deepEqual(ticks(3, 4, true), [0, 1, 2, 3]);
    assert.deepEqual(ticks(0, 4, true), [0, 1]);
    assert.deepEqual(secondTicks(118, 4), [0, 30, 60, 90, 120]);
  });

  test('hold for any value', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e12, noNaN: true }), fc.boolean(), (max, isWhole) => {
        const found = ticks(max, 4, isWhole);
        assert.equal(found[0], 0);
        assert.ok(found.at(-1)! >= max * 0.999_999);
        assert.ok(found.length >= 2 && found.length <= 7, String(found));
        assert.ok(found.every((value, i) => i === 0 || value > found[i - 1]!));
      }),
    );
  });
});

test('labels never stand closer than their width and end with the last', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 800 }), fc.integer({ min: 100, max: 2000 }), (count, width) => {
      const chosen = spacedLabels(count, width, 60);
      assert.equal(chosen.at(-1), count - 1);
      assert.ok(chosen.length <= Math.max(2, Math.floor(width / 60)) + 1);
    }),
  );
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
