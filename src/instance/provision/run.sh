#!/bin/bash
# Runs the steps in the order of their names, or those that are named. Each may be run again at any time, on a live
# server as well; the first that fails ends it. The serial console gets a line for each step, the log everything.
set -Eeuo pipefail

here=$(dirname "$(readlink -f "$0")")
export SBW_RELEASE=$here
export SBW_BUNDLE=/opt/sbw/bundle
log=${SBW_LOG:-/var/log/sbw/provision.log}
tail_lines=15

say() {
  echo "sbw: $1"
  { echo "sbw: $1" >> /dev/console; } 2> /dev/null || true
}

list_steps() {
  local name
  if [ $# -eq 0 ]; then
    printf '%s\n' "$here"/steps/*.sh
  else
    for name in "$@"; do printf '%s\n' "$here/steps/$name.sh"; done
  fi
}

# The agent is the only way in: however the steps end, and also when a newer one was about to take its place, it runs.
leave() {
  rm --force /dev/shm/sbw-notes.*
  systemctl enable --now amazon-ssm-agent > /dev/null 2>&1 || true
}
trap leave EXIT

# First of all, so that what fails below can be gone on with.
if ! cmp --quiet "$here/files/sbw-host" /usr/local/sbin/sbw-host; then
  install --mode 0755 "$here/files/sbw-host" /usr/local/sbin/
fi
# Secrets of steps that were killed.
rm --recursive --force /dev/shm/sbw-*
# What a step has to tell people: see steps.sh.
SBW_NOTES=$(mktemp /dev/shm/sbw-notes.XXXXXX)
export SBW_NOTES

mapfile -t steps < <(list_steps "$@")
install --directory --mode 0750 "$(dirname "$log")"
number=0
for step in "${steps[@]}"; do
  number=$((number + 1))
  name=$(basename "$step" .sh)
  say "step $number of ${#steps[@]}: ${name#*-}"
  started=$(stat --format %s "$log" 2> /dev/null || echo 0)
  echo "== $name, $(date --utc +%FT%TZ)" >> "$log"
  code=0
  bash "$step" >> "$log" 2>&1 < /dev/null || code=$?
  if [ "$code" -ne 0 ]; then
    tail --bytes "+$((started + 1))" "$log" | tail --lines "$tail_lines" | while read -r line; do say "  $line"; done
    say "step $name failed with code $code; all of it is in $log"
    exit 1
  fi
done

while read -r line; do say "note: $line"; done < "$SBW_NOTES"

# A newer kernel is put to use by whoever chooses the minute.
newest=$(find /boot -name 'vmlinuz-*' -printf '%f\n' 2> /dev/null | sort --version-sort | tail --lines 1)
if [ -n "$newest" ] && [ "$newest" != "vmlinuz-$(uname --kernel-release)" ]; then
  say "note: a restart would bring the kernel ${newest#vmlinuz-}"
fi
say 'ready'
