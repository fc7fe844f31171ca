import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { startPipeline, systemClock, load, type Pipeline } from '../support/pipeline.ts';
import { put, received, STATE_SQL } from '../support/raw-shop.ts';

/** Few ids and few contents, so that retries and conflicts within and across hours are common. */
const event = fc.record({
  id: fc.integer({ min: 0, max: 5 }),
  content: fc.integer({ min: 0, max: 2 }),
  second: fc.integer({ min: 0, max: 9 }),
  isBad: fc.boolean(),
  hasId: fc.boolean(),
});
const object = fc.record({
  hour: fc.integer({ min: 0, max: 3 }),
  events: fc.array(event, { minLength: 1, maxLength: 4 }),
  isLate: fc.boolean(),
});
const step = fc.record({
  kind: fc.constantFrom('run', 'backfill', 'all', 'abort', 'failed'),
  from: fc.integer({ min: 0, max: 3 }),
  hours: fc.integer({ min: 1, max: 4 }),
  order: fc.constantFrom('newest', 'oldest'),
  parallel: fc.integer({ min: 1, max: 4 }),
});
type RawObject = typeof object extends fc.Arbitrary<infer T> ? T : never;
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const DAY_MS = Date.UTC(2025, 11, 6);
const HOUR_MS = 3_600_000;
const NOW = new Date('2025-12-06T05:30:00Z');

let pipeline: Pipeline;
before(async () => {
  pipeline = await startPipeline();
});
after(() => pipeline.close());

function writeObject({ hour, events }: RawObject, index: number): void {
  const prefix = `events/2025/12/06/0${hour}`;
  const lines = events.map(({ id, content, second, isBad, hasId }) =>
    JSON.stringify(
      received(`2025-12-06T0${hour}:00:0${second}.000Z`, {
        ...(hasId ? { eventId: `id-${id}` } : {}),
        userId: `user-${content}`,
        ...(isBad && content === 2 ? { isFirstVisit: 'maybe' } : {}),
      }),
    ),
  );
  put(pipeline.root, `${prefix}/events-${String(index).padStart(3, '0')}.ndjson`, lines.join('\n'));
}

async function clear(): Promise<void> {
  await pipeline.rows(
    'TRUNCATE public.clickstream_events, sbw.ledger, sbw.quarantine, sbw.unreadable, sbw.runs',
  );
}

async function take({ kind, from, hours, order, parallel }: Step): Promise<void> {
  const window = { fromMs: DAY_MS + from * HOUR_MS, beforeMs: DAY_MS + (from + hours) * HOUR_MS };
  const abort = new AbortController();
  if (kind === 'abort') setTimeout(() => abort.abort(), 3);
  const reprocess = kind === 'all' ? 'all' : kind === 'failed' ? 'failed' : 'missing';
  const report = await load(
    { ...pipeline, now: abort.signal },
    { window: kind === 'run' ? null : window, reprocess, order, now: NOW },
    { parallel },
  );
  assert.ok(report.balanced, JSON.stringify(report));
}

/**
 * The table, and the quarantine but for one thing: of several equal copies that conflict with a row, how many stand
 * in quarantine and how many were counted as duplicates of each other depends on which came first.
 */
async function state(): Promise<unknown> {
  const quarantine = await pipeline.rows(
    `SELECT quarantine_id, state, reason, source_key, source_index, raw_text FROM sbw.quarantine
      WHERE reason <> 'id_conflict' ORDER BY 1`,
  );
  return { rows: await pipeline.rows(STATE_SQL.rows), quarantine };
}

test('whatever is run, stopped and replayed in whatever order: one table', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(object, { minLength: 1, maxLength: 8 }),
      fc.array(step, { maxLength: 6 }),
      async (objects, steps) => {
        await rm(`${pipeline.root}/events`, { recursive: true, force: true });
        await clear();
        const late = objects.filter(({ isLate }) => isLate);
        objects.forEach((each, index) => {
          if (!each.isLate) writeObject(each, index);
        });
        for (const [index, each] of steps.entries()) {
          await take(each);
          // One late object arrives after each step.
          const arriving = late[index];
          if (arriving !== undefined) writeObject(arriving, objects.indexOf(arriving));
        }
        objects.forEach(writeObject);
        const last = await load(pipeline, { now: NOW });
        assert.ok(last.balanced);
        const wandering = await state();
        await clear();
        const straight = await load(pipeline, { order: 'oldest', now: NOW }, { parallel: 1 });
        assert.deepEqual(wandering, await state());
        assert.ok(straight.balanced);
      },
    ),
    { numRuns: 40 },
  );
  await systemClock.sleep(10);
});
