-- The latest events, without ids.
-- params: bots text, rows integer
-- filters: bots
-- columns: at timestamptz, event_name text, product_name text, page text, is_logged_in boolean
SELECT at, event_name, product_name, page, is_logged_in
  FROM dash.live
 WHERE NOT is_bot OR $1::text = 'on'
 ORDER BY at DESC, event_name, product_name, page
 LIMIT $2::integer
