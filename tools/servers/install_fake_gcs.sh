#!/usr/bin/env bash
# Builds fake-gcs-server (a Google Cloud Storage) from its sources at the Go proxy and prints its
# folder; in_cache.sh says where. The program is bin/fake-gcs-server, 40 MB. Once; it takes some four
# minutes of two cores.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=v1.56.1

if [ $# -eq 1 ]; then  # called by in_cache.sh
  go=$("$here/install_go.sh")
  # Its modules are checked against Go's sum database; what they and the build leave is not kept.
  trap 'rm -rf "$1/build"' EXIT
  env -u GOFLAGS GOTOOLCHAIN=local CGO_ENABLED=0 GOBIN="$1/bin" GOPROXY=https://proxy.golang.org \
    GOMODCACHE="$1/build/modules" GOCACHE="$1/build/cache" \
    "$go" install -modcacherw -trimpath -buildvcs=false -ldflags "-s -w" \
    "github.com/fsouza/fake-gcs-server@$version"
else
  "$here/in_cache.sh" fake-gcs "$version" "$0"
fi
