-- Categories or brands, what was done with their products, and what was left in carts.
-- params: from_day date, to_day date, login text, by text, value text, bots text, kind text, sort text, rows integer
-- filters: login, item (of the same kind), bots
-- columns: key text, label text, views bigint, adds bigint, removes bigint, sessions bigint, sessions_viewed bigint, sessions_added bigint, sessions_bought bigint, sold_value double, at_risk double, cart_rate double, conversion double
WITH summed AS (
  SELECT item_id, sum(views) AS views, sum(adds) AS adds, sum(removes) AS removes, sum(sessions) AS sessions,
         sum(viewed) AS viewed, sum(added) AS added, sum(bought) AS bought, sum(sold_value) AS sold_value,
         sum(at_risk) AS at_risk
    FROM dash.item_day
   WHERE kind = CASE $7::text WHEN 'brand' THEN 3 ELSE 2 END AND day BETWEEN $1::date AND $2::date
     AND ($3::text = '' OR is_logged_in = ($3::text = 'logged_in')) AND (NOT is_bot OR $6::text = 'on')
   GROUP BY item_id
)
SELECT i.value AS key, coalesce(i.name, i.value) AS label, s.views::bigint, s.adds::bigint, s.removes::bigint,
       s.sessions::bigint, s.viewed::bigint AS sessions_viewed, s.added::bigint AS sessions_added,
       s.bought::bigint AS sessions_bought, s.sold_value::double precision AS sold_value,
       s.at_risk::double precision AS at_risk,
       (s.added / nullif(s.viewed, 0))::double precision AS cart_rate,
       (s.bought / nullif(s.viewed, 0))::double precision AS conversion
  FROM summed s JOIN dash.item i USING (item_id)
 WHERE $4::text <> $7::text OR i.value = $5::text
 ORDER BY $8::text IN ('cart_rate', 'conversion') AND s.viewed < 10,
          CASE $8::text
            WHEN 'adds' THEN s.adds WHEN 'sales' THEN s.bought WHEN 'at_risk' THEN s.at_risk
            WHEN 'cart_rate' THEN s.added / nullif(s.viewed, 0) WHEN 'conversion' THEN s.bought / nullif(s.viewed, 0)
            ELSE s.views END DESC NULLS LAST, s.views DESC, i.value
 LIMIT $9::integer
