#!/bin/bash
# Puts the warehouse back to what a snapshot holds. The volume made from the snapshot is attached to this server, beside
# the server's own; its data are copied while the warehouse still answers, then exchanged for those that are here.
#
#   sbw-host restore vol-0123456789abcdef0
#
# The former data stay beside them until somebody removes them.
set -Eeuo pipefail

SBW_RELEASE=$(dirname "$(readlink -f "$0")")
. "$SBW_RELEASE/steps.sh"

fail() {
  echo "$1" >&2
  exit 1
}

home=/var/lib/postgresql
copy=$home/17.restored
source=/run/sbw-restore
unit=postgresql@17-main

find_device "${1:?say which volume}" || fail "the volume $1 is not attached to this server"
[ "$(findmnt --noheadings --output SOURCE "$home")" != "$device" ] || fail "the volume $1 is the server's own"
mkdir --parents "$source"
# Left by one that was killed: perhaps another volume.
if mountpoint --quiet "$source"; then umount "$source"; fi
# For writing: what was under way when the snapshot was made is finished first.
mount --options nodev,noexec,nosuid "$device" "$source"
trap 'umount "$source"' EXIT
[ "$(cat "$source/17/main/PG_VERSION" 2> /dev/null)" = 17 ] || fail "the volume $1 holds no PostgreSQL 17"

rm --recursive --force "$copy"
needed=$(du --summarize --block-size 1M "$source/17" | cut --fields 1)
free=$(df --output=avail --block-size 1M "$home" | tail --lines 1)
# It writes as soon as it starts.
needed=$((needed + needed / 10))
[ "$needed" -le "$free" ] || fail "it takes $needed MB and $((free)) MB are free: deploy a larger volume first"
echo "copying the data, which take up to $needed MB"
cp --archive "$source/17" "$copy"
rm --force "$copy/main/postmaster.pid"
chown --recursive postgres:postgres "$copy"
/usr/lib/postgresql/17/bin/pg_controldata "$copy/main" > /dev/null
sync

former=$home/17.before-$(date --utc +%Y%m%dT%H%M%SZ)
systemctl stop "$unit"
# It is gone already when this was stopped in between, and is done again.
if [ -e "$home/17" ]; then mv "$home/17" "$former"; fi
mv "$copy" "$home/17"
echo "the former data are in $former"
echo "detach $1 before the next restart: it has the same name for mounting as the server's own volume"
