#!/bin/bash
# Asks everything that was set up whether it works, in the way in which it will be used.
set -Eeuo pipefail
. "$SBW_RELEASE/steps.sh"

secret=$(mktemp --directory /dev/shm/sbw-verify.XXXXXX)
trap 'rm --recursive --force "$secret"' EXIT

mountpoint --quiet /var/lib/postgresql || { echo 'the data volume is not mounted' && exit 1; }

echo 'the ETL may come in, by a certificate that names this server'
(
  umask 077
  password=$(python3 "$SBW_RELEASE/host.py" parameter dwh/etl-password)
  echo "*:*:*:*:$password" > "$secret/passfile"
)
PGPASSFILE=$secret/passfile psql --no-psqlrc --tuples-only --set ON_ERROR_STOP=1 \
  "host=$SBW_ADDRESS user=etl_writer dbname=clickstream_dw sslmode=verify-full sslrootcert=/etc/sbw/tls/authority.crt" \
  --command 'SELECT max(version) FROM sbw.schema_version'

answers() {
  python3 - << 'PYTHON'
import sys, urllib.request
try:
    urllib.request.urlopen('http://127.0.0.1:3838/sbw_dashboard/health', timeout=20)
except OSError as error:
    sys.exit(f'the dashboard: {error}')
PYTHON
}
if [ -e "$SBW_RELEASE/dashboard" ]; then
  echo 'the dashboard may read, and answers'
  (cd / && runuser --user sbw_dashboard -- psql --no-psqlrc --quiet --username dashboard_reader \
    --dbname clickstream_dw --command 'SELECT 1 FROM public.clickstream_events LIMIT 1')
  wait_for 60 answers
fi

echo 'Session Manager has its agent'
systemctl is-active amazon-ssm-agent
