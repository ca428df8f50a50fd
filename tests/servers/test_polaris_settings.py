"""Each setting of a Polaris catalog does something, with one value and with another.

A proxy in front of the stand-in for Polaris sees it.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from catalog_kinds import Place
from fault_proxy import FaultProxy, fault_proxy, reply
from polaris_setup import Management, set_up_catalog
from polaris_stand_in import polaris_stand_in
from pydantic import SecretStr

from floe_core.errors import (
    CatalogAuthenticationError,
    CatalogConnectionError,
    CircuitOpenError,
    ConfigurationError,
    InvalidArgumentError,
    NoSuchTableError,
)
from floe_polaris import (
    PolarisCatalog,
    PolarisCatalogConfig,
    PolarisCatalogPlugin,
    RetryConfig,
    create_catalog,
)

ROWS = pa.table({"id": pa.array([1], pa.int64())})
QUICK = {"initial_wait_seconds": 0.001, "max_wait_seconds": 0.001, "jitter_seconds": 0}


@pytest.fixture
def proxy(places: dict[str, Place]) -> Iterator[FaultProxy]:
    with fault_proxy(
        places["polaris-stand-in"].properties["uri"].removesuffix("/api/catalog")
    ) as p:
        yield p


def connect(proxy: FaultProxy, place: Place, **fields: Any) -> PolarisCatalog:
    client_id, _, secret = place.properties["credential"].partition(":")
    signs_in = {"client_id": client_id, "client_secret": secret}
    config = {
        "uri": f"{proxy.uri}/api/catalog",
        "warehouse": place.properties["warehouse"],
        "scope": place.properties["scope"],
        "properties": {"fsync": "false"},
        **({} if "token" in fields else signs_in),
        **fields,
    }
    return create_catalog(PolarisCatalogConfig.model_validate(config))


@pytest.fixture
def place(places: dict[str, Place]) -> Place:
    return places["polaris-stand-in"]


@pytest.mark.requirement("S-FR-006a")
@pytest.mark.parametrize("attempts", [1, 2, 4])
def test_attempts_are_counted(proxy: FaultProxy, place: Place, attempts: int) -> None:
    retry = RetryConfig(max_attempts=attempts, circuit_breaker_threshold=0, **QUICK)
    catalog = connect(proxy, place, retry=retry)
    proxy.forget()
    proxy.plan("GET", "/namespaces", *[reply(503)] * 10)
    with pytest.raises(CatalogConnectionError):
        catalog.list_namespaces()
    assert proxy.count("GET", "/namespaces") == attempts


@pytest.mark.requirement("S-FR-006a")
@pytest.mark.parametrize("threshold", [0, 2])
def test_a_failing_server_is_left_alone(proxy: FaultProxy, place: Place, threshold: int) -> None:
    retry = RetryConfig(max_attempts=1, circuit_breaker_threshold=threshold, **QUICK)
    catalog = connect(proxy, place, retry=retry)
    proxy.forget()
    proxy.plan("GET", "/namespaces", *[reply(503)] * 10)
    raised = []
    for _ in range(4):
        with pytest.raises(CatalogConnectionError) as each:
            catalog.list_namespaces()
        raised.append(each.type is CircuitOpenError)
    assert raised == ([False, False, True, True] if threshold else [False] * 4)
    assert proxy.count("GET", "/namespaces") == (threshold or 4)


def test_silence_is_not_waited_for_longer(proxy: FaultProxy, place: Place) -> None:
    retry = RetryConfig(max_attempts=1, circuit_breaker_threshold=0)
    catalog = connect(proxy, place, retry=retry, read_timeout_seconds=0.2)
    proxy.plan("GET", "/namespaces", proxy.silence())
    with pytest.raises(CatalogConnectionError):
        catalog.list_namespaces()
    assert catalog.is_connected()


@pytest.mark.requirement("S-FR-005")
@pytest.mark.parametrize("delegation", [None, "vended-credentials"])
def test_access_is_asked_for(proxy: FaultProxy, place: Place, delegation: str | None) -> None:
    catalog = connect(proxy, place, access_delegation=delegation)
    name = place.new_namespace(catalog)
    catalog.create_table((name, "t"), ROWS.schema).append(ROWS)
    assert catalog.load_table((name, "t")).scan().to_arrow().num_rows == 1
    asked = {
        {k.lower(): v for k, v in request.headers.items()}.get("x-iceberg-access-delegation")
        for request in proxy.requests
        if "/tables" in request.path
    }
    assert asked == {delegation}


@pytest.mark.requirement("S-FR-005")
def test_keys_to_files_are_lent_anew_at_each_call(tmp_path: Path) -> None:
    with polaris_stand_in(tmp_path) as server:
        management = Management(server.address, "root", "s3cr3t")
        lake = {"storageType": "S3", "roleArn": "arn:aws:iam::123456789012:role/lake"}
        client_id, secret = set_up_catalog(management, "lake", "s3://bucket/lake", "ada", **lake)
        fields = {
            "uri": server.uri,
            "warehouse": "lake",
            "client_id": client_id,
            "client_secret": secret,
            "scope": "PRINCIPAL_ROLE:ada_role",
        }
        plain = create_catalog(PolarisCatalogConfig.model_validate(fields))
        plain.create_namespace("db")
        plain.create_table("db.t", ROWS.schema)
        with pytest.raises(ConfigurationError, match="without access_delegation"):
            plain.vend_credentials("db.t")

        delegated = {**fields, "access_delegation": "vended-credentials"}
        catalog = create_catalog(PolarisCatalogConfig.model_validate(delegated))
        (first,) = catalog.vend_credentials("db.t")
        (second,) = catalog.vend_credentials(("db", "t"))
        with pytest.raises(NoSuchTableError):
            catalog.vend_credentials("db.other")
        plugin = PolarisCatalogPlugin()
        plugin.configure(delegated)
        plugin.startup()
        (third,) = plugin.vend_credentials("db.t", ["read", "write"])
        for wrong in (["drop"], []):
            with pytest.raises(InvalidArgumentError, match="expected some of read, write"):
                plugin.vend_credentials("db.t", wrong)

    assert third.prefix == first.prefix
    assert third.reveal() not in (first.reveal(), second.reveal())
    assert first.prefix.startswith("s3://bucket/lake/db/t")
    keys = first.reveal()
    assert keys["s3.session-token"].startswith("stand-in-")
    assert keys != second.reveal()
    assert first.expires_at is not None
    assert first.expires_at > datetime.now(UTC)
    assert keys["s3.secret-access-key"] not in repr(first) + str(first)


@pytest.mark.requirement("S-FR-003")
def test_a_token_is_used_as_it_is(proxy: FaultProxy, place: Place) -> None:
    connect(proxy, place)
    used = next(r.headers for r in proxy.requests if "config" in r.path)
    token = {k.lower(): v for k, v in used.items()}["authorization"].removeprefix("Bearer ")
    proxy.forget()
    assert connect(proxy, place, token=token, token_refresh_enabled=False).is_connected()
    assert proxy.count("POST", "oauth/tokens") == 0


@pytest.mark.requirement("S-FR-004")
@pytest.mark.parametrize("is_enabled", [True, False])
def test_tokens_are_renewed_where_that_is_asked_for(tmp_path: Path, *, is_enabled: bool) -> None:
    hours = [0]

    def clock_ms() -> int:
        return int(time.time() * 1000) + hours[0] * 3_600_000

    with polaris_stand_in(tmp_path, clock_ms=clock_ms) as server:
        management = Management(server.address, "root", "s3cr3t")
        client_id, secret = set_up_catalog(management, "lake", tmp_path.as_uri(), "ada")
        config = PolarisCatalogConfig(
            uri=server.uri,
            warehouse="lake",
            client_id=client_id,
            client_secret=SecretStr(secret),
            scope="PRINCIPAL_ROLE:ada_role",
            token_refresh_enabled=is_enabled,
        )
        catalog = create_catalog(config)
        assert catalog.list_namespaces() == []
        hours[0] = 2
        if is_enabled:
            assert catalog.list_namespaces() == []
        else:
            with pytest.raises(CatalogAuthenticationError):
                catalog.list_namespaces()
            assert not catalog.is_connected()
            catalog.reconnect()
        assert catalog.is_connected()
