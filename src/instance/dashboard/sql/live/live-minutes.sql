-- The hour up to the newest event, by minute.
-- params: bots text
-- filters: bots
-- columns: minute timestamptz, events bigint, visitors bigint
WITH counted AS (
  SELECT date_trunc('minute', at) AS minute, count(*) AS events, count(DISTINCT client_key) AS visitors
    FROM dash.live WHERE NOT is_bot OR $1::text = 'on' GROUP BY 1
), newest AS (
  SELECT date_trunc('minute', last_at) AS minute FROM dash.hour ORDER BY hour DESC LIMIT 1
)
SELECT m AS minute, coalesce(c.events, 0) AS events, coalesce(c.visitors, 0) AS visitors
  FROM newest, generate_series(newest.minute - interval '59 minutes', newest.minute, interval '1 minute') AS m
  LEFT JOIN counted c ON c.minute = m
 ORDER BY m
