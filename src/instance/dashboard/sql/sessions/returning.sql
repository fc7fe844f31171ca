-- Visitors of each day: seen for the first time, or seen on an earlier day too.
-- params: from_day date, to_day date, login text, by text, value text, bots text
-- filters: login, bots
-- columns: day date, new_visitors bigint, returning_visitors bigint
WITH seen AS (
  SELECT day, sum(visitors) FILTER (WHERE previous = '-infinity') AS new_visitors,
         sum(visitors) FILTER (WHERE previous > '-infinity') AS returning_visitors
    FROM dash.visitor_gap
   WHERE day BETWEEN $1::date AND $2::date AND $4::text || $5::text IS NOT NULL
     AND scope % 10 = CASE $3::text WHEN 'logged_in' THEN 3 WHEN 'anonymous' THEN 2 ELSE 1 END
     AND (scope < 10 OR $6::text = 'on')
   GROUP BY day
)
SELECT d.day, coalesce(s.new_visitors, 0)::bigint AS new_visitors,
       coalesce(s.returning_visitors, 0)::bigint AS returning_visitors
  FROM (SELECT generate_series($1::date, $2::date, interval '1 day')::date AS day) AS d LEFT JOIN seen s USING (day)
 ORDER BY d.day
