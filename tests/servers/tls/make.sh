#!/usr/bin/env bash
# Makes the keys and certificates of the tests anew, by hand: nothing but tests trusts them.
set -euo pipefail
cd "$(dirname "$0")"
key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
sign() {  # NAME SUBJECT EXTENSIONS
  openssl req -new -key "$1.key" -subj "$2" -out "$1.csr"
  openssl x509 -req -in "$1.csr" -CA authority.pem -CAkey authority.key -CAcreateserial \
    -days 36500 -extfile <(echo "$3") -out "$1.pem"
  rm "$1.csr"
}
key authority
openssl req -x509 -new -key authority.key -subj "/CN=floe's tests" -days 36500 -out authority.pem
key server && sign server "/CN=catalog" "subjectAltName=IP:127.0.0.1,DNS:localhost"
key elsewhere && sign elsewhere "/CN=elsewhere" "subjectAltName=DNS:elsewhere.example"
key client && sign client "/CN=ada" "extendedKeyUsage=clientAuth"
rm -f authority.key authority.srl
