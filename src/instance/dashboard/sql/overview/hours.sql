-- The headline numbers of each hour of a short range, of its first seven days at most.
-- params: from_day date, to_day date, login text, by text, value text, bots text
-- filters: login, bots
-- columns: hour timestamptz, visitors bigint, sessions bigint, page_views bigint, events bigint, carts bigint, checkouts bigint, conversions bigint, bounced bigint, duration_seconds double
WITH span AS (
  SELECT date_trunc('hour', $1::date::timestamp AT TIME ZONE time_zone, 'UTC') AS from_at,
         (least($2::date, $1::date + 6) + 1)::timestamp AT TIME ZONE time_zone AS before,
         $4::text || $5::text AS not_used
    FROM dash.setting
), counted AS (
  SELECT hour, sum(sessions) AS sessions, sum(carts) AS carts, sum(checkouts) AS checkouts,
         sum(conversions) AS conversions, sum(bounced) AS bounced, sum(duration_ms) AS duration_ms
    FROM dash.session_hour
   WHERE day BETWEEN $1::date AND least($2::date, $1::date + 6)
     AND ($3::text = '' OR is_logged_in = ($3::text = 'logged_in')) AND (NOT is_bot OR $6::text = 'on')
   GROUP BY hour
), happened AS (
  SELECT hour, sum(events) AS events, sum(events) FILTER (WHERE event_name = 'page_view') AS page_views
    FROM dash.hour_event
   WHERE day BETWEEN $1::date AND least($2::date, $1::date + 6)
     AND ($3::text = '' OR is_logged_in = ($3::text = 'logged_in')) AND (NOT is_bot OR $6::text = 'on')
   GROUP BY hour
), seen AS (
  SELECT hour, sum(visitors) AS visitors
    FROM dash.hour_visitor
   WHERE hour >= (SELECT from_at FROM span) AND hour < (SELECT before FROM span)
     AND scope % 10 = CASE $3::text WHEN 'logged_in' THEN 3 WHEN 'anonymous' THEN 2 ELSE 1 END
     AND (scope < 10 OR $6::text = 'on')
   GROUP BY hour
)
SELECT d.hour,
       coalesce(s.visitors, 0)::bigint AS visitors,
       coalesce(c.sessions, 0)::bigint AS sessions,
       coalesce(h.page_views, 0)::bigint AS page_views,
       coalesce(h.events, 0)::bigint AS events,
       coalesce(c.carts, 0)::bigint AS carts,
       coalesce(c.checkouts, 0)::bigint AS checkouts,
       coalesce(c.conversions, 0)::bigint AS conversions,
       coalesce(c.bounced, 0)::bigint AS bounced,
       coalesce(c.duration_ms, 0)::double precision / 1000 AS duration_seconds
  FROM (SELECT generate_series(from_at, before - interval '1 microsecond', interval '1 hour') AS hour FROM span) AS d
  LEFT JOIN counted c USING (hour) LEFT JOIN happened h USING (hour) LEFT JOIN seen s USING (hour)
 ORDER BY d.hour
