-- The headline numbers of each day of a range.
-- params: from_day date, to_day date, login text, by text, value text, bots text
-- filters: login, item, bots
-- columns: day date, visitors bigint, new_visitors bigint, sessions bigint, page_views bigint, events bigint, carts bigint, checkouts bigint, conversions bigint, bounced bigint, duration_seconds double
WITH counted AS (
  SELECT day, sessions, page_views, events, carts, checkouts, conversions, bounced, duration_ms
    FROM dash.session_hour
   WHERE $4::text = '' AND day BETWEEN $1::date AND $2::date
     AND ($3::text = '' OR is_logged_in = ($3::text = 'logged_in')) AND (NOT is_bot OR $6::text = 'on')
   UNION ALL
  SELECT day, sessions, page_views, events, carts, checkouts, conversions, bounced, duration_ms
    FROM dash.item_day
   WHERE $4::text <> '' AND day BETWEEN $1::date AND $2::date
     AND kind = CASE $4::text WHEN 'product' THEN 1 WHEN 'category' THEN 2 ELSE 3 END
     AND item_id = (SELECT item_id FROM dash.item WHERE value = $5::text
                       AND kind = CASE $4::text WHEN 'product' THEN 1 WHEN 'category' THEN 2 ELSE 3 END)
     AND ($3::text = '' OR is_logged_in = ($3::text = 'logged_in')) AND (NOT is_bot OR $6::text = 'on')
), summed AS (
  SELECT day, sum(sessions) AS sessions, sum(page_views) AS page_views, sum(events) AS events, sum(carts) AS carts,
         sum(checkouts) AS checkouts, sum(conversions) AS conversions, sum(bounced) AS bounced,
         sum(duration_ms) AS duration_ms
    FROM counted GROUP BY day
), happened AS (
  SELECT day, sum(events) AS events, sum(events) FILTER (WHERE event_name = 'page_view') AS page_views
    FROM dash.hour_event
   WHERE $4::text = '' AND day BETWEEN $1::date AND $2::date
     AND ($3::text = '' OR is_logged_in = ($3::text = 'logged_in')) AND (NOT is_bot OR $6::text = 'on')
   GROUP BY day
), seen AS (
  SELECT day, sum(visitors) AS visitors, sum(visitors) FILTER (WHERE previous = '-infinity') AS new_visitors
    FROM dash.visitor_gap
   WHERE $4::text = '' AND day BETWEEN $1::date AND $2::date
     AND scope % 10 = CASE $3::text WHEN 'logged_in' THEN 3 WHEN 'anonymous' THEN 2 ELSE 1 END
     AND (scope < 10 OR $6::text = 'on')
   GROUP BY day
)
SELECT d.day,
       CASE WHEN $4::text = '' THEN coalesce(s.visitors, 0) END::bigint AS visitors,
       CASE WHEN $4::text = '' THEN coalesce(s.new_visitors, 0) END::bigint AS new_visitors,
       coalesce(c.sessions, 0)::bigint AS sessions,
       coalesce(CASE WHEN $4::text = '' THEN h.page_views ELSE c.page_views END, 0)::bigint AS page_views,
       coalesce(CASE WHEN $4::text = '' THEN h.events ELSE c.events END, 0)::bigint AS events,
       coalesce(c.carts, 0)::bigint AS carts,
       coalesce(c.checkouts, 0)::bigint AS checkouts,
       coalesce(c.conversions, 0)::bigint AS conversions,
       coalesce(c.bounced, 0)::bigint AS bounced,
       coalesce(c.duration_ms, 0)::double precision / 1000 AS duration_seconds
  FROM (SELECT generate_series($1::date, $2::date, interval '1 day')::date AS day) AS d
  LEFT JOIN summed c USING (day) LEFT JOIN happened h USING (day) LEFT JOIN seen s USING (day)
 ORDER BY d.day
