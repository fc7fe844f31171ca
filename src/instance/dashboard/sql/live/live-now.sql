-- The hour up to the newest event.
-- params: bots text
-- filters: bots
-- columns: up_to timestamptz, visitors bigint, active_visitors bigint, sessions bigint, events bigint, carts bigint, conversions bigint
SELECT max(at) AS up_to, count(DISTINCT client_key) AS visitors,
       count(DISTINCT client_key) FILTER (WHERE at > newest - interval '5 minutes') AS active_visitors,
       count(DISTINCT session_key) AS sessions, count(*) AS events,
       count(DISTINCT session_key) FILTER (WHERE event_name = 'add_to_cart_click') AS carts,
       count(DISTINCT session_key) FILTER (WHERE event_name = 'checkout_complete') AS conversions
  FROM (SELECT *, max(at) OVER () AS newest FROM dash.live WHERE NOT is_bot OR $1::text = 'on') AS l
