#!/bin/bash
# What happens by itself later on: the certificate is renewed, logs end somewhere.
set -Eeuo pipefail
. "$SBW_RELEASE/steps.sh"

write_file 0644 /etc/logrotate.d/sbw < "$SBW_RELEASE/files/logrotate.conf"
problems=$(logrotate --debug /etc/logrotate.conf 2>&1 | grep '^error' || true)
[ -z "$problems" ] || { echo "$problems" && exit 1; }
for unit in sbw-certificate.service sbw-certificate.timer; do
  write_file 0644 "/etc/systemd/system/$unit" < "$SBW_RELEASE/files/$unit"
done
systemctl daemon-reload
systemctl enable --now sbw-certificate.timer logrotate.timer
