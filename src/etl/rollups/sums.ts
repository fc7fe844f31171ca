import type { Session } from '../ports.ts';
import { SESSION_SUMS } from './stage.ts';

/** A table of sums: one row per key, and rows whose sessions came to zero go. */
interface Sums {
  readonly table: string;
  readonly keys: readonly string[];
  /** Which kinds there are, for tables whose key begins with it. */
  readonly kinds?: string;
  readonly sums: readonly string[];
  /** Rows to be summed, with columns named as keys and sums. */
  readonly from: string;
}

const FLAGS = ['is_logged_in', 'is_bot'];

const sumOf = (name: string): string => `sum(${name}) AS ${name}`;

/**
 * What each session did with each product; `id` is the session's. A part has each product once, so only sessions of
 * several parts are summed. Most values are zero, and summing NULL costs nothing, whereas each sum of a numeric holds
 * its own memory.
 */
const PRODUCTS = `SELECT id, product, category, brand, views, adds, removes, sales, nullif(t.added, 0) AS value,
    nullif(t.sold, 0) AS sold, open_completes
  FROM sbw_session, unnest(touches) AS t WHERE NOT is_spread
 UNION ALL
  SELECT id, product, category, brand, sum(t.views)::integer, sum(t.adds)::integer, sum(t.removes)::integer,
    sum(t.sales)::integer, sum(nullif(t.added, 0)), sum(nullif(t.sold, 0)), max(open_completes)
  FROM sbw_session, unnest(touches) AS t WHERE is_spread GROUP BY id, product, category, brand`;
// What was put into the cart counts as bought too when the checkout names no product at all.
const JUDGED = `SELECT *, CASE WHEN sales > 0 THEN sold WHEN is_bought AND value > 0 THEN value END AS sold_value,
    CASE WHEN NOT is_bought AND value > 0 THEN value END AS at_risk
  FROM (SELECT *, sales > 0 OR (open_completes > 0 AND adds > removes) AS is_bought FROM (${PRODUCTS}) AS p) AS p`;
const COUNTED_ONCE = ['viewed', 'added', 'bought'];
const ADDED_UP = ['views', 'adds', 'removes'];
const VALUES = ['sold_value', 'at_risk'];
// Of several products of one category a session's values add up, but the session counts once. Whoever puts a product
// into the cart from a list has seen it: of those who saw it no more than all can add or buy.
const TOUCHED = `SELECT id, kind, item_id, bool_or(p.views > 0 OR p.adds > 0 OR is_bought)::integer AS viewed,
    bool_or(p.adds > 0)::integer AS added, bool_or(is_bought)::integer AS bought, ${ADDED_UP.map((name) => `sum(${name})::integer AS ${name}`).join(', ')},
    ${VALUES.map(sumOf).join(', ')}
  FROM (${JUDGED}) AS p CROSS JOIN LATERAL (VALUES (1::smallint, product), (2, category), (3, brand)) AS k (kind, item_id)
 WHERE item_id IS NOT NULL GROUP BY 1, 2, 3`;

const TABLES: readonly Sums[] = [
  {
    table: 'session_hour',
    keys: ['day', 'hour', 'clock', ...FLAGS],
    sums: SESSION_SUMS,
    from: `SELECT *, date_trunc('hour', started) AS hour FROM sbw_session`,
  },
  {
    table: 'histogram',
    keys: ['kind', 'day', ...FLAGS, 'value'],
    kinds: '2, 3, 4, 5, 6',
    sums: ['sessions'],
    from: [
      ...[2, 3, 4, 5].map((step) => ({ kind: step, value: `dash.two_digits(seconds${step})` })),
      { kind: 6, value: 'depth' },
    ]
      .map(
        ({ kind, value }) =>
          `SELECT ${kind}::smallint AS kind, day, ${FLAGS.join(', ')}, ${value} AS value, sum(sessions) AS sessions
             FROM sbw_session WHERE ${value} IS NOT NULL GROUP BY 2, 3, 4, 5`,
      )
      .join(' UNION ALL '),
  },
  {
    table: 'page_day',
    keys: ['kind', 'day', ...FLAGS, 'page'],
    kinds: `'entry', 'exit', 'trail'`,
    sums: ['sessions', 'bounced', 'conversions'],
    // Many walk alike: a trail is made once of each walk.
    from: ['entry', 'exit', 'letters']
      .map(
        (column) =>
          `SELECT '${column === 'letters' ? 'trail' : column}' AS kind, day, ${FLAGS.join(', ')},
                  ${column === 'letters' ? 'dash.trail_of(letters)' : column} AS page, sessions, bounced, conversions
             FROM (SELECT day, ${FLAGS.join(', ')}, ${column}, sum(sessions) AS sessions, sum(bounced) AS bounced,
                          sum(conversions) AS conversions
                     FROM sbw_session WHERE ${column} IS NOT NULL GROUP BY 1, 2, 3, 4) AS s`,
      )
      .join(' UNION ALL '),
  },
  {
    table: 'item_day',
    keys: ['kind', 'day', 'item_id', ...FLAGS],
    kinds: '1, 2, 3',
    sums: [...SESSION_SUMS, ...COUNTED_ONCE, ...ADDED_UP, ...VALUES],
    from: `SELECT kind, item_id, day, ${FLAGS.join(', ')}, ${SESSION_SUMS.join(', ')},
             ${[...COUNTED_ONCE, ...ADDED_UP, ...VALUES].map((name) => `sign * ${name} AS ${name}`).join(', ')}
        FROM (${TOUCHED}) AS t JOIN sbw_session s USING (id)`,
  },
];

/**
 * Adds the change of sbw_session to all tables of sums.
 * @param mayShrink whether sessions were taken away anywhere, so that rows may have come to zero
 */
export async function addSums(session: Session, mayShrink: boolean): Promise<void> {
  for (const sums of TABLES) {
    await session.query(addTo(sums));
    if (mayShrink) await session.query(dropEmpty(sums));
  }
}

/** `INSERT ... ON CONFLICT` that adds. */
export function addTo({ table, keys, sums, from }: Sums): string {
  const all = [...keys, ...sums].join(', ');
  const added = sums.map((name) => `coalesce(sum(${name}), 0)`).join(', ');
  const differs = sums.map((name) => `sum(${name}) <> 0`).join(' OR ');
  const updates = sums.map((name) => `${name} = t.${name} + excluded.${name}`).join(', ');
  return `INSERT INTO dash.${table} AS t (${all})
    SELECT ${keys.join(', ')}, ${added} FROM (${from}) AS change GROUP BY ${keys.join(', ')} HAVING ${differs}
    ON CONFLICT (${keys.join(', ')}) DO UPDATE SET ${updates}`;
}

function dropEmpty({ table, kinds }: Sums): string {
  const kind = kinds === undefined ? '' : `kind IN (${kinds}) AND`;
  return `DELETE FROM dash.${table} WHERE sessions = 0
     AND ${kind} day = ANY (ARRAY(SELECT DISTINCT day FROM sbw_session WHERE sign < 0))`;
}
