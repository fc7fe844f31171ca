import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paint, withoutColour } from '../../src/terminal/paint.ts';
import { fit } from '../../src/terminal/wrap.ts';

const NARROW = { isInteractive: true, width: 40 };

test('a long line goes on below its text', () => {
  assert.equal(
    fit(NARROW, '  fix     delete one that nobody needs, or ask for a higher limit\nshort'),
    ['  fix     delete one that nobody needs,', '          or ask for a higher limit', 'short'].join('\n'),
  );
  assert.equal(
    fit(NARROW, 'Not begun: Warehouse, Web database, ETL, Schedule.'),
    'Not begun: Warehouse, Web database, ETL,\n  Schedule.',
  );
});

test('columns keep their gaps, colours cost no room, a word that is too long stays whole', () => {
  assert.equal(
    fit(NARROW, '  create  Storage       sbw-dev-storage  4 resources'),
    '  create  Storage       sbw-dev-storage\n          4 resources',
  );
  const red = `${paint.red('FAILED')}  ${'x'.repeat(30)}`;
  assert.equal(fit(NARROW, red), red);
  assert.equal(withoutColour(fit(NARROW, `a ${'y'.repeat(60)} b`)), `a\n  ${'y'.repeat(60)}\n  b`);
});

test('programs get lines as they are', () => {
  const line = 'word '.repeat(40).trimEnd();
  assert.equal(fit({ isInteractive: false, width: 40 }, line), line);
});
