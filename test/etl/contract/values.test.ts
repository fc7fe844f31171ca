import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LosslessNumber } from 'lossless-json';
import { FIELDS, SEED_FIELDS } from '../../../src/etl/contract/fields.ts';
import {
  parseAgent,
  parseBoolean,
  parseInstant,
  parsePrice,
  parseText,
  type Parsed,
} from '../../../src/etl/contract/values.ts';

const said = (parsed: Parsed): string => (parsed.ok ? parsed.text : parsed.reason);

test('prices are exact decimals or errors', () => {
  const cases: [unknown, string][] = [
    [19.99, '19.99'],
    ['19.99', '19.99'],
    [' 5 ', '5'],
    [0, '0'],
    ['0.0000', '0'],
    [-0, '0'],
    ['007.5', '7.5'],
    ['1.5000', '1.5'],
    ['1.5e3', '1500'],
    [1e-4, '0.0001'],
    ['12e-2', '0.12'],
    ['99999999999999.9999', '99999999999999.9999'],
    [new LosslessNumber('12345678901234.5678'), '12345678901234.5678'],
    ['abc', 'price_not_number'],
    ['19,99', 'price_not_number'],
    ['1_000', 'price_not_number'],
    ['0x10', 'price_not_number'],
    ['Infinity', 'price_not_number'],
    ['1e9999', 'price_not_number'],
    [true, 'price_not_number'],
    [{ x: 1 }, 'price_not_number'],
    [[1], 'price_not_number'],
    [-5, 'price_out_of_range'],
    ['100000000000000', 'price_out_of_range'],
    [1e21, 'price_out_of_range'],
    [0.1 + 0.2, 'price_too_precise'],
    ['1.00001', 'price_too_precise'],
    [1e-5, 'price_too_precise'],
  ];
  for (const [value, expected] of cases)
    assert.equal(said(parsePrice(value)), expected, JSON.stringify(value));
});

test('instants: formats, zones, and days that do not exist', () => {
  const cases: [unknown, string][] = [
    ['2025-12-06T05:11:12.345Z', '2025-12-06T05:11:12.345Z'],
    ['2025-12-06T05:11:12.345678Z', '2025-12-06T05:11:12.345678Z'],
    ['2025-12-06T05:11:12.3456789Z', '2025-12-06T05:11:12.345678Z'],
    ['2025-12-06T05:11Z', '2025-12-06T05:11:00.000Z'],
    ['2025-12-06 05:11:12', '2025-12-06T05:11:12.000Z'],
    ['2019-10-01 00:00:00 UTC', '2019-10-01T00:00:00.000Z'],
    ['2025-12-06T05:11:12+07:00', '2025-12-05T22:11:12.000Z'],
    ['2025-12-06T05:11:12-0130', '2025-12-06T06:41:12.000Z'],
    ['2025-12-06', '2025-12-06T00:00:00.000Z'],
    ['2024-02-29T00:00:00.000Z', '2024-02-29T00:00:00.000Z'],
    ['2025-12-31T23:59:59.999Z', '2025-12-31T23:59:59.999Z'],
    [1_764_997_872_345, '2025-12-06T05:11:12.345Z'],
    [1_764_997_872, '2025-12-06T05:11:12.000Z'],
    ['1764997872345', '2025-12-06T05:11:12.345Z'],
    ['2025-02-30T00:00:00.000Z', 'timestamp_invalid'],
    ['2025-02-29T00:00:00Z', 'timestamp_invalid'],
    ['2025-13-01T00:00:00Z', 'timestamp_invalid'],
    ['2025-12-06T25:00:00Z', 'timestamp_invalid'],
    ['2025-12-06T05:11:12+99:00', 'timestamp_invalid'],
    ['yesterday', 'timestamp_invalid'],
    ['06/12/2025', 'timestamp_invalid'],
    [true, 'timestamp_invalid'],
    [{}, 'timestamp_invalid'],
    ['1969-12-31T23:59:59Z', 'timestamp_out_of_range'],
    ['2200-01-01T00:00:00Z', 'timestamp_out_of_range'],
    [-1, 'timestamp_out_of_range'],
    [1e300, 'timestamp_out_of_range'],
  ];
  for (const [value, expected] of cases)
    assert.equal(said(parseInstant(value)), expected, JSON.stringify(value));
});

test('booleans are true and false, as such or as text', () => {
  for (const value of [true, 'true', 'TRUE', ' true ']) assert.equal(said(parseBoolean(value)), 't');
  for (const value of [false, 'false', 'False']) assert.equal(said(parseBoolean(value)), 'f');
  for (const value of ['maybe', 0, 1, 'yes', [], {}]) assert.equal(said(parseBoolean(value)), 'not_boolean');
});

test('texts and ids', () => {
  const field = (column: string): (typeof SEED_FIELDS)[number] =>
    SEED_FIELDS.find((each) => each.column === column)!;
  const [id, name] = [field('event_id'), field('event_name')];
  assert.equal(said(parseText('1765000000000-3f9ac2', id)), '1765000000000-3f9ac2');
  assert.equal(said(parseText('x'.repeat(128), id)), 'x'.repeat(128));
  assert.equal(said(parseText('x'.repeat(129), id)), 'text_too_long');
  assert.equal(said(parseText(12, id)), '12');
  assert.equal(said(parseText(new LosslessNumber('1487580006317032337'), id)), '1487580006317032337');
  for (const value of [1.5, true, { x: 1 }, ['a'], 1e21])
    assert.equal(said(parseText(value, id)), 'wrong_type');
  assert.equal(said(parseText(12, name)), 'wrong_type', 'a name is no number');
});

test('programs that say so are bots; nobody is rejected for a user agent', () => {
  const field = FIELDS.find(({ column }) => column === 'is_bot')!;
  const cases: [unknown, string][] = [
    ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 't'],
    ['Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0) Chrome/116', 't'],
    ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/120.0.0.0 Safari/537.36', 't'],
    // An app's library, and a shop's own server: they speak for people.
    ['okhttp/4.12.0', 'f'],
    ['python-requests/2.32', 'f'],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15',
      'f',
    ],
    ['Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 Chrome/70 Mobile', 'f'],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_1) Abbott', 'f'],
    [`bot/${'x'.repeat(5000)}`, 'f'],
    [12, 'f'],
    [{ toString: 'bot' }, 'f'],
  ];
  for (const [value, expected] of cases)
    assert.equal(said(parseAgent(value, field)), expected, String(expected));
});
