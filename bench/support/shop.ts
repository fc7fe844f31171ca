import type pg from 'pg';

/** Events of an average session below, found by counting. */
const EVENTS_PER_SESSION = 5.05;
const PRODUCTS = 240;

/**
 * Fills clickstream_events with a shop of `days` days up to midnight of 2025-12-01 UTC: growth, evenings, weekends, a
 * sale, visitors who come back, carts and checkouts. Made in the server, since the loader is not what is measured
 * here. The same numbers give the same shop.
 * @returns events made
 */
export async function fillShop(
  client: pg.Client,
  { events, days }: { readonly events: number; readonly days: number },
): Promise<number> {
  const sessions = Math.round(events / EVENTS_PER_SESSION);
  const statements = [
    `SET work_mem = '256MB'`,
    `SELECT setseed(0.42)`,
    `CREATE TEMP TABLE shop_product AS
       SELECT i AS number, 'p-' || (1000 + i) AS id, brand || ' ' || category || ' ' || (100 + i) AS name, category, brand,
              (10 + floor(random() * 4000))::numeric / 2 AS price, CASE WHEN random() < 0.33 THEN 0.85 END AS reduced
         FROM (SELECT i, (ARRAY['Laptops','Smartphones','Headphones','Watches','Tablets','Cameras','Monitors','Keyboards',
                                'Mice','Speakers'])[1 + (i * 7) % 10] AS category,
                      (ARRAY['Aster','Borea','Cobalt','Dune','Ember','Fjord','Garnet','Heron','Iris','Jade','Kite','Lark'])
                        [1 + (i * 5) % 12] AS brand FROM generate_series(0, ${PRODUCTS - 1}) AS i) AS p`,
    `CREATE TEMP TABLE shop_session AS
       WITH hours AS (
         SELECT h, (1 + 0.5 * (1 - extract(epoch FROM timestamptz '2025-12-01 00:00Z' - h) / 86400 / ${days}))
                   * CASE WHEN extract(isodow FROM h) IN (6, 7) THEN 1.35 ELSE 1 END
                   * (ARRAY[.45,.25,.15,.1,.1,.15,.3,.6,.9,1.1,1.2,1.3,1.35,1.1,1,1,1.05,1.1,1.2,1.5,1.9,2.1,1.7,.95])
                       [1 + (extract(hour FROM h)::integer + 7) % 24]
                   * CASE WHEN h::date = '2025-11-11' THEN 2.6 ELSE 1 END AS weight
           FROM generate_series(timestamptz '2025-12-01 00:00Z' - interval '${days} days',
                                timestamptz '2025-12-01 00:00Z' - interval '1 hour', interval '1 hour') AS h),
       shares AS (SELECT h, ceil(weight / sum(weight) OVER () * ${sessions})::integer AS n FROM hours)
       SELECT row_number() OVER () AS number, gen_random_uuid()::text AS session_id, h + random() * interval '59 minutes' AS started,
              1 + floor(power(random(), 1.6) * ${Math.round(sessions * 0.45)})::integer AS visitor,
              random() AS r1, random() AS r2, random() AS r3, random() AS r4, random() AS r5, random() AS r6
         FROM shares, generate_series(1, n)`,
    `ALTER TABLE shop_session ADD pages integer, ADD views integer`,
    `UPDATE shop_session SET pages = least(11, floor(-ln(1 - r2 * 0.9999) * 1.9)::integer),
            views = CASE WHEN r3 < 0.58 THEN 1 + least(9, floor(-ln(r4 + 1e-9) * 1.6)::integer) ELSE 0 END`,
    INSERT_EVENTS,
    `DROP TABLE shop_product, shop_session`,
    `INSERT INTO dash.dirty SELECT DISTINCT date_trunc('hour', event_timestamp) FROM clickstream_events`,
    `VACUUM ANALYZE clickstream_events`,
  ];
  for (const statement of statements) await client.query(statement);
  const { rows } = await client.query<{ count: string }>('SELECT count(*) FROM clickstream_events');
  return Number(rows[0]!.count);
}

const INSERT_EVENTS = `INSERT INTO clickstream_events (event_id, event_timestamp, event_name, user_id, user_login_state,
    identity_source, client_id, session_id, is_first_visit, context_product_id, context_product_name,
    context_product_category, context_product_brand, context_product_price, context_product_discount_price,
    context_product_url_path, received_at, page_url, referrer, source_key, source_index, loaded_run, is_bot)
  SELECT gen_random_uuid(), started + after * interval '1 second', x.name,
         CASE WHEN is_in THEN 'user-' || visitor END, CASE WHEN is_in THEN 'logged_in' ELSE 'anonymous' END,
         CASE WHEN is_in THEN 'cognito' ELSE 'anonymous' END, md5('visitor' || visitor)::uuid::text, session_id,
         visitor % 3 = 0, p.id, p.name, p.category, p.brand, p.price, round(p.price * p.reduced, 2),
         '/product/' || p.id, started + after * interval '1 second',
         'https://shop.example' || coalesce('/product/' || p.id, page) || CASE WHEN r1 < 0.1 THEN '?utm_source=mail' ELSE '' END,
         'https://shop.example/', 'events/' || to_char(started + after * interval '1 second', 'YYYY/MM/DD/HH24') || '/e.json', 0,
         'r_bench', r6 < 0.01
    FROM (SELECT s.*, e.*, (visitor % 4 = 0 AND r1 < 0.6) OR name IN ('checkout_start', 'checkout_complete') AS is_in,
                 CASE WHEN of_product THEN floor(power(((number * 7919 + nth * 104729) % 1000) / 1000.0, 2.2) * ${PRODUCTS})::integer END AS product
            FROM shop_session s CROSS JOIN LATERAL (
              SELECT 'home_view' AS name, 0.0 AS after, '/' AS page, false AS of_product, 0 AS nth WHERE r5 < 0.6
              UNION ALL SELECT 'page_view', i * 38 * (0.4 + r6), (ARRAY['/','/about','/shipping','/blog','/search','/cart'])[1 + (number + i * 7) % 6], false, i
                FROM generate_series(0, pages) AS i
              UNION ALL SELECT 'category_view', 20, '/category/' || (number % 10), false, 0 WHERE r6 < 0.4
              UNION ALL SELECT 'product_view', 25 + i * 44 * (0.4 + r6), NULL, true, i FROM generate_series(1, views) AS i
              UNION ALL SELECT 'add_to_cart_click', 35 + i * 44 * (0.4 + r6), NULL, true, i
                FROM generate_series(1, views) AS i WHERE r5 < 0.24 AND (i = 1 OR (i + number) % 3 = 0)
              UNION ALL SELECT 'remove_from_cart_click', 80, NULL, true, 1 WHERE views > 0 AND r5 < 0.24 AND r2 < 0.12
              UNION ALL SELECT 'wishlist_toggle', 85, NULL, true, 1 WHERE views > 0 AND r4 < 0.06
              UNION ALL SELECT 'checkout_start', 90 + views * 44, '/checkout', false, 0 WHERE views > 0 AND r5 < 0.11
              UNION ALL SELECT 'checkout_complete', 180 + views * 44, '/checkout/done', false, 0 WHERE views > 0 AND r5 < 0.068
            ) AS e) AS x
    LEFT JOIN shop_product p ON p.number = x.product
   ORDER BY started`;
