import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fakeContext, runSbw, type FakeContext } from '../support/context.ts';
import { startPipeline, type Pipeline } from '../support/pipeline.ts';
import { put, received } from '../support/raw-shop.ts';

let pipeline: Pipeline;
let empty: Pipeline;
let ctx: FakeContext;

before(async () => {
  [pipeline, empty] = await Promise.all([startPipeline(), startPipeline()]);
  ctx = fakeContext({ env: { SBW_WAREHOUSE: pipeline.url }, now: new Date('2025-12-08T08:00:00Z') });
  // Yesterday two visitors, one of whom buys; the day before one; today one so far.
  const visit = (day: number, client: string, ...names: string[]): string[] =>
    names.map((eventName, index) =>
      JSON.stringify(
        received(`2025-12-0${day}T05:0${index}:00.000Z`, {
          eventName,
          eventId: `${day}-${client}-${index}`,
          sessionId: `${day}-${client}`,
          clientId: client,
          ...(/product|cart/.test(eventName)
            ? {
                product: {
                  id: 'p-1',
                  name: 'Lamp\u001b[31m <b>',
                  price: 19.99,
                  category: 'Light',
                  brand: 'Aster',
                },
              }
            : {}),
        }),
      ),
    );
  const lines = [
    ...visit(6, 'ann', 'page_view'),
    ...visit(
      7,
      'ann',
      'page_view',
      'product_view',
      'add_to_cart_click',
      'checkout_start',
      'checkout_complete',
    ),
    ...visit(7, 'bob', 'page_view', 'product_view', 'add_to_cart_click'),
    ...visit(8, 'eve', 'page_view'),
  ];
  for (const day of [6, 7, 8]) {
    const own = lines.filter((line) => line.includes(`2025-12-0${day}`));
    put(pipeline.root, `events/2025/12/0${day}/05/events.ndjson`, own.join('\n'));
  }
  await pipeline.load();
});
after(() => Promise.all([pipeline.close(), empty.close()]));

test('the numbers of the days that are over, against the days before', async () => {
  const { code, stdout } = await runSbw(ctx, 'report', '--days', '1', '--json');
  assert.equal(code, 0);
  const report = JSON.parse(stdout) as Record<string, Record<string, unknown>>;
  assert.equal(report['schema'], 'sbw.report/1');
  assert.deepEqual(report['range'], {
    from_day: '2025-12-07',
    to_day: '2025-12-07',
    login: '',
    by: '',
    value: '',
    bots: 'off',
  });
  assert.deepEqual(report['now'], {
    visitors: 2,
    new_visitors: 1,
    sessions: 2,
    page_views: 2,
    events: 8,
    carts: 2,
    checkouts: 1,
    conversions: 1,
    bounced: 0,
    duration_seconds: 360,
  });
  assert.equal(report['before']?.['visitors'], 1);
  const [lamp] = report['products'] as unknown as Record<string, unknown>[];
  assert.deepEqual([lamp?.['sold_value'], lamp?.['at_risk']], [19.99, 19.99]);
});

test('the same numbers in the terminal, with the command that mends what is wrong', async () => {
  const { code, stdout } = await runSbw(ctx, 'report', '--days', '1');
  assert.equal(code, 0);
  assert.match(stdout, /^2025-12-07 {2}UTC/);
  assert.match(stdout, /visitors +2 +\+100\.0 % +before 1/);
  assert.match(stdout, /conversion +50\.0 % +\+50\.0 points/);
  assert.match(stdout, /completed checkout .* 1 +50\.0 %/);
  assert.match(stdout, /hours without a load between 3 loaded +sbw etl gaps/);
  // What browsers sent is shown, and does nothing.
  assert.match(stdout, /Lamp\\u001b\[31m <b>/);
});

test('a range of days, a product, a login state', async () => {
  const asked = async (...flags: string[]): Promise<Record<string, unknown>> => {
    const { stdout, code, stderr } = await runSbw(ctx, 'report', '--json', ...flags);
    assert.equal(code, 0, stderr);
    return (JSON.parse(stdout) as { now: Record<string, unknown> }).now;
  };
  const all = await asked('--from', '2025-12-06', '--to', '2025-12-08');
  assert.deepEqual([all['visitors'], all['sessions'], all['events']], [3, 4, 10]);
  const lamp = await asked('--from', '2025-12-06', '--to', '2025-12-08', '--product', 'p-1');
  assert.deepEqual([lamp['visitors'], lamp['sessions']], [null, 2]);
  assert.equal((await asked('--login', 'logged_in'))['sessions'], 0);
  const { stdout } = await runSbw(ctx, 'report', '--from', '2031-01-01', '--to', '2031-01-02');
  assert.match(stdout, /visitors +0/);
});

test('what is not understood is refused before anything is asked', async () => {
  for (const [flags, code] of [
    [['--from', '2025-12-06'], 'DAYS_INVALID'],
    [['--from', '2025-02-30', '--to', '2025-03-01'], 'DAYS_INVALID'],
    [['--from', '2025-12-08', '--to', '2025-12-06'], 'DAYS_INVALID'],
    [['--from', '1025-12-08', '--to', '2025-12-06'], 'DAYS_INVALID'],
    [['--from', '0000-01-01', '--to', '0000-01-02'], 'DAYS_INVALID'],
    [['--product', 'p-1', '--brand', 'Aster'], 'FILTERS_CONTRADICT'],
  ] as const) {
    const refused = await runSbw(ctx, 'report', ...flags);
    assert.equal(refused.code, 64);
    assert.match(refused.stderr, new RegExp(code));
  }
});

test('an empty warehouse says so', async () => {
  const nothing = fakeContext({ env: { SBW_WAREHOUSE: empty.url } });
  const { code, stdout } = await runSbw(nothing, 'report');
  assert.equal(code, 0);
  assert.match(stdout, /^Nothing is loaded yet/);
  assert.match(stdout, /sbw etl run/);
  const json = JSON.parse((await runSbw(nothing, 'report', '--json')).stdout) as Record<string, unknown>;
  assert.equal(json['now'], null);
});

test('rebuild-rollups: the same numbers, in the days of the business', async () => {
  const rebuilt = await runSbw(
    ctx,
    'data',
    'rebuild-rollups',
    '--time-zone',
    'America/Los_Angeles',
    '--json',
  );
  assert.equal(rebuilt.code, 0, rebuilt.stderr);
  const { complete, hours, events } = JSON.parse(rebuilt.stdout) as Record<string, unknown>;
  assert.deepEqual({ complete, hours, events }, { complete: true, hours: 3, events: 10 });
  const { stdout } = await runSbw(ctx, 'report', '--days', '1');
  // Five in the morning UTC is the evening before there.
  assert.match(stdout, /^2025-12-06 {2}America\/Los_Angeles/);
  assert.match(stdout, /visitors +2/);
  const refused = await runSbw(ctx, 'data', 'rebuild-rollups', '--time-zone', 'Mars/Base');
  assert.equal(refused.code, 64);
  assert.match(refused.stderr, /TIME_ZONE_UNKNOWN/);
});
