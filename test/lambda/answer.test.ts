import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyAccounting } from '../../src/etl/accounting.ts';
import type { RunReport } from '../../src/etl/load/report.ts';
import { dataAgeSeconds, whyIncomplete } from '../../src/lambda/answer.ts';

const NOW = new Date('2025-12-06T08:20:00Z');
const at = (hour: string): number => Date.parse(`2025-12-06T${hour}:00:00Z`);

function reportOf(over: Partial<RunReport['partitions']> = {}, more: Partial<RunReport> = {}): RunReport {
  return {
    runId: 'r_1',
    accounting: emptyAccounting(),
    balanced: true,
    partitions: { planned: 3, loaded: 3, unchanged: 0, held: [], failed: [], notStarted: [], ...over },
    quarantine: {},
    unknownNames: {},
    unreadable: [],
    durationMs: 1,
    interrupted: false,
    rollups: null,
    ...more,
  };
}

test('a run has to be done again when something failed, was not begun, or does not add up', () => {
  assert.equal(whyIncomplete(reportOf()), null);
  const failed = [{ partition: at('05'), code: '53100', message: 'disk full' }];
  assert.equal(whyIncomplete(reportOf({ failed })), '1 of 3 hours failed, the first with 53100: disk full');
  assert.equal(
    whyIncomplete(reportOf({ notStarted: [at('05')] })),
    'the time ran out with 1 of 3 hours left',
  );
  assert.match(
    whyIncomplete(reportOf({}, { balanced: false })) ?? '',
    /^the accounting does not balance: \{/,
  );
});

test('an hour in the hands of another run is no reason', () => {
  assert.equal(whyIncomplete(reportOf({ held: [at('05')] })), null);
});

test('the age is that of the oldest hour that waits, whatever it waits for', () => {
  assert.equal(dataAgeSeconds(reportOf(), [], NOW), 0);
  const failed = [{ partition: at('06'), code: 'x', message: 'x' }];
  const hour = 3600;
  assert.equal(dataAgeSeconds(reportOf({ failed }), [], NOW), 2 * hour + 1200);
  assert.equal(dataAgeSeconds(reportOf({ notStarted: [at('07')] }), [], NOW), hour + 1200);
  assert.equal(dataAgeSeconds(reportOf({ held: [at('05')], failed }), [], NOW), 3 * hour + 1200);
  assert.equal(dataAgeSeconds(reportOf(), [at('04')], NOW), 4 * hour + 1200);
  // A clock that was ahead has put events into hours to come.
  assert.equal(dataAgeSeconds(reportOf({ held: [at('09')] }), [], NOW), 0);
});
