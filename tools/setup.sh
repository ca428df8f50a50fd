#!/usr/bin/env bash
# Sets up what building and testing need: system packages, .venv with the pinned Python tools.
# Quick when there is nothing to do. Called by `make setup`.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
  ccache libcurl4-gnutls-dev libdeflate-dev libfmt-dev libgmock-dev libgtest-dev liblz4-dev libsimdjson-dev
  libsnappy-dev libsqlite3-dev libzstd-dev mold nettle-dev openssl python3-dev python3-venv
)

say() { printf 'setup: %s\n' "$*" >&2; }

find_python() {
  for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
    if [ -n "$candidate" ] && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      # Not the one of .venv, which make puts first: it may be made anew.
      "$candidate" -c 'import sys; print(sys._base_executable)'
      return
    fi
  done
  say "Python 3.11 or newer is needed; install it, or set PYTHON to one"
  exit 1
}

if ! command -v "${CXX:-c++}" >/dev/null; then
  say "a C++ compiler is needed (g++ 12, clang 16 or newer): apt-get install g++"
  exit 1
fi
if command -v dpkg-query >/dev/null; then
  tools/install_packages.sh "${packages[@]}"
else
  say "not a Debian or Ubuntu machine: install the libraries of docs/development/libraries.md"
fi

python=$(find_python)
wanted="$(sha256sum requirements.lock | cut -d' ' -f1) $("$python" -V)"
if [ "$(cat .venv/.floe-setup 2>/dev/null)" != "$wanted" ]; then
  say "making .venv with $("$python" -V)"
  rm -rf .venv
  "$python" -m venv .venv
  say "installing the pinned Python packages"
  .venv/bin/python -m pip install -q --disable-pip-version-check --use-pep517 --no-deps \
    -r requirements.lock
  .venv/bin/python -m pip check -q
  echo "$wanted" > .venv/.floe-setup
fi
