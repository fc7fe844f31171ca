import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { TRAIL_LETTERS } from '../../../src/etl/rollups/stage.ts';

const SESSION = `coalesce(session_id, E'\\x01' || client_id || '@' || extract(epoch FROM date_trunc('hour', event_timestamp)))`;

const LETTER = `CASE event_name ${Object.entries(TRAIL_LETTERS)
  .map(([name, letter]) => `WHEN '${name}' THEN '${letter}'`)
  .join(' ')} ELSE '?' END`;

/**
 * What the rollups must say, asked of the events themselves in the plainest way: every session from all of its
 * events at once, every distinct count by DISTINCT. $1: time zone.
 */
export const SESSIONS = `
  WITH e AS (
    SELECT ${SESSION} AS session,
           client_id, event_timestamp AS at, date_trunc('hour', event_timestamp) AS hour, event_id, event_name,
           coalesce(user_login_state = 'logged_in', false) AS is_in, coalesce(is_bot, false) AS is_bot,
           split_part(coalesce(page_url, context_product_url_path), '?', 1) AS url
      FROM public.clickstream_events),
  crowds AS (
    SELECT session FROM e WHERE session IS NOT NULL GROUP BY session, hour
    HAVING count(*) >= 120 AND extract(epoch FROM max(at) - min(at)) * 2 < count(*)),
  s AS (
    SELECT session, min(at) AS started, max(at) AS ended, count(*) AS events,
           count(*) FILTER (WHERE event_name = 'page_view') AS page_views, bool_or(is_in) AS is_in,
           bool_or(is_bot) OR session IN (SELECT session FROM crowds) AS is_bot,
           bool_or(event_name = 'add_to_cart_click') AS has_cart,
           bool_or(event_name IN ('checkout_start', 'checkout_complete')) AS has_checkout,
           bool_or(event_name = 'checkout_complete') AS has_completed
      FROM e WHERE session IS NOT NULL GROUP BY session),
  s2 AS (SELECT *, (SELECT min(at) FROM e WHERE e.session = s.session AND event_name = 'product_view') AS at2 FROM s),
  s3 AS (SELECT *, (SELECT min(at) FROM e WHERE e.session = s.session AND event_name = 'add_to_cart_click' AND at >= at2) AS at3 FROM s2 s),
  s4 AS (SELECT *, (SELECT min(at) FROM e WHERE e.session = s.session AND event_name IN ('checkout_start', 'checkout_complete') AND at >= at3) AS at4 FROM s3 s),
  s5 AS (SELECT *, (SELECT min(at) FROM e WHERE e.session = s.session AND event_name = 'checkout_complete' AND at >= at4) AS at5 FROM s4 s)
  SELECT session, (started AT TIME ZONE $1)::date AS day, date_trunc('hour', started) AS hour,
         extract(hour FROM started AT TIME ZONE $1)::integer AS clock, is_in, is_bot, events, page_views,
         round(extract(epoch FROM ended - started) * 1000)::bigint AS duration_ms, has_cart, has_checkout, has_completed,
         at2 IS NOT NULL AS step2, at3 IS NOT NULL AS step3, at4 IS NOT NULL AS step4, at5 IS NOT NULL AS step5,
         floor(extract(epoch FROM at2 - started))::integer AS seconds2,
         floor(extract(epoch FROM at3 - at2))::integer AS seconds3,
         floor(extract(epoch FROM at4 - at3))::integer AS seconds4,
         floor(extract(epoch FROM at5 - at4))::integer AS seconds5,
         (SELECT client_id FROM e WHERE e.session = s.session AND client_id IS NOT NULL ORDER BY hour, client_id COLLATE "C" LIMIT 1) AS client,
         (SELECT regexp_replace(url, '^https?://[^/]*', '') FROM e WHERE e.session = s.session AND url IS NOT NULL ORDER BY at, event_id LIMIT 1) AS entry,
         (SELECT regexp_replace(url, '^https?://[^/]*', '') FROM e WHERE e.session = s.session AND url IS NOT NULL ORDER BY at DESC, event_id DESC LIMIT 1) AS exit,
         (SELECT left(string_agg(letter, '' ORDER BY at, event_id), 4)
            FROM (SELECT at, event_id, letter, lag(letter) OVER (ORDER BY at, event_id) AS letter_before
                    FROM e CROSS JOIN LATERAL (SELECT ${LETTER} AS letter) AS l WHERE e.session = s.session) AS steps
           WHERE letter IS DISTINCT FROM letter_before) AS trail
    FROM s5 s`;

