import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { fakeContext, runSbw } from '../support/context.ts';
import type { FakeContextOptions } from '../support/context.ts';
import { startTestPostgres } from '../support/postgres.ts';
import type { TestPostgres } from '../support/postgres.ts';
import { makeRawDirectory } from '../support/raw-directory.ts';
import type { RawDirectory } from '../support/raw-directory.ts';

const NOW = new Date('2025-12-06T08:20:00Z');
const HOUR_05 = 'events/2025/12/06/05';
const HOUR_06 = 'events/2025/12/06/06';
const BACKFILL = ['etl', 'backfill', '--from', '2025-12-06T05', '--to', '2025-12-06T07'];

let postgres: TestPostgres;
let raw: RawDirectory;
const directories: RawDirectory[] = [];
let warehouse: string;

before(async () => {
  postgres = await startTestPostgres(18);
});
after(async () => {
  await Promise.all(directories.map((directory) => directory.remove()));
  await postgres.stop();
});

beforeEach(async () => {
  warehouse = await postgres.createDatabase();
  raw = await makeRawDirectory();
  directories.push(raw);
  await raw.put(`${HOUR_05}/event-1.json`, event('a'));
  await raw.put(`${HOUR_05}/event-2.json`, event('b', { product: { id: 'p1', price: '19,99' } }));
  await raw.put(
    `${HOUR_06}/events-3.ndjson`,
    [event('c'), event('d'), event('c')].map((e) => JSON.stringify(e)).join('\n'),
  );
});

function event(eventId: string, more: object = {}): Record<string, unknown> {
  return { eventId, eventName: 'page_view', _ingest: { receivedAt: '2025-12-06T05:11:00Z' }, ...more };
}

function context(options: FakeContextOptions = {}) {
  return fakeContext({
    now: NOW,
    ...options,
    env: { SBW_RAW: raw.path, SBW_WAREHOUSE: warehouse, ...options.env },
  });
}

function parse(stdout: string): Record<string, unknown> {
  assert.equal(stdout.split('\n').length, 1, `one line: ${stdout}`);
  return JSON.parse(stdout) as Record<string, unknown>;
}

test('etl run loads everything at first, nothing again, and accounts for it in one JSON object', async () => {
  const first = await runSbw(context(), 'etl', 'run', '--json');
  assert.equal(first.code, 5, first.stderr);
  const json = parse(first.stdout);
  assert.deepEqual(json['objects'], { listed: 3, read: 3, unreadable: 0, already_loaded: 0 });
  assert.deepEqual(json['events'], { read: 5, loaded: 3, duplicates: 1, quarantined: 1, filtered: 0 });
  assert.deepEqual(
    [json['schema'], json['balanced'], json['quarantine']],
    ['sbw.etl-run/1', true, { price_not_number: 1 }],
  );
  assert.match(String(json['run_id']), /^r_[0-9a-f]{12}$/);
  assert.match(String(json['plan_id']), /^p_/);
  assert.deepEqual(json['window'], { from: '2025-12-06T00:00:00.000Z', to: '2025-12-06T09:00:00.000Z' });
  assert.match(first.stderr, /2025-12-06 05h {2}2 objects {2}loaded 1/);

  const again = await runSbw(context(), 'etl', 'run');
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stdout, /^Nothing to load/);
  assert.match(again.stdout, /3 listed = 0 read \+ 0 unreadable \+ 3 already loaded/);
});

test('a dry run prints the plan, loads nothing and exits 2; --plan runs exactly it', async () => {
  const dry = await runSbw(context(), ...BACKFILL, '--dry-run', '--json');
  assert.equal(dry.code, 2, dry.stderr);
  const plan = parse(dry.stdout);
  assert.equal(plan['schema'], 'sbw.etl-plan/1');
  assert.equal((plan['partitions'] as unknown[]).length, 2);

  const other = await runSbw(context(), ...BACKFILL, '--plan', 'p_00000000');
  assert.equal(other.code, 4);
  assert.match(other.stderr, /PLAN_CHANGED.*p_00000000/);

  const text = await runSbw(context(), ...BACKFILL, '--dry-run');
  assert.equal(text.code, 2, 'nothing was loaded so far');
  assert.match(text.stdout, /2025-12-06 06h +1 .* new/);
  assert.match(
    text.stderr,
    /Window {2}2025-12-06 05:00 -> 2025-12-06 07:00 UTC \(end not included\) {2}2 hours/,
  );

  const real = await runSbw(context(), ...BACKFILL, '--plan', String(plan['plan_id']), '--json');
  assert.equal(real.code, 5, real.stderr);
  assert.equal(parse(real.stdout)['plan_id'], plan['plan_id']);
  assert.equal((await runSbw(context(), ...BACKFILL, '--dry-run')).code, 0);
});

