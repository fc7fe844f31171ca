import type { Session } from '../ports.ts';
import { eventRows, TAKEN_HOURS } from './stage.ts';

/** The tables that know an hour's events only: the hours are written anew. */
export async function replaceHours(session: Session): Promise<void> {
  for (const table of ['hour', 'hour_event', 'hour_visitor']) {
    await session.query(`DELETE FROM dash.${table} WHERE hour = ANY (${TAKEN_HOURS})`);
  }
  await session.query(HOUR_EVENTS);
  await session.query(HOURS);
  await session.query(HOUR_VISITORS);
  await session.query(FORGET_RECENT);
  await session.query(RECENT);
}

// A session that is a bot's makes all of its events in that hour a bot's. Where days begin within a UTC hour, events
// are counted by quarters of it first: every zone's offset is made of those.
const HOUR_EVENTS = `INSERT INTO dash.hour_event
  SELECT hour, (quarter AT TIME ZONE current_setting('sbw.time_zone'))::date, event_name, is_logged_in, is_bot, sum(events)
    FROM (SELECT hour, CASE WHEN hour IN (SELECT hour FROM sbw_hour WHERE day <> last_day)
                            THEN date_bin('15 minutes', at, 'epoch') ELSE hour END AS quarter,
                 event_name, is_logged_in, is_bot OR (session IS NOT NULL
                   AND (session, hour) IN (SELECT session, hour FROM sbw_part WHERE is_bot)) AS is_bot, count(*) AS events
            FROM sbw_event GROUP BY 1, 2, 3, 4, 5) AS e
   GROUP BY 1, 2, 3, 4, 5`;

const HOURS = `INSERT INTO dash.hour
  SELECT e.hour, e.first_at, e.last_at, e.events, b.events, e.unnamed
    FROM (SELECT hour, min(at) AS first_at, max(at) AS last_at, count(*) AS events,
                 count(*) FILTER (WHERE session IS NULL) AS unnamed FROM sbw_event GROUP BY hour) AS e
    JOIN (SELECT hour, coalesce(sum(h.events) FILTER (WHERE is_bot), 0) AS events
            FROM dash.hour_event h WHERE hour = ANY (${TAKEN_HOURS}) GROUP BY hour) AS b USING (hour)`;

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

const NEWEST = '(SELECT max(hour) FROM dash.hour)';
const RECENT_HOURS = `ARRAY(SELECT hour FROM dash.hour WHERE hour >= ${NEWEST} - interval '1 hour')`;
const FORGET_RECENT = `DELETE FROM dash.recent WHERE coalesce(hour < ${NEWEST} - interval '1 hour', true)
  OR hour = ANY (${TAKEN_HOURS})`;
// An hour that is recent again, since the ones after it were emptied, is read from the events.
const RECENT = `INSERT INTO dash.recent
  SELECT e.hour, at, event_name, name, dash.path_of(url), e.is_logged_in,
         e.is_bot OR (e.session IS NOT NULL AND (e.session, e.hour) IN (
           SELECT session, hour FROM dash.part WHERE is_bot AND hour = ANY (${RECENT_HOURS}))),
         hashtextextended(e.client, 0), hashtextextended(e.session, 0)
    FROM (SELECT *, dash.bare_url(page) AS url
            FROM (SELECT session, client, at, hour, event_name, is_logged_in, is_bot, name, page FROM sbw_event
                   WHERE hour >= ${NEWEST} - interval '1 hour'
                   UNION ALL
                  SELECT session, client, at, hour, event_name, is_logged_in, is_bot, name, page FROM (
                         SELECT hour AS wanted FROM dash.hour h
                          WHERE hour >= ${NEWEST} - interval '1 hour' AND hour <> ALL (${TAKEN_HOURS})
                            AND NOT EXISTS (SELECT FROM dash.recent r WHERE r.hour = h.hour) OFFSET 0) AS w
                   CROSS JOIN LATERAL (${eventRows('wanted', `wanted + interval '1 hour'`)} OFFSET 0) AS e) AS e
          OFFSET 0) AS e`;