/** What each session did with each product. */
export const TOUCHES = `
  SELECT session, product, category, brand, views, adds, removes, views > 0 OR adds > 0 OR bought AS viewed, adds > 0 AS added, bought,
         CASE WHEN sales > 0 THEN sold WHEN bought THEN greatest(value, 0) ELSE 0 END AS sold_value,
         CASE WHEN bought THEN 0 ELSE greatest(value, 0) END AS at_risk
    FROM (SELECT t.*, sales > 0 OR (adds > removes AND EXISTS (SELECT FROM public.clickstream_events c
                   WHERE ${SESSION} = session AND event_name = 'checkout_complete' AND context_product_id IS NULL)) AS bought
            FROM (SELECT ${SESSION} AS session, context_product_id AS product, max(context_product_category) AS category,
                         max(context_product_brand) AS brand,
                         count(*) FILTER (WHERE event_name = 'product_view') AS views,
                         count(*) FILTER (WHERE event_name = 'add_to_cart_click') AS adds,
                         count(*) FILTER (WHERE event_name = 'remove_from_cart_click') AS removes,
                         count(*) FILTER (WHERE event_name = 'checkout_complete') AS sales,
                         coalesce(sum(coalesce(context_product_discount_price, context_product_price)) FILTER (WHERE event_name = 'checkout_complete'), 0) AS sold,
                         coalesce(sum(coalesce(context_product_discount_price, context_product_price)) FILTER (WHERE event_name = 'add_to_cart_click'), 0)
                           - coalesce(sum(coalesce(context_product_discount_price, context_product_price)) FILTER (WHERE event_name = 'remove_from_cart_click'), 0) AS value
                    FROM public.clickstream_events WHERE ${SESSION} IS NOT NULL AND context_product_id IS NOT NULL
                   GROUP BY 1, 2) AS t) AS t`;

const day = (column: string): string => `to_char(${column}, 'YYYY-MM-DD')`;

