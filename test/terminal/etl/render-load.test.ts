import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyAccounting } from '../../../src/etl/accounting.ts';
import type { Accounting } from '../../../src/etl/accounting.ts';
import type { LoadEvent, RunReport } from '../../../src/etl/load/report.ts';
import { HOUR_MS } from '../../../src/etl/time/partition.ts';
import { measurePace, startProgress, trackEvent } from '../../../src/terminal/etl/progress.ts';
import { formatBlock, renderLoad } from '../../../src/terminal/etl/render-load.ts';
import { formatRunSummary } from '../../../src/terminal/etl/render-summary.ts';
import { withoutColour } from '../../../src/terminal/paint.ts';
import { fakeContext } from '../../support/context.ts';

const HOUR = Date.parse('2025-12-06T05:00:00Z');
const PLAN = {
  partition: HOUR,
  reason: 'new',
  objects: 1871,
  flatObjects: 0,
  bytes: 4_000_000,
  alreadyLoaded: 0,
} as const;

function counts(objects: Partial<Accounting['objects']>, events: Partial<Accounting['events']>): Accounting {
  const empty = emptyAccounting();
  return { objects: { ...empty.objects, ...objects }, events: { ...empty.events, ...events } };
}

const HALF = counts({ listed: 1871, read: 1204 }, { read: 1204, loaded: 1190, quarantined: 14 });
const DONE = counts(
  { listed: 1871, read: 1870, unreadable: 1 },
  { read: 1870, loaded: 1850, duplicates: 6, quarantined: 14 },
);
const EVENTS: LoadEvent[] = [
  { type: 'run-started', runId: 'r', partitions: 2, objects: 2000, bytes: 5_000_000 },
  { type: 'partition-started', partition: HOUR, plan: PLAN },
  { type: 'partition-progress', partition: HOUR, accounting: HALF },
];

test('without a terminal: one plain line per hour, and one for each trouble', () => {
  const ctx = fakeContext();
  const renderer = renderLoad(ctx.terminal, ctx.clock);
  for (const event of EVENTS) renderer.emit(event);
  renderer.emit({
    type: 'partition-done',
    result: {
      partition: HOUR,
      accounting: DONE,
      quarantine: {},
      unknownNames: {},
      unreadable: [],
      durationMs: 2000,
    },
  });
  renderer.emit({ type: 'partition-held', partition: HOUR, holder: 'sbw r_1\u001b[2J' });
  renderer.emit({ type: 'partition-failed', partition: HOUR, code: 'WAREHOUSE_LOST', message: 'gone' });
  renderer.close();
  assert.deepEqual(ctx.stderr, [
    '  2025-12-06 05h  1,871 objects  loaded 1,850  dup 6  quarantined 14  unreadable 1  935 ev/s',
    '  2025-12-06 05h  waiting: held by sbw r_1\\u001b[2J',
    '  2025-12-06 05h  FAILED WAREHOUSE_LOST: gone',
  ]);
  assert.deepEqual([ctx.stdout, ctx.drawn], [[], []]);
});

test('the block shows the running hour and the whole run: bar, counts, rate, time left', () => {
  const progress = startProgress(0);
  for (const event of EVENTS) trackEvent(progress, event);
  assert.deepEqual(formatBlock(progress, 4000), [
    '  2025-12-06 05h  [#########-----] 1,204/1,871  loaded 1,190  dup 0  quarantined 14',
    '  [########------] 1,204/2,000  301 ev/s  left 2.6 s  0/2 hours',
    '  loaded 1,190  dup 0  quarantined 14',
  ]);
});

test('many running hours are folded, so that the block fits small terminals', () => {
  const progress = startProgress(0);
  for (let hour = 0; hour < 10; hour += 1) {
    trackEvent(progress, { type: 'partition-started', partition: HOUR + hour * HOUR_MS, plan: PLAN });
  }
  const block = formatBlock(progress, 1000);
  assert.equal(block.length, 9);
  assert.match(block[6] ?? '', /and 4 hours more/);
});

test('the rate looks at the last seconds only, and a retried hour starts over', () => {
  const progress = startProgress(0);
  for (const event of EVENTS) trackEvent(progress, event);
  for (let second = 1; second <= 30; second += 1) measurePace(progress, second * 1000);
  assert.equal(measurePace(progress, 31_000).eventsPerSecond, 0);
  assert.equal(measurePace(progress, 31_000).leftMs, null);
  trackEvent(progress, { type: 'retrying', partition: HOUR, attempt: 2, message: 'lost' });
  assert.equal(measurePace(progress, 32_000).objectsDone, 0);
});

function report(changes: Partial<RunReport>): RunReport {
  return {
    runId: 'r_91',
    accounting: DONE,
    balanced: true,
    partitions: { planned: 1, loaded: 1, unchanged: 0, held: [], failed: [], notStarted: [] },
    quarantine: { id_conflict: 2, price_not_number: 12 },
    unknownNames: {},
    unreadable: [{ key: 'events/2025/12/06/05/x\n.json', reason: 'AccessDenied' }],
    durationMs: 38_000,
    interrupted: false,
    rollups: null,
    ...changes,
  };
}

const HINTS = { again: 'sbw etl retry r_91', quarantine: 'sbw data quarantine ls --run r_91' };

test('the summary has both identities, the reasons, what is left and how to go on', () => {
  assert.equal(
    withoutColour(formatRunSummary(report({}), HINTS)),
    [
      'Done in 38 s   run r_91',
      '  objects    1,871 listed = 1,870 read + 1 unreadable + 0 already loaded',
      '  events     1,870 read = 1,850 loaded + 6 duplicates + 14 quarantined + 0 filtered   balanced',
      '  quarantine 12 price_not_number   2 id_conflict',
      '  unreadable events/2025/12/06/05/x\\u000a.json  AccessDenied',
      '  go on      sbw etl retry r_91',
      '  see        sbw data quarantine ls --run r_91',
    ].join('\n'),
  );
});

test('the summary says by how much a run is out of balance, and what was not done', () => {
  const accounting = counts({ listed: 10, read: 9 }, { read: 9, loaded: 12 });
  const failed = [{ partition: HOUR, code: 'RAW_STORE_DENIED', message: 'no' }];
  const partitions = {
    planned: 4,
    loaded: 1,
    unchanged: 0,
    held: [HOUR],
    failed,
    notStarted: [HOUR + HOUR_MS],
  };
  const text = withoutColour(
    formatRunSummary(report({ accounting, partitions, balanced: false, interrupted: true }), HINTS),
  );
  assert.match(text, /^Stopped after 38 s/);
  assert.match(text, /10 listed = 9 read .* NOT BALANCED by 1\n/);
  assert.match(text, /9 read = 12 loaded .* NOT BALANCED by -3\n/);
  assert.match(
    text,
    /not done {3}2025-12-06 05h {2}RAW_STORE_DENIED: no\n {13}2025-12-06 05h {2}held by another run/,
  );
  assert.match(text, /2025-12-06 06h {2}not started\n {2}go on/);
});
