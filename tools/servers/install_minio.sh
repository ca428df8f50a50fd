#!/usr/bin/env bash
# Builds MinIO (an S3) from its sources at the Go proxy and prints its folder; in_cache.sh says where.
# The program is bin/minio, 110 MB, and takes some eight minutes of two cores, once; python has its client.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=v0.0.0-20260212201848-7aac2a2c5b7c

if [ $# -eq 1 ]; then  # called by in_cache.sh
  go=$("$here/install_go.sh")
  rm -rf "$1/python"
  "${PYTHON:-$here/../../.venv/bin/python}" -m pip install -q --disable-pip-version-check --no-deps \
    --target "$1/python" -r "$here/minio-python.txt"
  # Its modules are checked against Go's sum database; what they and the build leave is not kept.
  trap 'rm -rf "$1/build"' EXIT
  env -u GOFLAGS GOTOOLCHAIN=local CGO_ENABLED=0 GOBIN="$1/bin" GOPROXY=https://proxy.golang.org \
    GOMODCACHE="$1/build/modules" GOCACHE="$1/build/cache" \
    "$go" install -modcacherw -trimpath -buildvcs=false -ldflags "-s -w" "github.com/minio/minio@$version"
else
  "$here/in_cache.sh" minio "$version $(cat "$here/minio-python.txt")" "$0"
fi
