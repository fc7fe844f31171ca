import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { Random } from '../../src/local/traffic/random.ts';
import { load, startPipeline, type Pipeline } from '../support/pipeline.ts';
import { fillRawStore, STATE_SQL } from '../support/raw-shop.ts';

const KILLS = 24;
const EVENTS_PER_HOUR = 4000;

let undisturbed: Pipeline;
let killed: Pipeline;

before(async () => {
  [undisturbed, killed] = await Promise.all([startPipeline(), startPipeline()]);
  for (const { root } of [undisturbed, killed]) fillRawStore(root, EVENTS_PER_HOUR);
});
after(() => Promise.all([undisturbed.close(), killed.close()]));

async function stateOf(pipeline: Pipeline): Promise<unknown> {
  const state: Record<string, unknown> = {};
  for (const [name, sql] of Object.entries(STATE_SQL)) {
    // A directory's versions hold its times; the two copies differ there and in nothing else.
    state[name] = name === 'ledger' ? null : await pipeline.rows(sql);
  }
  const ledger = await pipeline.rows(
    'SELECT partition_start, state, objects_listed, objects_loaded, events_read FROM sbw.ledger ORDER BY 1',
  );
  return { ...state, ledger };
}

/** Starts the loader and kills it `afterMs` after it began. @returns true when it was still at work */
async function killAfter(afterMs: number): Promise<boolean> {
  const env = { ...process.env, TEST_RAW: killed.root, TEST_WAREHOUSE: killed.url };
  const child = fork('test/etl/kill-child.ts', {
    env,
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  await once(child, 'message');
  const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
  const [, signal] = (await ended) as [number | null, NodeJS.Signals | null];
  clearTimeout(timer);
  return signal === 'SIGKILL';
}

test(`killed ${KILLS} times at random points, the end is the same, bit for bit`, async (t) => {
  const startedAt = performance.now();
  const whole = await undisturbed.load({ order: 'oldest' }, { parallel: 1 });
  const durationMs = performance.now() - startedAt;
  assert.ok(whole.balanced);
  assert.equal(whole.accounting.objects.unreadable, 1);

  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}, undisturbed ${Math.round(durationMs)} ms`);
  const random = new Random(seed);
  let kills = 0;
  for (let tries = 0; kills < KILLS && tries < 4 * KILLS; tries += 1) {
    const isKilled = await killAfter(random.next() * durationMs * 0.7);
    if (isKilled) kills += 1;
    // Now and then start over, so that every stretch of the work is hit; and when nothing is left to do.
    if (!isKilled || kills % 6 === 0) {
      await killed.rows(
        'TRUNCATE public.clickstream_events, sbw.ledger, sbw.quarantine, sbw.unreadable, sbw.runs',
      );
    }
  }
  assert.equal(kills, KILLS);

  const last = await load(killed, {}, { parallel: 4 });
  assert.ok(last.balanced);
  assert.deepEqual(last.partitions.failed, []);
  assert.deepEqual(await stateOf(killed), await stateOf(undisturbed));
  const locks = await killed.rows(`SELECT * FROM pg_locks WHERE locktype = 'advisory' AND database =
    (SELECT oid FROM pg_database WHERE datname = current_database())`);
  assert.deepEqual(locks, []);
});
