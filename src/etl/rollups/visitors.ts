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
    `DELETE FROM dash.visitor_day d USING sbw_visit v
      WHERE d.client = v.client AND d.day = v.day
        AND (d.anonymous, d.logged_in, d.bot_anonymous, d.bot_logged_in) = (0, 0, 0, 0)`,
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

/** Who is seen on another day, or in another guise, than before. A second session of a day changes nothing. */
const TOUCHED = `INSERT INTO sbw_client
  SELECT DISTINCT v.client
    FROM sbw_visit v LEFT JOIN dash.visitor_day d USING (client, day)
   WHERE ${CLASSES.map(
     (name) => `(coalesce(d.${name}, 0) > 0) <> (coalesce(d.${name}, 0) + coalesce(v.${name}, 0) > 0)`,
   ).join(' OR ')}`;

const ADD_VISITS = `INSERT INTO dash.visitor_day AS t
  SELECT client, day, ${CLASSES.map((name) => `coalesce(${name}, 0)`).join(', ')} FROM sbw_visit
   WHERE ${CLASSES.map((name) => `coalesce(${name}, 0) <> 0`).join(' OR ')}
  ON CONFLICT (client, day) DO UPDATE SET
    ${CLASSES.map((name) => `${name} = t.${name} + excluded.${name}`).join(', ')}`;

/**
 * Every day of the touched visitors with the day before it, in each scope. `mask` says which classes of
 * dash.visitor_day count (1 anonymous, 2 signed in, 4 and 8 the same of bots). The scopes above 10 are what bots add:
 * with them less without, and nothing at all for visitors that never had any.
 */
const CHAINS = `INSERT INTO sbw_chain
  SELECT $1::integer * weight, scope, day, previous, date_trunc('week', first_day)::date,
         previous < date_trunc('week', day)::date
    FROM (SELECT weight, scope, day, coalesce(lag(day) OVER chain, '-infinity') AS previous,
                 first_value(day) OVER chain AS first_day
            FROM (SELECT client, day, (anonymous > 0)::integer + 2 * (logged_in > 0)::integer
                         + 4 * (bot_anonymous > 0)::integer + 8 * (bot_logged_in > 0)::integer AS classes,
                         bool_or(bot_anonymous > 0 OR bot_logged_in > 0) OVER (PARTITION BY client) AS has_bots
                    FROM dash.visitor_day JOIN sbw_client USING (client)) AS v
            JOIN (VALUES (1::smallint, 3, 1), (2, 1, 1), (3, 2, 1), (11, 15, 1), (11, 3, -1), (12, 5, 1), (12, 1, -1),
                         (13, 10, 1), (13, 2, -1)) AS s (scope, mask, weight)
              ON classes & mask <> 0 AND (scope < 10 OR has_bots)
          WINDOW chain AS (PARTITION BY client, scope, mask ORDER BY day)) AS c`;

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
  from: `SELECT scope, cohort, date_trunc('week', day)::date AS week, weight AS visitors FROM sbw_chain
    WHERE is_first_of_week`,
};
