#!/usr/bin/env bash
# Installs Keycloak from Maven Central, 190 MB, with the realm of keycloak-realm.json, and prints its
# folder; in_cache.sh says where. The program is bin/kc.sh.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=26.7.3
hash=27a6535553c3cdcd083872ba40629efafb3475e3b758e0c6f691395561dd0f1f
export JAVA
JAVA=$("$here/install_java.sh")

if [ $# -eq 1 ]; then  # called by in_cache.sh
  command -v mvn >/dev/null || "$here/../install_packages.sh" maven
  mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
    -Dartifact="org.keycloak:keycloak-quarkus-dist:$version:zip" \
    -DoutputDirectory="$1" -Dmdep.stripVersion=true
  zip=$1/keycloak-quarkus-dist.zip
  sha256sum --quiet -c - <<<"$hash  $zip"
  python3 -m zipfile -e "$zip" "$1"
  mv "$1/keycloak-$version"/* "$1"
  rm -r "$zip" "$1/keycloak-$version"
  chmod +x "$1"/bin/*.sh
  mkdir -p "$1/data/import"
  cp "$here/keycloak-realm.json" "$1/data/import/realm.json"
  # What the server would work out at each start.
  "$1/bin/kc.sh" build --db=dev-mem \
    --features-disabled=organization,ciba,par,device-flow,kerberos,admin,account
else
  "$here/in_cache.sh" keycloak "$version $hash $(cat "$here/keycloak-realm.json")" "$0"
fi
