import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { put } from './raw-shop.ts';
import { sharedData } from './shared-data.ts';

/** The recorded clickstreams of ../shared/data: files, the columns they begin with, and what their README says. */
export const REES46_FILES = [
  {
    path: 'rees46-cosmetics/2019-oct.csv.gz',
    rows: 22_283,
    duplicates: 1242,
    hasIndex: true,
    hasHeader: true,
  },
  {
    path: 'rees46-cosmetics/2019-nov.csv.gz',
    rows: 20_077,
    duplicates: 902,
    hasIndex: true,
    hasHeader: true,
  },
  {
    path: 'rees46-cosmetics/2019-dec.csv.gz',
    rows: 20_286,
    duplicates: 1199,
    hasIndex: true,
    hasHeader: true,
  },
  {
    path: 'rees46-multicategory/2019-Oct.csv.gz',
    rows: 17_435,
    duplicates: 5,
    hasIndex: false,
    hasHeader: true,
  },
  {
    path: 'rees46-multicategory/2019-Nov_headerless.csv.gz',
    rows: 683,
    duplicates: null,
    hasIndex: false,
    hasHeader: false,
  },
] as const;

const NAMES: Readonly<Record<string, string>> = {
  view: 'product_view',
  cart: 'add_to_cart_click',
  remove_from_cart: 'remove_from_cart_click',
  purchase: 'checkout_complete',
};

export interface Recorded {
  /** Hour of the event, `2019-10-01T00`. */
  readonly hour: string;
  /** Hash of the row without its running number: equal rows are the same event. */
  readonly id: string;
  readonly name: string;
  /** As in the file: a decimal, or ''. */
  readonly price: string;
  /** The event as raw JSON text. */
  readonly text: string;
}

/** The rows of a file as raw events; prices keep their digits, ids are text. */
export function readRecorded(file: (typeof REES46_FILES)[number]): Recorded[] {
  const lines = gunzipSync(readFileSync(sharedData(file.path)))
    .toString('utf8')
    .split(/\r?\n/);
  if (file.hasHeader) lines.shift();
  return lines
    .filter((line) => line !== '')
    .map((line) => recordedOf(file.hasIndex ? line.slice(line.indexOf(',') + 1) : line));
}

/** Writes them into a raw store as objects of up to 1,000 events, below the hour in which they happened. */
export function writeRecorded(root: string, name: string, events: readonly Recorded[]): void {
  const hours = new Map<string, string[]>();
  for (const { hour, text } of events) {
    const same = hours.get(hour);
    if (same === undefined) hours.set(hour, [text]);
    else same.push(text);
  }
  for (const [hour, texts] of hours) {
    const folder = `events/${hour.replaceAll('-', '/').replace('T', '/')}`;
    for (let at = 0; at < texts.length; at += 1000) {
      put(root, `${folder}/events-${name}-${at}.ndjson`, texts.slice(at, at + 1000).join('\n'));
    }
  }
}

function recordedOf(row: string): Recorded {
  const [
    time = '',
    type = '',
    product = '',
    categoryId = '',
    category = '',
    brand = '',
    price = '',
    user = '',
    session = '',
  ] = row.split(',');
  const id = createHash('sha256').update(row).digest('hex');
  const name = NAMES[type] ?? type;
  // November went through floats: 5802432.0
  const text = (value: string): string => JSON.stringify(value === '' ? null : value.replace(/\.0$/, ''));
  const json =
    `{"eventId":"${id}","eventName":${JSON.stringify(name)},"event_timestamp":"${time}","clientId":${text(user)},` +
    `"sessionId":${text(session)},"product":{"id":${text(product)},"category":${text(category === '' ? categoryId : category)},` +
    `"brand":${text(brand)},"price":${price === '' ? 'null' : price}}}`;
  return { hour: time.slice(0, 13).replace(' ', 'T'), id, name, price, text: json };
}

/** A sum of decimals without rounding, in ten-thousandths. */
export function tenThousandths(prices: Iterable<string>): bigint {
  let sum = 0n;
  for (const price of prices) {
    if (price === '') continue;
    const [whole = '0', fraction = ''] = price.split('.');
    sum += BigInt(whole) * 10_000n + BigInt(fraction.padEnd(4, '0').slice(0, 4));
  }
  return sum;
}
