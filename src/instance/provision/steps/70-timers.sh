#!/bin/bash
# What happens by itself later on: the certificate is renewed, the log ends somewhere.
set -Eeuo pipefail
. "$SBW_RELEASE/steps.sh"

write_file 0755 /usr/local/sbin/sbw-host << 'PROGRAM'
#!/bin/sh
if [ "$*" = health ]; then exec python3 /opt/sbw/provision/health.py; fi
exec python3 /opt/sbw/provision/host.py "$@"
PROGRAM
write_file 0644 /etc/logrotate.d/sbw < "$SBW_RELEASE/files/logrotate.conf"
for unit in sbw-certificate.service sbw-certificate.timer; do
  write_file 0644 "/etc/systemd/system/$unit" < "$SBW_RELEASE/files/$unit"
done
systemctl daemon-reload
systemctl enable --now sbw-certificate.timer
