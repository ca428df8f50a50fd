#!/usr/bin/env bash
# Installs Polaris's official SDK and command line from PyPI, 60 MB, into an environment of their own,
# and prints its folder: below $FLOE_CACHE (default ~/.cache/floe), outside the checkout. Quick when
# there is nothing to do; two at once wait for each other. bin/polaris is the command.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

if [ $# -eq 1 ]; then  # called by in_cache.sh
  "${PYTHON:-$here/../../.venv/bin/python}" -m venv --clear "$1/venv"
  "$1/venv/bin/python" -m pip install -q --disable-pip-version-check --no-deps \
    -r "$here/polaris-sdk-python.txt"
else
  folder=$("$here/in_cache.sh" polaris-sdk "$(cat "$here/polaris-sdk-python.txt")" "$0")
  echo "$folder/venv"
fi