test('on a terminal a backfill asks; no changes nothing; --yes does not ask', async () => {
  const no = context({ isInteractive: true, answer: false });
  const refused = await runSbw(no, ...BACKFILL);
  assert.deepEqual([refused.code, refused.stdout, no.asked], [130, '', ['Load this?']]);
  const yes = context({ isInteractive: true });
  assert.equal((await runSbw(yes, ...BACKFILL, '--yes')).code, 5);
  assert.deepEqual(yes.asked, []);
  assert.match(yes.stdout.join(), /3 loaded/);
});

test('--reprocess all reads everything again and adds nothing', async () => {
  await runSbw(context(), ...BACKFILL);
  const { code, stdout } = await runSbw(context(), ...BACKFILL, '--reprocess', 'all', '--json');
  assert.equal(code, 5);
  const { read, loaded, duplicates, quarantined } = parse(stdout)['events'] as Record<string, number>;
  assert.deepEqual(
    { read, loaded, duplicates, quarantined },
    { read: 5, loaded: 0, duplicates: 4, quarantined: 1 },
  );
});

test('--payload takes the payloads of the original Lambda and refuses nonsense', async () => {
  const hour = await runSbw(
    context(),
    'etl',
    'run',
    '--payload',
    '{"targetUtcHour":"2025-12-06T06:00:00Z"}',
    '--json',
  );
  assert.equal(hour.code, 0, hour.stderr);
  assert.deepEqual((parse(hour.stdout)['events'] as Record<string, number>)['read'], 3);
  for (const payload of ['{"targetUtcHour":"NaN"}', '{"hoursBack":null}', '{"hours":1}', 'x', '[]']) {
    const { code, stdout, stderr } = await runSbw(context(), 'etl', 'run', '--json', '--payload', payload);
    assert.deepEqual([code, stdout], [64, ''], payload);
    assert.match(stderr, /PAYLOAD_INVALID/);
  }
});

test('Ctrl-C: nothing new is started, exit 130, and the printed command loads exactly the rest', async () => {
  const ctx = context();
  ctx.signal('SIGINT');
  const stopped = await runSbw(ctx, 'etl', 'run', '--raw', raw.path, '--json');
  assert.equal(stopped.code, 130, stopped.stderr);
  const json = parse(stopped.stdout);
  assert.equal(json['interrupted'], true);
  assert.deepEqual((json['partitions'] as Record<string, unknown>)['not_started'], [
    '2025-12-06T06',
    '2025-12-06T05',
  ]);
  const command = /go on +sbw (etl retry r_\w+) --raw (\S+)/.exec(stopped.stderr);
  assert.ok(command, stopped.stderr);
  assert.equal(command[2], raw.path);

  // An object of another hour is not the retried run's business.
  await raw.put('events/2025/12/06/07/event-9.json', event('z'));
  const rest = await runSbw(context(), ...(command[1] ?? '').split(' '), '--json');
  assert.equal(rest.code, 5, rest.stderr);
  assert.equal((parse(rest.stdout)['events'] as Record<string, number>)['read'], 5);
  const terminated = context();
  terminated.signal('SIGTERM');
  assert.equal((await runSbw(terminated, 'etl', 'run')).code, 143);
});

test('an unreadable object keeps its hour open until a retry can read it', async () => {
  const whole = gzipSync(JSON.stringify(event('g')));
  await raw.put(`${HOUR_06}/broken.json.gz`, whole.subarray(0, whole.length - 12));
  const first = await runSbw(context(), ...BACKFILL, '--json');
  assert.equal(first.code, 5, first.stderr);
  const json = parse(first.stdout);
  assert.equal((json['objects'] as Record<string, number>)['unreadable'], 1);
  assert.match(JSON.stringify(json['unreadable']), /broken\.json\.gz/);
  assert.equal(json['balanced'], true);

  const gaps = await runSbw(context(), 'etl', 'gaps', '--from', '2025-12-06', '--to', '2025-12-07');
  assert.equal(gaps.code, 5);
  assert.match(gaps.stdout, /2025-12-06 06h {2}open +1 of 2 objects loaded/);
  await raw.put(`${HOUR_06}/broken.json.gz`, whole);
  const retried = await runSbw(context(), 'etl', 'retry', String(json['run_id']), '--json');
  assert.equal(retried.code, 0, retried.stderr);
  assert.equal((parse(retried.stdout)['events'] as Record<string, number>)['loaded'], 1);
  assert.equal((await runSbw(context(), 'etl', 'retry')).code, 0);
});

