import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { HOUR_MS, hourPrefix } from '../../src/etl/time/partition.ts';

/** As in a shop; what a load costs the rollups depends on it. */
const EVENTS_PER_VISIT = 6;

/** The first hour of every bench. */
export const FIRST_HOUR_MS = Date.UTC(2025, 11, 6);

/** Raw objects of a bench, spread evenly over the hours from FIRST_HOUR_MS on. */
export interface Filling {
  readonly events: number;
  readonly hours: number;
  /** 1: as the ingest handler writes single events; more: compacted to NDJSON. */
  readonly perObject: number;
  readonly isGzip: boolean;
}

/** The objects of a filling in the order of their making. The same filling gives the same objects. */
export function* makeObjects(filling: Filling): Iterable<{ key: string; body: Buffer; events: number }> {
  const { events, hours, perObject, isGzip } = filling;
  const perHour = Math.ceil(events / hours);
  for (let hour = 0; hour < hours; hour += 1) {
    const hourMs = FIRST_HOUR_MS + hour * HOUR_MS;
    const end = Math.min(events, (hour + 1) * perHour);
    for (let first = hour * perHour; first < end; first += perObject) {
      const lines: string[] = [];
      for (let index = first; index < Math.min(end, first + perObject); index += 1) {
        lines.push(eventText(index, hourMs + ((index - hour * perHour) % HOUR_MS)));
      }
      const text = lines.join('\n');
      const name =
        perObject === 1
          ? `event-${uuidOf('object', first)}.json`
          : `events-${uuidOf('object', first)}.ndjson`;
      yield {
        key: `${hourPrefix(hourMs)}${name}${isGzip ? '.gz' : ''}`,
        body: isGzip ? gzipSync(text) : Buffer.from(text),
        events: lines.length,
      };
    }
  }
}

/**
 * Event `index` as JSON text, about 850 bytes: the shape of the tracker and of the ingest handler. Half are page
 * views, 30 % clicks with an element, 20 % product views. The same index gives the same text.
 */
export function eventText(index: number, receivedAtMs: number): string {
  const kind = index % 10;
  const visit = Math.floor(index / EVENTS_PER_VISIT);
  const click = {
    element: {
      tag: 'button',
      id: `add-${index}`,
      role: 'button',
      text: 'Add to cart',
      dataset: { list: 'search' },
    },
  };
  const view = {
    product: {
      id: `p-${index % 997}`,
      name: `Phone ${index % 997}`,
      category: 'electronics.smartphone',
      brand: 'apple',
      price: (19_900 + (index % 80_000)) / 100,
      discountPrice: 189.5,
      urlPath: `/product/phone-${index % 997}`,
    },
  };
  return JSON.stringify({
    eventId: uuidOf('event', index),
    eventName: kind < 5 ? 'page_view' : kind < 8 ? 'click' : 'product_view',
    pageUrl: `https://shop.example/category/phones?page=${index % 50}`,
    referrer: 'https://shop.example/',
    userId: kind % 2 === 0 ? `user-${index % 5000}` : null,
    userLoginState: kind % 2 === 0 ? 'logged_in' : 'anonymous',
    clientId: uuidOf('client', visit % 20_000),
    sessionId: uuidOf('session', visit),
    isFirstVisit: index % 3 === 0,
    ...(kind >= 8 ? view : kind >= 5 ? click : {}),
    _ingest: {
      receivedAt: new Date(receivedAtMs).toISOString(),
      sourceIp: '203.0.113.7',
      userAgent:
        'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36',
      method: 'POST',
      path: '/clickstream',
      requestId: uuidOf('request', index),
      apiId: 'local',
      stage: '$default',
      traceId: null,
    },
  });
}

/** Looks random, as real ids do: ids in order would flatter the primary key's index. */
function uuidOf(kind: string, index: number): string {
  const hex = createHash('md5').update(`${kind} ${index}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}
