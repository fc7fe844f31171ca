import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fakeContext, runSbw } from '../support/context.ts';
import { startTestPostgres } from '../support/postgres.ts';
import type { TestPostgres } from '../support/postgres.ts';
import { makeRawDirectory } from '../support/raw-directory.ts';
import type { RawDirectory } from '../support/raw-directory.ts';

let postgres: TestPostgres;
let raw: RawDirectory;
let warehouse: string;
let runId: string;

before(async () => {
  postgres = await startTestPostgres(18);
  raw = await makeRawDirectory();
  warehouse = await postgres.createDatabase();
  const hour = 'events/2025/12/06/05';
  await raw.put(`${hour}/event-1.json`, event('good', { product: { id: 'p1', price: 19.99 } }));
  await raw.put(`${hour}/event-2.json`, event('comma', { product: { id: 'p1', price: '19,99' } }));
  await raw.put(`${hour}/event-3.json`, event('maybe', { isFirstVisit: 'maybe\u001b[2J' }));
  await raw.put(`${hour}/event-4.json`, '{"eventId":"cut');
  await raw.put(`${hour}/events-5.ndjson`, `${JSON.stringify(event('x'))}\n${JSON.stringify(event('y'))}`);
  const { stdout } = await sbw('etl', 'run', '--json');
  runId = (JSON.parse(stdout) as { run_id: string }).run_id;
});
after(async () => {
  await raw.remove();
  await postgres.stop();
});

function event(eventId: string, more: object = {}): Record<string, unknown> {
  return { eventId, eventName: 'product_view', _ingest: { receivedAt: '2025-12-06T05:11:00Z' }, ...more };
}

function context(options: { isInteractive?: boolean; answer?: boolean } = {}) {
  return fakeContext({ ...options, env: { SBW_RAW: raw.path, SBW_WAREHOUSE: warehouse } });
}

function sbw(...argv: string[]) {
  return runSbw(context(), ...argv);
}

async function list(...argv: string[]) {
  const { stdout } = await sbw('data', 'quarantine', 'ls', '--json', ...argv);
  return JSON.parse(stdout) as {
    total: number;
    groups: { reason: string }[];
    events: { quarantine_id: string; reason: string }[];
  };
}

test('quarantine ls: by reason, filtered by run, reason and window, without raw text', async () => {
  const all = await list();
  assert.equal(all.total, 3);
  assert.deepEqual(all.groups.map(({ reason }) => reason).sort(), [
    'invalid_json',
    'not_boolean',
    'price_not_number',
  ]);
  assert.ok(all.events.every((row) => !('raw_text' in row)));
  assert.equal((await list('--run', runId)).total, 3);
  assert.equal((await list('--run', 'r_other')).total, 0);
  assert.equal((await list('--reason', 'not_boolean')).total, 1);
  assert.equal((await list('--from', '2025-12-06T06', '--to', '2025-12-06T07')).total, 0);
  assert.equal((await list('--limit', '1')).events.length, 1);
  const { code, stdout } = await sbw('data', 'quarantine', 'ls', '--limit', '2');
  assert.equal(code, 0);
  assert.match(stdout, /price_not_number {2}product\.price +1 /);
  assert.match(stdout, /2 of 3 events shown/);
  assert.ok(!stdout.includes('\u001b'), 'no control sequence of an event reaches the screen');
});

