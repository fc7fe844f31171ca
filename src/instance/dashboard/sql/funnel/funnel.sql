-- Sessions that got as far as each step, in order, and how long they took from the step before.
-- params: from_day date, to_day date, login text, by text, value text, bots text
-- filters: login, item, bots
-- columns: step integer, name text, sessions bigint, median_seconds double
WITH counted AS (
  SELECT sessions, step2, step3, step4, step5
    FROM dash.session_hour
   WHERE $4::text = '' AND day BETWEEN $1::date AND $2::date
     AND ($3::text = '' OR is_logged_in = ($3::text = 'logged_in')) AND (NOT is_bot OR $6::text = 'on')
   UNION ALL
  SELECT sessions, step2, step3, step4, step5
    FROM dash.item_day
   WHERE $4::text <> '' AND day BETWEEN $1::date AND $2::date
     AND kind = CASE $4::text WHEN 'product' THEN 1 WHEN 'category' THEN 2 ELSE 3 END
     AND item_id = (SELECT item_id FROM dash.item WHERE value = $5::text
                       AND kind = CASE $4::text WHEN 'product' THEN 1 WHEN 'category' THEN 2 ELSE 3 END)
     AND ($3::text = '' OR is_logged_in = ($3::text = 'logged_in')) AND (NOT is_bot OR $6::text = 'on')
), summed AS (
  SELECT sum(sessions) AS s1, sum(step2) AS s2, sum(step3) AS s3, sum(step4) AS s4, sum(step5) AS s5 FROM counted
), timed AS (
  SELECT kind, value, sum(sessions) AS sessions
    FROM dash.histogram
   WHERE $4::text = '' AND kind BETWEEN 2 AND 5 AND day BETWEEN $1::date AND $2::date
     AND ($3::text = '' OR is_logged_in = ($3::text = 'logged_in')) AND (NOT is_bot OR $6::text = 'on')
   GROUP BY kind, value
), ranked AS (
  SELECT kind, value, sum(sessions) OVER (PARTITION BY kind ORDER BY value) AS up_to,
         sum(sessions) OVER (PARTITION BY kind) AS total
    FROM timed
), medians AS (
  SELECT kind, min(value) AS seconds FROM ranked WHERE up_to * 2 >= total GROUP BY kind
)
SELECT f.step, f.name, coalesce(f.sessions, 0)::bigint AS sessions, m.seconds::double precision AS median_seconds
  FROM summed CROSS JOIN LATERAL (VALUES (1, 'visit', s1), (2, 'product', s2), (3, 'cart', s3), (4, 'checkout', s4),
    (5, 'done', s5)) AS f (step, name, sessions)
  LEFT JOIN medians m ON m.kind = f.step
 ORDER BY f.step
