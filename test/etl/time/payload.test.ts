import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SbwError } from '../../../src/errors.ts';
import { instantOfPayload, windowOfPayload } from '../../../src/etl/time/payload.ts';

const NOW = new Date('2025-12-06T05:20:00Z');

function ends(payload: unknown): [string, string] | null {
  const window = windowOfPayload(payload, NOW);
  return (
    window && [
      new Date(window.fromMs).toISOString().slice(0, 13),
      new Date(window.beforeMs).toISOString().slice(0, 13),
    ]
  );
}

function message(payload: unknown): string {
  try {
    windowOfPayload(payload, NOW);
  } catch (error) {
    assert.ok(error instanceof SbwError);
    assert.deepEqual([error.code, error.kind], ['PAYLOAD_INVALID', 'usage']);
    return error.message;
  }
  return assert.fail(`no error for ${JSON.stringify(payload)}`);
}

test('the four payloads of the original Lambda name their windows', () => {
  const hour = ['2025-12-06T05', '2025-12-06T06'];
  const day = ['2025-12-06T00', '2025-12-07T00'];
  const cases: [unknown, string[]][] = [
    [{ overridePrefix: 'events/2025/12/06/05/' }, hour],
    [{ overridePrefix: 'events/2025/12/06' }, day],
    [{ overridePrefix: 'events/2025/12/' }, ['2025-12-01T00', '2026-01-01T00']],
    [{ overridePrefix: 'events/2025/' }, ['2025-01-01T00', '2026-01-01T00']],
    [{ targetUtcHour: '2025-12-06T05:00:00Z' }, hour],
    [{ targetUtcHour: '2025-12-06T05:59:59.999Z', scope: 'hour' }, hour],
    [{ targetUtcHour: '2025-12-06T12:30+07:00' }, hour],
    [{ targetUtcHour: Date.parse('2025-12-06T05:30:00Z') }, hour],
    [{ targetUtcDate: '2025-12-06' }, day],
    [{ targetUtcDate: '2025-12-06T23:00:00Z', scope: 'day' }, day],
    [{ hoursBack: 0 }, hour],
    [{ hoursBack: '1' }, ['2025-12-06T04', '2025-12-06T05']],
    [{ hoursBack: 6, scope: 'day' }, ['2025-12-05T00', '2025-12-06T00']],
    [{ scope: 'day' }, day],
  ];
  for (const [payload, expected] of cases) assert.deepEqual(ends(payload), expected, JSON.stringify(payload));
});

test('nothing, {} and a schedule event mean the incremental run; the event brings its own time', () => {
  const event = {
    version: '0',
    source: 'aws.events',
    'detail-type': 'Scheduled Event',
    time: '2025-12-06T03:05:00Z',
    detail: {},
  };
  for (const payload of [undefined, null, {}, event]) assert.equal(windowOfPayload(payload, NOW), null);
  assert.equal(instantOfPayload(event, NOW).toISOString(), '2025-12-06T03:05:00.000Z');
  assert.equal(instantOfPayload({}, NOW), NOW);
  assert.match(message({ source: 'aws.events', time: 'soon' }), /time is "soon"/);
  assert.match(message({ ...event, hoursBack: 3 }), /no place in a schedule event/);
});

test('nonsense is an error, never an empty success', () => {
  for (const hoursBack of [
    null,
    '',
    ' ',
    -1,
    '-1',
    1.5,
    '1.5',
    Number.NaN,
    Infinity,
    true,
    [],
    {},
    'two',
    1e9,
  ]) {
    assert.match(message({ hoursBack }), /hoursBack/);
  }
  for (const targetUtcHour of [
    null,
    '',
    'NaN',
    'not a date',
    '2025-02-30T05',
    1765000800,
    -1,
    1e300,
    true,
    [],
  ]) {
    assert.match(message({ targetUtcHour }), /targetUtcHour/);
  }
  const prefixes = [
    '',
    'events/',
    'events/NaN/NaN/NaN/NaN/',
    'events/2025/13/',
    'events/2025/02/30/',
    'events/2025/12/06/24/',
  ];
  for (const overridePrefix of [
    ...prefixes,
    '/events/2025/12/06/',
    'events/2025/12/06/05/x',
    '../2025/12/',
    null,
    5,
  ]) {
    assert.match(message({ overridePrefix }), /overridePrefix/);
  }
  for (const payload of ['x', 5, true, []]) assert.match(message(payload), /must be a JSON object/);
});

test('contradictions are named', () => {
  assert.match(message({ targetUtcHour: '2025-12-06T05', hoursBack: 1 }), /targetUtcHour and hoursBack/);
  assert.match(message({ targetUtcDate: '2025-12-06', scope: 'hour' }), /contradicts targetUtcDate/);
  assert.match(message({ targetUtcHour: '2025-12-06T05', scope: 'day' }), /contradicts targetUtcHour/);
  assert.match(message({ overridePrefix: 'events/2025/12/06/', scope: 'day' }), /overridePrefix/);
  assert.match(message({ hoursBack: 1, scope: 'week' }), /scope is "week"/);
});

test('an unknown key is named, with the key that was meant', () => {
  assert.match(
    message({ targetUTCHour: '2025-12-06T05' }),
    /"targetUTCHour", perhaps targetUtcHour was meant/,
  );
  assert.match(message({ hours_back: 2 }), /perhaps hoursBack was meant/);
  assert.match(message({ bucket: 'x' }), /known are overridePrefix, targetUtcHour/);
});
