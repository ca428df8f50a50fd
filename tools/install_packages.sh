#!/usr/bin/env bash
# install_packages.sh PACKAGE...: installs the Debian packages that are missing, or says which are.
set -euo pipefail

say() { printf 'setup: %s\n' "$*" >&2; }

missing=()
for package in "$@"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ "${#missing[@]}" -eq 0 ] && exit

sudo=()
if [ "$(id -u)" -ne 0 ]; then
  if ! sudo -n true 2>/dev/null; then
    say "these packages are missing, and this user can't install them:"
    say "  sudo apt-get install ${missing[*]}"
    exit 1
  fi
  sudo=(sudo -n)
fi
say "installing ${missing[*]}"
"${sudo[@]}" apt-get update -q >&2
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -q --no-install-recommends "${missing[@]}" >&2
