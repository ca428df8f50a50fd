"""floe_polaris with a Polaris; here with the stand-in for one."""

import warnings
from typing import Any

import pyarrow as pa
import pytest
from catalog_kinds import Place

from floe_core.errors import (
    CatalogAuthenticationError,
    CatalogConnectionError,
    NamespaceAlreadyExistsError,
    NamespaceNotEmptyError,
    NoSuchNamespaceError,
    PermissionDeniedError,
)
from floe_polaris import (
    PolarisCatalog,
    PolarisCatalogConfig,
    PolarisCatalogPlugin,
    RetryConfig,
    create_catalog,
)

ROWS = pa.table({"id": pa.array([1, 2, 3], pa.int64())})


@pytest.fixture
def fields(places: dict[str, Place]) -> dict[str, Any]:
    properties = places["polaris-stand-in"].properties
    client_id, _, secret = properties["credential"].partition(":")
    return {
        "uri": properties["uri"],
        "warehouse": properties["warehouse"],
        "client_id": client_id,
        "client_secret": secret,
        "scope": properties["scope"],
        "properties": {"fsync": "false"},
        "retry": RetryConfig(max_attempts=1, initial_wait_seconds=0.01),
    }


@pytest.fixture
def polaris(fields: dict[str, Any]) -> PolarisCatalog:
    return create_catalog(PolarisCatalogConfig(**fields))


@pytest.fixture
def name(places: dict[str, Place], polaris: PolarisCatalog) -> str:
    return places["polaris-stand-in"].new_namespace(polaris)


@pytest.mark.requirement("S-FR-007", "S-FR-008", "S-FR-010", "S-US2.2")
def test_parents_are_made_with_a_namespace(polaris: PolarisCatalog, name: str) -> None:
    with pytest.raises(NoSuchNamespaceError):
        polaris.create_namespace(f"{name}.raw.events", create_parents=False)
    made = polaris.create_namespace(f"{name}.raw.events", {"owner": "ada"})
    assert made.levels == (name, "raw", "events")
    assert made.name == f"{name}.raw.events"
    assert made.properties["owner"] == "ada"
    assert made.location is not None
    assert made.location.endswith(f"{name}/raw/events/")
    assert polaris.list_namespaces(name) == [(name, "raw")]
    assert polaris.list_namespaces(parent=(name, "raw")) == [(name, "raw", "events")]
    with pytest.raises(NamespaceAlreadyExistsError):
        polaris.create_namespace(made.levels)
    again = polaris.create_namespace_if_not_exists(made.levels, {"owner": "bob"})
    assert again == made
    assert polaris.load_namespace(made.levels) == made
    with pytest.raises(NamespaceNotEmptyError):
        polaris.drop_namespace(name)
    polaris.drop_namespace(made.levels)


@pytest.mark.requirement("S-FR-011")
def test_an_update_shows_what_is_there_then(polaris: PolarisCatalog, name: str) -> None:
    polaris.update_namespace_properties(name, {"a": "1", "b": "2"})
    found = polaris.update_namespace_properties(name, updates={"c": "3"}, removals=["a"])
    assert {"b": "2", "c": "3"}.items() <= found.properties.items()
    assert "a" not in found.properties


def test_files_and_variables_of_its_name_do_not_change_it(
    fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOE_CATALOG__LAKE__TOKEN", "of-another")
    monkeypatch.setenv("PYICEBERG_CATALOG__LAKE__NO_SUCH_PROPERTY", "x")
    assert create_catalog(PolarisCatalogConfig(**fields)).is_connected()


def test_it_has_all_that_catalogs_have(polaris: PolarisCatalog, name: str) -> None:
    table = polaris.create_table((name, "t"), ROWS.schema)
    table.append(ROWS)
    assert polaris.table_exists((name, "t"))
    assert polaris.list_tables(name) == [(name, "t")]
    assert polaris.load_table((name, "t")).scan().to_arrow().num_rows == 3
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyIceberg's
        assert table.to_pyiceberg().scan().to_arrow().num_rows == 3


def test_connections_are_looked_after(fields: dict[str, Any], polaris: PolarisCatalog) -> None:
    assert polaris.is_connected()
    before = polaris._native
    polaris.reconnect()
    assert polaris._native is not before
    assert polaris.is_connected()
    secret = fields["client_secret"]
    for shown in (repr(polaris), repr(vars(polaris)), str(polaris.properties)):
        assert secret not in shown
    elsewhere = PolarisCatalogConfig(**{**fields, "uri": "http://127.0.0.1:9/api/catalog"})
    with pytest.raises(CatalogConnectionError):
        create_catalog(elsewhere)


@pytest.mark.requirement("S-US1.3", "S-SC-006")
def test_who_may_not_is_told_why(fields: dict[str, Any]) -> None:
    with pytest.raises(CatalogAuthenticationError) as raised:
        create_catalog(PolarisCatalogConfig(**{**fields, "client_secret": "wrong-secret"}))
    assert "wrong-secret" not in str(raised.value)
    with pytest.raises(CatalogAuthenticationError, match="scope"):
        create_catalog(PolarisCatalogConfig(**{**fields, "scope": "catalog"}))
    narrow = {**fields, "scope": "PRINCIPAL_ROLE:nobody"}
    with pytest.raises((PermissionDeniedError, CatalogAuthenticationError)):
        create_catalog(PolarisCatalogConfig(**narrow)).list_namespaces()


def test_the_plugin_opens_what_it_was_told(fields: dict[str, Any], name: str) -> None:
    plugin = PolarisCatalogPlugin()
    plugin.configure(PolarisCatalogConfig(**fields))
    plugin.startup()
    assert plugin.health_check() == (True, "connected")
    assert plugin.create_namespace(f"{name}.a.b").name == f"{name}.a.b"
    assert plugin.list_namespaces(name) == [(name, "a")]
    plugin.create_table((name, "a", "t"), ROWS.schema, properties={"owner": "ada"})
    assert plugin.list_tables((name, "a")) == [(name, "a", "t")]
    plugin.drop_table((name, "a", "t"))
    plugin.delete_namespace((name, "a", "b"))
    plugin.shutdown()
    assert not plugin.health_check().is_healthy
    assert plugin.connect(PolarisCatalogConfig(**fields)).is_connected()
