import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { rebuildRollups } from '../../../src/etl/rollups/rebuild.ts';
import type { Database, Session } from '../../../src/etl/ports.ts';
import { refreshRollups } from '../../../src/etl/rollups/refresh.ts';
import { load, startPipeline, type Pipeline } from '../../support/pipeline.ts';
import { put, received } from '../../support/raw-shop.ts';
import { SAME } from './truth.ts';

const NAMES = [
  'page_view',
  'product_view',
  'product_view',
  'add_to_cart_click',
  'remove_from_cart_click',
  'checkout_start',
  'checkout_complete',
  'something_new',
];
/** Minutes from here: across midnights, a Sunday, and the end of daylight saving time in New York. */
const START_MS = Date.UTC(2025, 10, 1, 20);
const MINUTES = 3 * 24 * 60;
/** Half-hour days, days of 25 hours. */
const ZONES = ['UTC', 'Asia/Kolkata', 'America/New_York'];

/** A batch of a refresh has about so many. */
const STATEMENTS = 45;

const event = fc.record({
  minute: fc.integer({ min: 0, max: MINUTES }),
  name: fc.constantFrom(...NAMES),
  session: fc.option(fc.integer({ min: 0, max: 3 }), { freq: 8 }),
  client: fc.option(fc.integer({ min: 0, max: 2 }), { freq: 8 }),
  product: fc.option(fc.integer({ min: 0, max: 1 }), { freq: 3 }),
  isIn: fc.boolean(),
  isBot: fc.boolean(),
  id: fc.integer({ min: 0, max: 40 }),
});
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('load' as const),
      events: fc.array(event, { minLength: 1, maxLength: 12 }),
      killedAt: fc.option(fc.nat(STATEMENTS), { freq: 2 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('rebuild' as const), killedAt: fc.nat(2 * STATEMENTS) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reload' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('delete' as const), modulo: fc.integer({ min: 2, max: 4 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('move' as const), hours: fc.integer({ min: -30, max: 30 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('insert' as const), event }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('truncate' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

let pipeline: Pipeline;
let objects = 0;
before(async () => {
  pipeline = await startPipeline({ major: 15 });
});
after(() => pipeline.close());

function textOf({ minute, name, session, client, product, isIn, isBot, id }: Event): string {
  const at = new Date(START_MS + minute * 60_000).toISOString();
  const event = received(at, {
    eventId: `e-${id}`,
    eventName: name,
    ...(session === null ? {} : { sessionId: `s-${session}` }),
    ...(client === null ? {} : { clientId: `c-${client}` }),
    ...(product === null
      ? {}
      : { product: { id: `p${product}`, category: `c${product}`, brand: 'b', price: 10 + product } }),
    ...(minute % 3 === 0 ? {} : { pageUrl: `https://shop.example/page-${minute % 4}?from=mail` }),
    userLoginState: isIn ? 'logged_in' : 'anonymous',
  });
  // The sender's own word for what it is, on one session only: most numbers leave it out.
  const userAgent =
    isBot && session === 3 ? 'Googlebot/2.1' : 'Mozilla/5.0 (X11; Linux x86_64) Firefox/143.0';
  return JSON.stringify({ ...event, _ingest: { ...(event['_ingest'] as object), userAgent } });
}

class Killed extends Error {}
let kills = 0;

/** After so many statements of the upkeep (the first takes its lock) nothing more comes: the server rolls back. */
function killedAt(database: Database, statement: number | null): Database {
  let left = statement ?? Infinity;
  const watch = (session: Session): Session => {
    let isUpkeep = false;
    return {
      copyIn: (sql, chunks) => session.copyIn(sql, chunks),
      query: (sql, params) => {
        isUpkeep ||= sql.startsWith('LOCK TABLE dash.version');
        if (isUpkeep) left -= 1;
        if (left >= 0) return session.query(sql, params);
        kills += 1;
        throw new Killed();
      },
    };
  };
  return {
    ...database,
    withTransaction: (use) => database.withTransaction((session) => use(watch(session))),
  };
}

async function take(taken: Step): Promise<void> {
  switch (taken.kind) {
    case 'load':
      put(
        pipeline.root,
        `events/2025/11/0${1 + (objects % 4)}/05/events-${objects++}.ndjson`,
        taken.events.map(textOf).join('\n'),
      );
      await load({ ...pipeline, database: killedAt(pipeline.database, taken.killedAt) }, {}, { parallel: 2 });
      return;
    case 'rebuild':
      await rebuildRollups(killedAt(pipeline.database, taken.killedAt), {}).catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error;
      });
      return;
    case 'reload':
      await load(pipeline, { reprocess: 'all' }, { parallel: 2 });
      return;
    case 'delete':
      await pipeline.rows(`DELETE FROM public.clickstream_events WHERE hashtext(event_id) % $1 = 0`, [
        taken.modulo,
      ]);
      return;
    case 'move':
      await pipeline.rows(
        `UPDATE public.clickstream_events SET event_timestamp = event_timestamp + $1 * interval '1 hour' WHERE hashtext(event_id) % 3 = 0`,
        [taken.hours],
      );
      return;
    case 'insert':
      await pipeline.rows(
        `INSERT INTO public.clickstream_events (event_id, event_timestamp, event_name, session_id, client_id)
         VALUES (gen_random_uuid()::text, $1, $2, $3, 'c-1')`,
        [new Date(START_MS + taken.event.minute * 60_000), taken.event.name, `s-${taken.event.session ?? 9}`],
      );
      return;
    case 'truncate':
      await pipeline.rows(
        'TRUNCATE public.clickstream_events, sbw.ledger, sbw.quarantine, sbw.unreadable, sbw.runs',
      );
  }
}

async function compare(zone: string): Promise<void> {
  for (const [name, { raw, rollup }] of Object.entries(SAME)) {
    assert.deepEqual(await pipeline.rows(rollup, [zone]), await pipeline.rows(raw, [zone]), name);
  }
}

test('whatever is loaded, replayed, deleted and moved: the rollups say what the events say', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 7 }),
      fc.constantFrom(...ZONES),
      async (steps, zone) => {
        await rm(`${pipeline.root}/events`, { recursive: true, force: true });
        await take({ kind: 'truncate' });
        await rebuildRollups(pipeline.database, { timeZone: zone });
        for (const taken of steps) await take(taken);
        await refreshRollups(pipeline.database);
        await compare(zone);
        assert.deepEqual(await pipeline.rows('SELECT * FROM dash.dirty'), []);
      },
    ),
    { numRuns: Number(process.env['SBW_TEST_RUNS'] ?? 30) },
  );
  assert.ok(kills > 0);
});

test('made anew, they are the same', async () => {
  await compare(
    (await pipeline.rows<{ time_zone: string }>('SELECT time_zone FROM dash.setting'))[0]!.time_zone,
  );
  for (const zone of ZONES) {
    await rebuildRollups(pipeline.database, { timeZone: zone });
    await compare(zone);
  }
});
