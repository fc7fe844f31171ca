-- Sessions that do not walk as a shop wishes, of the last days that are over: what counts steps without their order,
-- or a product as seen only when its page was opened, counts these wrongly. `p` names the session's product.
INSERT INTO public.clickstream_events (
  event_id, event_timestamp, event_name, user_login_state, client_id, session_id, context_product_id,
  context_product_name, context_product_category, context_product_brand, context_product_price, page_url, loaded_run)
SELECT 'odd-' || walk || '-' || n || '-' || i, began + i * seconds * interval '1 second', event_name,
       CASE WHEN n % 3 = 0 THEN 'logged_in' ELSE 'anonymous' END, 'c-odd-' || n, 'odd-' || walk || '-' || n,
       p.id, p.name, p.category, p.brand, p.price, 'https://shop.example/odd/' || i, 'made'
  FROM (VALUES (1, 20, 'added before it was looked at', ARRAY['page_view', 'add_to_cart_click', 'product_view']),
               (2, 300, 'paid before it was added',
                ARRAY['product_view', 'checkout_start', 'checkout_complete', 'add_to_cart_click']),
               (3, 45, 'added without a look', ARRAY['page_view', 'add_to_cart_click']),
               (4, 500, 'bought without a look', ARRAY['page_view', 'checkout_complete']),
               (5, 7, 'added, looked at, added again',
                ARRAY['add_to_cart_click', 'product_view', 'page_view', 'add_to_cart_click', 'checkout_start',
                      'page_view', 'page_view', 'checkout_complete']),
               (6, 90, 'paid, then back to the start of it',
                ARRAY['product_view', 'add_to_cart_click', 'checkout_complete', 'checkout_start']),
               (7, 60, 'taken out again', ARRAY['product_view', 'add_to_cart_click', 'remove_from_cart_click']))
       AS w (walk, seconds, about, names)
 CROSS JOIN generate_series(1, 60) AS n
 CROSS JOIN LATERAL unnest(names) WITH ORDINALITY AS e (event_name, i)
 CROSS JOIN (SELECT max(event_timestamp) AS at FROM public.clickstream_events WHERE loaded_run = 'made') AS newest
 CROSS JOIN LATERAL (SELECT newest.at - (1 + n % 6) * interval '1 day' - n * interval '1 minute' AS began) AS b
  JOIN (SELECT context_product_id AS id, max(context_product_name) AS name, max(context_product_category) AS category,
               max(context_product_brand) AS brand, max(context_product_price) AS price,
               row_number() OVER (ORDER BY count(*) DESC, context_product_id) AS place
          FROM public.clickstream_events WHERE context_product_id IS NOT NULL GROUP BY 1) AS p
    ON p.place = 1 + (n * walk) % 25;
