-- Rollups: what the dashboard and `sbw report` read. Kept by src/etl/rollups; what each number means: docs/rollups.md.

CREATE SCHEMA IF NOT EXISTS dash;

-- What the sender's browser said of itself, judged when the event was loaded; NULL for rows from before.
ALTER TABLE public.clickstream_events ADD COLUMN IF NOT EXISTS is_bot boolean;

-- A URL without query and fragment; and of that the path, or the whole if it is a path already.
CREATE FUNCTION dash.bare_url(url text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT split_part(split_part(url, '?', 1), '#', 1) $$;
CREATE FUNCTION dash.path_of(url text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN url IS NOT NULL THEN left(coalesce(nullif(CASE WHEN url NOT LIKE 'http%://%' THEN url
     WHEN strpos(substr(url, 9), '/') > 0 THEN substr(url, 8 + strpos(substr(url, 9), '/')) END, ''), '/'), 300) END $$;

-- The first four different steps of a walk; a letter is an event (src/etl/rollups/stage.ts).
CREATE FUNCTION dash.trail_of(letters text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT left(regexp_replace(letters, '(.)\1+', '\1', 'g'), 4) $$;

-- A number with its first two digits: few different values, so that a median of any range is counted quickly.
CREATE FUNCTION dash.two_digits(n integer) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT (CASE WHEN n < 100 THEN n WHEN n < 1000 THEN n / 10 * 10 WHEN n < 10000 THEN n / 100 * 100
     WHEN n < 100000 THEN n / 1000 * 1000 WHEN n < 1000000 THEN n / 10000 * 10000
     ELSE n / 100000 * 100000 END) $$;

CREATE AGGREGATE dash.concat(anycompatiblearray)
  (SFUNC = array_cat, STYPE = anycompatiblearray, PARALLEL = SAFE);

-- One row each.
CREATE TABLE dash.setting (
  is_only   boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  -- Of the business: its days are the days of the dashboard. Changed by `sbw data rebuild-rollups --time-zone`.
  time_zone text NOT NULL DEFAULT 'UTC',
  currency  text NOT NULL DEFAULT ''
);
INSERT INTO dash.setting DEFAULT VALUES;

-- Whoever changes rollups locks this table first.
CREATE TABLE dash.version (
  is_only      boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  version      bigint NOT NULL DEFAULT 0,
  refreshed_at timestamptz
);
INSERT INTO dash.version DEFAULT VALUES;

-- UTC hours whose events changed since they were rolled up; written in the transaction that changes the events.
-- No key: loaders that mark the same hour must not wait for each other.
CREATE TABLE dash.dirty (hour timestamptz NOT NULL);

-- What a session did with a product.
CREATE TYPE dash.touch AS (
  product integer, category integer, brand integer,
  views integer, adds integer, removes integer, sales integer, added numeric, sold numeric
);

-- What a session did within one UTC hour: the memory behind the sums. A session is the merger of its parts.
CREATE TABLE dash.part (
  session         text COLLATE "C" NOT NULL,
  hour            timestamptz NOT NULL,
  client          text COLLATE "C",
  first_at        timestamptz NOT NULL,
  last_at         timestamptz NOT NULL,
  events          integer NOT NULL,
  page_views      integer NOT NULL,
  is_logged_in    boolean NOT NULL,
  is_bot          boolean NOT NULL,
  -- The funnel's moments: the first look at a product, then every one of the others.
  product_at      timestamptz,
  cart_at         timestamptz[],
  checkout_at     timestamptz[],
  complete_at     timestamptz[],
  -- Completed checkouts that name no product.
  open_completes  integer NOT NULL,
  entry           text,
  exit            text,
  -- A letter for each of the first hundred events.
  letters         text NOT NULL,
  touches         dash.touch[],
  PRIMARY KEY (session, hour)
);
CREATE INDEX part_hour ON dash.part (hour);

-- Sessions by the UTC hour, business day and hour of the business's clock in which they began.
CREATE TABLE dash.session_hour (
  hour timestamptz, day date, clock smallint, is_logged_in boolean, is_bot boolean,
  sessions bigint NOT NULL, bounced bigint NOT NULL, duration_ms bigint NOT NULL,
  page_views bigint NOT NULL, events bigint NOT NULL,
  carts bigint NOT NULL, checkouts bigint NOT NULL, conversions bigint NOT NULL,
  step2 bigint NOT NULL, step3 bigint NOT NULL, step4 bigint NOT NULL, step5 bigint NOT NULL,
  PRIMARY KEY (day, hour, clock, is_logged_in, is_bot)
);

-- How many sessions had which value. kind 2 to 5: seconds to that step of the funnel; 6: events.
CREATE TABLE dash.histogram (
  kind smallint, day date, is_logged_in boolean, is_bot boolean, value integer, sessions bigint NOT NULL,
  PRIMARY KEY (kind, day, is_logged_in, is_bot, value)
);

-- kind: 'entry', 'exit' (pages), 'trail' (letters of dash.trail_of).
CREATE TABLE dash.page_day (
  kind text, day date, is_logged_in boolean, is_bot boolean, page text,
  sessions bigint NOT NULL, bounced bigint NOT NULL, conversions bigint NOT NULL,
  PRIMARY KEY (kind, day, is_logged_in, is_bot, page)
);

-- kind 1: products, 2: categories, 3: brands. Names and prices are those of the newest event that was rolled up.
CREATE TABLE dash.item (
  item_id  integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind     smallint NOT NULL,
  value    text COLLATE "C" NOT NULL,
  name     text,
  category text,
  brand    text,
  price    numeric(18, 4),
  seen_at  timestamptz,
  UNIQUE (kind, value)
);

-- Sessions that touched an item, by the day they began; and what they did with it.
CREATE TABLE dash.item_day (
  kind smallint, day date, item_id integer, is_logged_in boolean, is_bot boolean,
  sessions bigint NOT NULL, bounced bigint NOT NULL, duration_ms bigint NOT NULL,
  page_views bigint NOT NULL, events bigint NOT NULL,
  carts bigint NOT NULL, checkouts bigint NOT NULL, conversions bigint NOT NULL,
  step2 bigint NOT NULL, step3 bigint NOT NULL, step4 bigint NOT NULL, step5 bigint NOT NULL,
  views bigint NOT NULL, adds bigint NOT NULL, removes bigint NOT NULL,
  viewed bigint NOT NULL, added bigint NOT NULL, bought bigint NOT NULL,
  sold_value numeric NOT NULL, at_risk numeric NOT NULL,
  PRIMARY KEY (kind, day, item_id, is_logged_in, is_bot)
);

-- Sessions of a visitor by the day they began.
CREATE TABLE dash.visitor_day (
  client text COLLATE "C", day date,
  anonymous integer NOT NULL, logged_in integer NOT NULL,
  bot_anonymous integer NOT NULL, bot_logged_in integer NOT NULL,
  PRIMARY KEY (client, day)
);

-- Visitors seen on a day by the day they were seen before. In any range, those are different visitors whose
-- previous day lies before it: an exact count of distinct visitors is one sum over this table.
-- scope 1: everybody, 2: anonymous, 3: signed in; 11 to 13: what to add to those when bots count too.
CREATE TABLE dash.visitor_gap (
  scope smallint, day date, previous date, visitors bigint NOT NULL,
  PRIMARY KEY (scope, day, previous)
);

-- Visitors by the week (its Monday) of their first day and the weeks in which they were seen.
CREATE TABLE dash.visitor_week (
  scope smallint, cohort date, week date, visitors bigint NOT NULL,
  PRIMARY KEY (scope, cohort, week)
);

-- Events of a UTC hour, at their own time.
CREATE TABLE dash.hour (
  hour timestamptz PRIMARY KEY, first_at timestamptz NOT NULL, last_at timestamptz NOT NULL,
  events bigint NOT NULL, bot_events bigint NOT NULL,
  -- Without session id and client id.
  unnamed bigint NOT NULL
);
CREATE TABLE dash.hour_event (
  hour timestamptz, day date, event_name text, is_logged_in boolean, is_bot boolean, events bigint NOT NULL,
  PRIMARY KEY (day, hour, event_name, is_logged_in, is_bot)
);
CREATE INDEX hour_event_hour ON dash.hour_event (hour);
CREATE TABLE dash.hour_visitor (
  hour timestamptz, scope smallint, visitors bigint NOT NULL,
  PRIMARY KEY (hour, scope)
);

-- The session that an event belongs to. One without a session id belongs to its client's session of that UTC hour; no
-- id begins with U+0001.
CREATE FUNCTION dash.session_of(session_id text, client_id text, at timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(session_id, E'\x01' || client_id || '@' || extract(epoch FROM date_trunc('hour', at, 'UTC'))) $$;

-- Events of the hour up to the newest one that was rolled up, without ids: hashes tell visitors and sessions apart.
-- is_bot also where only the pace gave the bot away. The planner takes the index on time for useless as long as it knows
-- nothing of the table, or when hours were loaded in any order, and would read all events there are.
CREATE FUNCTION dash.live_events() RETURNS TABLE (
  at timestamptz, event_name text, product_name text, page text, is_logged_in boolean, is_bot boolean, client_key bigint,
  session_key bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog SET enable_seqscan = off AS $$
  SELECT event_timestamp, event_name, context_product_name,
         dash.path_of(dash.bare_url(coalesce(page_url, context_product_url_path))),
         coalesce(user_login_state = 'logged_in', false),
         coalesce(is_bot, false) OR coalesce(
           (dash.session_of(session_id, client_id, event_timestamp) COLLATE "C", date_trunc('hour', event_timestamp, 'UTC'))
           IN (SELECT session, hour FROM dash.part
                WHERE is_bot AND hour >= (SELECT max(hour) FROM dash.hour) - interval '1 hour'), false),
         hashtextextended(client_id, 0),
         hashtextextended(dash.session_of(session_id, client_id, event_timestamp), 0)
    FROM public.clickstream_events
   WHERE event_timestamp > (SELECT last_at FROM dash.hour ORDER BY hour DESC LIMIT 1) - interval '1 hour'
     AND event_timestamp <= (SELECT last_at FROM dash.hour ORDER BY hour DESC LIMIT 1)
$$;
CREATE VIEW dash.live AS SELECT * FROM dash.live_events();

-- Rows that were just loaded are in no block range of the index on their time until a vacuum comes by, and every query
-- by time reads them all. etl_writer may not do it itself: the index is not its own.
CREATE FUNCTION dash.summarize_times() RETURNS integer LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS
$$ SELECT pg_catalog.brin_summarize_new_values('public.clickstream_events_time') $$;
REVOKE EXECUTE ON FUNCTION dash.summarize_times() FROM PUBLIC;

-- Whoever changes events by other means than loading (erasure on request, a repair by hand) marks their hours too.
CREATE FUNCTION dash.mark_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    INSERT INTO dash.dirty SELECT hour FROM dash.hour;
  ELSIF TG_LEVEL = 'ROW' THEN
    INSERT INTO dash.dirty VALUES (date_trunc('hour', NEW.event_timestamp, 'UTC'));
  ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO dash.dirty
      SELECT date_trunc('hour', event_timestamp, 'UTC') FROM gone
      UNION SELECT date_trunc('hour', event_timestamp, 'UTC') FROM come;
  ELSE
    INSERT INTO dash.dirty SELECT DISTINCT date_trunc('hour', event_timestamp, 'UTC') FROM gone;
  END IF;
  RETURN NULL;
END $$;
-- The loader marks what it inserts by itself: a trigger over every row would cost it too much.
CREATE TRIGGER mark_inserted AFTER INSERT ON public.clickstream_events
  FOR EACH ROW WHEN (NEW.loaded_run IS NULL) EXECUTE FUNCTION dash.mark_changed();
CREATE TRIGGER mark_updated AFTER UPDATE ON public.clickstream_events
  REFERENCING OLD TABLE AS gone NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION dash.mark_changed();
CREATE TRIGGER mark_deleted AFTER DELETE ON public.clickstream_events
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION dash.mark_changed();
CREATE TRIGGER mark_truncated AFTER TRUNCATE ON public.clickstream_events
  FOR EACH STATEMENT EXECUTE FUNCTION dash.mark_changed();

-- What was loaded before there were rollups.
INSERT INTO dash.dirty SELECT DISTINCT date_trunc('hour', event_timestamp, 'UTC') FROM public.clickstream_events;

DO $$
DECLARE
  one record;
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'etl_writer') THEN
    GRANT USAGE ON SCHEMA dash TO etl_writer;
    -- TRUNCATE: `sbw data rebuild-rollups`. All of it can be made again from the events.
    GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA dash TO etl_writer;
    GRANT EXECUTE ON FUNCTION dash.summarize_times() TO etl_writer;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'dashboard_reader') THEN
    GRANT USAGE ON SCHEMA dash TO dashboard_reader;
    GRANT SELECT ON dash.setting, dash.version, dash.dirty, dash.session_hour, dash.histogram, dash.page_day,
      dash.item, dash.item_day, dash.visitor_gap, dash.visitor_week, dash.hour, dash.hour_event,
      dash.hour_visitor, dash.live TO dashboard_reader;
    -- The numbers are in the rollups now: who they belong to is not the dashboard's business.
    REVOKE SELECT ON public.clickstream_events, sbw.ledger, sbw.runs FROM dashboard_reader;
    -- `sbw report` looks whether it knows this schema.
    GRANT SELECT ON sbw.schema_version TO dashboard_reader;
    GRANT SELECT (event_timestamp, event_name) ON public.clickstream_events TO dashboard_reader;
    GRANT SELECT (partition_start, state, objects_listed, objects_loaded, newest_modified_at, events_read, loaded,
      duplicates, quarantined, filtered, loaded_at) ON sbw.ledger TO dashboard_reader;
    GRANT SELECT (partition_start, first_seen_at) ON sbw.unreadable TO dashboard_reader;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'sbw_owner')
     AND pg_has_role(current_user, 'sbw_owner', 'MEMBER') THEN
    ALTER SCHEMA dash OWNER TO sbw_owner;
    FOR one IN SELECT c.oid::regclass AS name FROM pg_class c
                WHERE c.relnamespace = 'dash'::regnamespace AND c.relkind IN ('r', 'v') LOOP
      EXECUTE format('ALTER TABLE %s OWNER TO sbw_owner', one.name);
    END LOOP;
    FOR one IN SELECT p.oid::regprocedure AS name FROM pg_proc p WHERE p.pronamespace = 'dash'::regnamespace LOOP
      EXECUTE format('ALTER ROUTINE %s OWNER TO sbw_owner', one.name);
    END LOOP;
    ALTER TYPE dash.touch OWNER TO sbw_owner;
  END IF;
END $$;
