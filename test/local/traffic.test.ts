import assert from 'node:assert/strict';
import { test } from 'node:test';
import { transform } from '../../src/etl/contract/transform.ts';
import { decodeValue } from '../../src/etl/decode/decode.ts';
import type { Decoded } from '../../src/etl/event.ts';
import { eventsOf } from '../../src/etl/ingest/members.ts';
import { Refusal } from '../../src/etl/ingest/request.ts';
import { FAULTS } from '../../src/local/traffic/faults.ts';
import { generateTraffic, type TrafficRequest } from '../../src/local/traffic/generate.ts';

interface Sent {
  readonly eventId?: string;
  readonly eventName: string;
  readonly sessionId: string;
  readonly clientId: string;
  readonly isFirstVisit: boolean;
  readonly userId: string | null;
  readonly product?: { readonly id: string; readonly price: number; readonly discountPrice: number | null };
}

const ENDS_AT = new Date('2026-03-04T17:20:31.456Z');
const OPTIONS = { seed: 42, days: 3, eventsPerDay: 4000, badShare: 0.01, endsAt: ENDS_AT };
const generate = (more: Partial<typeof OPTIONS> = {}): TrafficRequest[] => [
  ...generateTraffic({ ...OPTIONS, ...more }),
];
const eventsIn = ({ body }: TrafficRequest): Sent[] => [JSON.parse(body) as Sent | Sent[]].flat();
const rows = generate().filter(({ fate }) => fate === 'row');
const sent = rows.flatMap(eventsIn);

function groupBy<K>(events: readonly Sent[], keyOf: (event: Sent) => K): Map<K, Sent[]> {
  const groups = new Map<K, Sent[]>();
  for (const event of events) groups.set(keyOf(event), [...(groups.get(keyOf(event)) ?? []), event]);
  return groups;
}

test('the same seed gives the same bytes at the same times, another seed does not', () => {
  assert.deepEqual(generate(), generate());
  assert.notEqual(generate({ seed: 43 })[0]?.body, generate()[0]?.body);
});

test('requests come in time order, within the days asked for, also past midnight', () => {
  for (let seed = 0; seed < 20; seed += 1) {
    const times = generate({ seed }).map(({ receivedAt }) => receivedAt.getTime());
    assert.ok(times.every((time, index) => index === 0 || times[index - 1]! <= time));
    assert.ok(times[0]! >= ENDS_AT.getTime() - 3 * 86_400_000);
    assert.ok(times.at(-1)! <= ENDS_AT.getTime());
  }
});

test('there are about as many events a day as asked for', () => {
  for (const eventsPerDay of [500, 4000]) {
    const total = generate({ eventsPerDay, days: 14 }).reduce((sum, { events }) => sum + events, 0);
    assert.ok(Math.abs(total / (14 * eventsPerDay) - 1) < 0.15, `${total} of ${14 * eventsPerDay}`);
  }
});

/** What the door's light checks and the contract make of each event of a body. */
function judge(request: TrafficRequest): { fate: string; code: string | null }[] {
  let texts: string[];
  try {
    texts = eventsOf(request.body);
  } catch (error) {
    assert.ok(error instanceof Refusal);
    return [{ fate: 'refused', code: error.code }];
  }
  // As the door stamps it: without this a client's unreadable time would be all there is.
  const stamp = `,"_ingest":{"receivedAt":"${request.receivedAt.toISOString()}"}}`;
  const decoded: Decoded[] = [];
  for (const text of texts) decodeValue(text.slice(0, -1) + stamp, decoded);
  return decoded.map((event) => {
    const judged = transform(event, { key: 'k', index: 0 }, 0);
    if (judged.kind === 'rejected') return { fate: 'quarantine', code: judged.rejection.reason };
    return { fate: judged.kind, code: null };
  });
}

test("every promised fate is what the door's checks and the contract decide", () => {
  const seen = new Map<string, number>();
  for (const request of generate({ badShare: 0.2 })) {
    const { fate, code, events } = request;
    const judged = judge(request);
    assert.equal(judged.length, events);
    for (const verdict of judged) {
      // These two only the warehouse can tell: alone, the event is a good one.
      const isAlone = fate === 'duplicate' || code === 'id_conflict';
      assert.deepEqual(verdict, isAlone ? { fate: 'row', code: null } : { fate, code }, request.body);
    }
    seen.set(code ?? fate, (seen.get(code ?? fate) ?? 0) + 1);
  }
  for (const wanted of [...FAULTS.map(({ fate, code }) => code ?? fate), 'duplicate', 'id_conflict']) {
    assert.ok(seen.has(wanted), `${wanted} never came`);
  }
});

test('odd events that are no reason for a rejection are among them', () => {
  const odd = generate({ badShare: 0.2 })
    .filter(({ fate }) => fate === 'row')
    .flatMap(eventsIn);
  assert.ok(odd.some((event) => event.eventId === undefined));
  assert.ok(odd.some((event) => 'event_timestamp' in event && event.event_timestamp === 'yesterday'));
});

