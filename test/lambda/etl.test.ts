import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { openDatabase } from '../../src/adapters/postgres.ts';
import { generateKey, makeAuthority } from '../../src/stacks/deploy/steps/certificate.ts';
import { startTestPostgres } from '../support/postgres.ts';
import { CA_PARAMETER, startEtlPlatform, type EtlPlatform } from './support/platform.ts';
import { buildBundles, invoke, type Bundles, type Invocation } from './support/runtime.ts';

const HOURS = ['05', '06', '07'];

let bundles: Bundles;
let platform: EtlPlatform;

before(async () => {
  bundles = await buildBundles();
});
after(() => bundles.remove());

beforeEach(async () => {
  platform = await startEtlPlatform();
  for (const hour of HOURS) {
    for (const name of ['a', 'b']) {
      const receivedAt = `2025-12-06T${hour}:11:00Z`;
      const event = { eventId: `${name}-${hour}`, eventName: 'page_view', _ingest: { receivedAt } };
      await platform.put(`events/2025/12/06/${hour}/event-${name}.json`, event);
    }
  }
});
afterEach(() => platform.close());

function run(event: unknown, options: { env?: Record<string, string>; remainingMs?: number } = {}) {
  const environment = { ...platform.environment, ...options.env };
  return invoke(bundles.unpacked('etl'), environment, event, options.remainingMs);
}

function scheduleAt(time: string): Record<string, unknown> {
  return { version: '0', id: 'e', source: 'aws.events', 'detail-type': 'Scheduled Event', time, detail: {} };
}

async function loadedIds(): Promise<string[]> {
  const rows = await platform.warehouse.query<{ event_id: string }>(
    'SELECT event_id FROM public.clickstream_events ORDER BY event_id',
  );
  return rows.map((row) => row.event_id);
}

/** The one line of the log that carries a metric. */
function metricsOf({ log }: Invocation): Record<string, unknown> {
  const lines = log.filter((line) => line.includes('"_aws"'));
  assert.equal(lines.length, 1, log.join('\n'));
  return JSON.parse(lines[0]!) as Record<string, unknown>;
}

test('a scheduled run loads what its own time covers, accounts for it, and finds nothing to do again', async () => {
  const first = await run(scheduleAt('2025-12-06T06:05:00Z'));
  assert.equal(first.error, undefined, first.output);
  const { plan_id, run_id, duration_ms, ...rest } = first.result!;
  assert.match(`${String(plan_id)} ${String(run_id)}`, /^p_\w{8} r_\w{12}$/);
  assert.ok((duration_ms as number) >= 0);
  assert.deepEqual(rest, {
    schema: 'sbw.etl-run/1',
    complete: true,
    window: { from: '2025-12-06T00:00:00.000Z', to: '2025-12-06T07:00:00.000Z' },
    objects: { listed: 4, read: 4, unreadable: 0, already_loaded: 0 },
    events: { read: 4, loaded: 4, duplicates: 0, quarantined: 0, filtered: 0 },
    balanced: true,
    partitions: { planned: 2, loaded: 2, unchanged: 0, held: [], failed: [], not_started: [] },
    quarantine: {},
    unknown_names: {},
    unreadable: [],
    interrupted: false,
    rollups: { hours: 2, events: 4, version: 1 },
  });
  assert.deepEqual(await loadedIds(), ['a-05', 'a-06', 'b-05', 'b-06']);

  const again = await run(scheduleAt('2025-12-06T06:05:00Z'));
  assert.deepEqual((again.result?.['partitions'] as { planned: number }).planned, 0);
  const runs = await platform.warehouse.query('SELECT kind, state, arguments FROM sbw.runs');
  assert.deepEqual(runs, [
    {
      kind: 'scheduled',
      state: 'done',
      arguments: {
        plan_id: first.result?.['plan_id'],
        function: 'SBW_Lamda_ETL',
        request_id: 'req-1',
        payload: { time: '2025-12-06T06:05:00.000Z' },
      },
    },
  ]);
});

