-- Hours without a load between the first and the last that were loaded, those in a row together, newest first.
-- params: rows integer
-- filters:
-- columns: hour timestamptz, hours bigint, command text
WITH span AS (
  SELECT min(partition_start) AS first_hour, max(partition_start) AS last_hour FROM sbw.ledger
), missing AS (
  SELECT hour, hour - row_number() OVER (ORDER BY hour) * interval '1 hour' AS island
    FROM span CROSS JOIN LATERAL generate_series(first_hour, last_hour, interval '1 hour') AS hour
   WHERE NOT EXISTS (SELECT FROM sbw.ledger WHERE partition_start = hour)
)
SELECT min(hour) AS hour, count(*) AS hours,
       'sbw etl backfill --from ' || to_char(min(hour) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24') || ' --to '
         || to_char((max(hour) + interval '1 hour') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24') AS command
  FROM missing
 GROUP BY island
 ORDER BY 1 DESC
 LIMIT $1::integer
