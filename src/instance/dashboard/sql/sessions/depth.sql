-- Sessions by their number of events, twenty means twenty or more.
-- params: from_day date, to_day date, login text, by text, value text, bots text
-- filters: login, bots
-- columns: events integer, sessions bigint
WITH counted AS (
  SELECT value, sum(sessions) AS sessions
    FROM dash.histogram
   WHERE kind = 6 AND day BETWEEN $1::date AND $2::date AND $4::text || $5::text IS NOT NULL
     AND ($3::text = '' OR is_logged_in = ($3::text = 'logged_in')) AND (NOT is_bot OR $6::text = 'on')
   GROUP BY value
)
SELECT n AS events, coalesce(c.sessions, 0)::bigint AS sessions
  FROM generate_series(1, 20) AS n LEFT JOIN counted c ON c.value = n
 ORDER BY n
