/**
 * The schema contract: every rule for a field of a raw event, written once. transform.ts executes this table
 * and docs/fields.md is printed from it (`npm run docs`), so that code and documentation cannot disagree.
 */
export type FieldType = 'id' | 'text' | 'price' | 'boolean' | 'timestamp' | 'json' | 'agent';

export interface Field {
  /** Column of public.clickstream_events. */
  readonly column: string;
  readonly type: FieldType;
  /**
   * Accepted names, first match wins; `product.price` means the member `price` of the object `product`.
   * A later name that is present too and differs is kept under `properties`.
   */
  readonly names: readonly string[];
  /** Longest text in characters (UTF-16 code units), for id and text; for json the longest JSON text. */
  readonly limit: number;
  readonly meaning: string;
}

/** Each name of a product field is accepted under these objects. */
const PRODUCT_OBJECTS = ['product', 'context_product'];

function product(column: string, names: readonly string[]): readonly string[] {
  const members = PRODUCT_OBJECTS.flatMap((object) => names.map((name) => `${object}.${name}`));
  const camel = column.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return [...members, column, camel];
}

/** The 16 columns of the seeds, in their order. */
export const SEED_FIELDS: readonly Field[] = [
  {
    column: 'event_id',
    type: 'id',
    names: ['eventId', 'event_id'],
    limit: 128,
    meaning: "The client's id; without one, the UUIDv5 of object key and index.",
  },
  {
    column: 'event_timestamp',
    type: 'timestamp',
    names: ['_ingest.receivedAt', 'event_timestamp', 'eventTimestamp', 'timestamp'],
    limit: 64,
    meaning: "When it was received; else the payload's own time; else the LastModified of its object.",
  },
  {
    column: 'event_name',
    type: 'text',
    names: ['eventName', 'event_name'],
    limit: 128,
    meaning: 'What happened. Required. Unknown names are kept and counted.',
  },
  { column: 'user_id', type: 'id', names: ['userId', 'user_id'], limit: 256, meaning: 'The signed-in user.' },
  {
    column: 'user_login_state',
    type: 'text',
    names: ['userLoginState', 'user_login_state'],
    limit: 64,
    meaning: 'logged_in, anonymous or guest; other words are kept.',
  },
  {
    column: 'identity_source',
    type: 'text',
    names: ['identity_source', 'identitySource'],
    limit: 64,
    meaning: 'Who vouches for the user, such as cognito.',
  },
  {
    column: 'client_id',
    type: 'id',
    names: ['clientId', 'client_id'],
    limit: 256,
    meaning: 'The browser or device.',
  },
  { column: 'session_id', type: 'id', names: ['sessionId', 'session_id'], limit: 256, meaning: 'The visit.' },
  {
    column: 'is_first_visit',
    type: 'boolean',
    names: ['isFirstVisit', 'is_first_visit'],
    limit: 5,
    meaning: "The client's first visit.",
  },
  {
    column: 'context_product_id',
    type: 'id',
    names: product('context_product_id', ['id', 'product_id', 'productId']),
    limit: 256,
    meaning: 'The product shown or acted upon.',
  },
  {
    column: 'context_product_name',
    type: 'text',
    names: product('context_product_name', ['name', 'product_name']),
    limit: 1024,
    meaning: 'Its name at that moment.',
  },
  {
    column: 'context_product_category',
    type: 'id',
    names: product('context_product_category', ['category', 'product_category']),
    limit: 512,
    meaning: 'Its category: a name or an id.',
  },
  {
    column: 'context_product_brand',
    type: 'text',
    names: product('context_product_brand', ['brand', 'brandName', 'product_brand']),
    limit: 512,
    meaning: 'Its brand.',
  },
  {
    column: 'context_product_price',
    type: 'price',
    names: product('context_product_price', ['price', 'product_price']),
    limit: 32,
    meaning: 'Its price, in the currency of the shop.',
  },
  {
    column: 'context_product_discount_price',
    type: 'price',
    names: product('context_product_discount_price', [
      'discountPrice',
      'discount_price',
      'product_discount_price',
    ]),
    limit: 32,
    meaning: 'Its reduced price, if it has one.',
  },
  {
    column: 'context_product_url_path',
    type: 'text',
    names: product('context_product_url_path', ['urlPath', 'url_path', 'product_url_path']),
    limit: 4096,
    meaning: 'The path of its page.',
  },
];

/** Our columns, after the seeds'. */
export const OWN_FIELDS: readonly Field[] = [
  {
    column: 'received_at',
    type: 'timestamp',
    names: ['_ingest.receivedAt'],
    limit: 64,
    meaning: 'When the ingest endpoint received it; null for history written as raw objects.',
  },
  {
    column: 'client_timestamp',
    type: 'timestamp',
    names: ['event_timestamp', 'eventTimestamp', 'timestamp'],
    limit: 64,
    meaning:
      "The payload's own time. Unreadable beside a receipt time it moves to properties: clients' clocks lie.",
  },
  { column: 'page_url', type: 'text', names: ['pageUrl', 'page_url'], limit: 8192, meaning: 'The page.' },
  { column: 'referrer', type: 'text', names: ['referrer'], limit: 8192, meaning: 'The page before.' },
  {
    column: 'element',
    type: 'json',
    names: ['element'],
    limit: 65_536,
    meaning: 'The element clicked: tag, id, role, text, dataset.',
  },
  {
    column: 'properties',
    type: 'json',
    names: [],
    limit: 262_144,
    meaning: 'Everything else the client sent, so that nothing is dropped.',
  },
  {
    column: 'is_bot',
    type: 'agent',
    names: ['_ingest.userAgent'],
    limit: 4096,
    meaning: 'Whether the sender calls itself a program; null for what was loaded before it was asked.',
  },
];

export const FIELDS: readonly Field[] = [...SEED_FIELDS, ...OWN_FIELDS];

/** Columns that say where a row came from; filled by the loader, never by the client. */
export const LINEAGE_COLUMNS = ['source_key', 'source_index', 'loaded_run'] as const;

/** Every column of public.clickstream_events. */
export const COLUMNS: readonly string[] = [...FIELDS.map((field) => field.column), ...LINEAGE_COLUMNS];

/** The largest event, in characters of JSON text. The ingest endpoint is stricter (32 KB). */
export const MAX_EVENT_CHARACTERS = 1024 * 1024;
/** Deepest nesting of an event. */
export const MAX_DEPTH = 64;

/** Events of the platform itself (heartbeats, probes) start with this; they are filtered: counted, not loaded. */
export const PLATFORM_EVENT_PREFIX = 'sbw_';

/** The names the tracker sends. Others are welcome: they are loaded, and counted as unknown. */
export const KNOWN_EVENT_NAMES: ReadonlySet<string> = new Set([
  'page_view',
  'click',
  'home_view',
  'category_view',
  'product_view',
  'add_to_cart_click',
  'remove_from_cart_click',
  'wishlist_toggle',
  'share_click',
  'login_open',
  'login_success',
  'logout',
  'checkout_start',
  'checkout_complete',
]);
