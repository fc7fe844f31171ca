import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { planLoad, type LedgerSummary, type PartitionListing } from '../../../src/etl/plan/plan.ts';
import { HOUR_MS } from '../../../src/etl/time/partition.ts';

const FIRST = Date.UTC(2025, 11, 6);
const window = { fromMs: FIRST, beforeMs: FIRST + 24 * HOUR_MS };

const listing = (hour: number, over: Partial<PartitionListing> = {}): PartitionListing => ({
  partition: FIRST + hour * HOUR_MS,
  objects: 10,
  flatObjects: 0,
  bytes: 1000,
  newestModifiedAtMs: FIRST + hour * HOUR_MS,
  fingerprint: `f${hour}`,
  ...over,
});
const entry = (hour: number, over: Partial<LedgerSummary> = {}): LedgerSummary => ({
  partition: FIRST + hour * HOUR_MS,
  state: 'loaded',
  fingerprint: `f${hour}`,
  objectsLoaded: 10,
  ...over,
});
const plan = (
  listings: PartitionListing[],
  ledger: LedgerSummary[],
  over: Partial<Parameters<typeof planLoad>[0]> = {},
) =>
  planLoad({ window, listings, ledger, reprocess: 'missing', order: 'oldest', foreignObjects: 0, ...over });

test('each partition is loaded for its own reason, or not at all', () => {
  const listings = [listing(0), listing(1), listing(2, { fingerprint: 'changed', objects: 12 }), listing(3)];
  const ledger = [entry(1), entry(2), entry(3, { state: 'open', objectsLoaded: 9 })];
  const hours = (reprocess: 'missing' | 'failed' | 'all'): [number, string, number][] =>
    plan(listings, ledger, { reprocess }).partitions.map((one) => [
      (one.partition - FIRST) / HOUR_MS,
      one.reason,
      one.alreadyLoaded,
    ]);
  assert.deepEqual(hours('missing'), [
    [0, 'new', 0],
    [2, 'late', 10],
    [3, 'open', 9],
  ]);
  assert.deepEqual(hours('failed'), [[3, 'open', 9]]);
  assert.deepEqual(
    hours('all').map(([hour, reason]) => [hour, reason]),
    [0, 1, 2, 3].map((hour) => [hour, 'reprocess']),
  );
});

test('order is a matter of direction, and the id names everything that would be done', () => {
  const listings = [listing(0), listing(1)];
  const oldest = plan(listings, []);
  const newest = plan(listings, [], { order: 'newest' });
  assert.deepEqual(newest.partitions, [...oldest.partitions].reverse());
  assert.notEqual(newest.id, oldest.id);
  assert.equal(plan([listing(0), listing(1)], []).id, oldest.id);
  assert.notEqual(plan([listing(0), listing(1, { objects: 11 })], []).id, oldest.id);
});

test('every listed object is either planned or unchanged, whatever the ledger says', () => {
  const hours = fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { maxLength: 12 });
  const ledgers = hours.chain((some) =>
    fc.tuple(
      ...some.map((hour) =>
        fc.record({
          partition: fc.constant(FIRST + hour * HOUR_MS),
          state: fc.constantFrom<('loaded' | 'open')[]>('loaded', 'open'),
          fingerprint: fc.constantFrom(`f${hour}`, 'other'),
          objectsLoaded: fc.integer({ min: 0, max: 20 }),
        }),
      ),
    ),
  );
  fc.assert(
    fc.property(hours, ledgers, (some, ledger) => {
      const listings = some.map((hour) => listing(hour));
      const { partitions, unchanged } = plan(listings, ledger);
      const planned = partitions.reduce((sum, one) => sum + one.objects, 0);
      assert.equal(planned + unchanged.objects, 10 * some.length);
      assert.equal(partitions.length + unchanged.partitions, some.length);
      for (const one of partitions) assert.ok(one.alreadyLoaded <= one.objects);
    }),
  );
});
