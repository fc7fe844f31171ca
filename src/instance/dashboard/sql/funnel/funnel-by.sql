-- The funnel of the sessions of each kind: by login, or by the products, categories or brands that they touched.
-- params: from_day date, to_day date, login text, by text, value text, bots text, kind text, rows integer
-- filters: login, item (by login any, else of the same kind, products also of a category or brand), bots
-- columns: key text, label text, step1 bigint, step2 bigint, step3 bigint, step4 bigint, step5 bigint
WITH counted AS (
  SELECT CASE WHEN is_logged_in THEN 'logged_in' ELSE 'anonymous' END AS key, sum(sessions) AS step1,
         sum(step2) AS step2, sum(step3) AS step3, sum(step4) AS step4, sum(step5) AS step5
    FROM dash.session_hour
   WHERE $7::text = 'login' AND $4::text = '' AND day BETWEEN $1::date AND $2::date
     AND ($3::text = '' OR is_logged_in = ($3::text = 'logged_in')) AND (NOT is_bot OR $6::text = 'on')
   GROUP BY 1
   UNION ALL
  SELECT CASE WHEN is_logged_in THEN 'logged_in' ELSE 'anonymous' END, sum(sessions), sum(step2), sum(step3),
         sum(step4), sum(step5)
    FROM dash.item_day
   WHERE $7::text = 'login' AND $4::text <> '' AND day BETWEEN $1::date AND $2::date
     AND kind = CASE $4::text WHEN 'product' THEN 1 WHEN 'category' THEN 2 ELSE 3 END
     AND item_id = (SELECT item_id FROM dash.item WHERE value = $5::text
                       AND kind = CASE $4::text WHEN 'product' THEN 1 WHEN 'category' THEN 2 ELSE 3 END)
     AND ($3::text = '' OR is_logged_in = ($3::text = 'logged_in')) AND (NOT is_bot OR $6::text = 'on')
   GROUP BY 1
), touched AS (
  SELECT item_id, sum(sessions) AS step1, sum(step2) AS step2, sum(step3) AS step3, sum(step4) AS step4,
         sum(step5) AS step5
    FROM dash.item_day
   WHERE $7::text <> 'login' AND day BETWEEN $1::date AND $2::date
     AND kind = CASE $7::text WHEN 'product' THEN 1 WHEN 'category' THEN 2 ELSE 3 END
     AND ($3::text = '' OR is_logged_in = ($3::text = 'logged_in')) AND (NOT is_bot OR $6::text = 'on')
   GROUP BY item_id
)
SELECT key, key AS label, step1::bigint, step2::bigint, step3::bigint, step4::bigint, step5::bigint FROM counted
 UNION ALL
(SELECT i.value, coalesce(i.name, i.value), step1::bigint, step2::bigint, step3::bigint, step4::bigint, step5::bigint
   FROM touched t JOIN dash.item i USING (item_id)
  WHERE $5::text = '' OR ($4::text = $7::text AND i.value = $5::text)
     OR ($4::text = 'category' AND i.category = $5::text) OR ($4::text = 'brand' AND i.brand = $5::text)
     OR (i.kind > 1 AND $4::text <> $7::text)
  ORDER BY step1 DESC, 1 LIMIT $8::integer)
 ORDER BY 3 DESC, 1
