-- The warehouse. Numbered, applied in order by migrate.ts in one transaction each, never edited after release.

CREATE SCHEMA IF NOT EXISTS sbw;

-- The sixteen columns of the seeds first, in their order and with their names; then ours, nullable.
CREATE TABLE IF NOT EXISTS public.clickstream_events (
  event_id                       text COLLATE "C" PRIMARY KEY,
  event_timestamp                timestamptz NOT NULL,
  event_name                     text NOT NULL,
  user_id                        text,
  user_login_state               text,
  identity_source                text,
  client_id                      text,
  session_id                     text,
  is_first_visit                 boolean,
  context_product_id             text,
  context_product_name           text,
  context_product_category       text,
  context_product_brand          text,
  context_product_price          numeric(18, 4),
  context_product_discount_price numeric(18, 4),
  context_product_url_path       text
);

-- A table made by hand after the seeds had a UUID key, which cannot hold the tracker's fallback ids, and whole
-- numbers for prices. Changing the type rewrites the table once; on our own table there is nothing to change.
DO $$
BEGIN
  IF EXISTS (SELECT FROM information_schema.columns WHERE table_schema = 'public'
             AND table_name = 'clickstream_events' AND column_name = 'event_id' AND data_type = 'uuid') THEN
    ALTER TABLE public.clickstream_events ALTER COLUMN event_id TYPE text COLLATE "C" USING event_id::text;
  END IF;
  IF EXISTS (SELECT FROM information_schema.columns WHERE table_schema = 'public'
             AND table_name = 'clickstream_events' AND column_name = 'context_product_price'
             AND data_type <> 'numeric') THEN
    ALTER TABLE public.clickstream_events
      ALTER COLUMN context_product_price TYPE numeric(18, 4),
      ALTER COLUMN context_product_discount_price TYPE numeric(18, 4);
  END IF;
END $$;

ALTER TABLE public.clickstream_events
  ADD COLUMN IF NOT EXISTS received_at      timestamptz,
  ADD COLUMN IF NOT EXISTS client_timestamp timestamptz,
  ADD COLUMN IF NOT EXISTS page_url         text,
  ADD COLUMN IF NOT EXISTS referrer         text,
  ADD COLUMN IF NOT EXISTS element          jsonb,
  ADD COLUMN IF NOT EXISTS properties       jsonb,
  ADD COLUMN IF NOT EXISTS source_key       text COLLATE "C",
  ADD COLUMN IF NOT EXISTS source_index     integer,
  ADD COLUMN IF NOT EXISTS loaded_run       text;

-- Rows arrive nearly in time order, so a block range index serves time ranges at a fraction of a B-tree's cost
-- for the loader. Every further index would make each load slower: the dashboard reads rollups.
CREATE INDEX IF NOT EXISTS clickstream_events_time
  ON public.clickstream_events USING brin (event_timestamp) WITH (pages_per_range = 32, autosummarize = on);

-- One row per loaded partition (UTC hour).
CREATE TABLE sbw.ledger (
  partition_start    timestamptz PRIMARY KEY,
  -- 'open': objects were unreadable, the next run reads them again.
  state              text NOT NULL CHECK (state IN ('loaded', 'open')),
  -- Of the newest listing: hash over keys and versions; equal means nothing changed.
  fingerprint        text NOT NULL,
  objects_listed     integer NOT NULL,
  objects_loaded     integer NOT NULL,
  bytes              bigint NOT NULL,
  newest_modified_at timestamptz,
  -- 16 bytes per object ever loaded into this partition: a hash of key and version. It is how objects that gave
  -- no row (all duplicates, all filtered) are remembered without a row per object.
  object_digests     bytea NOT NULL,
  -- Totals over all loads of the partition.
  events_read        bigint NOT NULL,
  loaded             bigint NOT NULL,
  duplicates         bigint NOT NULL,
  quarantined        bigint NOT NULL,
  filtered           bigint NOT NULL,
  run_id             text NOT NULL,
  loaded_at          timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE sbw.ledger ALTER COLUMN object_digests SET STORAGE EXTERNAL;

-- Every rejected event, one row each, kept after it is resolved.
CREATE TABLE sbw.quarantine (
  quarantine_id   text COLLATE "C" PRIMARY KEY,
  state           text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'resolved')),
  reason          text NOT NULL,
  field           text,
  expected        text NOT NULL,
  found           text NOT NULL,
  event_id        text,
  source_key      text COLLATE "C" NOT NULL,
  source_index    integer NOT NULL,
  partition_start timestamptz NOT NULL,
  -- LastModified of the object: a replay needs it to give the same row as the load would have.
  modified_at     timestamptz NOT NULL,
  raw_text        text NOT NULL,
  run_id          text NOT NULL,
  attempts        integer NOT NULL DEFAULT 1,
  first_seen_at   timestamptz NOT NULL DEFAULT now(),
  last_seen_at    timestamptz NOT NULL DEFAULT now(),
  resolved_at     timestamptz,
  resolved_run    text
);
CREATE INDEX quarantine_open ON sbw.quarantine (reason, partition_start) WHERE state = 'open';
CREATE INDEX quarantine_event ON sbw.quarantine (event_id) WHERE event_id IS NOT NULL;

