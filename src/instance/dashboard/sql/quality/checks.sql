-- Whether the data is sound: one row a check, with the command that mends it, where there is one.
-- params: stale_minutes integer
-- filters:
-- columns: check_name text, tone text, count bigint, total bigint, first_at timestamptz, last_at timestamptz, command text
WITH newest AS (
  SELECT (SELECT last_at FROM dash.hour ORDER BY hour DESC LIMIT 1) AS at
), loads AS (
  SELECT count(*) AS hours, count(*) FILTER (WHERE state = 'open') AS open_hours,
         min(partition_start) FILTER (WHERE state = 'open') AS first_open,
         max(partition_start) FILTER (WHERE state = 'open') AS last_open,
         count(*) FILTER (WHERE newest_modified_at > partition_start + interval '70 minutes') AS late_hours,
         min(partition_start) FILTER (WHERE newest_modified_at > partition_start + interval '70 minutes') AS first_late,
         max(partition_start) FILTER (WHERE newest_modified_at > partition_start + interval '70 minutes') AS last_late,
         coalesce(sum(events_read), 0)::bigint AS events_read, coalesce(sum(duplicates), 0)::bigint AS duplicates,
         min(partition_start) AS first_hour, max(partition_start) AS last_hour, max(loaded_at) AS loaded_at
    FROM sbw.ledger
), gaps AS (
  SELECT count(*) AS hours, min(hour) AS first_hour, max(hour) AS last_hour
    FROM loads CROSS JOIN LATERAL generate_series(first_hour, last_hour, interval '1 hour') AS hour
   WHERE NOT EXISTS (SELECT FROM sbw.ledger WHERE partition_start = hour)
), behind AS (
  SELECT count(DISTINCT hour) AS hours, min(hour) AS first_hour, max(hour) AS last_hour FROM dash.dirty
), rejected AS (
  SELECT count(*) AS events, min(first_seen_at) AS first_at, max(last_seen_at) AS last_at
    FROM sbw.quarantine WHERE state = 'open'
), unread AS (
  SELECT count(*) AS objects, min(first_seen_at) AS first_at, max(first_seen_at) AS last_at FROM sbw.unreadable
), held AS (
  SELECT coalesce(sum(events), 0)::bigint AS events, coalesce(sum(bot_events), 0)::bigint AS bots,
         coalesce(sum(unnamed), 0)::bigint AS unnamed FROM dash.hour
)
SELECT 'fresh' AS check_name,
       CASE WHEN newest.at IS NULL OR newest.at < now() - 3 * $1::integer * interval '1 minute' THEN 'bad'
            WHEN newest.at < now() - $1::integer * interval '1 minute' THEN 'warn' ELSE 'good' END AS tone,
       coalesce(extract(epoch FROM now() - newest.at), 0)::bigint AS count, NULL::bigint AS total,
       newest.at AS first_at, loads.loaded_at AS last_at,
       CASE WHEN newest.at >= now() - $1::integer * interval '1 minute' THEN '' ELSE 'sbw etl run' END AS command
  FROM newest CROSS JOIN loads
 UNION ALL
SELECT 'rollups', CASE WHEN hours = 0 THEN 'good' ELSE 'warn' END, hours, NULL, first_hour, last_hour,
       CASE WHEN hours = 0 THEN '' ELSE 'sbw etl run' END FROM behind
 UNION ALL
SELECT 'open', CASE WHEN open_hours = 0 THEN 'good' ELSE 'bad' END, open_hours, hours, first_open, last_open,
       CASE WHEN open_hours = 0 THEN '' ELSE 'sbw etl retry' END FROM loads
 UNION ALL
SELECT 'unreadable', CASE WHEN objects = 0 THEN 'good' ELSE 'bad' END, objects, NULL, first_at, last_at,
       CASE WHEN objects = 0 THEN '' ELSE 'sbw etl retry' END FROM unread
 UNION ALL
SELECT 'gaps', CASE WHEN gaps.hours = 0 THEN 'good' ELSE 'warn' END, gaps.hours, loads.hours, gaps.first_hour,
       gaps.last_hour,
       CASE WHEN gaps.hours = 0 THEN '' ELSE 'sbw etl gaps --from '
         || to_char(gaps.first_hour AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24') || ' --to '
         || to_char(gaps.last_hour AT TIME ZONE 'UTC' + interval '1 hour', 'YYYY-MM-DD"T"HH24') END
  FROM gaps CROSS JOIN loads
 UNION ALL
SELECT 'late', 'good', late_hours, hours, first_late, last_late, '' FROM loads
 UNION ALL
SELECT 'quarantine', CASE WHEN events = 0 THEN 'good' ELSE 'warn' END, events, NULL, first_at, last_at,
       CASE WHEN events = 0 THEN '' ELSE 'sbw data quarantine ls' END FROM rejected
 UNION ALL
SELECT 'duplicates', CASE WHEN duplicates * 20 > events_read THEN 'warn' ELSE 'good' END, duplicates, events_read,
       NULL, NULL, '' FROM loads
 UNION ALL
SELECT 'unnamed', CASE WHEN unnamed * 20 > events THEN 'warn' ELSE 'good' END, unnamed, events, NULL, NULL, '' FROM held
 UNION ALL
SELECT 'bots', CASE WHEN bots * 2 > events THEN 'warn' ELSE 'good' END, bots, events, NULL, NULL, '' FROM held
