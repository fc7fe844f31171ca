#!/bin/bash
# The server: made on an empty volume, adopted on one that has data.
set -Eeuo pipefail
. "$SBW_RELEASE/steps.sh"

settings=/etc/postgresql/17/main
data=/var/lib/postgresql/17/main
unit=postgresql@17-main
log=/var/log/postgresql/postgresql-17-main.log
# It answers after a moment; or says that it is not ready yet, while it makes up for a server that was cut off.
start_seconds=60
recovery_seconds=900

# Becomes 0 (answers), 1 (says "not yet") or 2 (says nothing).
state() {
  local code=0
  pg_isready --quiet || code=$?
  echo "$code"
}

wait_until_ready() {
  local until=$((SECONDS + start_seconds)) latest=$((SECONDS + recovery_seconds)) code
  while code=$(state) && [ "$code" -ne 0 ]; do
    if [ "$code" -eq 1 ]; then until=$((SECONDS + start_seconds)); fi
    [ "$SECONDS" -lt "$until" ] && [ "$SECONDS" -lt "$latest" ] || return 1
    sleep 1
  done
}

tell_log() {
  echo "PostgreSQL does not answer; the end of $log:"
  tail --lines 12 "$log" || true
  exit 1
}

# A new, empty warehouse beside data of before would hide that they are there.
for left in /var/lib/postgresql/17.restored /var/lib/postgresql/17.before-*; do
  if [ ! -e /var/lib/postgresql/17 ] && [ -e "$left" ]; then
    echo "a restore was cut off: $left is there, and the warehouse is not; run sbw-host restore again"
    exit 1
  fi
done

# Numbers of users differ between servers.
if [ -e "$data" ] && [ "$(stat --format %U "$data")" != postgres ]; then
  echo 'the data belong to the user of another server: changing that'
  chown --recursive postgres:postgres /var/lib/postgresql/17
fi
if [ ! -e "$settings/postgresql.conf" ]; then
  if [ -e "$data/PG_VERSION" ]; then
    # Left by a server that did not end cleanly, and whose process is not here.
    rm --force "$data/postmaster.pid"
    # Debian takes over data only together with settings, which it moves to where it has them.
    install --owner postgres --group postgres /usr/share/postgresql/17/postgresql.conf.sample "$data/postgresql.conf"
    install --owner postgres --group postgres /dev/null "$data/pg_hba.conf"
    install --owner postgres --group postgres /dev/null "$data/pg_ident.conf"
  fi
  pg_createcluster --locale C.UTF-8 17 main -- --data-checksums
fi

install --mode 0755 "$SBW_RELEASE/files/tune-postgresql" /usr/local/lib/
write_file 0644 "$settings/conf.d/sbw.conf" < "$SBW_RELEASE/files/postgresql.conf"
write_file 0640 "$settings/pg_hba.conf" < "$SBW_RELEASE/files/pg_hba.conf"
write_file 0640 "$settings/pg_ident.conf" < "$SBW_RELEASE/files/pg_ident.conf"
chown postgres:postgres "$settings"/pg_{hba,ident}.conf
write_file 0644 "/etc/systemd/system/$unit.service.d/sbw.conf" < "$SBW_RELEASE/files/postgresql.service.conf"

# Debian starts what it finds early in the boot, when the volume may not be there yet.
systemctl daemon-reload
systemctl enable "$unit"
verb=start
if $changed || is_behind "$unit" "$settings"/conf.d/sbw.conf "$settings"/pg_{hba,ident}.conf \
  "/etc/systemd/system/$unit.service.d"; then
  verb=restart
fi
systemctl "$verb" "$unit" || tell_log
wait_until_ready || tell_log
