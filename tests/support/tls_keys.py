"""Keys and certificates for tests of TLS, made anew in each run by openssl: nothing trusts them."""

import ssl
import subprocess
from pathlib import Path

KEY = ("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out")
# Who, and what its certificate says.
SIGNED = {
    "server": ("/CN=catalog", "subjectAltName=IP:127.0.0.1,DNS:localhost"),
    "elsewhere": ("/CN=elsewhere", "subjectAltName=DNS:elsewhere.example"),
    "client": ("/CN=ada", "extendedKeyUsage=clientAuth"),
}
KEY_PASSWORD = "marked-secret-password"  # noqa: S105 - made up


def _openssl(folder: Path, *arguments: str) -> None:
    run = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, text=True)  # noqa: PLW1510, S607
    assert run.returncode == 0, run.stderr


def make_tls_keys(folder: Path) -> None:
    """Make `authority.pem`, and NAME.pem with NAME.key of all in SIGNED, in an empty folder.

    `client.encrypted.key` is the client's key behind KEY_PASSWORD.
    """
    _openssl(folder, *KEY, "authority.key")
    subject = ("-subj", "/CN=floe's tests", "-days", "30")
    _openssl(
        folder, "req", "-x509", "-new", "-key", "authority.key", *subject, "-out", "authority.pem"
    )
    for name, (who, extension) in SIGNED.items():
        _openssl(folder, *KEY, f"{name}.key")
        _openssl(folder, "req", "-new", "-key", f"{name}.key", "-subj", who, "-out", f"{name}.csr")
        (folder / f"{name}.ext").write_text(extension)
        signing = ("-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial")
        asked = ("-in", f"{name}.csr", "-days", "30", "-extfile", f"{name}.ext")
        _openssl(folder, "x509", "-req", *asked, *signing, "-out", f"{name}.pem")
    password = ("-passout", f"pass:{KEY_PASSWORD}", "-out", "client.encrypted.key")
    _openssl(folder, "pkcs8", "-topk8", "-in", "client.key", *password)


def server_context(folder: Path, name: str) -> ssl.SSLContext:
    """Return what a server with that key needs."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    return made
