import type { Session } from '../ports.ts';
import { SESSION_SUMS } from './stage.ts';

/** A table of sums: one row per key, and rows whose sessions came to zero go. */
interface Sums {
  readonly table: string;
  readonly keys: readonly string[];
  readonly sums: readonly string[];
  /** Rows to be summed, with columns named as keys and sums. */
  readonly from: string;
}

const FLAGS = ['is_logged_in', 'is_bot'];

const sumOf = (name: string): string => `sum(${name}) AS ${name}`;
const signedSumOf = (name: string): string => `sum(sign * ${name}) AS ${name}`;

/** What each session did with each product, over its hours; `id` is the session's. */
const PRODUCTS = `SELECT id, product, category, brand, sum(t.views)::integer AS views, sum(t.adds)::integer AS adds,
    sum(t.removes)::integer AS removes, sum(t.sales)::integer AS sales, sum(t.added) AS value, sum(t.sold) AS sold,
    max(open_completes) AS open_completes
  FROM sbw_session, unnest(touches) AS t GROUP BY id, product, category, brand`;
// What was put into the cart counts as bought too when the checkout names no product at all.
const JUDGED = `SELECT *, CASE WHEN sales > 0 THEN sold WHEN is_bought THEN greatest(value, 0) ELSE 0 END AS sold_value,
    CASE WHEN is_bought THEN 0 ELSE greatest(value, 0) END AS at_risk
  FROM (SELECT *, sales > 0 OR (open_completes > 0 AND adds > removes) AS is_bought FROM (${PRODUCTS}) AS p) AS p`;
// Of several products of one category a session's values add up, but the session counts once.
const KINDS = `CROSS JOIN LATERAL (VALUES (1::smallint, product), (2, category), (3, brand)) AS k (kind, item_id)`;
const ADDED_UP = ['views', 'adds', 'removes', 'sold_value', 'at_risk'];
const COUNTED_ONCE = ['viewed', 'added', 'bought'];
const TOUCHED = `SELECT id, kind, item_id, bool_or(views > 0)::integer AS viewed, bool_or(adds > 0)::integer AS added,
    bool_or(is_bought)::integer AS bought FROM judged ${KINDS} WHERE item_id IS NOT NULL GROUP BY 1, 2, 3`;

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
    sums: [...SESSION_SUMS, ...COUNTED_ONCE, ...ADDED_UP],
    from: `WITH judged AS MATERIALIZED (${JUDGED})
      SELECT kind, item_id, day, ${FLAGS.join(', ')}, ${SESSION_SUMS.map(sumOf).join(', ')},
             ${COUNTED_ONCE.map(signedSumOf).join(', ')}, ${ADDED_UP.map((name) => `0 AS ${name}`).join(', ')}
        FROM (${TOUCHED}) AS t JOIN sbw_session s USING (id) GROUP BY 1, 2, 3, 4, 5
       UNION ALL
      SELECT kind, item_id, day, ${FLAGS.join(', ')}, ${[...SESSION_SUMS, ...COUNTED_ONCE].map(() => '0').join(', ')},
             ${ADDED_UP.map(signedSumOf).join(', ')}
        FROM judged JOIN sbw_session s USING (id) ${KINDS} WHERE item_id IS NOT NULL GROUP BY 1, 2, 3, 4, 5`,
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
  const added = sums.map(sumOf).join(', ');
  const differs = sums.map((name) => `sum(${name}) <> 0`).join(' OR ');
  const updates = sums.map((name) => `${name} = t.${name} + excluded.${name}`).join(', ');
  return `INSERT INTO dash.${table} AS t (${all})
    SELECT ${keys.join(', ')}, ${added} FROM (${from}) AS change GROUP BY ${keys.join(', ')} HAVING ${differs}
    ON CONFLICT (${keys.join(', ')}) DO UPDATE SET ${updates}`;
}

function dropEmpty({ table }: Sums): string {
  return `DELETE FROM dash.${table} WHERE sessions = 0 AND day IN (SELECT day FROM sbw_session WHERE sign < 0)`;
}
