import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fakeContext, runSbw, type FakeContext } from '../support/context.ts';
import { addReader } from '../dashboard/support/shop.ts';
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

test('nothing is compared with days that have no data, or while the last day goes on', async () => {
  const asked = async (...flags: string[]): Promise<Record<string, unknown>> =>
    JSON.parse((await runSbw(ctx, 'report', '--json', ...flags)).stdout) as Record<string, unknown>;
  const week = await asked();
  assert.deepEqual([week['before'], week['uncompared']], [null, 'data_begins']);
  const open = await asked('--from', '2025-12-08', '--to', '2025-12-31');
  assert.deepEqual([open['before'], open['uncompared']], [null, 'day_not_over']);
  assert.equal((open['range'] as Record<string, unknown>)['to_day'], '2025-12-08');
  const later = await asked('--from', '2031-01-01', '--to', '2031-01-02');
  assert.deepEqual([later['before'], later['uncompared']], [null, 'no_data']);
  assert.equal((await asked('--days', '1'))['uncompared'], null);
  const { stdout } = await runSbw(ctx, 'report');
  assert.match(stdout, /not compared: the data begins on 2025-12-06/);
  assert.match(stdout, /visitors +2\n/);
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

test('each tab of the dashboard, as tables', async () => {
  const asked = async (...args: string[]): Promise<string> => {
    const { stdout, code, stderr } = await runSbw(
      ctx,
      'report',
      ...args,
      '--from',
      '2025-12-06',
      '--to',
      '2025-12-08',
    );
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const funnel = await asked('funnel');
  assert.match(funnel, /^2025-12-06 to 2025-12-08 {2}UTC/);
  assert.match(funnel, /funnel by brand\n {2} +visited.*\n {2}Aster +2 +2 +2 +1 +1\n/);
  assert.match(await asked('products'), / {2}Lamp\\u001b\[31m <b> +Light +2 +2 +100\.0 % +50\.0 % +20 +20\n/);
  // Half past five in the morning of a Sunday, and less of a Saturday and a Monday.
  const time = await asked('time');
  assert.match(time, / {2}Sat {2} {10}\+\+ +1\n/);
  assert.match(time, / {2}Sun {2} {10}@@ +2\n/);
  const sessions = await asked('sessions', '--category', 'Light');
  assert.match(sessions, /trails {3}without the filter by category\n/);
  assert.match(
    sessions,
    /page_view +product_view +add_to_cart_click +- +1 +0\n|page_view +product_view +add_to_cart_click +1 +0\n/,
  );
  assert.match(sessions, /who comes back.*\n {2}week of +visitors.*\n {2}2025-12-01 +2/);
  assert.match(await asked('live'), /latest events\n.*\n {2}2025-12-08 05:00:00 +page_view/);
  assert.match(await asked('quality'), /missing hours\n {2}hour .*\n.* sbw etl backfill --from 2025-12-0/);

  const report = JSON.parse(await asked('time', '--json')) as {
    schema: string;
    tables: { question: string; rows: { weekday: number; hour: number; sessions: number }[] }[];
  };
  assert.equal(report.schema, 'sbw.report-tab/1');
  const [heatmap] = report.tables;
  assert.deepEqual([heatmap!.question, heatmap!.rows.length], ['heatmap', 168]);
  assert.equal(heatmap!.rows.find(({ weekday, hour }) => weekday === 7 && hour === 5)?.sessions, 2);
});

test('products come in the order that is asked for', async () => {
  const refused = await runSbw(ctx, 'report', 'products', '--sort', 'name');
  assert.equal(refused.code, 64);
  const { stdout } = await runSbw(ctx, 'report', 'products', '--sort', 'at_risk', '--days', '2');
  assert.match(stdout, /Lamp/);
});

test('whoever may read what the dashboard reads may have the report', async () => {
  const reader = await addReader(pipeline.url);
  try {
    const asReader = fakeContext({ env: { SBW_WAREHOUSE: reader.url } });
    for (const tab of [[], ['sessions'], ['live'], ['quality']]) {
      const { code, stderr } = await runSbw(asReader, 'report', ...tab);
      assert.equal(code, 0, stderr);
    }
  } finally {
    await reader.drop(pipeline.url);
  }
});

test('an empty warehouse says so', async () => {
  const nothing = fakeContext({ env: { SBW_WAREHOUSE: empty.url } });
  const { code, stdout } = await runSbw(nothing, 'report');
  assert.equal(code, 0);
  assert.match(stdout, /^Nothing is loaded yet/);
  assert.match(stdout, /sbw etl run/);
  for (const tab of ['funnel', 'products', 'time', 'sessions', 'live', 'quality']) {
    const shown = await runSbw(nothing, 'report', tab);
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, /^Nothing is counted yet\./);
  }
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
