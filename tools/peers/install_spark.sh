#!/usr/bin/env bash
# Installs Spark with Iceberg's Java library, a peer of the interop tests, and prints its folder.
# The folder is below $FLOE_CACHE (default ~/.cache/floe), outside the checkout; one serves all of
# them. Quick when there is nothing to do; two at once wait for each other.
#   python/  pyspark and py4j, to be put on PYTHONPATH      jars/  for Spark's class path
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-"$here/../../.venv/bin/python"}

say() { printf 'spark: %s\n' "$*" >&2; }

pins=$(cat "$here/spark-python.txt" "$here/spark-jars.txt" | sha256sum | cut -c1-12)
folder=${FLOE_CACHE:-$HOME/.cache/floe}/spark-$pins

java_version() { "${JAVA_HOME:+$JAVA_HOME/bin/}java" -version 2>&1 | sed -nE '1s/.*version "([0-9]+).*/\1/p'; }

# Spark 4.0 runs on these.
is_java_fit() { case $(java_version || true) in 17 | 21) true ;; *) false ;; esac; }

ensure_java() {
  is_java_fit && return
  if command -v dpkg-query >/dev/null; then
    "$here/../install_packages.sh" openjdk-17-jre-headless ||
      "$here/../install_packages.sh" openjdk-21-jre-headless
  fi
  is_java_fit || { say "Java 17 or 21 is needed; set JAVA_HOME to one"; exit 1; }
}

install_jar() {  # ARTIFACT SHA256
  local jars=$folder/jars wanted=$2 name
  name=$(cut -d: -f2,3 <<<"$1" | tr : -).jar
  mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
    -Dartifact="$1" -DoutputDirectory="$jars.new" -Dmdep.useBaseVersion=true >&2
  echo "$wanted  $jars.new/$name" | sha256sum --quiet -c - >&2
}

install() {
  say "installing $(grep -hoE '^(pyspark|org)[^ ]*' "$here"/spark-*.txt | tr '\n' ' ')into $folder"
  rm -rf "$folder"/*.new
  "$python" -m pip install -q --disable-pip-version-check --no-deps --require-hashes \
    --target "$folder/python.new" -r "$here/spark-python.txt" >&2
  while read -r artifact hash; do
    install_jar "$artifact" "$hash"
  done < <(grep -v '^#' "$here/spark-jars.txt")
  rm -rf "$folder/python" "$folder/jars"
  mv "$folder/python.new" "$folder/python"
  mv "$folder/jars.new" "$folder/jars"
  touch "$folder/installed"
}

mkdir -p "$folder"
ensure_java
if [ ! -e "$folder/installed" ]; then
  exec 9>"$folder/lock"
  flock 9
  if [ ! -e "$folder/installed" ]; then
    command -v mvn >/dev/null || "$here/../install_packages.sh" maven
    install
  fi
fi
echo "$folder"
