import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { findGaps, findQuietHours } from '../../../src/etl/plan/gaps.ts';
import { DAY_MS, HOUR_MS } from '../../../src/etl/time/partition.ts';
import { load, startPipeline, type Pipeline } from '../../support/pipeline.ts';
import { put, received } from '../../support/raw-shop.ts';

const NOW = new Date('2025-12-06T12:20:00Z');
const DAY = Date.UTC(2025, 11, 6);
const WINDOW = { fromMs: DAY, beforeMs: DAY + 12 * HOUR_MS };
const hourOf = ({ partition }: { partition: number }): number => (partition - DAY) / HOUR_MS;

let pipeline: Pipeline;
before(async () => {
  pipeline = await startPipeline();
});
after(() => pipeline.close());

function event(hour: number, name: string): void {
  const hh = String(hour).padStart(2, '0');
  const at = `2025-12-06T${hh}:10:00.000Z`;
  put(pipeline.root, `events/2025/12/06/${hh}/event-${name}.json`, received(at, { eventId: name }));
}

test('missing, late and open hours are found from the raw store, loaded ones are not', async () => {
  for (const hour of [1, 2, 3]) event(hour, `early-${hour}`);
  // An object that cannot be read: one that is cut off in its gzip content.
  put(
    pipeline.root,
    'events/2025/12/06/03/events-cut.ndjson',
    Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1]),
  );
  await load(pipeline, { window: WINDOW, now: NOW });
  event(2, 'late');
  event(5, 'missing');
  const gaps = await findGaps(pipeline, WINDOW, NOW);
  assert.deepEqual(gaps.missing.map(hourOf), [5]);
  assert.deepEqual(
    gaps.late.map((one) => [hourOf(one), one.objects, one.objectsLoaded]),
    [[2, 2, 1]],
  );
  assert.deepEqual(
    gaps.open.map((one) => [hourOf(one), one.objects, one.objectsLoaded]),
    [[3, 2, 1]],
  );

  rmSync(`${pipeline.root}/events/2025/12/06/03/events-cut.ndjson`);
  await load(pipeline, { window: WINDOW, now: NOW });
  const after = await findGaps(pipeline, WINDOW, NOW);
  assert.deepEqual([after.missing, after.late, after.open], [[], [], []]);
});

test('a raw store that cannot be listed is an error, not a store without gaps', async () => {
  const gone = { ...pipeline, store: { ...pipeline.store, list: () => failing() } };
  await assert.rejects(findGaps(gone, WINDOW, NOW), /away/);
  async function* failing(): AsyncGenerator<never> {
    throw new Error('the store is away');
  }
});

test('an hour is quiet against the median of its own past, never for want of a past', () => {
  const usual = new Map<number, number>();
  for (let week = 1; week <= 4; week += 1) {
    for (let hour = 0; hour < 24; hour += 1) usual.set(DAY - week * 7 * DAY_MS + hour * HOUR_MS, 100);
  }
  const day = { fromMs: DAY, beforeMs: DAY + 3 * HOUR_MS };
  const today = new Map([...usual, [DAY, 95], [DAY + HOUR_MS, 29]]);
  assert.deepEqual(
    findQuietHours(today, day).map((one) => [hourOf(one), one.events, one.expected]),
    [
      [1, 29, 100],
      [2, 0, 100],
    ],
  );
  assert.deepEqual(findQuietHours(new Map([[DAY, 1]]), day), []);
  const small = new Map([...usual.keys()].map((key) => [key, 9] as const));
  assert.deepEqual(findQuietHours(small, day), []);
});
