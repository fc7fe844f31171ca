import type { Session } from '../ports.ts';
import { addTo } from './sums.ts';

/**
 * Distinct visitors: changes which days each touched visitor was seen on, and the counts of days by the day before
 * (dash.visitor_gap) and by the first week (dash.visitor_week).
 */
export async function addVisitors(session: Session): Promise<void> {
  await session.query(VISITS);
  await session.query(DAYS);
  await session.query(ADD_VISITS);
  await session.query(
    `DELETE FROM dash.visitor_day WHERE ctid = ANY (ARRAY(
       SELECT d.ctid FROM sbw_visitor v CROSS JOIN LATERAL (
              SELECT ctid FROM dash.visitor_day d WHERE d.client = v.client AND d.day = v.day OFFSET 0) AS d
        WHERE v.classes = 0))`,
  );
  const { rowCount } = await session.query(CHAINS);
  if (rowCount === 0) return;
  await session.query(addTo(GAPS));
  await session.query(addTo(WEEKS));
  await session.query(
    'DELETE FROM dash.visitor_gap WHERE visitors = 0 AND day IN (SELECT day FROM sbw_chain)',
  );
  await session.query('DELETE FROM dash.visitor_week WHERE visitors = 0');
}

const CLASSES = ['anonymous', 'logged_in', 'bot_anonymous', 'bot_logged_in'] as const;

/** A bit for each class in which there are sessions: 1 anonymous, 2 signed in, 4 and 8 the same of bots. */
const maskOf = (sessions: (name: string) => string): string =>
  CLASSES.map((name, bit) => `${2 ** bit} * coalesce((${sessions(name)} > 0)::integer, 0)`).join(' + ');

const VISITS = `INSERT INTO sbw_visit
  SELECT client, day, sum(sign) FILTER (WHERE NOT is_logged_in AND NOT is_bot),
         sum(sign) FILTER (WHERE is_logged_in AND NOT is_bot), sum(sign) FILTER (WHERE NOT is_logged_in AND is_bot),
         sum(sign) FILTER (WHERE is_logged_in AND is_bot)
    FROM sbw_session WHERE client IS NOT NULL GROUP BY client, day`;

/**
 * Every day of every visitor of those sessions: the classes in which they were seen on it, until now and from now on.
 * Each visitor is looked up by itself, since the planner would rather read all there are (as in sessions.ts).
 */
const DAYS = `INSERT INTO sbw_visitor
  SELECT client, day, ${maskOf((name) => `d.${name}`)}, ${maskOf((name) => `coalesce(d.${name}, 0) + coalesce(v.${name}, 0)`)}
    FROM (SELECT d.* FROM (SELECT DISTINCT client FROM sbw_visit) AS c
           CROSS JOIN LATERAL (SELECT * FROM dash.visitor_day d WHERE d.client = c.client OFFSET 0) AS d) AS d
    FULL JOIN sbw_visit v USING (client, day)`;

const ADD_VISITS = `INSERT INTO dash.visitor_day AS t
  SELECT client, day, ${CLASSES.map((name) => `coalesce(${name}, 0)`).join(', ')} FROM sbw_visit
   WHERE ${CLASSES.map((name) => `coalesce(${name}, 0) <> 0`).join(' OR ')}
  ON CONFLICT (client, day) DO UPDATE SET
    ${CLASSES.map((name) => `${name} = t.${name} + excluded.${name}`).join(', ')}`;

/** Julian day 0 was a Monday. */
const mondayOf = (day: string): string => `${day} - (${day} - '4714-11-24 BC'::date) % 7`;

/** Scope, mask and weight: which classes count for which scope. */
const PEOPLE = '(1::smallint, 3, 1), (2, 1, 1), (3, 2, 1)';
const BOTS = '(11::smallint, 15, 1), (11, 3, -1), (12, 5, 1), (12, 1, -1), (13, 10, 1), (13, 2, -1)';

/**
 * Each day of the visitors with the day before it, in each scope: as it was taken away, as it is added. Who is seen on
 * the same days in the same guise as before needs neither: a second session of a day changes nothing. The scopes above
 * 10 are what bots add: with them less without, and nothing at all for visitors that never had any.
 */
const CHAINS = `INSERT INTO sbw_chain
  WITH days AS MATERIALIZED (
    SELECT client, day, sign, s.classes
      FROM (SELECT *, bool_or(classes_before <> classes) OVER (PARTITION BY client) AS is_changed FROM sbw_visitor) AS v
     CROSS JOIN LATERAL (VALUES (-1, classes_before), (1, classes)) AS s (sign, classes)
     WHERE is_changed AND s.classes <> 0),
  scoped AS (
    SELECT * FROM days JOIN (VALUES ${PEOPLE}) AS s (scope, mask, weight) ON classes & mask <> 0
     UNION ALL
    SELECT * FROM days JOIN (VALUES ${BOTS}) AS s (scope, mask, weight) ON classes & mask <> 0
     WHERE client IN (SELECT client FROM days WHERE classes > 3)),
  chains AS (
    SELECT scope, sign * weight AS weight, day, coalesce(lag(day) OVER chain, '-infinity') AS previous,
           first_value(day) OVER chain AS first_day
      FROM scoped WINDOW chain AS (PARTITION BY client, scope, mask, sign ORDER BY day))
  SELECT sum(weight), scope, day, previous, ${mondayOf('first_day')}, previous < ${mondayOf('day')} AS is_first_of_week
    FROM chains GROUP BY 2, 3, 4, 5, 6 HAVING sum(weight) <> 0`;

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
