import type { Session } from '../ports.ts';
import { addTo } from './sums.ts';

/**
 * Distinct visitors: changes which days each touched visitor was seen on, and the counts of days by the day before
 * (dash.visitor_gap) and by the first week (dash.visitor_week).
 */
export async function addVisitors(session: Session): Promise<void> {
  await session.query(VISITS);
  const touched = await session.query(TOUCHED);
  await session.query(CHAINS, [-1]);
  await session.query(ADD_VISITS);
  await session.query(
    `DELETE FROM dash.visitor_day WHERE ctid = ANY (ARRAY(
       SELECT d.ctid FROM sbw_visit v CROSS JOIN LATERAL (
              SELECT ctid FROM dash.visitor_day d
               WHERE d.client = v.client AND d.day = v.day
                 AND (d.anonymous, d.logged_in, d.bot_anonymous, d.bot_logged_in) = (0, 0, 0, 0) OFFSET 0) AS d
        WHERE least(v.anonymous, v.logged_in, v.bot_anonymous, v.bot_logged_in) < 0))`,
  );
  if (touched.rowCount === 0) return;
  await session.query(CHAINS, [1]);
  await session.query(addTo(GAPS));
  await session.query(addTo(WEEKS));
  await session.query(
    'DELETE FROM dash.visitor_gap WHERE visitors = 0 AND day IN (SELECT day FROM sbw_chain)',
  );
  await session.query('DELETE FROM dash.visitor_week WHERE visitors = 0');
}

const CLASSES = ['anonymous', 'logged_in', 'bot_anonymous', 'bot_logged_in'] as const;

const VISITS = `INSERT INTO sbw_visit
  SELECT client, day, sum(sign) FILTER (WHERE NOT is_logged_in AND NOT is_bot),
         sum(sign) FILTER (WHERE is_logged_in AND NOT is_bot), sum(sign) FILTER (WHERE NOT is_logged_in AND is_bot),
         sum(sign) FILTER (WHERE is_logged_in AND is_bot)
    FROM sbw_session WHERE client IS NOT NULL GROUP BY client, day`;

/**
 * Who is seen on another day, or in another guise, than before. A second session of a day changes nothing. Each is
 * looked up by itself, since the planner would rather read all visitors there are (as in sessions.ts).
 */
const TOUCHED = `INSERT INTO sbw_client (client)
  SELECT DISTINCT v.client
    FROM sbw_visit v
    LEFT JOIN LATERAL (SELECT * FROM dash.visitor_day d WHERE (d.client, d.day) = (v.client, v.day) OFFSET 0) AS d ON true
   WHERE ${CLASSES.map(
     (name) => `(coalesce(d.${name}, 0) > 0) <> (coalesce(d.${name}, 0) + coalesce(v.${name}, 0) > 0)`,
   ).join(' OR ')}`;

const ADD_VISITS = `INSERT INTO dash.visitor_day AS t
  SELECT client, day, ${CLASSES.map((name) => `coalesce(${name}, 0)`).join(', ')} FROM sbw_visit
   WHERE ${CLASSES.map((name) => `coalesce(${name}, 0) <> 0`).join(' OR ')}
  ON CONFLICT (client, day) DO UPDATE SET
    ${CLASSES.map((name) => `${name} = t.${name} + excluded.${name}`).join(', ')}`;

/** Julian day 0 was a Monday. */
const mondayOf = (day: string): string => `${day} - (${day} - '4714-11-24 BC'::date) % 7`;

/** Scope, mask and weight: which classes of sbw_day count for which scope. */
const PEOPLE = '(1::smallint, 3, 1), (2, 1, 1), (3, 2, 1)';
const BOTS = '(11::smallint, 15, 1), (11, 3, -1), (12, 5, 1), (12, 1, -1), (13, 10, 1), (13, 2, -1)';

/**
 * Every day of the touched visitors with the day before it, in each scope. A mask's bits are the classes of
 * dash.visitor_day: 1 anonymous, 2 signed in, 4 and 8 the same of bots. The scopes above 10 are what bots add: with them
 * less without, and nothing at all for visitors that never had any.
 */
const CHAINS = `INSERT INTO sbw_chain
  WITH days AS MATERIALIZED (
    SELECT c.id, day, (anonymous > 0)::integer + 2 * (logged_in > 0)::integer + 4 * (bot_anonymous > 0)::integer
           + 8 * (bot_logged_in > 0)::integer AS classes
      FROM sbw_client c CROSS JOIN LATERAL (SELECT * FROM dash.visitor_day d WHERE d.client = c.client OFFSET 0) AS d),
  scoped AS (
    SELECT * FROM days JOIN (VALUES ${PEOPLE}) AS s (scope, mask, weight) ON classes & mask <> 0
     UNION ALL
    SELECT * FROM days JOIN (VALUES ${BOTS}) AS s (scope, mask, weight) ON classes & mask <> 0
     WHERE id IN (SELECT id FROM days WHERE classes > 3)),
  chains AS (
    SELECT scope, weight, day, coalesce(lag(day) OVER chain, '-infinity') AS previous,
           first_value(day) OVER chain AS first_day
      FROM scoped WINDOW chain AS (PARTITION BY id, scope, mask ORDER BY day))
  SELECT $1::integer * sum(weight), scope, day, previous, ${mondayOf('first_day')},
         previous < ${mondayOf('day')} AS is_first_of_week
    FROM chains GROUP BY 2, 3, 4, 5, 6`;

const GAPS = {
  table: 'visitor_gap',
  keys: ['scope', 'day', 'previous'],
  sums: ['visitors'],
  from: 'SELECT scope, day, previous, weight AS visitors FROM sbw_chain',
};
const WEEKS = {
  table: 'visitor_week',
  keys: ['scope', 'cohort', 'week'],
  sums: ['visitors'],
  from: `SELECT scope, cohort, ${mondayOf('day')} AS week, weight AS visitors FROM sbw_chain
    WHERE is_first_of_week`,
};
