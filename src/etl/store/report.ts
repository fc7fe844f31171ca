import type { Session } from '../ports.ts';

/** The numbers a shop looks at first. All of them come from SQL; nothing is counted in memory. */
export interface WarehouseReport {
  readonly totals: {
    readonly events: number;
    readonly sessions: number;
    readonly clients: number;
    readonly first_event_at: Date | null;
    readonly last_event_at: Date | null;
  };
  /** UTC days, oldest first. */
  readonly days: readonly { readonly day: string; readonly events: number; readonly sessions: number }[];
  /** Sessions that got as far as each step; a session counts for every step before its farthest. */
  readonly funnel: readonly { readonly step: string; readonly sessions: number }[];
  readonly products: readonly {
    readonly product_id: string;
    readonly name: string | null;
    readonly views: number;
    readonly carts: number;
    readonly orders: number;
    /** Sum of the prices paid, as exact decimal text. */
    readonly revenue: string;
  }[];
  readonly quarantine: readonly { readonly reason: string; readonly events: number }[];
}

/** The steps of the funnel; a session that reached a later one passed the earlier ones. */
export const FUNNEL_STEPS = [
  'visit',
  'product_view',
  'add_to_cart_click',
  'checkout_start',
  'checkout_complete',
] as const;

export async function readReport(
  session: Session,
  options: { readonly products: number },
): Promise<WarehouseReport> {
  return {
    totals: await readTotals(session),
    days: await readDays(session),
    funnel: await readFunnel(session),
    products: await readProducts(session, options.products),
    quarantine: await readQuarantine(session),
  };
}

type Numbers<T> = { [K in keyof T]: T[K] extends number ? string : T[K] };

async function readTotals(session: Session): Promise<WarehouseReport['totals']> {
  const { rows } = await session.query<Numbers<WarehouseReport['totals']>>(
    `SELECT count(*) AS events, count(DISTINCT session_id) AS sessions, count(DISTINCT client_id) AS clients,
            min(event_timestamp) AS first_event_at, max(event_timestamp) AS last_event_at
       FROM public.clickstream_events`,
  );
  const [row] = rows;
  return {
    ...row!,
    events: Number(row!.events),
    sessions: Number(row!.sessions),
    clients: Number(row!.clients),
  };
}

async function readDays(session: Session): Promise<WarehouseReport['days']> {
  const { rows } = await session.query<{ day: string; events: string; sessions: string }>(
    `SELECT to_char(event_timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, count(*) AS events,
            count(DISTINCT session_id) AS sessions
       FROM public.clickstream_events GROUP BY 1 ORDER BY 1`,
  );
  return rows.map((row) => ({ day: row.day, events: Number(row.events), sessions: Number(row.sessions) }));
}

async function readFunnel(session: Session): Promise<WarehouseReport['funnel']> {
  const steps = FUNNEL_STEPS.slice(1).map((step, index) => `WHEN '${step}' THEN ${index + 1}`);
  const { rows } = await session.query<{ farthest: number; sessions: string }>(
    `SELECT farthest, count(*) AS sessions FROM (
       SELECT max(CASE event_name ${steps.join(' ')} ELSE 0 END) AS farthest
         FROM public.clickstream_events WHERE session_id IS NOT NULL GROUP BY session_id) AS visits
      GROUP BY farthest`,
  );
  return FUNNEL_STEPS.map((step, index) => ({
    step,
    sessions: rows.reduce((sum, row) => sum + (row.farthest >= index ? Number(row.sessions) : 0), 0),
  }));
}

async function readProducts(session: Session, limit: number): Promise<WarehouseReport['products']> {
  const { rows } = await session.query<Numbers<WarehouseReport['products'][number]>>(
    `SELECT context_product_id AS product_id, max(context_product_name) AS name,
            count(*) FILTER (WHERE event_name = 'product_view') AS views,
            count(*) FILTER (WHERE event_name = 'add_to_cart_click') AS carts,
            count(*) FILTER (WHERE event_name = 'checkout_complete') AS orders,
            round(coalesce(sum(coalesce(context_product_discount_price, context_product_price))
              FILTER (WHERE event_name = 'checkout_complete'), 0), 2)::text AS revenue
       FROM public.clickstream_events WHERE context_product_id IS NOT NULL
      GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT $1`,
    [limit],
  );
  return rows.map((row) => ({
    ...row,
    views: Number(row.views),
    carts: Number(row.carts),
    orders: Number(row.orders),
  }));
}

async function readQuarantine(session: Session): Promise<WarehouseReport['quarantine']> {
  const { rows } = await session.query<{ reason: string; events: string }>(
    `SELECT reason, count(*) AS events FROM sbw.quarantine WHERE state = 'open' GROUP BY 1 ORDER BY 2 DESC, 1`,
  );
  return rows.map((row) => ({ reason: row.reason, events: Number(row.events) }));
}
