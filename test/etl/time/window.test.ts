import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SbwError } from '../../../src/errors.ts';
import { namesWindow, parseWindow } from '../../../src/etl/time/window.ts';
import type { WindowFlags } from '../../../src/etl/time/window.ts';

const NOW = new Date('2025-12-08T10:20:00Z');

function ends(flags: WindowFlags): [string, string] {
  const { window } = parseWindow(flags, NOW);
  return [new Date(window.fromMs).toISOString(), new Date(window.beforeMs).toISOString()];
}

function failure(flags: WindowFlags): SbwError {
  try {
    parseWindow(flags, NOW);
  } catch (error) {
    assert.ok(error instanceof SbwError);
    assert.equal(error.kind, 'usage');
    return error;
  }
  return assert.fail(`no error for ${JSON.stringify(flags)}`);
}

test('every written form names whole UTC hours, the end not included', () => {
  const cases: [string, string, string, string][] = [
    ['2025-12-06', '2025-12-07', '2025-12-06T00:00:00.000Z', '2025-12-07T00:00:00.000Z'],
    ['2025-12-06T05', '2025-12-06T07', '2025-12-06T05:00:00.000Z', '2025-12-06T07:00:00.000Z'],
    ['2025-12-06 05:00', '2025-12-06T06:00:00Z', '2025-12-06T05:00:00.000Z', '2025-12-06T06:00:00.000Z'],
    ['2025-12-06T12:00+07:00', '2025-12-06T13+07', '2025-12-06T05:00:00.000Z', '2025-12-06T06:00:00.000Z'],
    ['2024-02-29', '2024-03-01', '2024-02-29T00:00:00.000Z', '2024-03-01T00:00:00.000Z'],
  ];
  for (const [from, to, first, before] of cases) assert.deepEqual(ends({ from, to }), [first, before]);
});

test('ends inside an hour are widened outward, and said so', () => {
  const flags = { from: '2025-12-06T05:30', to: '2025-12-06T07:00:00.001Z' };
  assert.deepEqual(ends(flags), ['2025-12-06T05:00:00.000Z', '2025-12-06T08:00:00.000Z']);
  assert.equal(parseWindow(flags, NOW).widened, true);
  assert.equal(parseWindow({ from: '2025-12-06', to: '2025-12-07' }, NOW).widened, false);
});

test('a time without zone is UTC, or local to --tz; its own zone wins', () => {
  const tz = 'asia/ho_chi_minh';
  assert.deepEqual(ends({ from: '2025-12-06', to: '2025-12-07', tz }), [
    '2025-12-05T17:00:00.000Z',
    '2025-12-06T17:00:00.000Z',
  ]);
  assert.match(
    parseWindow({ from: '2025-12-06', to: '2025-12-07', tz }, NOW).zone ?? '',
    /^asia\/ho_chi_minh$/,
  );
  assert.equal(ends({ from: '2025-12-06T00Z', to: '2025-12-07', tz })[0], '2025-12-06T00:00:00.000Z');
  // Half-hour zones cannot be on the hour: widened, not refused.
  assert.deepEqual(ends({ from: '2025-12-06', to: '2025-12-07', tz: 'Asia/Kolkata' }), [
    '2025-12-05T18:00:00.000Z',
    '2025-12-06T19:00:00.000Z',
  ]);
});

test('clock changes: a skipped time is an error, a repeated one counts whole, a skipped midnight begins the day', () => {
  const skipped = failure({ from: '2025-03-30T02', to: '2025-03-30T05', tz: 'Europe/Berlin' });
  assert.match(skipped.message, /does not exist in Europe\/Berlin/);
  assert.deepEqual(ends({ from: '2025-10-26T02', to: '2025-10-26T03', tz: 'Europe/Berlin' }), [
    '2025-10-26T00:00:00.000Z',
    '2025-10-26T02:00:00.000Z',
  ]);
  assert.deepEqual(ends({ from: '2025-10-26T01', to: '2025-10-26T02', tz: 'Europe/Berlin' }), [
    '2025-10-25T23:00:00.000Z',
    '2025-10-26T01:00:00.000Z',
  ]);
  assert.equal(
    ends({ from: '2018-11-04', to: '2018-11-05', tz: 'America/Sao_Paulo' })[0],
    '2018-11-04T03:00:00.000Z',
  );
});

test('--last counts back from now and includes the running hour', () => {
  assert.deepEqual(ends({ last: '24h' }), ['2025-12-07T10:00:00.000Z', '2025-12-08T11:00:00.000Z']);
  assert.deepEqual(ends({ last: '7d' }), ['2025-12-01T10:00:00.000Z', '2025-12-08T11:00:00.000Z']);
});

test('nonsense is a usage error with an example', () => {
  const cases: [WindowFlags, string][] = [
    [{ from: '2025-02-30', to: '2025-03-01' }, 'TIME_INVALID'],
    [{ from: '2025-13-01', to: '2026-03-01' }, 'TIME_INVALID'],
    [{ from: '2025-12-06T24', to: '2025-12-08' }, 'TIME_INVALID'],
    [{ from: '2025-12-06T05:60', to: '2025-12-08' }, 'TIME_INVALID'],
    [{ from: '2025-12-06T05+15:00', to: '2025-12-08' }, 'TIME_INVALID'],
    [{ from: 'yesterday', to: '2025-12-08' }, 'TIME_INVALID'],
    [{ from: '', to: '2025-12-08' }, 'TIME_INVALID'],
    [{ from: '0205-12-06', to: '2025-12-08' }, 'TIME_INVALID'],
    [{ from: '1733461200', to: '2025-12-08' }, 'TIME_INVALID'],
    [{ from: '2025-12-06', to: '2025-12-06' }, 'WINDOW_EMPTY'],
    [{ from: '2025-12-07', to: '2025-12-06' }, 'WINDOW_EMPTY'],
    [{ from: '2025-12-07' }, 'WINDOW_INCOMPLETE'],
    [{ to: '2025-12-07' }, 'WINDOW_INCOMPLETE'],
    [{}, 'WINDOW_INCOMPLETE'],
    [{ from: '2025-12-06', to: '2025-12-07', tz: 'Asia/Saigonn' }, 'ZONE_UNKNOWN'],
    [{ last: '24h', from: '2025-12-06' }, 'WINDOW_CONTRADICTION'],
    [{ last: '0h' }, 'TIME_INVALID'],
    [{ last: '24' }, 'TIME_INVALID'],
    [{ last: '-3h' }, 'TIME_INVALID'],
    [{ last: '99999d' }, 'TIME_INVALID'],
  ];
  for (const [flags, code] of cases) assert.equal(failure(flags).code, code, JSON.stringify(flags));
  assert.match(failure({ from: '2025-02-30', to: '2025-03-01' }).fix ?? '', /--from 2025/);
});

test('namesWindow sees any of the three flags', () => {
  assert.equal(namesWindow({ tz: 'UTC' }), false);
  assert.equal(namesWindow({ to: '2025-12-06' }), true);
  assert.equal(namesWindow({ last: '1h' }), true);
});
