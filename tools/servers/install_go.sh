#!/usr/bin/env bash
# Prints the path of a `go` of version 1.26 or newer: that of PATH if it is one, else a toolchain from
# the Go proxy (70 MB; in_cache.sh says where), as Debian 12 has only Go 1.19.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
toolchain=v0.0.1-go1.26.8.linux-amd64
hash=30c2b1bf7dcc88d3eb0a1364e47ddd9128edb3110a30e8a0ef61cd5856b31de7

if [ $# -eq 1 ]; then  # called by in_cache.sh
  [ "$(uname -sm)" = "Linux x86_64" ] || { echo "install_go.sh: no Go 1.26 in PATH" >&2; exit 1; }
  curl -sSf -o "$1/go.zip" "https://proxy.golang.org/golang.org/toolchain/@v/$toolchain.zip"
  sha256sum --quiet -c - <<<"$hash  $1/go.zip"
  "${PYTHON:-$here/../../.venv/bin/python}" -m zipfile -e "$1/go.zip" "$1"
  rm "$1/go.zip"
  mv "$1/golang.org/toolchain@$toolchain" "$1/go"
  chmod -R +x "$1/go/bin" "$1/go/pkg/tool"
  exit
fi
minor=$(go env GOVERSION 2>/dev/null | sed -nE 's/^go1\.([0-9]+).*/\1/p' || true)
if [ "${minor:-0}" -ge 26 ]; then
  command -v go
else
  echo "$("$here/in_cache.sh" go "$toolchain $hash" "$0")/go/bin/go"
fi
