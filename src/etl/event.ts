/**
 * The terms of the ETL, used everywhere else in these words:
 *
 * - raw event: one JSON object as it was received, never changed.
 * - raw object: one file of the raw store; holds one raw event, a JSON array of them, or NDJSON.
 * - partition: one UTC hour of raw events; the unit of load, retry and backfill.
 * - row: a raw event that satisfied the contract (contract/fields.ts), as it stands in the warehouse.
 * - rejected: a raw event that did not; it goes to quarantine with the reason.
 * - ledger: the table with one row per loaded partition; it remembers which objects were loaded.
 */

/** Where a raw event came from: the object's key and the event's position in it, counted from 0. */
export interface EventSource {
  readonly key: string;
  readonly index: number;
}

/**
 * One row of `public.clickstream_events`, values already in PostgreSQL's text form (`null` is NULL).
 * The order of the names is the order of the columns: see COLUMNS in contract/fields.ts.
 */
export type EventRow = (string | null)[];

/** Why a raw event could not become a row. */
export interface Rejection {
  /** Stable, greppable: one of REASONS in contract/reasons.ts. */
  readonly reason: string;
  /** The field as the client named it (`product.price`), or null when the event as a whole is wrong. */
  readonly field: string | null;
  readonly expected: string;
  readonly found: string;
}

/**
 * A decoded piece of a raw object: an event ready for the contract, or text that is no JSON object.
 * `text` is the JSON as it stands in the object; null for a member of an array, whose text is made on demand.
 */
export type Decoded =
  | {
      readonly kind: 'event';
      readonly event: Record<string, unknown>;
      readonly text: string | null;
      /** It may hold what PostgreSQL cannot store: see ParsedJson in contract/exact-json.ts. */
      readonly isUnusual: boolean;
    }
  | { readonly kind: 'rejected'; readonly rejection: Rejection; readonly text: string };
