import assert from 'node:assert/strict';
import { renameSync, rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { verify } from '../../../src/etl/load/verify.ts';
import { ALL_TIME, startPipeline, type Pipeline } from '../../support/pipeline.ts';
import { fillRawStore } from '../../support/raw-shop.ts';

let pipeline: Pipeline;
before(async () => {
  pipeline = await startPipeline();
  fillRawStore(pipeline.root, 60);
  rmSync(`${pipeline.root}/events/2025/12/06/02/event-broken.json.gz`);
  await pipeline.load();
});
after(() => pipeline.close());

const check = () => verify(pipeline, ALL_TIME);

test('what was loaded is consistent, and every event is in one place', async () => {
  const { events, consistent, findings, rows_without_object: strangers } = await check();
  const { read, in_warehouse, in_quarantine, filtered, missing, different } = events;
  assert.deepEqual([consistent, findings.length, strangers], [true, 0, 0]);
  assert.ok(in_warehouse > 300 && in_quarantine > 10, JSON.stringify(events));
  assert.equal(read, in_warehouse + in_quarantine + filtered + missing + different);
});

test('a lost row, a changed row and a lost quarantine row are found although the ledger is content', async () => {
  await pipeline.rows(`DELETE FROM clickstream_events WHERE event_id = 'e-2-10'`);
  await pipeline.rows(`UPDATE clickstream_events SET user_id = 'someone else' WHERE event_id = 'e-3-11'`);
  await pipeline.rows(
    `DELETE FROM sbw.quarantine WHERE quarantine_id =
       (SELECT quarantine_id FROM sbw.quarantine WHERE reason = 'price_not_number' LIMIT 1)`,
  );
  const { consistent, events, findings } = await check();
  assert.equal(consistent, false);
  assert.deepEqual([events.missing, events.different], [2, 1]);
  assert.deepEqual(
    new Set(findings.map((finding) => `${finding.kind} ${finding.event_id ?? ''}`)).has('missing e-2-10'),
    true,
  );
  assert.ok(findings.some((finding) => finding.kind === 'different' && finding.event_id === 'e-3-11'));

  await pipeline.load({ reprocess: 'all' });
  const repaired = await check();
  assert.deepEqual([repaired.consistent, repaired.findings], [true, []]);
});

test('rows whose raw object is gone are counted', async () => {
  const file = `${pipeline.root}/events/2025/12/06/04/events-a.ndjson`;
  renameSync(file, `${pipeline.root}/aside`);
  const { rows_without_object: strangers } = await check();
  assert.ok(strangers > 20, `${strangers}`);
  renameSync(`${pipeline.root}/aside`, file);
});
