# shellcheck shell=bash
# Read by the steps.

# True once write_file had something to write.
changed=false

# write_file MODE FILE: what comes in becomes the file, at once and whole. A file that is so already is left alone.
write_file() {
  local draft
  mkdir --parents "$(dirname "$2")"
  draft=$(mktemp "$2.XXXXXX")
  cat > "$draft"
  chmod "$1" "$draft"
  if cmp --quiet "$draft" "$2" && [ "$(stat --format %a "$2")" = "${1#0}" ]; then
    rm "$draft"
  else
    mv "$draft" "$2"
    # shellcheck disable=SC2034
    changed=true
  fi
}

# note TEXT: a line for whoever started the steps, beside the log.
note() {
  echo "$1"
  echo "$1" >> "${SBW_NOTES:-/dev/null}"
}

# is_behind UNIT FILE...: whether the unit runs since before one of the files was written, as after a kill between the
# two. Folders stand for what is in them.
is_behind() {
  local since
  since=$(systemctl show --timestamp=us+utc --property InactiveExitTimestamp --value "$1")
  shift
  [ -n "$since" ] && [ -n "$(find "$@" -type f -newermt "$since" -print -quit)" ]
}

# wait_for SECONDS COMMAND...: until the command succeeds; fails when the time is over.
wait_for() {
  local until=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$until" ] || return 1
    sleep 1
  done
}

# find_device VOLUME: names of NVMe disks go by the order of arrival, so it is looked for by its serial number, which is
# the volume's id without its hyphen. Sets device.
find_device() {
  device=$(lsblk --nodeps --noheadings --paths --output NAME,SERIAL |
    awk -v serial="${1/-/}" '$2 == serial { print $1 }')
  [ -n "$device" ]
}
