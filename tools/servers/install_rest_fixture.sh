#!/usr/bin/env bash
# Installs Iceberg's REST fixture, the catalog that the Java library is tested with, and prints its
# folder: below $FLOE_CACHE (default ~/.cache/floe), outside the checkout; one serves all of them.
# About 60 MB from Maven Central. Quick when there is nothing to do; two at once wait for each other.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
pins=$(cat "$here/rest-fixture.sha256" "$here"/rest-fixture/pom.xml \
  "$here"/rest-fixture/src/org/apache/iceberg/rest/*.java | sha256sum | cut -c1-12)
folder=${FLOE_CACHE:-$HOME/.cache/floe}/rest-fixture-$pins

say() { printf 'rest-fixture: %s\n' "$*" >&2; }

ensure_tools() {
  command -v mvn >/dev/null || "$here/../install_packages.sh" maven
  command -v javac >/dev/null || "$here/../install_packages.sh" openjdk-17-jdk-headless
}

install() {
  say "installing into $folder"
  rm -rf "$folder/lib"
  mvn -q -B -f "$here/rest-fixture/pom.xml" \
    org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
    -DoutputDirectory="$folder/lib" >&2
  (cd "$folder/lib" && sha256sum --quiet -c "$here/rest-fixture.sha256" >&2)
  [ "$(ls "$folder/lib" | wc -l)" -eq "$(wc -l < "$here/rest-fixture.sha256")" ] ||
    { say "more jars than rest-fixture.sha256 lists"; exit 1; }
  javac -cp "$folder/lib/*" -d "$folder/lib/classes" \
    "$here"/rest-fixture/src/org/apache/iceberg/rest/*.java >&2
  touch "$folder/installed"
}

mkdir -p "$folder"
if [ ! -e "$folder/installed" ]; then
  exec 9>"$folder/lock"
  flock 9
  if [ ! -e "$folder/installed" ]; then
    ensure_tools
    install
  fi
fi
echo "$folder"
