-- A shop's quarter: sessions with an evening peak, busy weekends, growth, one sale day, returning visitors and an
-- ordered funnel. The same settings give the same events. {sessions}, {days} and {until} are put in by shop-events.ts.
CREATE FUNCTION pg_temp.luck(seed text, salt text) RETURNS double precision LANGUAGE sql IMMUTABLE AS
  $$ SELECT (hashtextextended(seed || salt, 7) & 1073741823) / 1073741824.0 $$;

CREATE TEMP TABLE product AS
SELECT i AS rank, 'p-' || i AS id, brand || ' ' || category || ' ' || (100 + i) AS name, category, brand, price,
       CASE WHEN pg_temp.luck(i::text, 'discount') < 0.35 THEN round(price * 0.85) END AS discount,
       '/product/' || lower(replace(brand || '-' || category || '-' || (100 + i), ' ', '-')) AS path
  FROM (SELECT i, (ARRAY['Laptops','Smartphones','Headphones','Smartwatches','Tablets','Cameras','Monitors','Keyboards',
                         'Mice','Speakers'])[1 + (i * 7) % 10] AS category,
               (ARRAY['Apple','Samsung','Sony','Dell','Asus','Logitech','Xiaomi','JBL','Canon','LG','HP','Lenovo'])
                 [1 + (i * 5) % 12] AS brand,
               ((1 + pg_temp.luck(i::text, 'price') * 40)::int * 250000 + 490000)::numeric AS price
          FROM generate_series(1, 240) AS i) AS made;

CREATE TEMP TABLE session AS
WITH hours AS (
  SELECT h, (1 + 0.5 * (1 - extract(epoch FROM ('{until}'::timestamptz - h)) / 86400 / {days}))
      * CASE WHEN extract(isodow FROM h AT TIME ZONE 'Asia/Ho_Chi_Minh') IN (6, 7) THEN 1.35 ELSE 1 END
      * (ARRAY[.45,.25,.15,.1,.1,.15,.3,.6,.9,1.1,1.2,1.3,1.35,1.1,1.0,1.0,1.05,1.1,1.2,1.5,1.9,2.1,1.7,.95])
          [1 + extract(hour FROM h AT TIME ZONE 'Asia/Ho_Chi_Minh')::int]
      * CASE WHEN (h AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
                  = ('{until}'::timestamptz AT TIME ZONE 'Asia/Ho_Chi_Minh')::date - 11 THEN 2.6 ELSE 1 END AS weight
    FROM generate_series('{until}'::timestamptz - {days} * interval '1 day', '{until}'::timestamptz - interval '1 hour',
                         interval '1 hour') AS h),
counted AS (SELECT h, ceil(weight / sum(weight) OVER () * {sessions})::int AS n FROM hours),
numbered AS (SELECT h, row_number() OVER (ORDER BY h, k) AS i FROM counted, generate_series(1, n) AS k)
SELECT i, 's-' || md5('s' || i) AS session_id,
       1 + floor(power(pg_temp.luck(i::text, 'visitor'), 1.6) * ({sessions} * 0.45 - 1))::int AS visitor,
       h + pg_temp.luck(i::text, 'start') * interval '55 minutes' AS started,
       pg_temp.luck(i::text, 'a') AS a, pg_temp.luck(i::text, 'b') AS b, pg_temp.luck(i::text, 'c') AS c,
       pg_temp.luck(i::text, 'd') AS d, pg_temp.luck(i::text, 'e') AS e, pg_temp.luck(i::text, 'f') AS f
  FROM numbered;

CREATE TEMP TABLE walk AS
SELECT *, pg_temp.luck(visitor::text, 'account') < 0.45 AND a < 0.6 AS is_signed_in,
       row_number() OVER (PARTITION BY visitor ORDER BY started) = 1 AS is_first,
       1 + least(11, floor(-ln(1 - b * 0.9999) * 2.3))::int AS pages,
       CASE WHEN c < 0.58 THEN 1 + least(9, floor(-ln(d + 1e-9) * 1.9))::int ELSE 0 END AS views
  FROM session;

INSERT INTO public.clickstream_events (
  event_id, event_timestamp, event_name, user_id, user_login_state, identity_source, client_id, session_id,
  is_first_visit, context_product_id, context_product_name, context_product_category, context_product_brand,
  context_product_price, context_product_discount_price, context_product_url_path, received_at, page_url, loaded_run)
SELECT md5(w.session_id || s.name || s.k || s.off), w.started + s.off * interval '1 second', s.name,
       CASE WHEN s.signed THEN 'u-' || md5(w.visitor::text) END,
       CASE WHEN s.signed THEN 'logged_in' ELSE 'anonymous' END, CASE WHEN s.signed THEN 'cognito' ELSE 'anonymous' END,
       'c-' || md5('c' || w.visitor), w.session_id, w.is_first,
       p.id, p.name, p.category, p.brand, p.price, p.discount, p.path,
       w.started + s.off * interval '1 second',
       'https://shop.example' || coalesce(p.path, s.path), 'made'
  FROM walk AS w
 CROSS JOIN LATERAL (
   SELECT name, k, round(off::numeric, 3) AS off, has_product, path,
          w.is_signed_in OR name IN ('checkout_start', 'checkout_complete') AS signed FROM (
     SELECT 'home_view' AS name, 0 AS k, 0.5 AS off, false AS has_product, '/' AS path WHERE w.e < 0.6
     UNION ALL SELECT 'page_view', k, k * 38.0 * (0.4 + w.f), false,
       CASE WHEN k = 0 AND w.e < 0.6 THEN '/'
            ELSE '/category/' || (ARRAY['laptops','phones','audio','watches','sale'])[1 + ((w.i + k) % 5)::int] END
       FROM generate_series(0, w.pages - 1) AS k
     UNION ALL SELECT 'category_view', 0, 20.0, false, '/category/phones' WHERE w.f < 0.4
     UNION ALL SELECT 'product_view', k, 25 + k * 44.0 * (0.4 + w.f), true, NULL FROM generate_series(1, w.views) AS k
     UNION ALL SELECT 'add_to_cart_click', k, 35 + k * 44.0 * (0.4 + w.f), true, NULL
       FROM generate_series(1, w.views) AS k WHERE w.e < 0.24 AND (k = 1 OR (k + w.i) % 3 = 0)
     UNION ALL SELECT 'remove_from_cart_click', 1, 47 + 44.0 * (0.4 + w.f), true, NULL
       WHERE w.views > 0 AND w.e < 0.24 AND w.b < 0.12
     UNION ALL SELECT 'wishlist_toggle', 1, 85.0, true, NULL WHERE w.views > 0 AND w.d < 0.06
     UNION ALL SELECT 'login_success', 0, 75.0, false, '/login' WHERE w.is_signed_in AND w.a < 0.2
     UNION ALL SELECT 'checkout_start', 0, 90 + w.views * 65.0, false, '/checkout' WHERE w.views > 0 AND w.e < 0.11
     UNION ALL SELECT 'checkout_complete', 0, 180 + w.views * 65.0, false, '/checkout/done'
       WHERE w.views > 0 AND w.e < 0.068) AS made) AS s
  LEFT JOIN product AS p
    ON s.has_product AND p.rank = 1 + floor(power(pg_temp.luck(w.i::text, 'product' || s.k), 2.2) * 239)::int
 ORDER BY w.started + s.off * interval '1 second'
ON CONFLICT (event_id) DO NOTHING;

DROP TABLE walk, session, product;
