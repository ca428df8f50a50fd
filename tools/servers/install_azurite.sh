#!/usr/bin/env bash
# Installs Azurite (an Azure Blob Storage) from npm, 190 MB, and prints its folder; in_cache.sh says
# where. The program is azurite.js, for Node.js 18 or newer.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

if [ $# -eq 1 ]; then  # called by in_cache.sh
  command -v npm >/dev/null || "$here/../install_packages.sh" nodejs npm
  cp "$here/azurite/package.json" "$here/azurite/package-lock.json" "$1"
  npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund --loglevel=error
  ln -sf node_modules/azurite/dist/src/blob/main.js "$1/azurite.js"
else
  "$here/in_cache.sh" azurite "$(sha256sum < "$here/azurite/package-lock.json")" "$0"
fi