test('quarantine show: reason, field, source, raw text and the way to try again', async () => {
  const [row] = (await list('--reason', 'price_not_number')).events;
  const { code, stdout } = await sbw('data', 'quarantine', 'show', row?.quarantine_id ?? '');
  assert.equal(code, 0);
  assert.match(stdout, /price_not_number {2}product\.price: expected .*, found "19,99"/);
  assert.match(stdout, /source +events\/2025\/12\/06\/05\/event-2\.json #0/);
  assert.match(stdout, /raw +\{"eventId":"comma"/);
  assert.match(stdout, /replay q_\w+ --set 'product\.price\|=comma_decimal' --dry-run/);
  const missing = await sbw('data', 'quarantine', 'show', 'q_none');
  assert.deepEqual([missing.code, missing.stdout], [1, '']);
  assert.match(missing.stderr, /QUARANTINE_NOT_FOUND/);
});

test('data show: the row, its source and its raw text; or why it was rejected', async () => {
  const { code, stdout } = await sbw('data', 'show', 'y', '--json');
  assert.equal(code, 0);
  const found = JSON.parse(stdout) as Record<string, unknown>;
  assert.equal(found['schema'], 'sbw.event/1');
  assert.deepEqual(found['source'], {
    store: raw.path,
    key: 'events/2025/12/06/05/events-5.ndjson',
    index: 1,
  });
  assert.equal(found['raw'], JSON.stringify(event('y')));
  const good = await sbw('data', 'show', 'good');
  assert.match(good.stdout, /^event good {3}loaded\n/);
  assert.match(good.stdout, /context_product_price +19\.9900/);
  const bad = await sbw('data', 'show', 'maybe');
  assert.match(bad.stdout, /^event maybe {3}not loaded/);
  assert.match(bad.stdout, /not_boolean {2}isFirstVisit: expected/);
  assert.ok(!bad.stdout.includes('\u001b'));
  const none = await sbw('data', 'show', 'nobody');
  assert.deepEqual([none.code, none.stdout], [1, '']);
});

test('runs ls and show tell what a run did', async () => {
  const shown = JSON.parse((await sbw('runs', 'show', runId, '--json')).stdout) as Record<string, unknown>;
  assert.deepEqual([shown['schema'], shown['kind'], shown['state']], ['sbw.run/1', 'run', 'done']);
  assert.deepEqual(shown['partitions'], ['2025-12-06T05']);
  assert.equal((shown['report'] as { events: { quarantined: number } }).events.quarantined, 3);
  const text = await sbw('runs', 'show', runId);
  assert.match(text.stdout, /6 read = 3 loaded \+ 0 duplicates \+ 3 quarantined/);
  const ls = await sbw('runs', 'ls');
  assert.match(ls.stdout, new RegExp(`${runId}  run +done`));
  assert.equal((await sbw('runs', 'show', 'r_none')).code, 1);
});

test('replay: a dry run changes nothing and exits 2, no at the question changes nothing', async () => {
  const argv = [
    'data',
    'quarantine',
    'replay',
    '--reason',
    'price_not_number',
    '--set',
    'product.price|=comma_decimal',
  ];
  const dry = await sbw(...argv, '--dry-run', '--json');
  assert.equal(dry.code, 2, dry.stderr);
  assert.deepEqual((JSON.parse(dry.stdout) as Record<string, unknown>)['events'], {
    tried: 1,
    loaded: 1,
    duplicates: 0,
    quarantined: 0,
    filtered: 0,
  });
  const no = context({ isInteractive: true, answer: false });
  assert.equal((await runSbw(no, ...argv)).code, 130);
  assert.deepEqual(no.asked, ['Replay these events?']);
  assert.match(no.stderr.join('\n'), /1 tried = 1 loaded/);
  assert.equal((await list()).total, 3);
});

test('replay with a correction loads the event and keeps it as resolved', async () => {
  const argv = ['data', 'quarantine', 'replay', '--set', 'product.price|=comma_decimal'];
  const { code, stdout } = await sbw(...argv, '--json');
  assert.equal(code, 5, 'two are still rejected');
  const json = JSON.parse(stdout) as Record<string, unknown>;
  assert.deepEqual(json['events'], { tried: 3, loaded: 1, duplicates: 0, quarantined: 2, filtered: 0 });
  assert.deepEqual(
    (await list('--state', 'resolved')).events.map(({ reason }) => reason),
    ['price_not_number'],
  );
  assert.match(
    (await sbw('data', 'show', 'comma')).stdout,
    /^event comma {3}loaded[\s\S]*state +resolved by run r_/,
  );
  const shown = await sbw('runs', 'show', String(json['run_id']));
  assert.match(shown.stdout, /3 tried = 1 loaded/);
  const wrong = await sbw('data', 'quarantine', 'replay', '--set', 'product.price|=magic', '--json');
  assert.deepEqual([wrong.code, wrong.stdout], [64, '']);
});
