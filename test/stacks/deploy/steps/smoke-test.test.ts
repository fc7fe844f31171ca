import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SmokeStep, runSmokeTest } from '../../../../src/stacks/deploy/steps/smoke-test.ts';
import type { CommandResult, Pipeline } from '../../../../src/stacks/ports/deploy/pipeline.ts';

const TARGET = {
  ...{ ingestUrl: 'https://x/clickstream', rawBucket: 'raw', etlFunction: 'SBW_Lamda_ETL' },
  instanceId: 'i-1',
};
const ID = 'sbw-smoke-42';
const START = Date.UTC(2026, 10, 1, 23, 59, 30);
const done = (stdout = ''): CommandResult => ({ exitCode: 0, stdout, stderr: '' });

/**
 * A platform in which each part works at once: the door writes one object, the ETL one row. `broken` replaces parts;
 * what is done to it is noted.
 */
function standOf(
  broken: Partial<Pipeline> & { run?: (line: string) => CommandResult | null | undefined } = {},
) {
  const noted: string[] = [];
  const steps: SmokeStep[] = [];
  const leave = new AbortController();
  const key = 'events/2026/11/01/23/event-1.json';
  let nowMs = START;
  let body = '';
  const { run, ...parts } = broken;
  const forbidden = async (): Promise<never> => assert.fail('no part of the test');
  const world = {
    pipeline: {
      send: async (_url: string, text: string) => ((body = text), { status: 200, text: '' }),
      findRawObject: async ({ prefix }: { prefix: string }, _since: Date, text: string) =>
        body.includes(text) && key.startsWith(prefix) ? { key, versionId: 'v1' } : null,
      removeRawObject: async (bucket: string, object: { key: string; versionId: string | null }) =>
        void noted.push(`remove ${bucket}/${object.key} ${object.versionId}`),
      invoke: async (name: string, payload: unknown) => {
        noted.push(`invoke ${name} ${JSON.stringify(payload)}`);
        return { payload: { events: { loaded: 1 } }, error: null };
      },
      ...{ enableRule: forbidden, disableRule: forbidden, isRuleEnabled: forbidden },
      ...parts,
    },
    servers: {
      run: async (_id: string, [line = '']: readonly string[]) => {
        const other = run?.(line);
        if (other !== undefined) return other;
        if (line.includes('DELETE')) noted.push('delete row');
        return line.includes('SELECT') ? done(`${ID}\n`) : done(line.includes('3838') ? '200\n' : '');
      },
      console: forbidden,
      isGone: forbidden,
    },
    clock: { now: () => new Date(nowMs), sleep: async (ms: number) => void (nowMs += ms) },
    leave: leave.signal,
    newId: () => '42',
    emit: (step: SmokeStep) => void steps.push(step),
  };
  const seconds = (): number => (nowMs - START) / 1000;
  return { world, noted, steps, leave, seconds, event: () => JSON.parse(body) as Record<string, unknown> };
}

const REMOVED = 'remove raw/events/2026/11/01/23/event-1.json v1';

test('one event from the door to its row, and both it and its object removed', async () => {
  const { world, noted, steps, event } = standOf();
  const result = await runSmokeTest(world, TARGET);
  assert.deepEqual(result, steps);
  assert.deepEqual(
    steps.map(({ name, result: said, isUnknown }) => [name, said, isUnknown]),
    [
      ['event sent', '200', false],
      ['raw object seen', '', false],
      ['ETL loaded it', '1 row', false],
      ['row seen and removed', '', false],
      ['dashboard', '200', false],
    ],
  );
  assert.deepEqual(noted, [
    'invoke SBW_Lamda_ETL {"targetUtcHour":"2026-11-01T23:00:00.000Z"}',
    'delete row',
    REMOVED,
  ]);
  assert.deepEqual([event()['eventId'], event()['event_timestamp']], [ID, '2026-11-01T23:59:30.000Z']);
});

test('a new API and new permissions take a while; after a minute and a half it is a failure', async () => {
  let tries = 0;
  const late = standOf({
    invoke: async () => {
      tries += 1;
      return tries < 4
        ? { payload: { errorMessage: 'AccessDenied' }, error: 'Unhandled' }
        : { payload: 'ok', error: null };
    },
  });
  const steps = await runSmokeTest(late.world, TARGET);
  assert.equal(steps.find(({ name }) => name === 'ETL loaded it')?.result, 'done');
  const never = standOf({ send: async () => ({ status: 0, text: 'getaddrinfo ENOTFOUND x' }) });
  await assert.rejects(runSmokeTest(never.world, TARGET), { code: 'SMOKE_TEST_FAILED' });
  assert.ok(never.seconds() > 90 && never.seconds() < 100, `${never.seconds()} s`);
});

