import { TIME_ZONE } from './shop.ts';

/**
 * Sessions of some days, straight from the events: `chosen`; and the events of those days: `happened`.
 * @param from,to days as SQL, counted from `today`, the newest day on which a session began
 */
export const sessionsOf = (from: string, to: string): string => `
  WITH whole AS (
    SELECT session_id, min(client_id) AS client_id, min(event_timestamp) AS began, max(event_timestamp) AS ended,
           count(*) AS events, bool_or(event_name = 'checkout_complete') AS is_sold,
           bool_or(user_login_state = 'logged_in') AS is_signed_in
      FROM public.clickstream_events GROUP BY session_id
  ), bound AS (
    SELECT (max(began) AT TIME ZONE '${TIME_ZONE}')::date AS today FROM whole
  ), chosen AS (
    SELECT whole.*, (began AT TIME ZONE '${TIME_ZONE}') AS local_began FROM whole, bound
     WHERE (began AT TIME ZONE '${TIME_ZONE}')::date BETWEEN ${from} AND ${to}
  ), happened AS (
    SELECT e.* FROM public.clickstream_events AS e, bound
     WHERE (event_timestamp AT TIME ZONE '${TIME_ZONE}')::date BETWEEN ${from} AND ${to}
  )`;

/** The last seven days that are over. */
export const SESSIONS = sessionsOf('today - 7', 'today - 1');

/** The headline numbers of sessionsOf(), after it. */
export const HEADLINE = `
  SELECT count(DISTINCT client_id) AS visitors, count(*) AS sessions,
         (SELECT count(*) FROM happened WHERE event_name = 'page_view') AS page_views,
         avg(is_sold::int)::float8 AS conversion, avg((events = 1)::int)::float8 AS bounce,
         avg(extract(epoch FROM ended - began))::float8 AS duration FROM chosen`;

/** When each session took the funnel's steps, in order: `walked`, with `at2` to `at5`. */
export const WALKS = `${SESSIONS}, step2 AS (
        SELECT session_id, min(event_timestamp) AS at FROM chosen JOIN public.clickstream_events USING (session_id)
         WHERE event_name = 'product_view' GROUP BY 1
      ), step3 AS (
        SELECT session_id, min(event_timestamp) AS at FROM step2 JOIN public.clickstream_events USING (session_id)
         WHERE event_name = 'add_to_cart_click' AND event_timestamp >= at GROUP BY 1
      ), step4 AS (
        SELECT session_id, min(event_timestamp) AS at FROM step3 JOIN public.clickstream_events USING (session_id)
         WHERE event_name IN ('checkout_start', 'checkout_complete') AND event_timestamp >= at GROUP BY 1
      ), step5 AS (
        SELECT session_id, min(event_timestamp) AS at FROM step4 JOIN public.clickstream_events USING (session_id)
         WHERE event_name = 'checkout_complete' AND event_timestamp >= at GROUP BY 1
      ), walked AS (
        SELECT chosen.*, step2.at AS at2, step3.at AS at3, step4.at AS at4, step5.at AS at5
          FROM chosen LEFT JOIN step2 USING (session_id) LEFT JOIN step3 USING (session_id)
          LEFT JOIN step4 USING (session_id) LEFT JOIN step5 USING (session_id)
      )`;

/** What the sessions did with each product: `products`. A session that added or bought a product has seen it. */
export const PRODUCTS = `${SESSIONS}, touched AS (
        SELECT session_id, context_product_id AS id, max(context_product_name) AS name,
               count(*) FILTER (WHERE event_name = 'product_view') AS views,
               count(*) FILTER (WHERE event_name = 'add_to_cart_click') AS adds,
               count(*) FILTER (WHERE event_name = 'remove_from_cart_click') AS removes,
               count(*) FILTER (WHERE event_name = 'checkout_complete') AS sales,
               sum(coalesce(context_product_discount_price, context_product_price)
                   * CASE event_name WHEN 'add_to_cart_click' THEN 1 WHEN 'remove_from_cart_click' THEN -1 ELSE 0 END)
                 AS in_cart
          FROM chosen JOIN public.clickstream_events USING (session_id)
         WHERE context_product_id IS NOT NULL GROUP BY 1, 2
      ), judged AS (
        SELECT *, sales > 0 OR (adds > removes AND session_id IN (
                 SELECT session_id FROM public.clickstream_events
                  WHERE event_name = 'checkout_complete' AND context_product_id IS NULL)) AS is_bought FROM touched
      ), products AS (
        SELECT id, max(name) AS name, sum(views) AS views, sum(adds) AS adds,
               count(*) FILTER (WHERE is_bought) AS sales,
               count(*) FILTER (WHERE views > 0 OR adds > 0 OR is_bought) AS viewed,
               count(*) FILTER (WHERE adds > 0) / nullif(count(*) FILTER (WHERE views > 0 OR adds > 0 OR is_bought), 0)::numeric
                 AS cart_rate,
               count(*) FILTER (WHERE is_bought) / nullif(count(*) FILTER (WHERE views > 0 OR adds > 0 OR is_bought), 0)::numeric
                 AS conversion,
               sum(CASE WHEN is_bought THEN 0 ELSE greatest(in_cart, 0) END) AS at_risk
          FROM judged GROUP BY id
      )`;
