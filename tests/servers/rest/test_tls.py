"""TLS between client and server: whom the client trusts, and who it says it is."""

import os
import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fault_proxy import fault_proxy
from rest_clients import ONCE
from tls_keys import KEY_PASSWORD, server_context

from floe_core.errors import CatalogConnectionError
from floe_iceberg import load_catalog


@pytest.fixture
def refused() -> Callable[..., str]:
    def connect(uri: str, **properties: str) -> str:
        with pytest.raises(CatalogConnectionError) as raised:
            load_catalog("test", uri=uri, **ONCE, **properties)
        assert "properties ssl.cabundle and ssl.client.cert" in str(raised.value)
        return str(raised.value)

    return connect


def test_a_server_is_trusted_by_its_authority_only(
    keys: Path, ca: dict[str, str], upstream: str, refused: Callable[..., str]
) -> None:
    with fault_proxy(upstream, server_context(keys, "server")) as proxy:
        load_catalog("test", uri=proxy.uri, **ca).list_namespaces()
        by_name = proxy.uri.replace("127.0.0.1", "localhost")
        load_catalog("test", uri=by_name, **ca).list_namespaces()
        load_catalog("test", uri=proxy.uri, **{"ssl.verify": "false"}).list_namespaces()
        seen = len(proxy.requests)
        assert "certificate" in refused(proxy.uri, token="marked-secret")  # noqa: S106
        refused(proxy.uri, **{"ssl.cabundle": str(keys / "no-such-file.pem")})
        assert len(proxy.requests) == seen


def test_a_certificate_of_another_host_is_refused(
    keys: Path, ca: dict[str, str], upstream: str, refused: Callable[..., str]
) -> None:
    with fault_proxy(upstream, server_context(keys, "elsewhere")) as proxy:
        assert "certificate" in refused(proxy.uri, **ca)
        assert proxy.requests == []


def test_old_protocols_are_refused(
    keys: Path, ca: dict[str, str], upstream: str, refused: Callable[..., str]
) -> None:
    old = server_context(keys, "server")
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1 is deprecated"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.warns(DeprecationWarning, match="TLSv1 is deprecated"):
        old.minimum_version = ssl.TLSVersion.TLSv1
    with fault_proxy(upstream, old) as proxy:
        refused(proxy.uri, **ca)


def test_a_client_shows_its_certificate(keys: Path, ca: dict[str, str], upstream: str) -> None:
    mutual = server_context(keys, "server")
    mutual.verify_mode = ssl.CERT_REQUIRED
    mutual.load_verify_locations(keys / "authority.pem")
    client = {
        "ssl.client.cert": str(keys / "client.pem"),
        "ssl.client.key": str(keys / "client.key"),
    }
    with fault_proxy(upstream, mutual) as proxy:
        load_catalog("test", uri=proxy.uri, **ca, **client).list_namespaces()
        locked = {**client, "ssl.client.key": str(keys / "client.encrypted.key")}
        opened = {**locked, "ssl.client.key-password": KEY_PASSWORD}
        load_catalog("test", uri=proxy.uri, **ca, **opened).list_namespaces()
        seen = len(proxy.requests)
        with pytest.raises(CatalogConnectionError):
            load_catalog("test", uri=proxy.uri, **ONCE, **ca)
        wrong = {**locked, "ssl.client.key-password": "marked-secret-wrong"}
        with pytest.raises(CatalogConnectionError) as raised:
            load_catalog("test", uri=proxy.uri, **ONCE, **ca, **wrong)
        assert "marked-secret" not in str(raised.value)
        assert len(proxy.requests) == seen


CONNECT = """
import sys
from floe_iceberg import load_catalog
properties = {"ssl.cabundle": sys.argv[2]}
print(load_catalog("test", uri=sys.argv[1], **properties).list_namespaces())
import hashlib, ssl
print(hashlib.new("sha256", b"x").hexdigest(), ssl.create_default_context())
"""


def test_tls_does_not_run_on_the_openssl_of_libparquet(
    keys: Path, ca: dict[str, str], upstream: str
) -> None:
    with fault_proxy(upstream, server_context(keys, "server")) as proxy:
        run = subprocess.run(
            [sys.executable, "-c", CONNECT, proxy.uri, ca["ssl.cabundle"]],
            env={**os.environ, "LD_DEBUG": "bindings", "LD_BIND_NOW": "1"},
            capture_output=True,
            text=True,
            check=True,
        )
    lines = [line for line in run.stderr.splitlines() if "binding file " in line]
    by_curl = [line for line in lines if "libcurl-gnutls" in line.split(" to ")[0]]
    assert any("libgnutls" in line for line in by_curl)
    apart = ("libcurl", "libgnutls", "libnettle", "libssh2", "libcrypto", "libssl.", "_hashlib")
    stray = [
        line
        for line in lines
        if any(name in line.split(" to ")[0] for name in apart)
        and "libparquet" in line.split(" to ")[1]
    ]
    assert stray == []


def test_pythons_openssl_works_after_floe() -> None:
    code = "import floe_iceberg, hashlib, ssl; print(hashlib.new('sha256', b'x').hexdigest())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.startswith("2d711642b726b044")
