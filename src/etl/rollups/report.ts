import type { Session } from '../ports.ts';
import { ask, type Range } from './questions.ts';

/** The headline numbers of a range or of a day. Rates are made of these sums. */
export interface Numbers {
  /** Null with a product, category or brand: distinct visitors are kept for everything and by login only. */
  readonly visitors: number | null;
  readonly new_visitors: number | null;
  readonly sessions: number;
  readonly page_views: number;
  readonly events: number;
  readonly carts: number;
  readonly checkouts: number;
  readonly conversions: number;
  readonly bounced: number;
  readonly duration_seconds: number;
}

export interface ProductNumbers {
  readonly product_id: string;
  readonly name: string | null;
  readonly views: number;
  readonly sessions_viewed: number;
  readonly sessions_added: number;
  readonly sessions_bought: number;
  readonly cart_rate: number | null;
  readonly conversion: number | null;
  readonly sold_value: number;
  readonly at_risk: number;
}

export interface Check {
  readonly check_name: string;
  readonly tone: 'good' | 'warn' | 'bad';
  readonly count: number;
  readonly total: number | null;
  readonly first_at: string | null;
  readonly last_at: string | null;
  /** Empty: nothing to do. */
  readonly command: string;
}

export interface DataState {
  readonly version: number;
  /** Null when nothing was rolled up yet. */
  readonly data_from: string | null;
  readonly data_to: string | null;
  readonly data_up_to: string | null;
  readonly loaded_at: string | null;
  readonly hours_behind: number;
  readonly time_zone: string;
  readonly currency: string;
}

/** What the dashboard shows, from the same SQL. */
export interface RollupReport {
  readonly data: DataState;
  /** Null when there is no data at all. */
  readonly range: Range | null;
  readonly now: Numbers | null;
  /** The same number of days before; null when there is nothing that could be compared. */
  readonly before: Numbers | null;
  /** Why `before` is null although there are numbers. */
  readonly uncompared: Uncompared | null;
  readonly days: readonly (Numbers & { readonly day: string })[];
  readonly funnel: readonly {
    readonly step: number;
    readonly name: string;
    readonly sessions: number;
    readonly median_seconds: number | null;
  }[];
  readonly products: readonly ProductNumbers[];
  readonly checks: readonly Check[];
}

/** The data does not reach back so far; the last day is not over; the days lie after all data. */
export type Uncompared = 'data_begins' | 'day_not_over' | 'no_data';

export interface ReportRequest {
  /** Days, both included; without them `days` up to the newest day that is over. */
  readonly from?: string;
  readonly to?: string;
  readonly days: number;
  readonly filter: Pick<Range, 'login' | 'by' | 'value' | 'bots'>;
  readonly products: number;
  /** Of the products: `views`, `cart_rate`, `at_risk`, ...; see docs/rollups.md. */
  readonly sort: string;
}

/** Age from which data is said to be old; the dashboard's own is a setting. */
export const STALE_MINUTES = 120;

/** Reads everything in one session, so that a transaction around it sees one state. */
export async function readRollupReport(session: Session, request: ReportRequest): Promise<RollupReport> {
  const [data] = (await ask<DataState>(session, 'version', {})) as [DataState];
  const checks = await ask<Check>(session, 'checks', { stale_minutes: String(STALE_MINUTES) });
  const range = rangeOf(data, request);
  const nothing = { now: null, before: null, uncompared: null, days: [], funnel: [], products: [] };
  if (range === null) return { data, range, ...nothing, checks };
  const given = { ...range };
  const [now] = await ask<Numbers>(session, 'kpis', given);
  const uncompared = whyUncompared(data, range);
  const [before] =
    uncompared === null ? await ask<Numbers>(session, 'kpis', { ...given, ...daysBefore(range) }) : [];
  return {
    data,
    range,
    now: now!,
    before: before ?? null,
    uncompared,
    days: await ask(session, 'days', given),
    funnel: await ask(session, 'funnel', given),
    products: await ask(session, 'products', {
      ...given,
      sort: request.sort,
      rows: String(request.products),
    }),
    checks,
  };
}

/**
 * As the dashboard chooses: counted back from the newest day with data, which is left out since it is hardly ever
 * over, unless it is the only one.
 */
export function rangeOf(data: DataState, { from, to, days, filter }: ReportRequest): Range | null {
  const { data_from: first, data_to: last } = data;
  if (from !== undefined && to !== undefined) {
    // Days to come are not days without visitors.
    const end = last !== null && from <= last && to > last ? last : to;
    return { from_day: from, to_day: end, ...filter };
  }
  if (first === null || last === null) return null;
  const end = first === last ? last : shiftDay(last, -1);
  return { from_day: shiftDay(end, 1 - days), to_day: end, ...filter };
}

/** As the dashboard compares: only what is whole on both sides. The newest day is not over. */
function whyUncompared({ data_from: first, data_to: last }: DataState, range: Range): Uncompared | null {
  if (first === null || last === null || range.to_day > last) return 'no_data';
  if (daysBefore(range).from_day < first) return 'data_begins';
  return range.to_day === last ? 'day_not_over' : null;
}

function daysBefore({ from_day, to_day }: Range): Pick<Range, 'from_day' | 'to_day'> {
  const days = Math.round((Date.parse(to_day) - Date.parse(from_day)) / DAY_MS) + 1;
  return { from_day: shiftDay(from_day, -days), to_day: shiftDay(from_day, -1) };
}

const DAY_MS = 86_400_000;

/** `2025-12-06` by so many days. */
export function shiftDay(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}
