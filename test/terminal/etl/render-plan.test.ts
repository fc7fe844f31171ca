import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoadPlan } from '../../../src/etl/plan/plan.ts';
import { formatBytes, formatDuration } from '../../../src/terminal/numbers.ts';
import { withoutColour } from '../../../src/terminal/paint.ts';
import { formatPlan, formatWindow } from '../../../src/terminal/etl/render-plan.ts';

const HOUR = Date.parse('2025-12-06T05:00:00Z');
const WINDOW = { fromMs: Date.parse('2025-12-01T00:00:00Z'), beforeMs: Date.parse('2025-12-08T00:00:00Z') };
const PLAN: LoadPlan = {
  id: 'p_19c2ab40',
  window: WINDOW,
  reprocess: 'missing',
  partitions: [
    { partition: HOUR, reason: 'late', objects: 1871, flatObjects: 0, bytes: 2_100_000, alreadyLoaded: 1204 },
  ],
  unchanged: { partitions: 147, objects: 38_004, objectsLoaded: 38_004 },
  foreignObjects: 0,
};

test('the window is echoed in UTC with its hours, and in the zone that was asked for', () => {
  assert.equal(
    formatWindow(WINDOW),
    'Window  2025-12-01 00:00 -> 2025-12-08 00:00 UTC (end not included)  168 hours',
  );
  const [, local] = formatWindow(WINDOW, 'Asia/Ho_Chi_Minh', true).split('\n');
  assert.equal(local, '        2025-12-01 07:00 -> 2025-12-08 07:00 Asia/Ho_Chi_Minh');
  assert.match(formatWindow(WINDOW, null, true), /168 hours, widened to whole hours$/);
});

test('a plan is its totals and a row per hour', () => {
  assert.deepEqual(withoutColour(formatPlan(PLAN)).split('\n'), [
    'Plan p_19c2ab40   read 667 of 1,871 objects (2.1 MB) in 1 hour   147 hours with 38,004 objects unchanged   reprocess: missing',
    '',
    'hour (UTC)      objects   bytes  already loaded  reason',
    '2025-12-06 05h    1,871  2.1 MB           1,204  late objects',
  ]);
});

test('a plan with nothing to do says so, and foreign objects are mentioned', () => {
  const text = withoutColour(formatPlan({ ...PLAN, partitions: [], foreignObjects: 2 }));
  assert.match(text, /nothing to load/);
  assert.match(text, /2 objects in the window are no raw events/);
});

test('bytes and durations read well at every size', () => {
  assert.deepEqual([0, 999, 1000, 9949, 61e6, 999_499_999, 999_500_000, 5e15].map(formatBytes), [
    '0 B',
    '999 B',
    '1.0 KB',
    '9.9 KB',
    '61 MB',
    '999 MB',
    '1.0 GB',
    '5000 TB',
  ]);
  assert.deepEqual([0, 400, 9940, 38_000, 59_600, 220_000, 4_320_000, 183_600_000].map(formatDuration), [
    '0.0 s',
    '0.4 s',
    '9.9 s',
    '38 s',
    '1 m 0 s',
    '3 m 40 s',
    '1 h 12 m',
    '2 d 3 h',
  ]);
});