test('no share of bad events means none, and all means nothing but', () => {
  assert.deepEqual(new Set(generate({ badShare: 0 }).map(({ fate }) => fate)).has('refused'), false);
  assert.equal(
    generate({ badShare: 1, days: 1 }).some(({ fate }) => fate === 'duplicate'),
    false,
  );
});

test('a retry repeats the bytes of an earlier request, and no retried id also conflicts', () => {
  for (let seed = 0; seed < 20; seed += 1) {
    const requests = generate({ seed });
    const bodies = new Set<string>();
    const retried = new Set<string | undefined>();
    for (const request of requests) {
      if (request.fate === 'duplicate') {
        assert.ok(bodies.has(request.body));
        for (const { eventId } of eventsIn(request)) retried.add(eventId);
      }
      bodies.add(request.body);
    }
    for (const request of requests.filter(({ code }) => code === 'id_conflict')) {
      assert.ok(
        eventsIn(request).every(({ eventId }) => !retried.has(eventId)),
        'counts depend on the order',
      );
    }
  }
});

test('ids are UUIDs and, now and then, the fallback of time and noise', () => {
  const ids = sent.flatMap(({ eventId }) => eventId ?? []);
  const isUuid = (id: string): boolean =>
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id);
  const fallback = ids.filter((id) => !isUuid(id));
  assert.ok(fallback.every((id) => /^\d{13}-[0-9a-f]{1,8}$/.test(id)));
  assert.ok(fallback.length > 0.01 * ids.length && fallback.length < 0.06 * ids.length);
  assert.equal(new Set(ids).size, ids.length);
});

test('sessions walk a funnel: nobody checks out without a cart, and each step loses some', () => {
  // Only good traffic: a spoiled step is missing from its session.
  const events = generate({ badShare: 0, days: 7 })
    .filter(({ fate }) => fate === 'row')
    .flatMap(eventsIn);
  const sessions = [...groupBy(events, ({ sessionId }) => sessionId).values()];
  const names = sessions.map((session) => new Set(session.map(({ eventName }) => eventName)));
  const reach = (step: string): number => names.filter((session) => session.has(step)).length;
  const steps = ['product_view', 'add_to_cart_click', 'checkout_start', 'checkout_complete'].map(reach);
  assert.ok(steps.every((count, index) => count > 20 && (index === 0 || count < 0.8 * steps[index - 1]!)));
  const bought = names.filter((session) => session.has('checkout_complete'));
  // The last minutes cut visits off at their end, never at their beginning; the first day has no such cut.
  assert.ok(bought.every((session) => session.has('checkout_start') && session.has('add_to_cart_click')));
});

test('visitors return, and only a first visit says so', () => {
  const clients = [...groupBy(sent, ({ clientId }) => clientId).values()];
  const visits = clients.map((events) => new Set(events.map(({ sessionId }) => sessionId)).size);
  assert.ok(visits.filter((count) => count > 1).length > 0.3 * visits.length);
  for (const events of clients) {
    const first = new Set(events.filter((event) => event.isFirstVisit).map(({ sessionId }) => sessionId));
    assert.ok(first.size <= 1);
  }
  const withUser = clients.filter((events) => events.some(({ userId }) => userId !== null));
  assert.ok(withUser.length > 0);
  assert.ok(withUser.every((events) => new Set(events.flatMap(({ userId }) => userId ?? [])).size === 1));
});

test('prices have at most two decimals, a reduced one is lower, and few products get most views', () => {
  const views = groupBy(
    sent.filter(({ eventName }) => eventName === 'product_view'),
    ({ product }) => product?.id,
  );
  for (const [{ product } = sent[0]!] of views.values()) {
    assert.match(String(product?.price), /^\d+(\.\d{1,2})?$/);
    if (product?.discountPrice != null) {
      assert.match(String(product.discountPrice), /^\d+(\.\d{1,2})?$/);
      assert.ok(product.discountPrice < product.price);
    }
  }
  assert.equal(views.size, 60);
  const counts = [...views.values()].map(({ length }) => length).sort((a, b) => b - a);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const top = counts.slice(0, 12).reduce((sum, count) => sum + count, 0);
  assert.ok(top > 0.5 * total && top < 0.8 * total, `${top} of ${total}`);
});

test('the shop sleeps at night and is busier at weekends', () => {
  const requests = generate({ days: 28 });
  const countIf = (isCounted: (at: Date) => boolean): number =>
    requests.reduce((sum, { receivedAt, events }) => sum + (isCounted(receivedAt) ? events : 0), 0);
  const busy = countIf((at) => [11, 12, 13].includes(at.getUTCHours()));
  assert.ok(busy > 4 * countIf((at) => [18, 19, 20].includes(at.getUTCHours())));
  const weekend = countIf((at) => [0, 6].includes(at.getUTCDay())) / 8;
  assert.ok(weekend > 1.05 * (countIf((at) => ![0, 6].includes(at.getUTCDay())) / 20));
});
