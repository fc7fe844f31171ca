#!/bin/bash
# All packages, from the bundle and from nowhere else.
set -Eeuo pipefail
. "$SBW_RELEASE/steps.sh"

export DEBIAN_FRONTEND=noninteractive
state=/var/lib/sbw/apt
mkdir --parents "$state"/{lists/partial,archives/partial,none}

# The whole bundle was verified by its hash, so its index needs no signature.
write_file 0644 "$state/sources.list" <<< "deb [trusted=yes] file:$(readlink -f "$SBW_BUNDLE") ./"
write_file 0644 "$state/apt.conf" << CONF
Dir::Etc::SourceList "$state/sources.list";
Dir::Etc::SourceParts "$state/none";
Dir::State::Lists "$state/lists";
Dir::Cache "$state";
APT::Install-Recommends "false";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
DPkg::Lock::Timeout "300";
DPkg::Options { "--force-confdef"; "--force-confold"; };
CONF
# Fits the bundle together where the machine image is newer than it.
write_file 0644 "$state/exactly" << 'PREFERENCES'
Package: *
Pin: release *
Pin-Priority: 1001
PREFERENCES
export APT_CONFIG=$state/apt.conf

# Debian's mirrors cannot be reached from here: newer packages come with a newer bundle.
systemctl disable --now apt-daily.timer apt-daily-upgrade.timer 2> /dev/null || true

# PostgreSQL's own cluster would be made here and now, without checksums.
write_file 0644 /etc/postgresql-common/createcluster.d/sbw.conf <<< 'create_main_cluster = false'

apt-get --quiet=2 update
apt-get --quiet=2 --yes --with-new-pkgs upgrade
mapfile -t packages < "$SBW_BUNDLE/install.txt"
apt-get --quiet=2 --yes --allow-downgrades --option "Dir::Etc::Preferences=$state/exactly" install "${packages[@]}"
systemctl enable --now amazon-ssm-agent
