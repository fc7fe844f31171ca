-- The ledger of loads that fits the shop's events, with what goes wrong in a real week: a late hour, a duplicate here and
-- there, two outages of loading, an object that cannot be read, rejected events.
INSERT INTO sbw.ledger (partition_start, state, fingerprint, objects_listed, objects_loaded, bytes, newest_modified_at,
                        object_digests, events_read, loaded, duplicates, quarantined, filtered, run_id, loaded_at)
SELECT hour, CASE WHEN age = 30 THEN 'open' ELSE 'loaded' END, 'f', 2, 2, 1000,
       hour + CASE WHEN age % 40 = 7 THEN interval '3 hours' ELSE interval '50 minutes' END, '',
       n + n / 90 + CASE WHEN age < 60 AND age % 9 = 0 THEN 1 ELSE 0 END, n, n / 90,
       CASE WHEN age < 60 AND age % 9 = 0 THEN 1 ELSE 0 END, 0, 'r', hour + interval '65 minutes'
  FROM (SELECT hour, count(*) AS n,
               (extract(epoch FROM max(hour) OVER () - hour) / 3600)::integer AS age
          FROM (SELECT date_trunc('hour', event_timestamp) AS hour FROM public.clickstream_events) AS happened
         GROUP BY hour) AS hours
 WHERE age NOT BETWEEN 51 AND 53 AND age <> 100;

INSERT INTO sbw.unreadable (source_key, partition_start, reason, run_id, first_seen_at)
SELECT 'events/late.ndjson.gz', max(partition_start) - interval '30 hours', 'gzip_damaged', 'r', now() - interval '29 hours'
  FROM sbw.ledger;

INSERT INTO sbw.quarantine (quarantine_id, reason, field, expected, found, source_key, source_index, partition_start,
                            modified_at, raw_text, run_id, first_seen_at, last_seen_at)
SELECT 'q' || i,
       (ARRAY['price_not_number', 'price_not_number', 'price_not_number', 'missing_event_name', 'text_too_long'])[1 + i % 5],
       (ARRAY['product.price', 'product.price', 'product.price', 'eventName', 'product.name'])[1 + i % 5],
       'x', 'y', 'k' || i, 0, date_trunc('hour', now()) - i * interval '3 hours', now(), 'x', 'r',
       now() - interval '2 days', now() - (1 + i % 5) * interval '3 hours'
  FROM generate_series(1, 23) AS i;
