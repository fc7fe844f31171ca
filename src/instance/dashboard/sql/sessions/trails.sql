-- The first four different steps of sessions, a step that is repeated counts once.
-- params: from_day date, to_day date, login text, by text, value text, bots text, rows integer
-- filters: login, bots
-- columns: step1 text, step2 text, step3 text, step4 text, sessions bigint, conversions bigint
WITH walked AS (
  SELECT page AS trail, sum(sessions) AS sessions, sum(conversions) AS conversions
    FROM dash.page_day
   WHERE kind = 'trail' AND day BETWEEN $1::date AND $2::date AND $4::text || $5::text IS NOT NULL
     AND ($3::text = '' OR is_logged_in = ($3::text = 'logged_in')) AND (NOT is_bot OR $6::text = 'on')
   GROUP BY page
   ORDER BY 2 DESC, 1
   LIMIT $7::integer
), names (letter, name) AS (
  VALUES ('h', 'home_view'), ('p', 'page_view'), ('c', 'category_view'), ('v', 'product_view'), ('k', 'click'),
         ('a', 'add_to_cart_click'), ('r', 'remove_from_cart_click'), ('w', 'wishlist_toggle'), ('s', 'share_click'),
         ('o', 'login_open'), ('l', 'login_success'), ('q', 'logout'), ('b', 'checkout_start'),
         ('z', 'checkout_complete'), ('?', 'other'), ('', '')
)
SELECT a.name AS step1, b.name AS step2, c.name AS step3, d.name AS step4, w.sessions::bigint, w.conversions::bigint
  FROM walked w
  JOIN names a ON a.letter = substr(w.trail, 1, 1)
  JOIN names b ON b.letter = substr(w.trail, 2, 1)
  JOIN names c ON c.letter = substr(w.trail, 3, 1)
  JOIN names d ON d.letter = substr(w.trail, 4, 1)
 ORDER BY w.sessions DESC, w.trail