test('the age of the data is a metric in the log: 0 when all is loaded, told by no run of a given window', async () => {
  const metrics = metricsOf(await run({}));
  const { _aws, DataAgeSeconds, FunctionName } = metrics;
  assert.deepEqual({ DataAgeSeconds, FunctionName }, { DataAgeSeconds: 0, FunctionName: 'SBW_Lamda_ETL' });
  assert.deepEqual((_aws as { CloudWatchMetrics: unknown }).CloudWatchMetrics, [
    {
      Namespace: 'sbw',
      Dimensions: [['FunctionName']],
      Metrics: [{ Name: 'DataAgeSeconds', Unit: 'Seconds' }],
    },
  ]);
  const given = await run({ from: '2025-12-06T05', to: '2025-12-06T06' });
  assert.ok(!given.output.includes('DataAgeSeconds'));
});

test('a range and the original payloads load the hours they name', async () => {
  const range = await run({ from: '2025-12-06T05', to: '2025-12-06T06' });
  assert.deepEqual(range.result?.['window'], {
    from: '2025-12-06T05:00:00.000Z',
    to: '2025-12-06T06:00:00.000Z',
  });
  assert.deepEqual(await loadedIds(), ['a-05', 'b-05']);
  await run({ targetUtcHour: '2025-12-06T07:30:00Z' });
  assert.deepEqual(await loadedIds(), ['a-05', 'a-07', 'b-05', 'b-07']);
  const again = await run({ from: '2025-12-06', to: '2025-12-07', reprocess: 'all' });
  assert.deepEqual(again.result?.['events'], {
    read: 6,
    loaded: 2,
    duplicates: 4,
    quarantined: 0,
    filtered: 0,
  });
});

test('when the time runs out the rest is left to the next run, and said', async () => {
  const late = await run(scheduleAt('2025-12-06T07:05:00Z'), { remainingMs: 1 });
  assert.equal(late.error?.name, 'ETL_INCOMPLETE', late.output);
  assert.match(late.error?.message ?? '', /^Run r_\w+: the time ran out with 3 of 3 hours left\./);
  assert.ok((metricsOf(late)['DataAgeSeconds'] as number) > 3600);
  const asked = await run({ from: '2025-12-06T05', to: '2025-12-06T08' }, { remainingMs: 1 });
  assert.equal(asked.result?.['complete'], false);
  assert.deepEqual((asked.result?.['partitions'] as { not_started: string[] }).not_started, [
    '2025-12-06T05',
    '2025-12-06T06',
    '2025-12-06T07',
  ]);
  assert.deepEqual(await loadedIds(), []);

  const next = await run(scheduleAt('2025-12-06T08:05:00Z'));
  assert.equal(next.result?.['complete'], true);
  assert.equal((await loadedIds()).length, 6);
});

test('an hour that does not end is left in time, and taken up by the next run', async () => {
  const held = await openDatabase(platform.warehouse.url, 'sbw test');
  const late = await held.withTransaction(async (session) => {
    await session.query('LOCK TABLE public.clickstream_events IN ACCESS EXCLUSIVE MODE');
    return run({}, { remainingMs: 5000 });
  });
  await held.close();
  assert.equal(late.error?.name, 'ETL_INCOMPLETE', late.output);
  assert.match(late.error?.message ?? '', /the time ran out with 3 of 3 hours left/);
  assert.equal((await run({})).result?.['complete'], true);
  assert.equal((await loadedIds()).length, 6);
});

test('runs at the same time load each event once', async () => {
  const runs = await Promise.all([run({}), run({}), run({})]);
  assert.deepEqual(
    runs.map(({ error }) => error),
    [undefined, undefined, undefined],
  );
  const loaded = runs.map(({ result }) => (result?.['events'] as { loaded: number }).loaded);
  assert.equal(
    loaded.reduce((sum, count) => sum + count, 0),
    6,
  );
  assert.equal((await loadedIds()).length, 6);
});

