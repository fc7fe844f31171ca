#!/bin/bash
# The data volume, where PostgreSQL keeps its data. A new server finds the one that an old server left.
set -Eeuo pipefail
. "$SBW_RELEASE/steps.sh"

folder=/var/lib/postgresql

is_blank() { [ "$(head --bytes 1048576 "$1" | tr --delete '\0' | wc --bytes)" -eq 0 ]; }

echo "waiting for $SBW_VOLUME_ID"
wait_for 300 find_device "$SBW_VOLUME_ID" || { echo "the volume $SBW_VOLUME_ID is not attached" && exit 1; }

kind=$(blkid --probe --match-tag TYPE --output value "$device" || true)
if [ -z "$kind" ] && is_blank "$device"; then
  echo "making a file system on $device"
  mkfs.ext4 -q -m 1 -L sbw-warehouse "$device"
elif [ "$kind" != ext4 ]; then
  echo "$device holds something, but no ext4 file system: it is left as it is"
  exit 1
fi

uuid=$(blkid --probe --match-tag UUID --output value "$device")
options=defaults,noatime,nofail,x-systemd.device-timeout=300
others=$(grep --invert-match " $folder " /etc/fstab || true)
write_file 0644 /etc/fstab <<< "${others:+$others
}UUID=$uuid $folder ext4 $options 0 2"
if $changed; then systemctl daemon-reload; fi

mkdir --parents "$folder"
if ! mountpoint --quiet "$folder"; then mount "$folder"; fi
mounted=$(findmnt --noheadings --output UUID "$folder")
[ "$mounted" = "$uuid" ] || { echo "$folder is another file system, $mounted" && exit 1; }

# After the volume has grown.
resize2fs "$device"
