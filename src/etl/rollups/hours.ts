import type { Session } from '../ports.ts';
import { TAKEN_HOURS } from './stage.ts';

/** The tables that know an hour's events only: the hours are written anew. */
export async function replaceHours(session: Session): Promise<void> {
  for (const table of ['hour', 'hour_event', 'hour_visitor']) {
    await session.query(`DELETE FROM dash.${table} WHERE hour = ANY (${TAKEN_HOURS})`);
  }
  await session.query(HOURS);
  await session.query(HOUR_VISITORS);
}

// A session that is a bot's makes all of its events in that hour a bot's. Where days begin within a UTC hour, events
// are counted by quarters of it first: every zone's offset is made of those.
const HOURS = `WITH counted AS MATERIALIZED (
    SELECT hour, CASE WHEN hour IN (SELECT hour FROM sbw_hour WHERE day <> last_day)
                      THEN date_bin('15 minutes', at, 'epoch') ELSE hour END AS quarter,
           event_name, is_logged_in, is_bot OR (session IS NOT NULL
             AND (session, hour) IN (SELECT session, hour FROM sbw_part WHERE is_bot)) AS is_bot,
           min(at) AS first_at, max(at) AS last_at, count(*) AS events, count(*) FILTER (WHERE session IS NULL) AS unnamed
      FROM sbw_event GROUP BY 1, 2, 3, 4, 5),
  by_name AS (
    INSERT INTO dash.hour_event
    SELECT hour, (quarter AT TIME ZONE current_setting('sbw.time_zone'))::date, event_name, is_logged_in, is_bot, sum(events)
      FROM counted GROUP BY 1, 2, 3, 4, 5)
  INSERT INTO dash.hour
  SELECT hour, min(first_at), max(last_at), sum(events), coalesce(sum(events) FILTER (WHERE is_bot), 0), sum(unnamed)
    FROM counted GROUP BY hour`;

// The scopes are those of dash.visitor_gap.
const HOUR_VISITORS = `INSERT INTO dash.hour_visitor
  SELECT hour, scope, visitors
    FROM (SELECT hour, count(DISTINCT client) FILTER (WHERE NOT is_bot) AS everybody,
                 count(DISTINCT client) FILTER (WHERE NOT is_bot AND NOT is_logged_in) AS anonymous,
                 count(DISTINCT client) FILTER (WHERE NOT is_bot AND is_logged_in) AS logged_in,
                 count(DISTINCT client) AS all_everybody,
                 count(DISTINCT client) FILTER (WHERE NOT is_logged_in) AS all_anonymous,
                 count(DISTINCT client) FILTER (WHERE is_logged_in) AS all_logged_in
            FROM sbw_part GROUP BY hour) AS v
   CROSS JOIN LATERAL (VALUES (1, everybody), (2, anonymous), (3, logged_in), (11, all_everybody - everybody),
     (12, all_anonymous - anonymous), (13, all_logged_in - logged_in)) AS s (scope, visitors)
   WHERE visitors <> 0`;
