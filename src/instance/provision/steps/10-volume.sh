#!/bin/bash
# The data volume, where PostgreSQL keeps its data. A new server finds the one that an old server left.
set -Eeuo pipefail
. "$SBW_RELEASE/steps.sh"

folder=/var/lib/postgresql

mebibyte=1048576

# Nothing that blkid knows, and zeros where nearly everything else would have left a mark: all of them read, none
# missing. What cannot be read is not blank.
is_blank() {
  local code=0 last
  blkid --probe "$1" > /dev/null || code=$?
  last=$(($(blockdev --getsize64 "$1") - mebibyte))
  [ "$code" -eq 2 ] && cmp --quiet --bytes "$mebibyte" "$1" /dev/zero &&
    cmp --quiet --bytes "$mebibyte" --ignore-initial "$last:0" "$1" /dev/zero
}

echo "waiting for $SBW_VOLUME_ID"
wait_for 300 find_device "$SBW_VOLUME_ID" || { echo "the volume $SBW_VOLUME_ID is not attached" && exit 1; }

kind=$(blkid --probe --match-tag TYPE --output value "$device" || true)
if is_blank "$device"; then
  echo "making a file system on $device"
  mkfs.ext4 -q -m 1 -L sbw-warehouse "$device"
elif [ "$kind" != ext4 ]; then
  echo "$device holds something, but no ext4 file system: it is left as it is"
  exit 1
fi

uuid=$(blkid --probe --match-tag UUID --output value "$device")
options=defaults,noatime,nofail,x-systemd.growfs,x-systemd.device-timeout=300
others=$(grep --invert-match " $folder " /etc/fstab || true)
write_file 0644 /etc/fstab <<< "${others:+$others
}UUID=$uuid $folder ext4 $options 0 2"
if $changed; then systemctl daemon-reload; fi

mkdir --parents "$folder"
if ! mountpoint --quiet "$folder"; then mount "$folder"; fi
mounted=$(findmnt --noheadings --output UUID "$folder")
[ "$mounted" = "$uuid" ] || { echo "$folder is another file system, $mounted" && exit 1; }

# After the volume has grown: without a restart here, else by x-systemd.growfs.
resize2fs "$device"
