import type { Session } from '../ports.ts';

/** Of these the funnel and the sums are made; the numbers are `kind` below. */
const KINDS: Readonly<Record<string, number>> = {
  page_view: 1,
  product_view: 2,
  add_to_cart_click: 3,
  checkout_start: 4,
  checkout_complete: 5,
  remove_from_cart_click: 6,
};

/** A letter for each event name of a trail. The queries of the dashboard turn them back. */
export const TRAIL_LETTERS: Readonly<Record<string, string>> = {
  home_view: 'h',
  page_view: 'p',
  category_view: 'c',
  product_view: 'v',
  click: 'k',
  add_to_cart_click: 'a',
  remove_from_cart_click: 'r',
  wishlist_toggle: 'w',
  share_click: 's',
  login_open: 'o',
  login_success: 'l',
  logout: 'q',
  checkout_start: 'b',
  checkout_complete: 'z',
};

const caseOf = (values: Readonly<Record<string, number | string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `WHEN '${name}' THEN ${typeof value === 'number' ? value : `'${value}'`}`)
    .join(' ');

/** From this many events in an hour on, at more than two a second, nobody clicks by hand. */
const PACE = 'count(*) >= 120 AND extract(epoch FROM max(at) - min(at)) * 2 < count(*)';

/** What a session counts for; 0 or its sign, or a number times its sign. */
export const SESSION_SUMS = [
  'sessions',
  'bounced',
  'duration_ms',
  'page_views',
  'events',
  'carts',
  'checkouts',
  'conversions',
  'step2',
  'step3',
  'step4',
  'step5',
] as const;

/** Of so many events a part remembers the order, for the trails. */
export const MAX_LETTERS = 100;

/** The temporary tables of a refresh; once per transaction. They are empty again after it. */
export async function prepareTables(session: Session): Promise<void> {
  const table = (name: string, columns: string): string =>
    `CREATE TEMP TABLE IF NOT EXISTS ${name} (${columns}) ON COMMIT DELETE ROWS`;
  await session.query(
    [
      table('sbw_hour', 'hour timestamptz, day date, last_day date'),
      table(
        'sbw_event',
        `session text COLLATE "C", client text COLLATE "C", at timestamptz, hour timestamptz,
         event_id text COLLATE "C", event_name text COLLATE "C", kind smallint, letter text, is_logged_in boolean,
         is_bot boolean, product text COLLATE "C", name text, category text COLLATE "C", brand text COLLATE "C",
         price numeric, page text`,
      ),
      table(
        'sbw_touch',
        `session text COLLATE "C", hour timestamptz, product text COLLATE "C", category text COLLATE "C",
         brand text COLLATE "C", views integer, adds integer, removes integer, sales integer, added numeric,
         sold numeric, name text, price numeric, last_at timestamptz`,
      ),
      table('sbw_item', 'kind smallint, value text COLLATE "C", item_id integer'),
      table('sbw_part', 'LIKE dash.part'),
      table('sbw_key', 'session text COLLATE "C", is_known boolean, is_spread boolean'),
      table(
        'sbw_session',
        `id integer GENERATED ALWAYS AS IDENTITY, sign integer, session text COLLATE "C", client text COLLATE "C",
         started timestamptz, day date, clock smallint, is_logged_in boolean, is_bot boolean,
         ${SESSION_SUMS.map((name) => `${name} integer`).join(', ')}, depth integer, open_completes integer,
         entry text, exit text, letters text, touches dash.touch[], is_spread boolean,
         seconds2 integer, seconds3 integer, seconds4 integer, seconds5 integer`,
      ),
      table(
        'sbw_visit',
        `client text COLLATE "C", day date, anonymous integer, logged_in integer, bot_anonymous integer,
         bot_logged_in integer`,
      ),
      table('sbw_visitor', 'client text COLLATE "C", day date, classes_before integer, classes integer'),
      table(
        'sbw_chain',
        'weight integer, scope smallint, day date, previous date, cohort date, is_first_of_week boolean',
      ),
    ].join(';\n'),
  );
}

/**
 * Takes the oldest marked hours out of the list, and their events as they stand now.
 * @returns hours and events taken
 */
export async function takeHours(
  session: Session,
  limit: number,
  timeZone: string,
): Promise<{ hours: number; events: number }> {
  const taken = await session.query(
    `WITH next AS (SELECT DISTINCT hour FROM dash.dirty ORDER BY hour LIMIT $1),
          done AS (DELETE FROM dash.dirty d USING next n WHERE d.hour = n.hour)
     INSERT INTO sbw_hour
     SELECT hour, (hour AT TIME ZONE $2)::date, ((hour + interval '59:59.999999') AT TIME ZONE $2)::date FROM next`,
    [limit, timeZone],
  );
  const { rows } = await session.query<{ from_at: Date; before: Date }>(
    `SELECT min(hour) AS from_at, max(hour) + interval '1 hour' AS before
       FROM (SELECT hour, hour - row_number() OVER (ORDER BY hour) * interval '1 hour' AS island FROM sbw_hour) AS h
      GROUP BY island ORDER BY 1`,
  );
  let events = 0;
  // By the index on time, whatever the planner thinks of it: see dash.live_events().
  await session.query('SET LOCAL enable_seqscan = off');
  for (const { from_at, before } of rows) {
    const { rowCount } = await session.query(READ_EVENTS, [from_at.toISOString(), before.toISOString()]);
    events += rowCount;
  }
  await session.query('SET LOCAL enable_seqscan = on');
  await session.query(`SELECT set_config('sbw.time_zone', $1, true)`, [timeZone]);
  return { hours: taken.rowCount, events };
}

