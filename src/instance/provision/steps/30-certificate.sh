#!/bin/bash
# The certificate by which the ETL knows that this is the warehouse: signed here, with the key of the stage's own
# authority, which is used and forgotten. Made anew before it ends, and when address or authority change.
set -Eeuo pipefail
. "$SBW_RELEASE/steps.sh"

folder=/etc/sbw/tls
days=400
renew_days=60
install --directory --owner root --group postgres --mode 0750 "$folder"

parameter() { python3 "$SBW_RELEASE/host.py" parameter "$1"; }

# Both halves, fitting each other, in time, for this address and this authority; and PostgreSQL may read the key.
is_good() {
  [ -e "$folder/server.crt" ] && [ -e "$folder/server.key" ] &&
    [ "$(stat --format '%U %G %a' "$folder/server.key")" = 'root postgres 640' ] &&
    openssl x509 -in "$folder/server.crt" -noout -pubkey |
    cmp --quiet - <(openssl pkey -in "$folder/server.key" -pubout) &&
    openssl x509 -in "$folder/server.crt" -noout -checkend $((renew_days * 86400)) > /dev/null &&
    openssl verify -CAfile "$folder/authority.crt" -verify_ip "$SBW_ADDRESS" "$folder/server.crt" > /dev/null
}

make_certificate() {
  local secret
  # In memory: the keys touch no disk before they are whole, and the authority's never does.
  secret=$(mktemp --directory /dev/shm/sbw-certificate.XXXXXX)
  # shellcheck disable=SC2064
  trap "rm --recursive --force '$secret'" EXIT
  (umask 077 && parameter dwh/ca-key > "$secret/authority.key")
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout "$secret/server.key" \
    -subj "/CN=sbw $SBW_STAGE warehouse" -out "$secret/request.pem"
  openssl x509 -req -in "$secret/request.pem" -days "$days" -out "$secret/server.crt" \
    -CA "$folder/authority.crt" -CAkey "$secret/authority.key" -set_serial "0x$(openssl rand -hex 16)" \
    -extfile - << EXTENSIONS
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = IP:$SBW_ADDRESS, IP:127.0.0.1, DNS:localhost
EXTENSIONS
  openssl verify -CAfile "$folder/authority.crt" -verify_ip "$SBW_ADDRESS" "$secret/server.crt"

  # The key first, and readable from its first moment on: between the two they fit each other badly, which is seen at
  # the next run, and until then PostgreSQL goes on with what it has read.
  install --owner root --group postgres --mode 0640 "$secret/server.key" "$folder/server.key.new"
  mv "$folder/server.key.new" "$folder/server.key"
  write_file 0644 "$folder/server.crt" < "$secret/server.crt"
}

authority=$(parameter dwh/ca-certificate)
write_file 0644 "$folder/authority.crt" <<< "$authority"
if is_good; then
  echo "the certificate for $SBW_ADDRESS is good"
else
  make_certificate
fi

# Also after a kill between the two: what is on the disk is what PostgreSQL uses.
if [ ! "$folder/loaded" -nt "$folder/server.crt" ]; then
  systemctl try-reload-or-restart postgresql@17-main
  touch "$folder/loaded"
fi
