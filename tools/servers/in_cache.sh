#!/usr/bin/env bash
# in_cache.sh NAME PINS COMMAND...: runs `COMMAND... FOLDER` once to fill a folder, and prints it.
# The folder is $FLOE_CACHE/NAME-<of PINS> (default ~/.cache/floe), outside the checkout; one serves
# all of them. PINS is whatever decides about its content. Quick when there is nothing to do; two at
# once wait for each other.
set -euo pipefail
name=$1
folder=${FLOE_CACHE:-$HOME/.cache/floe}/$name-$(sha256sum <<<"$2" | cut -c1-12)
shift 2

mkdir -p "$folder"
if [ ! -e "$folder/installed" ]; then
  exec 9>"$folder/lock"
  flock 9
  if [ ! -e "$folder/installed" ]; then
    printf '%s: installing into %s\n' "$name" "$folder" >&2
    "$@" "$folder" >&2
    touch "$folder/installed"
  fi
fi
echo "$folder"
