#!/bin/bash
# Builds the bundle from which a Debian 13 server installs all its packages without a network: the .deb files with
# everything that they depend on, an index for apt, and the SSM agent. Runs on any Debian with apt, as any user, and
# changes nothing outside of its folder. The same packages give the same bytes.
#
#   build.sh FOLDER AGENT      AGENT is the address of amazon-ssm-agent.deb, or the file
#
# Writes FOLDER/bundle.tar; packages are kept in FOLDER/cache for the next time.
set -Eeuo pipefail

here=$(dirname "$(readlink -f "$0")")
folder=$(mkdir -p "$1" && readlink -f "$1")
agent=$2
mirror=${DEBIAN_MIRROR:-http://deb.debian.org}
architecture=amd64
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
apt=$folder/cache/apt
contents=$folder/contents

list() { grep --invert-match '^#' "$here/$1"; }

# An apt that believes it is on an empty Debian 13: so it finds all dependencies, also those that the server has in
# another version.
prepare_apt() {
  mkdir -p "$apt"/{lists/partial,archives/partial,empty/partial,parts}
  : > "$apt/status"
  local signed="[arch=$architecture signed-by=$keyring]"
  cat > "$apt/sources.list" <<SOURCES
deb $signed $mirror/debian trixie main
deb $signed $mirror/debian trixie-updates main
deb $signed $mirror/debian-security trixie-security main
SOURCES
  cat > "$apt/apt.conf" <<CONF
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "$apt/parts";
Dir::Etc::Preferences "$apt/none";
Dir::Etc::PreferencesParts "$apt/parts";
Dir::State "$apt";
Dir::State::Status "$apt/status";
Dir::State::Lists "$apt/lists";
Dir::Cache "$apt";
Dir::Cache::Archives "$apt/archives";
APT::Architecture "$architecture";
APT::Architectures { "$architecture"; };
APT::Install-Recommends "false";
APT::Sandbox::User "";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "5";
Binary::apt-get::APT::Keep-Downloaded-Packages "true";
Debug::NoLocking "true";
CONF
  export APT_CONFIG=$apt/apt.conf
}

essential() {
  apt-cache dumpavail | awk -v RS= '/\nEssential: yes/ || /\nPriority: required/ { print $2 }' | sort --unique
}

# Into the cache, and from there those that are wanted this time. apt names only what it does not have yet, so it is
# asked with an empty cache.
download() {
  local name
  apt-get --quiet=2 --yes --download-only install "$@" > /dev/null
  apt-get --quiet=2 --yes --print-uris --option "Dir::Cache::Archives=$apt/empty" install "$@" |
    awk '{ print $2 }' |
    while read -r name; do cp "$apt/archives/$name" "$contents/"; done
}

fetch_agent() {
  if [ -f "$agent" ]; then
    cp "$agent" "$contents/amazon-ssm-agent.deb"
  else
    curl --fail --silent --show-error --retry 5 --output "$contents/amazon-ssm-agent.deb" "$agent"
  fi
}

index() {
  local file
  for file in *.deb; do
    dpkg-deb --field "$file"
    printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' \
      "$file" "$(stat --format %s "$file")" "$(sha256sum "$file" | cut --delimiter ' ' --fields 1)"
  done > Packages
}

prepare_apt
echo 'reading the package lists'
apt-get --quiet=2 update
rm -rf "$contents"
mkdir -p "$contents"

echo 'downloading the packages'
mapfile -t base < <(essential)
mapfile -t installed < <(list packages.txt | grep --invert-match amazon-ssm-agent)
# Groups are parted by an empty line.
mapfile -t carried < <(list carried.txt | awk -v RS= '{ $1 = $1; print }')
read -r -a first <<< "${carried[0]}"
download "${base[@]}" "${installed[@]}" "${first[@]}"
for group in "${carried[@]:1}"; do
  read -r -a names <<< "$group"
  download "${names[@]}"
done
fetch_agent

echo 'writing the index'
cd "$contents"
list packages.txt > install.txt
index

tar --create --file "$folder/bundle.tar.partial" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner \
  --mode=u=rwX,go=rX --format=gnu .
mv "$folder/bundle.tar.partial" "$folder/bundle.tar"
rm -rf "$contents"
echo "$(grep --count '^Package: ' <(tar --extract --to-stdout --file "$folder/bundle.tar" ./Packages)) packages," \
  "$(stat --format %s "$folder/bundle.tar") bytes"
