#!/usr/bin/env bash
# Installs Project Nessie from Maven Central, 234 MB, and prints its folder; in_cache.sh says where.
# The program is nessie.jar.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=0.99.0
hash=ce9fa33e2878bf5ea3981876b9e6204cabc0362b3dd82326b10e47271a78c417

if [ $# -eq 1 ]; then  # called by in_cache.sh
  command -v mvn >/dev/null || "$here/../install_packages.sh" maven
  mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
    -Dartifact="org.projectnessie.nessie:nessie-quarkus:$version:jar:runner" \
    -DoutputDirectory="$1" -Dmdep.stripVersion=true
  mv "$1/nessie-quarkus-runner.jar" "$1/nessie.jar"
  sha256sum --quiet -c - <<<"$hash  $1/nessie.jar"
else
  "$here/install_java.sh" >/dev/null
  "$here/in_cache.sh" nessie "$version $hash" "$0"
fi
