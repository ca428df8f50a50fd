#!/usr/bin/env bash
# Installs Polaris's official SDK and command line from PyPI, 60 MB, into an environment of their own,
# and prints its folder: below $FLOE_CACHE (default ~/.cache/floe), outside the checkout. Quick when
# there is nothing to do; two at once wait for each other. bin/polaris is the command.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
pins=$(sha256sum < "$here/polaris-sdk-python.txt" | cut -c1-12)
folder=${FLOE_CACHE:-$HOME/.cache/floe}/polaris-sdk-$pins

mkdir -p "$folder"
if [ ! -e "$folder/installed" ]; then
  exec 9>"$folder/lock"
  flock 9
  if [ ! -e "$folder/installed" ]; then
    printf 'polaris-sdk: installing into %s\n' "$folder" >&2
    "${PYTHON:-$here/../../.venv/bin/python}" -m venv --clear "$folder/venv" >&2
    "$folder/venv/bin/python" -m pip install -q --disable-pip-version-check --no-deps \
      -r "$here/polaris-sdk-python.txt" >&2
    touch "$folder/installed"
  fi
fi
echo "$folder/venv"
