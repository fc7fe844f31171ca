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

home=/var/lib/postgresql
copy=$home/17.restored
source=/run/sbw-restore
unit=postgresql@17-main

find_device "${1:?say which volume}" || { echo "the volume $1 is not attached to this server" >&2 && exit 1; }
mkdir --parents "$source"
# For writing: what was under way when the snapshot was made is finished first.
mount "$device" "$source"
trap 'umount "$source"' EXIT
[ -e "$source/17/main/PG_VERSION" ] || { echo "the volume $1 holds no PostgreSQL 17" >&2 && exit 1; }

rm --recursive --force "$copy"
needed=$(du --summarize --block-size 1M "$source/17" | cut --fields 1)
free=$(df --output=avail --block-size 1M "$home" | tail --lines 1)
if [ "$needed" -gt "$free" ]; then
  echo "the data are $needed MB and $((free)) MB are free: deploy a larger volume first" >&2
  exit 1
fi
echo "copying $needed MB"
cp --archive "$source/17" "$copy"
rm --force "$copy/main/postmaster.pid"
chown --recursive postgres:postgres "$copy"
sync

former=$home/17.before-$(date --utc +%Y%m%dT%H%M%SZ)
systemctl stop "$unit"
# It is gone already when this was stopped in between, and is done again.
if [ -e "$home/17" ]; then mv "$home/17" "$former"; fi
mv "$copy" "$home/17"
echo "the former data are in $former"
echo "detach $1 before the next restart: it has the same name for mounting as the server's own volume"
