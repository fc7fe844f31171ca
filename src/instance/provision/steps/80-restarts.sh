#!/bin/bash
# A service that goes on with a library which was replaced since goes on with its holes: ours are started anew. Not the
# agent: it runs this, and its own package sees to it.
set -Eeuo pipefail
. "$SBW_RELEASE/steps.sh"

# has_old_code UNIT: whether one of its processes runs code from a file that is not there any more.
has_old_code() {
  local group pid
  group=$(systemctl show --property ControlGroup --value "$1")
  [ -n "$group" ] || return 1
  while read -r pid; do
    # The process may have ended by now.
    if awk '$2 ~ /x/ && $6 ~ "[.]so([.]|$)|/bin/" && $NF == "(deleted)" { found = 1 } END { exit !found }' \
      "/proc/$pid/maps" 2> /dev/null; then return; fi
  done < <(find "/sys/fs/cgroup$group" -name cgroup.procs -exec cat {} +)
  return 1
}

for unit in postgresql@17-main sbw-dashboard; do
  if has_old_code "$unit"; then
    note "$unit is started anew: it ran what was replaced"
    systemctl try-restart "$unit"
  fi
done
wait_for 60 pg_isready --quiet
