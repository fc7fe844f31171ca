-- What became of the events of each day's raw objects, by the hour of receipt.
-- params: from_day date, to_day date
-- filters:
-- columns: day date, events_read bigint, loaded bigint, duplicates bigint, quarantined bigint, filtered bigint
WITH loads AS (
  SELECT (partition_start AT TIME ZONE (SELECT time_zone FROM dash.setting))::date AS day, sum(events_read) AS events_read,
         sum(loaded) AS loaded, sum(duplicates) AS duplicates, sum(quarantined) AS quarantined, sum(filtered) AS filtered
    FROM sbw.ledger
   WHERE partition_start >= $1::date::timestamp AT TIME ZONE (SELECT time_zone FROM dash.setting)
     AND partition_start < ($2::date + 1)::timestamp AT TIME ZONE (SELECT time_zone FROM dash.setting)
   GROUP BY 1
)
SELECT d.day, coalesce(l.events_read, 0)::bigint AS events_read, coalesce(l.loaded, 0)::bigint AS loaded,
       coalesce(l.duplicates, 0)::bigint AS duplicates, coalesce(l.quarantined, 0)::bigint AS quarantined,
       coalesce(l.filtered, 0)::bigint AS filtered
  FROM (SELECT generate_series($1::date, $2::date, interval '1 day')::date AS day) AS d LEFT JOIN loads l USING (day)
 ORDER BY d.day
