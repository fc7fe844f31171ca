import { TIME_ZONE } from './shop.ts';

/** Sessions of the last seven days that are over, straight from the events. */
export const SESSIONS = `
  WITH bound AS (
    SELECT (max(event_timestamp) AT TIME ZONE '${TIME_ZONE}')::date AS today FROM public.clickstream_events
  ), whole AS (
    SELECT session_id, min(client_id) AS client_id, min(event_timestamp) AS began, max(event_timestamp) AS ended,
           count(*) AS events, bool_or(event_name = 'checkout_complete') AS is_sold
      FROM public.clickstream_events GROUP BY session_id
  ), chosen AS (
    SELECT whole.*, (began AT TIME ZONE '${TIME_ZONE}') AS local_began FROM whole, bound
     WHERE (began AT TIME ZONE '${TIME_ZONE}')::date BETWEEN today - 7 AND today - 1
  ), happened AS (
    SELECT e.* FROM public.clickstream_events AS e, bound
     WHERE (event_timestamp AT TIME ZONE '${TIME_ZONE}')::date BETWEEN today - 7 AND today - 1
  )`;

/** The funnel's steps of each session, in order. */
export const STEPS = `${SESSIONS}, step2 AS (
        SELECT session_id, min(event_timestamp) AS at FROM chosen JOIN public.clickstream_events USING (session_id)
         WHERE event_name = 'product_view' GROUP BY 1
      ), step3 AS (
        SELECT session_id, min(event_timestamp) AS at FROM step2 JOIN public.clickstream_events USING (session_id)
         WHERE event_name = 'add_to_cart_click' AND event_timestamp >= at GROUP BY 1
      ), step4 AS (
        SELECT session_id, min(event_timestamp) AS at FROM step3 JOIN public.clickstream_events USING (session_id)
         WHERE event_name IN ('checkout_start', 'checkout_complete') AND event_timestamp >= at GROUP BY 1
      )`;
