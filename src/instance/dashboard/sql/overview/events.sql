-- Events by kind, at their own time.
-- params: from_day date, to_day date, login text, by text, value text, bots text
-- filters: login, bots
-- columns: event_name text, events bigint
SELECT event_name, sum(events)::bigint AS events
  FROM dash.hour_event
 WHERE day BETWEEN $1::date AND $2::date AND $4::text || $5::text IS NOT NULL
   AND ($3::text = '' OR is_logged_in = ($3::text = 'logged_in')) AND (NOT is_bot OR $6::text = 'on')
 GROUP BY event_name
 ORDER BY 2 DESC, 1
