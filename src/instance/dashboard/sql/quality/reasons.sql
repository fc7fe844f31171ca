-- Events in quarantine by reason, with the command that shows them.
-- params:
-- filters:
-- columns: reason text, field text, events bigint, first_seen_at timestamptz, last_seen_at timestamptz, command text
SELECT reason, coalesce(field, '') AS field, count(*) AS events, min(first_seen_at) AS first_seen_at,
       max(last_seen_at) AS last_seen_at, 'sbw data quarantine ls --reason ' || reason AS command
  FROM sbw.quarantine
 WHERE state = 'open'
 GROUP BY reason, field
 ORDER BY 3 DESC, 1, 2
