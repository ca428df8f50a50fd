"""A REST catalog behind a proxy, as companies have them: for HTTP and HTTPS, with a password."""

from pathlib import Path
from typing import Any

import pytest
from catalog_kinds import Place
from fault_proxy import FaultProxy, fault_proxy
from http_proxy import HttpProxy, http_proxy
from rest_clients import ONCE, QUICK, RETRIES, ROWS
from tls_keys import server_context

from floe_core.errors import CatalogConnectionError, InvalidArgumentError
from floe_iceberg import Catalog, load_catalog

USER = "ada:marked-secret/1"
# As it stands in an address.
ENCODED = "ada:marked-secret%2F1"
VARIABLES = ("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Return the environment, which says nothing of proxies to begin with."""
    for name in (*VARIABLES, "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def by(proxy: HttpProxy, user: str = "") -> dict[str, str]:
    return {"rest.client.proxy": proxy.uri.replace("://", f"://{user}@") if user else proxy.uri}


def targets(proxy: HttpProxy) -> list[str]:
    return [target for _, target, _ in proxy.asked]


def write_and_read(catalog: Catalog, namespace: str) -> None:
    catalog.create_table((namespace, "t"), ROWS.schema).append(ROWS)
    assert catalog.load_table((namespace, "t")).scan().to_arrow().num_rows == 2


def test_http_goes_by_the_proxy(upstream: str, namespace: str) -> None:
    with http_proxy() as proxy:
        catalog = load_catalog("test", uri=upstream, **by(proxy), fsync=False)
        write_and_read(catalog, namespace)
        assert len(targets(proxy)) == 4
        assert all(target.startswith(upstream + "/v1/") for target in targets(proxy))


def test_https_goes_through_a_tunnel(
    upstream: str, namespace: str, keys: Path, ca: dict[str, str]
) -> None:
    with fault_proxy(upstream, server_context(keys, "server")) as server, http_proxy(USER) as proxy:
        secrets = {"token": "mine", "header.X-Key": "marked-secret"}
        catalog = load_catalog(
            "test", uri=server.uri, **ca, **by(proxy, ENCODED), **secrets, fsync=False
        )
        write_and_read(catalog, namespace)
        ((method, target, headers),) = proxy.asked
        assert (method, f"https://{target}") == ("CONNECT", server.uri)
        # What is the server's is not the proxy's, and the other way round.
        assert "Proxy-Authorization" in headers
        assert {"Authorization", "X-Key"}.isdisjoint(headers)
        assert len(server.requests) == 4
        for request in server.requests:
            assert request.headers["Authorization"] == "Bearer mine"
            assert "Proxy-Authorization" not in request.headers


@pytest.mark.parametrize("is_tls", [False, True])
def test_a_proxy_may_want_a_password(
    upstream: str, keys: Path, ca: dict[str, str], *, is_tls: bool
) -> None:
    tls = server_context(keys, "server") if is_tls else None
    with fault_proxy(upstream, tls) as server, http_proxy(USER) as proxy:
        for user in ("", "ada", "ada:marked-secret-2", "marked-secret:x"):
            with pytest.raises(CatalogConnectionError) as raised:
                load_catalog("test", uri=server.uri, **ca, **by(proxy, user), **QUICK)
            message = str(raised.value)
            assert "answers 407" in message
            assert "check property rest.client.proxy, with the user and password" in message
            assert "marked-secret-2" not in message + repr(vars(raised.value))
        assert len(proxy.asked) == 4  # once each
        assert server.requests == []
        catalog = load_catalog("test", uri=server.uri, **ca, **by(proxy, ENCODED))
        catalog.list_namespaces()
        assert "rest.client.proxy" not in catalog.properties
        assert len(server.requests) == 2


def test_the_proxy_of_the_environment(
    upstream: str, keys: Path, ca: dict[str, str], environment: pytest.MonkeyPatch
) -> None:
    with fault_proxy(upstream, server_context(keys, "server")) as server, http_proxy(USER) as proxy:
        secret = proxy.uri.replace("://", f"://{ENCODED}@")
        environment.setenv("https_proxy", secret)
        environment.setenv("http_proxy", "http://127.0.0.1:9")
        load_catalog("test", uri=server.uri, **ca).list_namespaces()
        assert [method for method, _, _ in proxy.asked] == ["CONNECT"]
        environment.setenv("no_proxy", "localhost,127.0.0.1")
        load_catalog("test", uri=server.uri, **ca).list_namespaces()
        load_catalog("test", uri=upstream).list_namespaces()
        # Nor by the one of the property.
        load_catalog("test", uri=upstream, **by(proxy)).list_namespaces()
        assert len(proxy.asked) == 1
        environment.delenv("no_proxy")
        environment.setenv("https_proxy", secret.replace("marked-secret", "marked-secret-2"))
        with pytest.raises(CatalogConnectionError, match="407") as raised:
            load_catalog("test", uri=server.uri, **ca, **ONCE)
        assert "marked-secret" not in str(raised.value)
        with pytest.raises(CatalogConnectionError, match="the network and proxies"):
            load_catalog("test", uri=upstream, **ONCE)


def test_a_proxy_may_be_reached_by_tls(
    upstream: str, namespace: str, keys: Path, ca: dict[str, str]
) -> None:
    tls = server_context(keys, "server")
    with fault_proxy(upstream, tls) as server, http_proxy(USER, tls) as proxy:
        for uri in (server.uri, upstream):
            load_catalog("test", uri=uri, **ca, **by(proxy, ENCODED)).list_tables(namespace)
        assert [method for method, _, _ in proxy.asked] == ["CONNECT", "GET", "GET"]
        with pytest.raises(CatalogConnectionError, match=r"ssl\.cabundle"):
            load_catalog("test", uri=upstream, **by(proxy, ENCODED), **ONCE)


def table_behind(server: FaultProxy, proxy: HttpProxy, namespace: str, **properties: Any) -> Any:
    catalog = load_catalog("test", uri=server.uri, **by(proxy), **QUICK, **properties)
    table = catalog.create_table((namespace, "t"), ROWS.schema)
    table.append(ROWS)
    return table


@pytest.mark.parametrize("is_tls", [False, True])
def test_a_commit_that_a_proxy_keeps_back_is_not_in_doubt(
    place: Place, namespace: str, keys: Path, ca: dict[str, str], *, is_tls: bool
) -> None:
    tls = server_context(keys, "server") if is_tls else None
    with (
        fault_proxy(place.properties["uri"], tls) as server,
        http_proxy() as proxy,
    ):
        table = table_behind(server, proxy, namespace, **ca)
        seen = len(server.requests)
        if is_tls:
            server.hang_up()
            proxy.tunnel_ended.acquire()
        proxy.refusal = 407
        with pytest.raises(CatalogConnectionError, match="407"):
            table.append(ROWS)
        assert len(server.requests) == seen
        proxy.refusal = None
        table.append(ROWS)
        assert place.open().load_table((namespace, "t")).scan().to_arrow().num_rows == 4


def test_a_proxy_that_is_busy_is_asked_again(upstream: str, keys: Path, ca: dict[str, str]) -> None:
    with fault_proxy(upstream, server_context(keys, "server")) as server, http_proxy() as proxy:
        proxy.refusal = 503
        with pytest.raises(CatalogConnectionError, match="the proxy on the way answers 503"):
            load_catalog("test", uri=server.uri, **ca, **by(proxy), **QUICK)
        assert len(proxy.asked) == 1 + RETRIES


def test_a_proxy_that_is_not_there(upstream: str) -> None:
    given = {"rest.client.proxy": "http://ada:marked-secret@127.0.0.1:9", **ONCE}
    with pytest.raises(CatalogConnectionError, match="the network and proxies") as raised:
        load_catalog("test", uri=upstream, **given)
    assert "marked-secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("http://", InvalidArgumentError),
        ("http://ada:marked-secret@", InvalidArgumentError),
        ("http://:marked-secret@127.0.0.1:9", InvalidArgumentError),
        ("http://ada:marked-secret@127.0.0.1:9/path/x", InvalidArgumentError),
        ("http://ada:marked-secret@127.0.0.1:port", CatalogConnectionError),
        ("marked-secret@http://127.0.0.1:9", CatalogConnectionError),
        ("gopher://ada:marked-secret@127.0.0.1:9", CatalogConnectionError),
    ],
)
def test_an_address_of_a_proxy_that_is_none(
    upstream: str, address: str, error: type[Exception], environment: pytest.MonkeyPatch
) -> None:
    with pytest.raises(error) as raised:
        load_catalog("test", uri=upstream, **{"rest.client.proxy": address}, **ONCE)
    assert "proxy" in str(raised.value)
    assert "marked-secret" not in str(raised.value)
    # Of the environment's, libcurl alone decides what is an address.
    environment.setenv("http_proxy", address)
    with pytest.raises(CatalogConnectionError) as raised:
        load_catalog("test", uri=upstream, **ONCE)
    assert "marked-secret" not in str(raised.value)
