-- The pages on which sessions began or ended.
-- params: from_day date, to_day date, login text, by text, value text, bots text, kind text, rows integer
-- filters: login, bots
-- columns: page text, sessions bigint, bounced bigint, conversions bigint
SELECT page, sum(sessions)::bigint AS sessions, sum(bounced)::bigint AS bounced, sum(conversions)::bigint AS conversions
  FROM dash.page_day
 WHERE kind = CASE $7::text WHEN 'exit' THEN 'exit' ELSE 'entry' END
   AND day BETWEEN $1::date AND $2::date AND $4::text || $5::text IS NOT NULL
   AND ($3::text = '' OR is_logged_in = ($3::text = 'logged_in')) AND (NOT is_bot OR $6::text = 'on')
 GROUP BY page
 ORDER BY 2 DESC, 1
 LIMIT $8::integer
