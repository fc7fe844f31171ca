-- Of the visitors who first came in a week, how many were seen in each week from then on.
-- params: from_day date, to_day date, login text, by text, value text, bots text
-- filters: login, bots
-- columns: week date, week_offset integer, visitors bigint
SELECT cohort AS week, (week - cohort) / 7 AS week_offset, sum(visitors)::bigint AS visitors
  FROM dash.visitor_week
 WHERE cohort BETWEEN date_trunc('week', $1::date)::date AND $2::date AND $4::text || $5::text IS NOT NULL
   AND scope % 10 = CASE $3::text WHEN 'logged_in' THEN 3 WHEN 'anonymous' THEN 2 ELSE 1 END
   AND (scope < 10 OR $6::text = 'on')
 GROUP BY cohort, week
HAVING sum(visitors) <> 0
 ORDER BY cohort, week
