#!/bin/bash
# All packages, from the bundle and from nowhere else.
set -Eeuo pipefail
. "$SBW_RELEASE/steps.sh"

export DEBIAN_FRONTEND=noninteractive LC_ALL=C
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

# Keeps the agent out of what happens to all others.
write_file 0644 "$state/without-agent" << 'PREFERENCES'
Package: amazon-ssm-agent
Pin: release *
Pin-Priority: -1
PREFERENCES
# Its package disables it before a newer one is unpacked. Should the server stop just then, it starts with it again all
# the same.
write_file 0644 /etc/systemd/system/multi-user.target.d/sbw.conf << 'UNIT'
[Unit]
Wants=amazon-ssm-agent.service
UNIT

# Debian's mirrors cannot be reached from here: newer packages come with a newer bundle.
systemctl disable --now apt-daily.timer apt-daily-upgrade.timer 2> /dev/null || true

# PostgreSQL's own cluster would be made here and now, without checksums.
write_file 0644 /etc/postgresql-common/createcluster.d/sbw.conf <<< 'create_main_cluster = false'

# with PREFERENCES COMMAND...: apt-get by one of the files above.
with() { apt-get --quiet=2 --yes --allow-downgrades --option "Dir::Etc::Preferences=$state/$1" "${@:2}"; }

# What a run that was killed left half done, first: apt does nothing else before.
dpkg --configure -a --force-confdef --force-confold
apt-get --quiet=2 update
apt-get --quiet=2 --yes --fix-broken install

with without-agent --with-new-pkgs upgrade
mapfile -t packages < <(grep --invert-match --line-regexp amazon-ssm-agent "$SBW_BUNDLE/install.txt")
with exactly install "${packages[@]}"
# Last and by itself: it runs the command that is under way, and is away for as short as can be.
with exactly install amazon-ssm-agent
systemctl enable --now amazon-ssm-agent

in_a_line() { paste --serial --delimiters ' '; }
kept=$(apt list --upgradable 2> /dev/null | sed --quiet 's,/.*,,p' | in_a_line)
if [ -n "$kept" ]; then note "not brought up to date, since something holds them: $kept"; fi
here() { dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' | sed --quiet 's/^installed //p'; }
bundled() { sed --quiet 's/^Package: //p' "$SBW_BUNDLE/Packages"; }
strange=$(comm -23 <(here | sort --unique) <(bundled | sort --unique) | in_a_line)
if [ -n "$strange" ]; then note "not in the bundle, so as old as the machine image: $strange"; fi