-- Objects that could not be read; the row goes when the object is read at last.
CREATE TABLE sbw.unreadable (
  source_key      text COLLATE "C" PRIMARY KEY,
  partition_start timestamptz NOT NULL,
  reason          text NOT NULL,
  attempts        integer NOT NULL DEFAULT 1,
  run_id          text NOT NULL,
  first_seen_at   timestamptz NOT NULL DEFAULT now(),
  last_seen_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX unreadable_partition ON sbw.unreadable (partition_start);

-- Every execution, also those that were killed (state stays 'running').
CREATE TABLE sbw.runs (
  run_id      text COLLATE "C" PRIMARY KEY,
  kind        text NOT NULL,
  state       text NOT NULL CHECK (state IN ('running', 'done', 'interrupted', 'failed')),
  arguments   jsonb NOT NULL,
  -- Start of each planned partition: `etl retry <run>` works on this list, never on "now".
  partitions  timestamptz[] NOT NULL,
  not_done    timestamptz[] NOT NULL DEFAULT '{}',
  report      jsonb,
  host        text NOT NULL,
  pid         integer NOT NULL,
  started_at  timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz
);
CREATE INDEX runs_started ON sbw.runs (started_at);

-- Least privilege. Nobody works as a superuser: sbw_owner owns and migrates, etl_writer loads, dashboard_reader
-- reads. Whoever may not create roles (a managed server) can have them made beforehand, or go without.
DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['sbw_owner', 'etl_writer', 'dashboard_reader'] LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
      END IF;
    EXCEPTION
      -- Roles belong to the whole server: another database may be migrating at this moment.
      WHEN duplicate_object OR unique_violation THEN NULL;
      WHEN insufficient_privilege THEN NULL;
    END;
  END LOOP;

  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'etl_writer') THEN
    GRANT USAGE ON SCHEMA sbw, public TO etl_writer;
    GRANT SELECT, INSERT, UPDATE ON public.clickstream_events TO etl_writer;
    GRANT SELECT, INSERT, UPDATE ON sbw.ledger, sbw.quarantine, sbw.runs TO etl_writer;
    GRANT SELECT, INSERT, UPDATE, DELETE ON sbw.unreadable TO etl_writer;
    GRANT SELECT ON sbw.schema_version TO etl_writer;
    EXECUTE format('GRANT TEMPORARY, CONNECT ON DATABASE %I TO etl_writer', current_database());
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'dashboard_reader') THEN
    GRANT USAGE ON SCHEMA sbw, public TO dashboard_reader;
    GRANT SELECT ON public.clickstream_events, sbw.ledger, sbw.runs TO dashboard_reader;
    -- Not the raw text: it may hold what the client should never have sent.
    GRANT SELECT (quarantine_id, state, reason, field, partition_start, first_seen_at, last_seen_at)
      ON sbw.quarantine TO dashboard_reader;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO dashboard_reader', current_database());
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'sbw_owner')
     AND pg_has_role(current_user, 'sbw_owner', 'MEMBER') THEN
    EXECUTE format('GRANT CREATE ON DATABASE %I TO sbw_owner', current_database());
    GRANT CREATE, USAGE ON SCHEMA public TO sbw_owner;
    ALTER SCHEMA sbw OWNER TO sbw_owner;
    ALTER TABLE public.clickstream_events OWNER TO sbw_owner;
    ALTER TABLE sbw.ledger OWNER TO sbw_owner;
    ALTER TABLE sbw.quarantine OWNER TO sbw_owner;
    ALTER TABLE sbw.unreadable OWNER TO sbw_owner;
    ALTER TABLE sbw.runs OWNER TO sbw_owner;
    ALTER TABLE sbw.schema_version OWNER TO sbw_owner;
  END IF;
END $$;
