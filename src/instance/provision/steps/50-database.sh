#!/bin/bash
# Database, schema and roles. The schema is that of this release; what the warehouse has already is left alone.
set -Eeuo pipefail
. "$SBW_RELEASE/steps.sh"

database=clickstream_dw
secret=$(mktemp --directory /dev/shm/sbw-database.XXXXXX)
trap 'rm --recursive --force "$secret"' EXIT
(umask 077 && python3 "$SBW_RELEASE/host.py" parameter dwh/etl-password > "$secret/password")
chown --recursive postgres "$secret"

# psql SETTINGS... with the statements as input, as the superuser, who can come from this machine only.
superuser() { (cd / && runuser --user postgres -- psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 "$@"); }

# As src/etl/store/migrate.ts does it: the same lock, the same table, one transaction.
migrations() {
  local file version
  cat << 'SQL'
SET client_min_messages = warning;
BEGIN;
SELECT pg_advisory_xact_lock(7308332101337001) \g /dev/null
-- Whoever waits for a table has others wait behind it.
SET LOCAL lock_timeout = '2min';
CREATE SCHEMA IF NOT EXISTS sbw;
CREATE TABLE IF NOT EXISTS sbw.schema_version (
  version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());
SQL
  for file in "$SBW_RELEASE"/sql/*.sql; do
    version=$((10#$(basename "$file" .sql)))
    cat << SQL
SELECT coalesce(max(version), 0) < $version AS is_new FROM sbw.schema_version \gset
\if :is_new
\echo applying migration $version
\i $file
INSERT INTO sbw.schema_version (version) VALUES ($version);
\endif
SQL
  done
  echo 'COMMIT;'
}

superuser << SQL
SELECT format('CREATE ROLE %I NOLOGIN', name) FROM unnest(ARRAY['sbw_owner', 'etl_writer', 'dashboard_reader']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
SELECT 'CREATE DATABASE $database OWNER sbw_owner'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '$database') \gexec
REVOKE ALL ON DATABASE $database FROM PUBLIC;
SQL

migrations | superuser --dbname "$database"

superuser --dbname "$database" << SQL
\set password \`cat '$secret/password'\`
SET log_min_error_statement = panic;
SET log_min_duration_statement = -1;
ALTER ROLE etl_writer LOGIN PASSWORD :'password' CONNECTION LIMIT 40;
-- A function that was killed leaves its session, and its locks with it, until somebody looks. No load waits for its
-- raw store for as long as a function may run.
ALTER ROLE etl_writer SET tcp_keepalives_idle = 60;
ALTER ROLE etl_writer SET tcp_keepalives_interval = 10;
ALTER ROLE etl_writer SET tcp_keepalives_count = 3;
ALTER ROLE etl_writer SET idle_in_transaction_session_timeout = '15min';
ALTER ROLE etl_writer SET temp_file_limit = '4GB';
ALTER ROLE dashboard_reader LOGIN PASSWORD NULL CONNECTION LIMIT 12;
ALTER ROLE dashboard_reader SET default_transaction_read_only = on;
ALTER ROLE dashboard_reader SET statement_timeout = '5s';
ALTER ROLE dashboard_reader SET lock_timeout = '1s';
ALTER ROLE dashboard_reader SET temp_file_limit = '1GB';
ALTER ROLE dashboard_reader SET idle_in_transaction_session_timeout = '10s';
SQL