/** Pairs of queries that must give the same rows. */
export const SAME: Readonly<Record<string, { readonly raw: string; readonly rollup: string }>> = {
  'sessions by hour': {
    raw: `SELECT ${day('day')} AS day, hour, clock, is_in, is_bot, count(*)::text AS sessions, count(*) FILTER (WHERE events = 1)::text AS bounced,
            sum(duration_ms)::text AS ms, sum(page_views)::text AS views, sum(events)::text AS events,
            count(*) FILTER (WHERE has_cart)::text AS carts, count(*) FILTER (WHERE has_checkout)::text AS checkouts,
            count(*) FILTER (WHERE has_completed)::text AS conversions, count(*) FILTER (WHERE step2)::text AS s2,
            count(*) FILTER (WHERE step3)::text AS s3, count(*) FILTER (WHERE step4)::text AS s4, count(*) FILTER (WHERE step5)::text AS s5
            FROM (${SESSIONS}) AS s GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5`,
    rollup: `SELECT ${day('day')} AS day, hour, clock::integer, is_logged_in AS is_in, is_bot, sessions::text, bounced::text, duration_ms::text AS ms,
            page_views::text AS views, events::text, carts::text, checkouts::text, conversions::text, step2::text AS s2,
            step3::text AS s3, step4::text AS s4, step5::text AS s5 FROM dash.session_hour WHERE $1::text <> '' ORDER BY 1, 2, 3, 4, 5`,
  },
  'seconds to each step, and events': {
    raw: `SELECT kind, ${day('day')} AS day, is_in, is_bot, value, count(*)::text AS n FROM (${SESSIONS}) AS s
            CROSS JOIN LATERAL (VALUES (2, dash.two_digits(seconds2)), (3, dash.two_digits(seconds3)),
              (4, dash.two_digits(seconds4)), (5, dash.two_digits(seconds5)), (6, least(events, 20)::integer)) AS v (kind, value)
            WHERE value IS NOT NULL GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5`,
    rollup: `SELECT kind::integer, ${day('day')} AS day, is_logged_in AS is_in, is_bot, value, sessions::text AS n FROM dash.histogram
            WHERE $1::text <> '' ORDER BY 1, 2, 3, 4, 5`,
  },
  'entry and exit pages, and trails': {
    raw: `SELECT kind, ${day('day')} AS day, is_in, is_bot, page COLLATE "C" AS page, count(*)::text AS n, count(*) FILTER (WHERE has_completed)::text AS c
            FROM (${SESSIONS}) AS s CROSS JOIN LATERAL (VALUES ('entry', entry), ('exit', exit), ('trail', trail)) AS p (kind, page)
            WHERE page IS NOT NULL GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5`,
    rollup: `SELECT kind, ${day('day')} AS day, is_logged_in AS is_in, is_bot, page COLLATE "C" AS page, sessions::text AS n, conversions::text AS c FROM dash.page_day
            WHERE $1::text <> '' ORDER BY 1, 2, 3, 4, 5`,
  },
  products: {
    raw: `SELECT product COLLATE "C" AS product, ${day('day')} AS day, is_in, is_bot, count(*)::text AS sessions, sum(s.events)::text AS events, sum(views)::text AS views,
            sum(adds)::text AS adds, sum(removes)::text AS removes, count(*) FILTER (WHERE viewed)::text AS viewed,
            count(*) FILTER (WHERE added)::text AS added, count(*) FILTER (WHERE bought)::text AS bought,
            round(sum(sold_value), 4)::text AS sold, round(sum(at_risk), 4)::text AS risk
            FROM (${TOUCHES}) AS t JOIN (${SESSIONS}) AS s USING (session) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
    rollup: `SELECT value AS product, ${day('day')} AS day, is_logged_in AS is_in, is_bot, sessions::text, events::text, views::text, adds::text,
            removes::text, viewed::text, added::text, bought::text, round(sold_value, 4)::text AS sold, round(at_risk, 4)::text AS risk
            FROM dash.item_day JOIN dash.item i USING (item_id) WHERE i.kind = 1 AND $1::text <> '' ORDER BY 1, 2, 3, 4`,
  },
  'categories are those of their products': {
    raw: `SELECT category COLLATE "C" AS category, ${day('day')} AS day, is_in, is_bot, count(DISTINCT session)::text AS sessions, sum(adds)::text AS adds,
            count(DISTINCT session) FILTER (WHERE bought)::text AS bought, round(sum(at_risk), 4)::text AS risk
            FROM (${TOUCHES}) AS t
            JOIN (${SESSIONS}) AS s USING (session) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
    rollup: `SELECT value AS category, ${day('day')} AS day, is_logged_in AS is_in, is_bot, sessions::text, adds::text, bought::text,
            round(at_risk, 4)::text AS risk
            FROM dash.item_day JOIN dash.item i USING (item_id) WHERE i.kind = 2 AND $1::text <> '' ORDER BY 1, 2, 3, 4`,
  },
  'brands too, and a session counts once however many of their products it touched': {
    raw: `SELECT brand COLLATE "C" AS brand, ${day('day')} AS day, is_in, is_bot, count(*)::text AS sessions,
            sum(views)::text AS views, sum(adds)::text AS adds, sum(removes)::text AS removes, count(*) FILTER (WHERE viewed)::text AS viewed,
            count(*) FILTER (WHERE added)::text AS added, count(*) FILTER (WHERE bought)::text AS bought,
            round(sum(sold), 4)::text AS sold, round(sum(risk), 4)::text AS risk
            FROM (SELECT session, brand, sum(views) AS views, sum(adds) AS adds, sum(removes) AS removes, bool_or(viewed) AS viewed,
                         bool_or(added) AS added, bool_or(bought) AS bought, sum(sold_value) AS sold, sum(at_risk) AS risk
                    FROM (${TOUCHES}) AS t WHERE brand IS NOT NULL GROUP BY 1, 2) AS b
            JOIN (${SESSIONS}) AS s USING (session) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
    rollup: `SELECT value AS brand, ${day('day')} AS day, is_logged_in AS is_in, is_bot, sessions::text, views::text, adds::text,
            removes::text, viewed::text, added::text, bought::text, round(sold_value, 4)::text AS sold, round(at_risk, 4)::text AS risk
            FROM dash.item_day JOIN dash.item i USING (item_id) WHERE i.kind = 3 AND $1::text <> '' ORDER BY 1, 2, 3, 4`,
  },
  'visitors of every range': {
    raw: `WITH s AS (${SESSIONS}), d AS (SELECT DISTINCT day FROM s)
          SELECT ${day('a.day')} AS a, ${day('b.day')} AS b, bots, login, count(DISTINCT client)::text AS visitors
            FROM d a JOIN d b ON b.day >= a.day CROSS JOIN (VALUES (false), (true)) AS x (bots)
            CROSS JOIN (VALUES (1, NULL::boolean), (2, false), (3, true)) AS l (login, is_wanted)
            LEFT JOIN s ON s.day BETWEEN a.day AND b.day AND (bots OR NOT is_bot) AND coalesce(is_in = is_wanted, true)
           GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
    rollup: `WITH d AS (SELECT DISTINCT day FROM dash.session_hour WHERE $1::text <> '')
          SELECT ${day('a.day')} AS a, ${day('b.day')} AS b, bots, login, coalesce(sum(visitors), 0)::text AS visitors
            FROM d a JOIN d b ON b.day >= a.day CROSS JOIN (VALUES (false), (true)) AS x (bots)
            CROSS JOIN (VALUES (1), (2), (3)) AS l (login)
            LEFT JOIN dash.visitor_gap g ON g.day BETWEEN a.day AND b.day AND previous < a.day
                  AND (scope = login OR (bots AND scope = login + 10))
           GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
  },
  'who comes back in which week': {
    raw: `WITH s AS (${SESSIONS}), w AS (
            SELECT DISTINCT bots, login, client, date_trunc('week', day)::date AS week
              FROM s CROSS JOIN (VALUES (false), (true)) AS x (bots)
             CROSS JOIN (VALUES (1, NULL::boolean), (2, false), (3, true)) AS l (login, is_wanted)
             WHERE client IS NOT NULL AND (bots OR NOT is_bot) AND coalesce(is_in = is_wanted, true)),
            f AS (SELECT bots, login, client, min(week) AS cohort FROM w GROUP BY 1, 2, 3)
          SELECT bots, login, ${day('cohort')} AS cohort, ${day('week')} AS week, count(*)::text AS visitors
            FROM w JOIN f USING (bots, login, client) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
    rollup: `SELECT bots, login, ${day('cohort')} AS cohort, ${day('week')} AS week, sum(visitors)::text AS visitors FROM dash.visitor_week
            CROSS JOIN (VALUES (false), (true)) AS x (bots) CROSS JOIN (VALUES (1), (2), (3)) AS l (login)
            WHERE (scope = login OR (bots AND scope = login + 10)) AND $1::text <> ''
            GROUP BY 1, 2, 3, 4 HAVING sum(visitors) <> 0 ORDER BY 1, 2, 3, 4`,
  },
  'events by hour': {
    // A session that is a bot's in an hour makes all of its events there a bot's.
    raw: `SELECT hour, day, event_name, is_in, is_bot, count(*)::text AS n
            FROM (SELECT hour, ${day('(at AT TIME ZONE $1)::date')} AS day, event_name COLLATE "C" AS event_name, is_in,
                         is_bot OR (session IS NOT NULL AND (bool_or(is_bot) OVER own
                           OR (count(*) OVER own >= 120 AND extract(epoch FROM max(at) OVER own - min(at) OVER own) * 2 < count(*) OVER own))) AS is_bot
                    FROM (SELECT ${SESSION} AS session, date_trunc('hour', event_timestamp) AS hour, event_timestamp AS at, event_name,
                                 coalesce(user_login_state = 'logged_in', false) AS is_in, coalesce(is_bot, false) AS is_bot
                            FROM public.clickstream_events) AS e WINDOW own AS (PARTITION BY session, hour)) AS judged
           GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5`,
    rollup: `SELECT hour, ${day('day')} AS day, event_name COLLATE "C" AS event_name, is_logged_in AS is_in, is_bot, events::text AS n
            FROM dash.hour_event WHERE $1::text <> '' ORDER BY 1, 2, 3, 4, 5`,
  },
  'visitors of each hour': {
    // A session has one visitor in an hour, even if its events name several.
    raw: `SELECT hour, count(DISTINCT client)::text AS n
            FROM (SELECT date_trunc('hour', event_timestamp) AS hour, ${SESSION} AS session, min(client_id COLLATE "C") AS client
                    FROM public.clickstream_events GROUP BY 1, 2) AS v
           WHERE session IS NOT NULL AND client IS NOT NULL AND $1::text <> '' GROUP BY 1 ORDER BY 1`,
    rollup: `SELECT hour, sum(visitors)::text AS n FROM dash.hour_visitor WHERE scope IN (1, 11) AND $1::text <> '' GROUP BY 1 ORDER BY 1`,
  },
  'the last hour': {
    raw: `SELECT at, event_name, is_in, is_bot, product, page, hashtextextended(client, 0)::text AS client, hashtextextended(session, 0)::text AS session
            FROM (SELECT event_timestamp AS at, event_name COLLATE "C" AS event_name, coalesce(user_login_state = 'logged_in', false) AS is_in,
                         coalesce(is_bot, false) OR (${SESSION} IS NOT NULL AND bool_or(coalesce(is_bot, false)) OVER (PARTITION BY ${SESSION}, date_trunc('hour', event_timestamp))) AS is_bot,
                         context_product_name AS product, regexp_replace(split_part(coalesce(page_url, context_product_url_path), '?', 1), '^https?://[^/]*', '') AS page,
                         client_id AS client, ${SESSION} AS session
                    FROM public.clickstream_events) AS e
           WHERE at > (SELECT max(event_timestamp) - interval '1 hour' FROM public.clickstream_events) AND $1::text <> '' ORDER BY 1, 2, 3, 4, 5, 6, 7, 8`,
    rollup: `SELECT at, event_name COLLATE "C" AS event_name, is_logged_in AS is_in, is_bot, product_name AS product, page, client_key::text AS client,
            session_key::text AS session FROM dash.live WHERE $1::text <> '' ORDER BY 1, 2, 3, 4, 5, 6, 7, 8`,
  },
};

const FOLDER = 'src/instance/dashboard/sql';

/** The dashboard's questions by name. */
export const QUESTIONS: Readonly<Record<string, string>> = Object.fromEntries(
  (readdirSync(FOLDER, { recursive: true }) as string[])
    .filter((path) => path.endsWith('.sql'))
    .map((path) => [basename(path, '.sql'), readFileSync(join(FOLDER, path), 'utf8')]),
);