test('where the event got stuck is what the failure says', async () => {
  const stuck: [Parameters<typeof standOf>[0], RegExp, RegExp][] = [
    [
      { send: async () => ({ status: 403, text: '{"message":"Forbidden"}' }) },
      /does not take an event \(HTTP 403: \{"message":"Forbidden"\}\)/,
      /curl -i/,
    ],
    [
      { findRawObject: async () => null },
      /said 200, and s3:\/\/raw does not have the event/,
      /--only ingest/,
    ],
    [
      { invoke: async () => ({ payload: { errorMessage: 'no route to host' }, error: 'Unhandled' }) },
      /ETL cannot load the event \(Unhandled: no route to host\)/,
      /logs of SBW_Lamda_ETL/,
    ],
    [
      { run: (line) => (line.includes('SELECT') ? done() : undefined) },
      /said that it loaded the event, and the warehouse does not have it/,
      /sbw etl verify/,
    ],
  ];
  for (const [broken, message, fix] of stuck) {
    const { world, noted } = standOf(broken);
    await assert.rejects(runSmokeTest(world, TARGET), (error: Error & { code: string; fix: string }) => {
      assert.equal(error.code, 'SMOKE_TEST_FAILED');
      assert.match(error.message, message);
      assert.match(error.fix, fix);
      assert.match(error.fix, /the schedule stays off until the test passes$/);
      return true;
    });
    assert.ok(!noted.includes(REMOVED), 'what is left is evidence');
  }
});

test('a server that cannot be asked is no failure, and row and object stay together', async () => {
  const cases: [(line: string) => CommandResult | null | undefined, RegExp][] = [
    [() => null, /agent of i-1 does not answer; sbw-smoke-42 stays$/],
    [
      (line) => (line.includes('SELECT') ? { exitCode: 1, stdout: '', stderr: 'no such user\n' } : undefined),
      /^not told: no such user; sbw-smoke-42 stays$/,
    ],
    [(line) => (line.includes('DELETE') ? null : undefined), /does not answer any more; sbw-smoke-42 stays$/],
    [
      (line) => (line.includes('DELETE') ? { exitCode: 137, stdout: '', stderr: '' } : undefined),
      /^not told: exit 137; sbw-smoke-42 stays$/,
    ],
  ];
  for (const [run, said] of cases) {
    const { world, noted, steps } = standOf({ run });
    await runSmokeTest(world, TARGET);
    const row = steps.find(({ name }) => name === 'row seen and removed');
    assert.match(row?.result ?? '', said);
    assert.equal(row?.isUnknown, true);
    assert.ok(!noted.includes(REMOVED));
  }
});

test('a dashboard that does not answer yet is said and no failure', async () => {
  const { world } = standOf({
    run: (line) => (line.includes('3838') ? { ...done(), exitCode: 1 } : undefined),
  });
  const dashboard = (await runSmokeTest(world, TARGET)).at(-1);
  assert.deepEqual([dashboard?.result, dashboard?.isUnknown], ['does not answer (yet)', true]);
});

test('an event sent just before the hour is found in the next one', async () => {
  const key = 'events/2026/11/02/00/event-1.json';
  const { world, noted } = standOf({
    findRawObject: async ({ prefix }) => (key.startsWith(prefix) ? { key, versionId: null } : null),
  });
  await runSmokeTest(world, TARGET);
  assert.ok(noted.includes('invoke SBW_Lamda_ETL {"targetUtcHour":"2026-11-02T00:00:00.000Z"}'));
  assert.ok(noted.includes(`remove raw/${key} null`));
});

test('who leaves does not wait for the end of a try', async () => {
  const { world, leave, seconds } = standOf({
    send: async () => (leave.abort(), { status: 503, text: '' }),
  });
  await assert.rejects(runSmokeTest(world, TARGET), { code: 'DEPLOY_STOPPED', kind: 'cancelled' });
  assert.ok(seconds() < 5);
});
