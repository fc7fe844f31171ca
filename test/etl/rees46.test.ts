import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startPipeline, type Pipeline } from '../support/pipeline.ts';
import {
  readRecorded,
  REES46_FILES,
  tenThousandths,
  writeRecorded,
  type Recorded,
} from '../support/rees46.ts';

let pipeline: Pipeline;
before(async () => {
  pipeline = await startPipeline();
});
after(() => pipeline.close());

test('80,000 recorded events reconcile with their files to the last one', async (t) => {
  const all: Recorded[] = [];
  for (const [index, file] of REES46_FILES.entries()) {
    const recorded = readRecorded(file);
    assert.equal(recorded.length, file.rows, file.path);
    if (file.duplicates !== null) {
      assert.equal(recorded.length - new Set(recorded.map(({ id }) => id)).size, file.duplicates, file.path);
    }
    writeRecorded(pipeline.root, `file${index}`, recorded);
    all.push(...recorded);
  }
  const unique = new Map(all.map((event) => [event.id, event]));
  // The cut last row of November has no type: the only event that cannot be a row.
  const nameless = [...unique.values()].filter(({ name }) => name === '');
  assert.equal(nameless.length, 1);
  const rows = [...unique.values()].filter(({ name }) => name !== '');

  const { accounting, balanced, durationMs } = await pipeline.load();
  t.diagnostic(`${all.length} events in ${durationMs} ms`);
  assert.ok(balanced);
  assert.deepEqual(accounting.events, {
    read: all.length,
    loaded: rows.length,
    duplicates: all.length - unique.size,
    quarantined: 1,
    filtered: 0,
  });
  const quarantine = await pipeline.rows('SELECT reason, field, event_id FROM sbw.quarantine');
  assert.deepEqual(quarantine, [
    { reason: 'missing_event_name', field: 'eventName', event_id: nameless[0]!.id },
  ]);

  const counts = await pipeline.rows<{ month: string; event_name: string; events: string; sum: string }>(
    `SELECT to_char(event_timestamp AT TIME ZONE 'UTC', 'YYYY-MM') AS month, event_name, count(*) AS events,
            coalesce(sum(context_product_price), 0)::text AS sum
       FROM clickstream_events GROUP BY 1, 2 ORDER BY 1, 2`,
  );
  const expected = new Map<string, Recorded[]>();
  for (const event of rows) {
    const key = `${event.hour.slice(0, 7)} ${event.name}`;
    const same = expected.get(key);
    if (same === undefined) expected.set(key, [event]);
    else same.push(event);
  }
  assert.equal(counts.length, expected.size);
  for (const { month, event_name, events, sum } of counts) {
    const same = expected.get(`${month} ${event_name}`) ?? [];
    assert.equal(Number(events), same.length, `${month} ${event_name}`);
    assert.equal(
      tenThousandths([sum]),
      tenThousandths(same.map(({ price }) => price)),
      `${month} ${event_name}: prices`,
    );
  }
  // The other cut row, at the end of the second store's October, lost half its user and its session.
  const [cut] = await pipeline.rows(
    'SELECT client_id, session_id FROM clickstream_events WHERE client_id = $1',
    ['52040330'],
  );
  assert.deepEqual(cut, { client_id: '52040330', session_id: null });
});
