#!/bin/bash
# Boots a Debian tree with its own systemd, in namespaces of its own: no network but loopback, no devices but those
# given, and a cgroup that can be removed as a whole. Started by machine.ts:
#
#   unshare --fork --mount --net --pid --ipc --uts boot-machine.sh ROOT CGROUP ADDRESS... [-- DEVICE...]
set -Eeuo pipefail

if [ -z "${IN_CGROUP:-}" ]; then
  mount --make-rprivate /
  hierarchy=$(mktemp --directory)
  mount -t cgroup2 none "$hierarchy"
  mkdir --parents "$hierarchy/$2"
  echo 0 > "$hierarchy/$2/cgroup.procs"
  umount "$hierarchy"
  rmdir "$hierarchy"
  IN_CGROUP=yes exec unshare --cgroup -- bash "$0" "$@"
fi

root=$1
shift 2
ip link set lo up
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  ip address add "$1" dev lo
  shift
done
shift || true

mount -t proc proc "$root/proc"
mount --bind /proc/sys "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 none "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for name in null zero full random urandom tty; do
  mknod --mode 666 "$root/dev/$name" c "0x$(stat --format %t "/dev/$name")" "0x$(stat --format %T "/dev/$name")"
done
for device in "$@"; do
  mknod --mode 600 "$root$device" b "0x$(stat --format %t "$device")" "0x$(stat --format %T "$device")"
done
# The serial console: a file, so that it can be read.
touch "$root/dev/console"
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
ln --symbolic pts/ptmx "$root/dev/ptmx"
mount -t tmpfs tmpfs "$root/dev/shm"
mount -t tmpfs -o mode=755 tmpfs "$root/run"

exec chroot "$root" /usr/bin/env --ignore-environment container=sbw \
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  /lib/systemd/systemd --log-target=null --show-status=no
