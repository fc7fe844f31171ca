-- Which data there is, and whether anything changed since the last look. Asked often: it must be quick.
-- params:
-- filters:
-- columns: version bigint, data_from date, data_to date, data_up_to timestamptz, loaded_at timestamptz, refreshed_at timestamptz, checked_now timestamptz, hours_behind bigint, time_zone text, currency text
SELECT v.version,
       (SELECT min(day) FROM dash.session_hour) AS data_from,
       (SELECT max(day) FROM dash.session_hour) AS data_to,
       (SELECT last_at FROM dash.hour ORDER BY hour DESC LIMIT 1) AS data_up_to,
       (SELECT max(loaded_at) FROM sbw.ledger) AS loaded_at,
       v.refreshed_at,
       now() AS checked_now,
       (SELECT count(DISTINCT hour) FROM dash.dirty) AS hours_behind,
       s.time_zone,
       s.currency
  FROM dash.version v CROSS JOIN dash.setting s
