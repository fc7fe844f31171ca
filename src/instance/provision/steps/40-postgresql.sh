#!/bin/bash
# The server: made on an empty volume, adopted on one that has data.
set -Eeuo pipefail
. "$SBW_RELEASE/steps.sh"

settings=/etc/postgresql/17/main
data=/var/lib/postgresql/17/main
unit=postgresql@17-main

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
if $changed; then systemctl restart "$unit"; else systemctl start "$unit"; fi
wait_for 60 pg_isready --quiet
