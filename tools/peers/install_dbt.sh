#!/usr/bin/env bash
# Installs dbt with its adapter for DuckDB from PyPI, 270 MB, into an environment of their own, and
# prints its folder: below $FLOE_CACHE (default ~/.cache/floe), outside the checkout. Quick when
# there is nothing to do; two at once wait for each other. bin/dbt is the command.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

if [ $# -eq 1 ]; then  # called by in_cache.sh
  "${PYTHON:-$here/../../.venv/bin/python}" -m venv --clear "$1/venv"
  "$1/venv/bin/python" -m pip install -q --disable-pip-version-check --no-deps \
    -r "$here/dbt-python.txt"
else
  folder=$("$here/../servers/in_cache.sh" dbt "$(cat "$here/dbt-python.txt")" "$0")
  echo "$folder/venv"
fi
