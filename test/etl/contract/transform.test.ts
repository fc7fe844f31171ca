import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FIELDS } from '../../../src/etl/contract/fields.ts';
import { transform } from '../../../src/etl/contract/transform.ts';
import { decodeBytes } from '../../../src/etl/decode/decode.ts';

const SOURCE = { key: 'events/2025/12/06/05/event-1.json', index: 0 };
const MODIFIED_MS = Date.UTC(2025, 11, 6, 5, 59);

/** Columns of the row that are not null, or the rejection. */
function of(text: string | Record<string, unknown>, source = SOURCE): Record<string, unknown> {
  const [decoded] = decodeBytes(Buffer.from(typeof text === 'string' ? text : JSON.stringify(text)));
  const result = transform(decoded!, source, MODIFIED_MS);
  if (result.kind === 'rejected') return { ...result.rejection };
  if (result.kind === 'filtered') return { filtered: true };
  const entries = FIELDS.map((field, index) => [field.column, result.row[index]] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== null));
}
const event = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  eventName: 'click',
  eventId: 'id',
  ...more,
});
const time = { event_timestamp: '2025-12-06T05:59:00.000Z' };

test('every accepted name of every field leads to its column', () => {
  const sample: Record<string, unknown> = {
    price: 5,
    boolean: true,
    timestamp: '2025-01-01T00:00:00.000Z',
    json: { tag: 'a' },
  };
  const stored: Record<string, string> = {
    price: '5',
    boolean: 't',
    timestamp: '2025-01-01T00:00:00.000Z',
    json: '{"tag":"a"}',
    agent: 'f',
  };
  for (const field of FIELDS) {
    for (const name of field.names) {
      const [first = '', second] = name.split('.');
      const value = sample[field.type] ?? 'v';
      const nested = second === undefined ? { [first]: value } : { [first]: { [second]: value } };
      const base = field.column === 'event_name' ? { eventId: 'id' } : event();
      if (field.column === 'event_id') delete base['eventId'];
      assert.equal(of({ ...base, ...nested })[field.column], stored[field.type] ?? 'v', name);
    }
  }
});

test('null and empty text are absent', () => {
  assert.deepEqual(of(event({ userId: '', clientId: null, product: null, referrer: '', isFirstVisit: '' })), {
    event_id: 'id',
    event_name: 'click',
    ...time,
  });
});

test('without an id: the same one from the same place, another from another', () => {
  const id = of({ eventName: 'click' })['event_id'];
  assert.match(String(id), /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(of({ eventName: 'click', eventId: '' })['event_id'], id);
  assert.notEqual(of({ eventName: 'click' }, { ...SOURCE, index: 1 })['event_id'], id);
  // Written down, since rows in warehouses depend on it.
  assert.equal(id, '7ecdf64e-849d-53d3-b726-5bae746751ca');
});

test('of two names the earlier wins, and the other is kept when it differs', () => {
  assert.deepEqual(of({ event_name: 'b', eventName: 'a', eventId: 'id', event_id: 'id' }), {
    event_id: 'id',
    event_name: 'a',
    properties: '{"event_name":"b"}',
    ...time,
  });
});

test('what has no column is kept in properties, digit for digit', () => {
  const text =
    '{"eventName":"click","eventId":"id","n":1487580006317032337,"product":{"id":"p","stock":3},"__proto__":{"x":1}}';
  const { properties, context_product_id } = of(text);
  assert.equal(context_product_id, 'p');
  assert.equal(properties, '{"n":1487580006317032337,"product":{"stock":3},"__proto__":{"x":1}}');
});

test('the time: receipt, else the payload, else the object', () => {
  const receivedAt = '2025-12-06T05:11:12.345Z';
  const sent = '2024-01-01T00:00:00.000Z';
  assert.equal(of(event({ _ingest: { receivedAt }, event_timestamp: sent }))['event_timestamp'], receivedAt);
  assert.equal(of(event({ event_timestamp: sent }))['event_timestamp'], sent);
  assert.equal(of(event())['event_timestamp'], time.event_timestamp);
  assert.equal(of(event({ event_timestamp: 'soon' }))['reason'], 'timestamp_invalid');
  // Beside a receipt time a client's broken clock costs nothing, and is kept.
  assert.equal(
    of(event({ _ingest: { receivedAt }, event_timestamp: 'soon' }))['properties'],
    '{"event_timestamp":"soon"}',
  );
  assert.equal(of(event({ _ingest: { receivedAt: 'soon' } }))['field'], '_ingest.receivedAt');
  assert.equal(of(event({ _ingest: 5 }))['reason'], 'wrong_type');
});

test('what PostgreSQL cannot hold is refused, with the field', () => {
  const cases: [string, string, string | null][] = [
    ['{"eventName":"a\\u0000"}', 'nul_character', 'eventName'],
    ['{"eventName":"a","deep":{"x":["\\u0000"]}}', 'nul_character', 'deep'],
    ['{"eventName":"a","\\u0000":1}', 'nul_character', '\0'],
    ['{"eventName":"a","x":"\\ud800"}', 'lone_surrogate', 'x'],
    ['{"eventName":"a","x":1e99999}', 'number_out_of_range', 'x'],
    [`{"eventName":"a","x":${'['.repeat(100)}${']'.repeat(100)}}`, 'too_deep', 'x'],
    [`{"eventName":"a","x":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, 'too_deep', 'x'],
    [`{"eventName":"a","product":${'{"a":'.repeat(100)}1${'}'.repeat(100)}}`, 'too_deep', 'product'],
    [`{"eventName":"a","x":"${'x'.repeat(1024 * 1024)}"}`, 'event_too_large', null],
    [`{"eventName":"a","x":"${'x'.repeat(300_000)}"}`, 'text_too_long', 'properties'],
    ['{"eventName":""}', 'missing_event_name', 'eventName'],
    ['{"eventName":"a","product":"p"}', 'wrong_type', 'product'],
    ['{"eventName":"a","product":[1]}', 'wrong_type', 'product'],
    ['{"eventName":"a","userId":{"x":1}}', 'wrong_type', 'userId'],
    ['{"eventName":"a","element":"button"}', 'wrong_type', 'element'],
  ];
  for (const [text, reason, field] of cases) {
    const found = of(text);
    assert.deepEqual([found['reason'], found['field']], [reason, field], text.slice(0, 80));
  }
  // A pair of surrogates is one character.
  assert.equal(of('{"eventName":"\\ud83d\\ude42"}')['event_name'], '🙂');
});

test("the platform's own events are filtered", () => {
  assert.deepEqual(of({ eventName: 'sbw_heartbeat' }), { filtered: true });
});
