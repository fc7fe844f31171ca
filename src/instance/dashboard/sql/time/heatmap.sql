-- When sessions began, by weekday and hour of the business's clock.
-- params: from_day date, to_day date, login text, by text, value text, bots text
-- filters: login, bots
-- columns: weekday integer, hour integer, sessions bigint, events bigint, conversions bigint
WITH counted AS (
  SELECT extract(isodow FROM day)::integer AS weekday, clock::integer AS hour, sum(sessions) AS sessions,
         sum(events) AS events, sum(conversions) AS conversions
    FROM dash.session_hour
   WHERE day BETWEEN $1::date AND $2::date AND $4::text || $5::text IS NOT NULL
     AND ($3::text = '' OR is_logged_in = ($3::text = 'logged_in')) AND (NOT is_bot OR $6::text = 'on')
   GROUP BY 1, 2
)
SELECT w AS weekday, h AS hour, coalesce(c.sessions, 0)::bigint AS sessions, coalesce(c.events, 0)::bigint AS events,
       coalesce(c.conversions, 0)::bigint AS conversions
  FROM generate_series(1, 7) AS w CROSS JOIN generate_series(0, 23) AS h
  LEFT JOIN counted c ON c.weekday = w AND c.hour = h
 ORDER BY w, h