/** The events of a stretch of time. */
const READ_EVENTS = `INSERT INTO sbw_event
  SELECT dash.session_of(session_id, client_id, event_timestamp), client_id, event_timestamp,
         date_trunc('hour', event_timestamp), event_id, event_name,
         CASE event_name ${caseOf(KINDS)} ELSE 0 END, CASE event_name ${caseOf(TRAIL_LETTERS)} ELSE '?' END,
         coalesce(user_login_state = 'logged_in', false), coalesce(is_bot, false),
         context_product_id, context_product_name, context_product_category, context_product_brand,
         coalesce(context_product_discount_price, context_product_price), coalesce(page_url, context_product_url_path)
    FROM public.clickstream_events WHERE event_timestamp >= $1 AND event_timestamp < $2`;

/** In this form PostgreSQL looks the hours up; joined to sbw_hour, of which it knows nothing, it reads the whole table. */
export const TAKEN_HOURS = 'ARRAY(SELECT hour FROM sbw_hour)';

/** What each session did in each of the hours: sbw_part. New products, categories and brands get their numbers. */
export async function makeParts(session: Session): Promise<void> {
  await session.query(TOUCHES);
  await session.query(NEW_ITEMS);
  await session.query(DESCRIBE_PRODUCTS);
  await session.query(
    `INSERT INTO sbw_item SELECT i.kind, i.value, i.item_id
       FROM (${ITEMS_TOUCHED}) AS t JOIN dash.item i USING (kind, value)`,
  );
  await session.query(PARTS);
}

const TOUCHES = `INSERT INTO sbw_touch
  SELECT session, hour, product, category, brand,
         count(*) FILTER (WHERE kind = 2), count(*) FILTER (WHERE kind = 3), count(*) FILTER (WHERE kind = 6),
         count(*) FILTER (WHERE kind = 5),
         coalesce(sum(price) FILTER (WHERE kind = 3), 0) - coalesce(sum(price) FILTER (WHERE kind = 6), 0),
         coalesce(sum(price) FILTER (WHERE kind = 5), 0), max(name), max(price), max(at)
    FROM sbw_event
   WHERE session IS NOT NULL AND (product IS NOT NULL OR category IS NOT NULL OR brand IS NOT NULL)
   GROUP BY session, hour, product, category, brand`;

const ITEMS_TOUCHED = `SELECT DISTINCT k.kind::smallint AS kind, k.value
  FROM (SELECT DISTINCT product, category, brand FROM sbw_touch) AS t
 CROSS JOIN LATERAL (VALUES (1, product), (2, category), (3, brand)) AS k (kind, value)
 WHERE k.value IS NOT NULL`;

const NEW_ITEMS = `INSERT INTO dash.item (kind, value, name)
  SELECT kind, value, CASE WHEN kind > 1 THEN value END FROM (${ITEMS_TOUCHED}) AS t
   WHERE NOT EXISTS (SELECT FROM dash.item i WHERE i.kind = t.kind AND i.value = t.value)
   ORDER BY kind, value`;

const DESCRIBE_PRODUCTS = `UPDATE dash.item i
     SET name = n.name, category = n.category, brand = n.brand, price = n.price, seen_at = n.last_at
    FROM (SELECT DISTINCT ON (product) product, name, category, brand, price, last_at FROM sbw_touch
           WHERE product IS NOT NULL ORDER BY product, last_at DESC, name, category, brand, price) AS n
   WHERE i.kind = 1 AND i.value = n.product AND coalesce(i.seen_at <= n.last_at, true)
     AND (i.name, i.category, i.brand, i.price) IS DISTINCT FROM (n.name, n.category, n.brand, n.price)`;

// At one instant the id decides what came first: the same walk at every refresh.
// OFFSET 0: the URLs are cut once, not once for each time that path_of() names them.
const PARTS = `INSERT INTO sbw_part
  SELECT session, hour, client, first_at, last_at, events, page_views, is_logged_in, is_bot, product_at, cart_at,
         checkout_at, complete_at, open_completes, dash.path_of(entry), dash.path_of(exit),
         left(letters, ${MAX_LETTERS}), touches
    FROM (SELECT *, dash.bare_url(pages[1]) AS entry, dash.bare_url(pages[cardinality(pages)]) AS exit
            FROM (SELECT session, hour, min(client) AS client, min(at) AS first_at, max(at) AS last_at, count(*) AS events,
                 count(*) FILTER (WHERE kind = 1) AS page_views, bool_or(is_logged_in) AS is_logged_in,
                 bool_or(is_bot) OR (${PACE}) AS is_bot, min(at) FILTER (WHERE kind = 2) AS product_at,
                 array_agg(at) FILTER (WHERE kind = 3) AS cart_at,
                 array_agg(at) FILTER (WHERE kind IN (4, 5)) AS checkout_at,
                 array_agg(at) FILTER (WHERE kind = 5) AS complete_at,
                 count(*) FILTER (WHERE kind = 5 AND product IS NULL) AS open_completes,
                 array_agg(page ORDER BY at, event_id) FILTER (WHERE page IS NOT NULL) AS pages,
                 string_agg(letter, '' ORDER BY at, event_id) AS letters
            FROM sbw_event WHERE session IS NOT NULL GROUP BY session, hour) AS g
          OFFSET 0) AS s
    LEFT JOIN (SELECT t.session, t.hour,
                      array_agg((p.item_id, c.item_id, b.item_id, views, adds, removes, sales, added, sold)::dash.touch) AS touches
            FROM sbw_touch t
            LEFT JOIN sbw_item p ON p.kind = 1 AND p.value = t.product
            LEFT JOIN sbw_item c ON c.kind = 2 AND c.value = t.category
            LEFT JOIN sbw_item b ON b.kind = 3 AND b.value = t.brand
           GROUP BY t.session, t.hour) AS t USING (session, hour)`;
