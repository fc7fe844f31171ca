import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WarehouseReport } from '../../src/etl/store/report.ts';
import { formatBars } from '../../src/terminal/chart.ts';
import { formatReport } from '../../src/terminal/local/render-report.ts';
import { formatWatched } from '../../src/terminal/local/render-tail.ts';
import { withoutColour } from '../../src/terminal/paint.ts';

/** Moves the cursor, sets the title, rings, reverses the line, and starts a line of its own. */
const EVIL = '\u001b[2J\u001b]0;owned\u0007\u202e\r\nok 1';
const CONTROL = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/;

test('bars are drawn to scale with aligned numbers', () => {
  const bars = [
    { label: 'a', value: 1000, note: '100 %' },
    { label: 'bcd', value: 500, note: '50 %' },
    { label: 'e', value: 0 },
  ];
  assert.equal(
    formatBars(bars, 34),
    [
      '  a    #############  1,000  100 %',
      '  bcd  #######          500  50 %',
      '  e                       0',
    ].join('\n'),
  );
});

test('something is never drawn as nothing, and nothing never as something', () => {
  const lines = formatBars(
    [
      { label: 'big', value: 1e9 },
      { label: 'one', value: 1 },
      { label: 'no', value: 0 },
    ],
    80,
  ).split('\n');
  assert.deepEqual(
    lines.map((line) => /#+/.exec(line)?.[0].length ?? 0),
    [50, 1, 0],
  );
  assert.equal(formatBars([{ label: 'no', value: 0 }], 80).includes('#'), false);
  assert.equal(formatBars([], 80), '');
});

test('a chart fits the terminal as long as the numbers leave room', () => {
  const bars = [{ label: 'a label of some length', value: 123_456, note: '12 sessions' }];
  for (const width of [60, 80, 100, 200]) assert.ok(formatBars(bars, width).length <= width);
});

test('labels from outside cannot speak to the terminal nor break the lines', () => {
  const text = formatBars([{ label: EVIL, value: 3 }], 80);
  assert.equal(CONTROL.test(text), false);
  assert.equal(text.split('\n').length, 1);
});

const REPORT: WarehouseReport = {
  totals: {
    events: 12_095,
    sessions: 40,
    clients: 30,
    first_event_at: new Date('2026-03-01T05:06:07Z'),
    last_event_at: new Date('2026-03-02T08:09:10Z'),
  },
  days: [
    { day: '2026-03-01', events: 12_000, sessions: 39 },
    { day: '2026-03-02', events: 95, sessions: 1 },
  ],
  funnel: [
    { step: 'visit', sessions: 40 },
    { step: 'product_view', sessions: 10 },
    { step: 'checkout_complete', sessions: 1 },
  ],
  products: [
    { product_id: 'p-1', name: 'Ember Laptop', views: 1557, carts: 133, orders: 44, revenue: '58991.68' },
    { product_id: EVIL, name: null, views: 1, carts: 0, orders: 0, revenue: '0.00' },
    { product_id: 'p-3', name: EVIL, views: 1, carts: 0, orders: 0, revenue: '0.00' },
  ],
  quarantine: [{ reason: 'price_not_number', events: 7 }],
};

test('the report says totals, days, funnel, products and quarantine without colour', () => {
  const text = withoutColour(formatReport(REPORT, 80));
  for (const expected of [
    /12,095 events {3}40 sessions {3}30 visitors\n {2}from 2026-03-01 05:06 to 2026-03-02 08:09 UTC/,
    /2026-03-01 {2}#+ {2}12,000 {2}39 sessions/,
    /visit +#+ +40 {2}100\.0 %/,
    /looked at a product +#+ +10 {3}25\.0 %/,
    /bought +# +1 {4}2\.5 %/,
    /Ember Laptop +1,557 +133 +44 +58991\.68/,
    /price_not_number {2}#+ {2}7/,
  ]) {
    assert.match(text, expected);
  }
});

test('names of products cannot speak to the terminal', () => {
  const text = withoutColour(formatReport(REPORT, 80));
  assert.equal(CONTROL.test(text), false);
  assert.equal(/^ok 1/m.test(text), false);
});

test('an empty warehouse is reported, not divided by', () => {
  const totals = { events: 0, sessions: 0, clients: 0, first_event_at: null, last_event_at: null };
  const funnel = [{ step: 'visit', sessions: 0 }];
  const text = withoutColour(formatReport({ totals, days: [], funnel, products: [], quarantine: [] }, 80));
  assert.match(text, /0 events/);
  assert.match(text, /Quarantine, by reason\n {2}nothing/);
  assert.doesNotMatch(text, /NaN|null|Infinity/);
});

test('a tailed event is one line that cannot speak to the terminal', () => {
  const at = '2026-03-01T05:06:07.890Z';
  const good = {
    at,
    verdict: 'good',
    code: null,
    event_name: 'product_view',
    event_id: 'e-1',
    source_key: 'k',
    text: '{}',
  } as const;
  assert.equal(withoutColour(formatWatched(good)), `05:06:07  good  ${'product_view'.padEnd(22)}  e-1`);
  const refused = {
    ...good,
    verdict: 'bad',
    code: 'invalid_json',
    event_name: null,
    event_id: null,
    source_key: null,
  } as const;
  assert.match(
    withoutColour(formatWatched({ ...refused, text: 'no JSON' })),
    /bad {3}- +invalid_json {2}refused: no JSON/,
  );
  for (const event of [
    { ...good, event_name: EVIL, event_id: EVIL },
    { ...refused, event_name: EVIL, code: EVIL, text: EVIL },
    { ...refused, source_key: EVIL },
  ]) {
    const text = withoutColour(formatWatched(event));
    assert.equal(CONTROL.test(text), false);
    assert.equal(text.split('\n').length, 1);
  }
});
