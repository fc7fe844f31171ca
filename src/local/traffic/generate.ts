import { makeCatalogue, type Product } from './catalogue.ts';
import { FAULTS } from './faults.ts';
import { Random } from './random.ts';
import { makeVisit, type TimedEvent, type Visitor } from './visit.ts';

export interface TrafficOptions {
  readonly seed: number;
  /** Days up to `endsAt`. */
  readonly days: number;
  readonly eventsPerDay: number;
  /** Share of the events that are wrong in one way or another, 0 to 1. */
  readonly badShare: number;
  readonly endsAt: Date;
}

/** One POST. */
export interface TrafficRequest {
  readonly body: string;
  readonly receivedAt: Date;
  /** What must become of it: every event of a body has the same fate. */
  readonly fate: 'row' | 'duplicate' | 'quarantine' | 'refused';
  /** Reason or code for the last two. */
  readonly code: string | null;
  readonly events: number;
}

const DAY_MS = 86_400_000;
/** Visits by hour of the day, UTC: a shop whose evening is in Asia. */
const RHYTHM = [9, 10, 11, 11, 10, 10, 11, 12, 13, 15, 18, 20, 21, 20, 17, 12, 8, 5, 3, 2, 2, 3, 5, 7];
/** Events of an average visit, found by counting. */
const EVENTS_PER_VISIT = 5.1;
/** Clients that did not hear the answer send again: this share of the requests comes twice. */
const RETRY_SHARE = 0.004;
/** This share has the id of another event. */
const CONFLICT_SHARE = 0.0008;

/** A shop's traffic in the order of its receipt, one day in memory at a time. Same options, same bytes. */
export function* generateTraffic(options: TrafficOptions): Iterable<TrafficRequest> {
  const random = new Random(options.seed);
  const products = makeCatalogue(random);
  const visitors: Visitor[] = [];
  const startMs = options.endsAt.getTime() - options.days * DAY_MS;
  /** Of visits that go on past the end of their day. */
  let later: TrafficRequest[] = [];
  for (let day = 0; day < options.days; day += 1) {
    const dayMs = startMs + day * DAY_MS;
    const requests = [...later, ...makeDay(random, products, visitors, dayMs, options)];
    requests.sort((a, b) => a.receivedAt.getTime() - b.receivedAt.getTime());
    const isLater = ({ receivedAt }: TrafficRequest): boolean => receivedAt.getTime() >= dayMs + DAY_MS;
    yield* requests.filter((request) => !isLater(request));
    later = requests.filter(isLater);
  }
}

/** In no order. */
function makeDay(
  random: Random,
  products: readonly Product[],
  visitors: Visitor[],
  dayMs: number,
  { eventsPerDay, badShare }: TrafficOptions,
): TrafficRequest[] {
  // Weekends are busier.
  const isWeekend = [0, 6].includes(new Date(dayMs).getUTCDay());
  const visits = Math.max(1, Math.round(((isWeekend ? 1.15 : 0.95) * eventsPerDay) / EVENTS_PER_VISIT));
  const requests: TrafficRequest[] = [];
  for (let visit = 0; visit < visits; visit += 1) {
    const hour = random.weighted(RHYTHM);
    const minuteMs = random.next() * 3_600_000;
    // The day begins at any hour; its rhythm follows the clock.
    const offsetMs = (hour * 3_600_000 + minuteMs - (dayMs % DAY_MS) + DAY_MS) % DAY_MS;
    const events = makeVisit(random, visitorOf(random, visitors), products, Math.floor(dayMs + offsetMs));
    requests.push(...toRequests(random, events, badShare));
  }
  return requests;
}

/** A third of the visits are by somebody new. */
function visitorOf(random: Random, visitors: Visitor[]): Visitor {
  if (visitors.length > 0 && random.chance(0.66)) return random.pick(visitors);
  const userId = random.chance(0.4) ? `us-${random.uuid()}` : null;
  const visitor = { clientId: random.uuid(), userId, visits: 0 };
  visitors.push(visitor);
  return visitor;
}

function* toRequests(
  random: Random,
  events: readonly TimedEvent[],
  badShare: number,
): Iterable<TrafficRequest> {
  const isBatched = random.chance(0.4);
  let batch: TimedEvent[] = [];
  for (const [index, timed] of events.entries()) {
    if (random.chance(badShare)) yield spoiled(random, timed);
    else batch.push(timed);
    const isLast = index === events.length - 1;
    if (batch.length > 0 && (!isBatched || batch.length >= 5 || isLast)) {
      yield* send(random, batch);
      batch = [];
    }
  }
}

function* send(random: Random, batch: readonly TimedEvent[]): Iterable<TrafficRequest> {
  const last = batch.at(-1)!;
  const events = batch.map(({ event }) => event);
  const body = JSON.stringify(events.length === 1 ? events[0] : events);
  const receivedAt = new Date(last.atMs + 80);
  const sent = { body, receivedAt, code: null, events: batch.length };
  yield { ...sent, fate: 'row' };
  if (random.chance(RETRY_SHARE)) {
    yield { ...sent, receivedAt: new Date(last.atMs + 2500), fate: 'duplicate' };
    // Never both: which of the two contents is loaded first would decide what the retry counts as.
  } else if (random.chance(CONFLICT_SHARE)) {
    const other = JSON.stringify({ ...last.event, pageUrl: 'https://shop.example/someone-else' });
    const at = new Date(last.atMs + 4000);
    yield { body: other, receivedAt: at, fate: 'quarantine', code: 'id_conflict', events: 1 };
  }
}

function spoiled(random: Random, { event, atMs }: TimedEvent): TrafficRequest {
  const fault = random.pick(FAULTS);
  return {
    body: fault.spoil(event, random),
    receivedAt: new Date(atMs + 80),
    fate: fault.fate,
    code: fault.code,
    events: 1,
  };
}
