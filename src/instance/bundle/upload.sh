#!/bin/bash
# Puts a bundle into the assets bucket under the hash of its content, and says beside the source what was made of it.
#
#   upload.sh BUNDLE           needs ASSETS_BUCKET and SOURCE_KEY
set -Eeuo pipefail

sha256=$(sha256sum "$1" | cut --delimiter ' ' --fields 1)
key=host/bundle-$sha256.tar
aws s3 cp --no-progress "$1" "s3://$ASSETS_BUCKET/$key"

# Last: who finds it may use the bundle.
printf '{"key":"%s","sha256":"%s"}\n' "$key" "$sha256" |
  aws s3 cp --no-progress --content-type application/json - "s3://$ASSETS_BUCKET/$SOURCE_KEY.bundle.json"