test('gaps names missing hours and the command that loads them; afterwards all is well', async () => {
  const before = await runSbw(context(), 'etl', 'gaps', '--json');
  assert.equal(before.code, 5, before.stderr);
  const missing = parse(before.stdout)['missing'] as { partition: string; objects: number }[];
  assert.deepEqual(
    missing.map(({ partition, objects }) => [partition, objects]),
    [
      ['2025-12-06T05', 2],
      ['2025-12-06T06', 1],
    ],
  );
  const text = await runSbw(context(), 'etl', 'gaps');
  const command = /load them +sbw (.*)$/.exec(text.stdout)?.[1];
  assert.equal(command, 'etl backfill --from 2025-12-06T05 --to 2025-12-06T07');
  await runSbw(context(), ...(command ?? '').split(' '));
  const after = await runSbw(context(), 'etl', 'gaps');
  assert.deepEqual([after.code, after.stdout], [0, 'ok  no gaps']);
});

test('verify finds the row that is gone', async () => {
  const window = ['--from', '2025-12-06', '--to', '2025-12-07'];
  await runSbw(context(), ...BACKFILL);
  const good = await runSbw(context(), 'etl', 'verify', ...window);
  assert.equal(good.code, 0, good.stdout);
  const database = await context().openDatabase(warehouse, 'test');
  await database.withSession((s) => s.query("DELETE FROM public.clickstream_events WHERE event_id = 'd'"));
  await database.close();
  const bad = await runSbw(context(), 'etl', 'verify', ...window, '--json');
  assert.equal(bad.code, 5);
  const json = parse(bad.stdout);
  assert.deepEqual([json['schema'], json['consistent']], ['sbw.etl-verify/1', false]);
  assert.match(JSON.stringify(json['findings']), /"missing".*"event_id":"d"/);
  assert.match(
    (await runSbw(context(), 'etl', 'verify', ...window)).stdout,
    /missing +events\/2025\/12\/06\/06/,
  );
});

test('what cannot begin says why on stderr, with nothing on stdout', async () => {
  const nowhere = { SBW_RAW: '', SBW_WAREHOUSE: '' };
  const cases: [number, RegExp, string[], Record<string, string>?][] = [
    [
      64,
      /TIME_INVALID.*2025-02-30[\s\S]*--from 2025/,
      ['etl', 'backfill', '--from', '2025-02-30', '--to', '2025-03-01', '--json'],
    ],
    [64, /WINDOW_INCOMPLETE/, ['etl', 'backfill', '--from', '2025-02-03', '--json']],
    [64, /WINDOW_INCOMPLETE/, ['etl', 'verify', '--json']],
    [64, /unknown option/, ['etl', 'run', '--jsn']],
    [64, /WAREHOUSE_URL_INVALID/, ['etl', 'run', '--warehouse', 'mysql://root:s3cret@h/d']],
    [3, /RAW_STORE_MISSING/, ['etl', 'run', '--json', '--raw', `${raw.path}/nothing-here`]],
    [3, /RAW_NOT_NAMED[\s\S]*--raw[\s\S]*sbw local up/, ['etl', 'run', '--json'], nowhere],
    [3, /WAREHOUSE_NOT_NAMED[\s\S]*--warehouse[\s\S]*sbw local up/, ['runs', 'ls', '--json'], nowhere],
    [
      3,
      /WAREHOUSE_UNREACHABLE/,
      ['runs', 'ls', '--json', '--warehouse', 'postgres://u:s3cret@127.0.0.1:1/d'],
    ],
    [1, /RUN_NOT_FOUND/, ['etl', 'retry', 'r_nothing', '--json']],
  ];
  for (const [code, message, argv, env] of cases) {
    const result = await runSbw(context(env === undefined ? {} : { env }), ...argv);
    assert.deepEqual([result.code, result.stdout], [code, ''], `${argv.join(' ')}\n${result.stderr}`);
    assert.match(result.stderr, message);
    assert.doesNotMatch(result.stderr, /s3cret/);
  }
});

test('the password of the warehouse is never shown', async () => {
  const { password } = new URL(warehouse);
  assert.ok(password.length > 8);
  const ctx = context();
  ctx.signal('SIGINT');
  const runs = [
    await runSbw(ctx, 'etl', 'run', '--warehouse', warehouse),
    await runSbw(context(), 'etl', 'run', '--warehouse', warehouse, '--json'),
    await runSbw(context(), 'etl', 'gaps', '--warehouse', warehouse),
    await runSbw(context(), 'runs', 'ls', '--warehouse', warehouse, '--json'),
    await runSbw(
      context(),
      'etl',
      'run',
      '--debug',
      '--warehouse',
      warehouse.replace(/\/[^/]+$/, '/no_such_database'),
    ),
  ];
  for (const { stdout, stderr } of runs) assert.ok(!(stdout + stderr).includes(password), stdout + stderr);
  assert.match(runs[0]?.stdout ?? '', /sbw etl retry r_\w+ --warehouse postgres:\/\/\w+@127/);
  assert.equal(runs[4]?.code, 3);
});
