#!/bin/bash
# The dashboard: its own user, who owns nothing and reads the warehouse, and a port of this machine alone.
set -Eeuo pipefail
. "$SBW_RELEASE/steps.sh"

if [ ! -e "$SBW_RELEASE/dashboard" ]; then
  echo 'this release has no dashboard'
  systemctl disable --now sbw-dashboard 2> /dev/null || true
  exit
fi

if ! getent passwd sbw_dashboard > /dev/null; then
  useradd --system --user-group --home-dir /nonexistent --shell /usr/sbin/nologin sbw_dashboard
fi

if ! diff --recursive --brief "$SBW_RELEASE/dashboard" /opt/sbw/dashboard > /dev/null 2>&1; then
  rm --recursive --force /opt/sbw/dashboard.new /opt/sbw/dashboard.old
  cp --recursive "$SBW_RELEASE/dashboard" /opt/sbw/dashboard.new
  chmod --recursive u=rwX,go=rX /opt/sbw/dashboard.new
  if [ -e /opt/sbw/dashboard ]; then mv /opt/sbw/dashboard /opt/sbw/dashboard.old; fi
  mv /opt/sbw/dashboard.new /opt/sbw/dashboard
  rm --recursive --force /opt/sbw/dashboard.old
  changed=true
fi
write_file 0644 /etc/systemd/system/sbw-dashboard.service < "$SBW_RELEASE/files/sbw-dashboard.service"

systemctl daemon-reload
systemctl enable sbw-dashboard
if $changed || is_behind sbw-dashboard /opt/sbw/dashboard /etc/systemd/system/sbw-dashboard.service; then
  systemctl restart sbw-dashboard
else
  systemctl start sbw-dashboard
fi
