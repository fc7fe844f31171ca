-- The headline numbers of a range.
-- params: from_day date, to_day date, login text, by text, value text, bots text
-- filters: login, item, bots
-- columns: visitors bigint, new_visitors bigint, sessions bigint, page_views bigint, events bigint, carts bigint, checkouts bigint, conversions bigint, bounced bigint, duration_seconds double
WITH counted AS (
  SELECT sessions, page_views, events, carts, checkouts, conversions, bounced, duration_ms
    FROM dash.session_hour
   WHERE $4::text = '' AND day BETWEEN $1::date AND $2::date
     AND ($3::text = '' OR is_logged_in = ($3::text = 'logged_in')) AND (NOT is_bot OR $6::text = 'on')
   UNION ALL
  SELECT sessions, page_views, events, carts, checkouts, conversions, bounced, duration_ms
    FROM dash.item_day
   WHERE $4::text <> '' AND day BETWEEN $1::date AND $2::date
     AND kind = CASE $4::text WHEN 'product' THEN 1 WHEN 'category' THEN 2 ELSE 3 END
     AND item_id = (SELECT item_id FROM dash.item WHERE value = $5::text
                       AND kind = CASE $4::text WHEN 'product' THEN 1 WHEN 'category' THEN 2 ELSE 3 END)
     AND ($3::text = '' OR is_logged_in = ($3::text = 'logged_in')) AND (NOT is_bot OR $6::text = 'on')
), happened AS (
  SELECT sum(events) AS events, sum(events) FILTER (WHERE event_name = 'page_view') AS page_views
    FROM dash.hour_event
   WHERE $4::text = '' AND day BETWEEN $1::date AND $2::date
     AND ($3::text = '' OR is_logged_in = ($3::text = 'logged_in')) AND (NOT is_bot OR $6::text = 'on')
), seen AS (
  SELECT sum(visitors) AS visitors, sum(visitors) FILTER (WHERE previous = '-infinity') AS new_visitors
    FROM dash.visitor_gap
   WHERE $4::text = '' AND day BETWEEN $1::date AND $2::date AND previous < $1::date
     AND scope % 10 = CASE $3::text WHEN 'logged_in' THEN 3 WHEN 'anonymous' THEN 2 ELSE 1 END
     AND (scope < 10 OR $6::text = 'on')
)
SELECT CASE WHEN $4::text = '' THEN coalesce(max(s.visitors), 0) END::bigint AS visitors,
       CASE WHEN $4::text = '' THEN coalesce(max(s.new_visitors), 0) END::bigint AS new_visitors,
       coalesce(sum(c.sessions), 0)::bigint AS sessions,
       coalesce(CASE WHEN $4::text = '' THEN max(h.page_views) ELSE sum(c.page_views) END, 0)::bigint AS page_views,
       coalesce(CASE WHEN $4::text = '' THEN max(h.events) ELSE sum(c.events) END, 0)::bigint AS events,
       coalesce(sum(c.carts), 0)::bigint AS carts,
       coalesce(sum(c.checkouts), 0)::bigint AS checkouts,
       coalesce(sum(c.conversions), 0)::bigint AS conversions,
       coalesce(sum(c.bounced), 0)::bigint AS bounced,
       coalesce(sum(c.duration_ms), 0)::double precision / 1000 AS duration_seconds
  FROM seen s CROSS JOIN happened h LEFT JOIN counted c ON true