test('an hour that fails fails the run and not the others; the next run takes it up', async () => {
  await platform.warehouse.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN IF NEW.event_id = 'a-06' THEN RAISE 'not this one'; END IF; RETURN NEW; END $$`);
  await platform.warehouse.query(
    'CREATE TRIGGER refuse BEFORE INSERT ON public.clickstream_events FOR EACH ROW EXECUTE FUNCTION refuse()',
  );
  const failed = await run({});
  assert.equal(failed.error?.name, 'ETL_INCOMPLETE', failed.output);
  assert.match(failed.error?.message ?? '', /1 of 3 hours failed, the first with \w+: not this one/);
  assert.ok((metricsOf(failed)['DataAgeSeconds'] as number) > 0);
  assert.ok(failed.log.some((line) => line.includes('"partition-failed"') && line.includes('2025-12-06T06')));
  assert.deepEqual(await loadedIds(), ['a-05', 'a-07', 'b-05', 'b-07']);
  await platform.warehouse.query('DROP TRIGGER refuse ON public.clickstream_events');
  assert.equal((await run({})).result?.['complete'], true);
  assert.equal((await loadedIds()).length, 6);
});

test('rejected events are no reason to run again', async () => {
  await platform.put('events/2025/12/06/05/event-c.json', { eventName: 'x', product: { price: 'dear' } });
  const { result } = await run({});
  assert.equal(result?.['complete'], true);
  assert.equal((result?.['events'] as { quarantined: number }).quarantined, 1);
});

test('a server that shows another certificate, or another name, gets no password', async () => {
  const elsewhere = await run({}, { env: { DWH_HOST: 'localhost' } });
  assert.equal(elsewhere.error?.name, 'WAREHOUSE_UNREACHABLE', elsewhere.output);
  assert.match(elsewhere.error?.message ?? '', /does not match certificate/);
  await platform.setParameter(CA_PARAMETER, await makeAuthority(generateKey(), 'another', new Date()));
  const unknown = await run({});
  assert.equal(unknown.error?.name, 'WAREHOUSE_UNREACHABLE', unknown.output);
  assert.match(unknown.error?.message ?? '', /self-signed certificate|unable to verify/);
  for (const { output } of [elsewhere, unknown]) assert.ok(!output.includes(platform.warehouse.password));
});

test('a server without TLS is refused', async () => {
  const postgres = await startTestPostgres(18);
  const { port } = new URL(postgres.url('postgres'));
  const { error } = await run({}, { env: { DWH_PORT: port } });
  assert.match(error?.message ?? '', /does not support SSL/);
});

test('a warehouse without our tables is left as it is', async () => {
  await platform.warehouse.query('DROP SCHEMA sbw CASCADE');
  const { error } = await run({});
  assert.equal(error?.name, 'SCHEMA_FORBIDDEN');
  assert.deepEqual(await platform.warehouse.query("SELECT to_regnamespace('sbw') AS found"), [
    { found: null },
  ]);
});

test('what is set up or asked for wrongly fails by its name', async () => {
  const cases: [unknown, Record<string, string>, string, RegExp][] = [
    [{ hoursBack: null }, {}, 'PAYLOAD_INVALID', /hoursBack is null/],
    [{ from: '2025-12-06' }, {}, 'PAYLOAD_INVALID', /to must be a UTC time/],
    [{}, { RAW_BUCKET: 'other' }, 'LAMBDA_ENVIRONMENT_INVALID', /two buckets/],
    [{}, { DWH_HOST: '' }, 'LAMBDA_ENVIRONMENT_INVALID', /DWH_HOST is not set/],
    [{}, { DWH_CA_PARAMETER: '/sbw/dev/none' }, 'PARAMETER_MISSING', /no parameter \/sbw\/dev\/none/],
  ];
  for (const [event, env, name, message] of cases) {
    const { error } = await run(event, { env });
    assert.equal(error?.name, name);
    assert.match(error?.message ?? '', message);
  }
});
