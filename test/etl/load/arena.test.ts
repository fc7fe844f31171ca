import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Arena } from '../../../src/etl/load/arena.ts';

test('every text comes back, also after the arena grew and was used again', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.integer({ min: 0, max: 300_000 }).map((length) => 'é'.repeat(length)),
  );
  fc.assert(
    fc.property(fc.array(text, { maxLength: 12 }), fc.array(text, { maxLength: 12 }), (first, second) => {
      const arena = new Arena();
      for (const texts of [first, second]) {
        arena.clear();
        const pieces = texts.map((one) => arena.add(one));
        assert.deepEqual(
          pieces.map((piece) => arena.textOf(piece)),
          texts,
        );
        assert.equal(arena.all.toString(), texts.join(''));
      }
    }),
    { numRuns: 50 },
  );
});
