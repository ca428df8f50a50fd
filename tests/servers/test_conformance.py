"""What every catalog does, whatever its kind."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pytest
from catalog_kinds import ODD_NAMES, Kind, Place
from pydantic import SecretStr

from floe_core.errors import (
    CommitConflictError,
    FloeStorageError,
    InvalidArgumentError,
    NamespaceAlreadyExistsError,
    NamespaceNotEmptyError,
    NoSuchNamespaceError,
    NoSuchTableError,
    TableAlreadyExistsError,
)
from floe_iceberg import Catalog, Schema, Table
from floe_iceberg.sorting import SortField, SortOrder
from floe_iceberg.transforms import IdentityTransform
from floe_iceberg.types import LongType, NestedField, StringType
from floe_polaris import PolarisCatalogConfig, create_catalog

ROWS = pa.table({"id": pa.array([1, 2, 3], pa.int64()), "name": ["a", "b", None]})


@pytest.mark.requirement("S-FR-001", "S-FR-007", "S-FR-008", "S-FR-010", "S-US2.2")
def test_namespaces_are_nested_and_keep_their_properties(catalog: Catalog, namespace: str) -> None:
    catalog.create_namespace((namespace, "raw"), {"owner": "ada", "comment": "naïve ✓"})
    catalog.create_namespace((namespace, "raw", "events"))
    catalog.create_namespace((namespace, "clean"))
    assert (namespace,) in catalog.list_namespaces()
    assert catalog.list_namespaces(namespace) == [(namespace, "clean"), (namespace, "raw")]
    assert catalog.list_namespaces((namespace, "raw")) == [(namespace, "raw", "events")]
    assert catalog.list_namespaces((namespace, "clean")) == []
    properties = catalog.load_namespace_properties((namespace, "raw"))
    assert properties["owner"] == "ada"
    assert properties["comment"] == "naïve ✓"
    assert catalog.namespace_exists((namespace, "raw"))
    assert not catalog.namespace_exists((namespace, "ra"))
    with pytest.raises(NamespaceAlreadyExistsError, match="raw") as raised:
        catalog.create_namespace((namespace, "raw"))
    assert raised.value.namespace == f"{namespace}.raw"
    catalog.create_namespace_if_not_exists((namespace, "raw"), {"owner": "not set again"})
    assert catalog.load_namespace_properties((namespace, "raw"))["owner"] == "ada"


def with_parents(place: Place) -> Catalog:
    """Return a catalog whose namespaces come with those above them."""
    own = dict(place.properties)
    if own.pop("type", "") != "rest":
        return place.open()
    client_id, _, secret = own.pop("credential", "").partition(":")
    return create_catalog(
        PolarisCatalogConfig(
            uri=own.pop("uri"),
            warehouse=own.pop("warehouse", "any"),
            client_id=client_id or None,
            client_secret=SecretStr(secret) if secret else None,
            scope=own.pop("scope", "catalog"),
            properties={name: str(value).lower() for name, value in own.items()},
        )
    )


@pytest.mark.requirement("S-FR-010")
def test_a_namespace_comes_with_those_above_it(place: Place, namespace: str) -> None:
    catalog = with_parents(place)
    catalog.create_namespace((namespace, "raw", "events"), {"owner": "ada"})
    assert catalog.list_namespaces((namespace, "raw")) == [(namespace, "raw", "events")]
    catalog.create_table((namespace, "raw", "events", "t"), ROWS.schema).append(ROWS)
    assert catalog.namespace_exists((namespace, "raw")) is place.kind.makes_parents
    parents = [(namespace, "raw")] if place.kind.makes_parents else []
    assert catalog.list_namespaces(namespace) == parents
    with pytest.raises(NamespaceAlreadyExistsError):
        catalog.create_namespace((namespace, "raw", "events"))


def test_a_separator_is_in_no_name(catalog: Catalog, namespace: str) -> None:
    catalog.create_namespace((namespace, "a"))
    catalog.create_namespace((namespace, "a", "b"))
    catalog.create_table((namespace, "a", "b", "t"), ROWS.schema)
    with pytest.raises((InvalidArgumentError, NoSuchTableError)):
        catalog.drop_table((namespace, "a\x1fb", "t"))
    with pytest.raises((InvalidArgumentError, NoSuchNamespaceError)):
        catalog.drop_namespace((namespace, "a\x1fb"))
    assert catalog.list_tables((namespace, "a", "b")) == [(namespace, "a", "b", "t")]


@pytest.mark.requirement("S-FR-011")
def test_properties_of_a_namespace_change(catalog: Catalog, namespace: str) -> None:
    catalog.create_namespace((namespace, "a"), {"owner": "ada", "tier": "1", "old": "x"})
    done = catalog.update_namespace_properties(
        (namespace, "a"), removals={"old", "none"}, updates={"owner": "bob", "new": "y"}
    )
    assert (done.removed, sorted(done.updated), done.missing) == (
        ["old"],
        ["new", "owner"],
        ["none"],
    )
    properties = catalog.load_namespace_properties((namespace, "a"))
    assert {"owner": "bob", "tier": "1", "new": "y"}.items() <= properties.items()
    assert "old" not in properties
    catalog.update_namespace_properties((namespace, "a"), removals=["owner", "tier", "new"])
    assert catalog.namespace_exists((namespace, "a"))
    with pytest.raises(InvalidArgumentError, match="property x can't be both set and removed"):
        catalog.update_namespace_properties((namespace, "a"), ["x"], {"x": "1"})
    with pytest.raises(NoSuchNamespaceError):
        catalog.update_namespace_properties((namespace, "none"), updates={"x": "1"})


def test_a_table_gets_another_name(catalog: Catalog, namespace: str) -> None:
    catalog.create_namespace((namespace, "b"))
    table = catalog.create_table((namespace, "t"), ROWS.schema)
    table.append(ROWS)
    catalog.create_table((namespace, "taken"), ROWS.schema)
    moved = catalog.rename_table((namespace, "t"), (namespace, "b", "u"))
    assert moved.uuid == table.uuid
    assert moved.scan().to_arrow().num_rows == 3
    assert not catalog.table_exists((namespace, "t"))
    moved.append(ROWS)
    with pytest.raises(TableAlreadyExistsError):
        catalog.rename_table((namespace, "b", "u"), (namespace, "taken"))
    with pytest.raises(NoSuchTableError):
        catalog.rename_table((namespace, "t"), (namespace, "v"))
    with pytest.raises(NoSuchNamespaceError):
        catalog.rename_table((namespace, "b", "u"), (namespace, "none", "u"))
    assert catalog.load_table((namespace, "b", "u")).scan().to_arrow().num_rows == 6


@pytest.mark.requirement("S-FR-016")
def test_a_table_is_registered_by_its_metadata(
    kind: Kind, catalog: Catalog, namespace: str
) -> None:
    catalog.create_table((namespace, "t"), ROWS.schema).append(ROWS)
    table = catalog.load_table((namespace, "t"))
    if kind.keeps_files_of_dropped_tables:
        catalog.drop_table((namespace, "t"))
    again = catalog.register_table((namespace, "again"), table.metadata_location)
    assert (namespace, "again") in catalog.list_tables(namespace)
    assert again.scan().to_arrow().num_rows == 3
    if not kind.keeps_files_of_dropped_tables:
        return
    assert again.uuid == table.uuid
    again.append(ROWS)
    assert catalog.load_table((namespace, "again")).scan().to_arrow().num_rows == 6
    with pytest.raises(TableAlreadyExistsError):
        catalog.register_table((namespace, "again"), table.metadata_location)
    assert again.refresh().scan().to_arrow().num_rows == 6
    file = "no-such-file" if kind.names_missing_metadata_files else r"ns_\w+\.v"
    with pytest.raises(FloeStorageError, match=file):
        catalog.register_table((namespace, "v"), table.metadata_location + ".no-such-file")
    assert not catalog.table_exists((namespace, "v"))


def test_what_is_not_there_is_said_by_its_name(
    kind: Kind, catalog: Catalog, namespace: str
) -> None:
    calls: list[Callable[[], object]] = [
        lambda: catalog.load_namespace_properties((namespace, "none")),
        lambda: catalog.drop_namespace((namespace, "none")),
    ]
    if kind.refuses_lists_of_missing_namespaces:
        calls.append(lambda: catalog.list_tables((namespace, "none")))
        calls.append(lambda: catalog.list_namespaces((namespace, "none")))
    for call in calls:
        with pytest.raises(NoSuchNamespaceError, match=r"ns_\w+\.none") as raised:
            call()
    assert raised.value.namespace == f"{namespace}.none"
    for call in (
        lambda: catalog.load_table((namespace, "none")),
        lambda: catalog.drop_table((namespace, "none")),
    ):
        with pytest.raises(NoSuchTableError, match=r"table ns_\w+\.none") as missing:
            call()
        assert missing.value.table == f"{namespace}.none"
    assert not catalog.table_exists((namespace, "none"))
    assert not catalog.table_exists((namespace, "none", "none"))
    if kind.refuses_tables_in_missing_namespaces:
        with pytest.raises(NoSuchNamespaceError, match=r"ns_\w+\.none"):
            catalog.create_table((namespace, "none", "t"), ROWS.schema)


@pytest.mark.requirement("S-FR-009")
def test_only_an_empty_namespace_can_be_dropped(
    kind: Kind, catalog: Catalog, namespace: str
) -> None:
    catalog.create_namespace((namespace, "a"))
    catalog.create_table((namespace, "a", "t"), ROWS.schema)
    with pytest.raises(NamespaceNotEmptyError, match="drop them first") as raised:
        catalog.drop_namespace((namespace, "a"))
    assert raised.value.namespace == f"{namespace}.a"
    if kind.refuses_to_drop_namespaces_with_namespaces:
        with pytest.raises(NamespaceNotEmptyError):
            catalog.drop_namespace(namespace)
    catalog.drop_table((namespace, "a", "t"))
    catalog.drop_namespace((namespace, "a"))
    catalog.drop_namespace(namespace)
    assert not catalog.namespace_exists(namespace)


@pytest.mark.requirement("S-FR-012", "S-FR-014", "S-FR-015")
def test_tables_come_and_go(place: Place, catalog: Catalog, namespace: str) -> None:
    made = catalog.create_table((namespace, "b"), ROWS.schema, properties={"owner": "ada"})
    catalog.create_table((namespace, "a"), ROWS.schema)
    assert catalog.list_tables(namespace) == [(namespace, "a"), (namespace, "b")]
    assert catalog.table_exists((namespace, "b"))
    if place.kind.refuses_tables_that_exist:
        with pytest.raises(TableAlreadyExistsError, match=r"table ns_\w+\.b"):
            catalog.create_table((namespace, "b"), ROWS.schema)
    assert catalog.create_table_if_not_exists((namespace, "b"), ROWS.schema).uuid == made.uuid
    loaded = place.open().load_table((namespace, "b"))
    assert loaded.uuid == made.uuid
    assert loaded.properties["owner"] == "ada"
    assert loaded.schema() == made.schema()
    assert loaded.current_snapshot() is None
    catalog.drop_table((namespace, "b"))
    assert catalog.list_tables(namespace) == [(namespace, "a")]
    with pytest.raises(NoSuchTableError):
        made.refresh()
    with pytest.raises(NoSuchTableError):
        made.append(ROWS)


def test_a_table_is_made_as_it_was_asked_for(kind: Kind, catalog: Catalog, namespace: str) -> None:
    schema = Schema(
        NestedField(7, "id", LongType(), required=True, doc="the key"),
        NestedField(9, "name", StringType()),
        identifier_field_ids=[7],
    )
    table = catalog.create_table(
        (namespace, "t"),
        schema,
        partition_spec=["bucket(4, id)"],
        sort_order=SortOrder(SortField(9, IdentityTransform())),
        properties={"format-version": "3"},
    )
    assert table.format_version == kind.newest_format_version
    field = table.schema().find_field("id")
    assert field.required
    assert field.doc == "the key"
    assert list(table.schema().identifier_field_ids) == [field.field_id]
    assert [part.name for part in table.spec().fields] == ["id_bucket"]
    assert table.spec().fields[0].source_id == field.field_id
    assert table.sort_order().fields[0].source_id == table.schema().find_field("name").field_id


def test_a_request_that_can_not_be_is_refused_before_anything_is_made(
    catalog: Catalog, namespace: str
) -> None:
    with pytest.raises(InvalidArgumentError, match="format-version is 'two'"):
        catalog.create_table((namespace, "t"), ROWS.schema, properties={"format-version": "two"})
    with pytest.raises(InvalidArgumentError, match=r"commit\.retry\.num-retries"):
        catalog.create_table(
            (namespace, "t"), ROWS.schema, properties={"commit.retry.num-retries": "many"}
        )
    assert not catalog.table_exists((namespace, "t"))


@pytest.mark.requirement("S-FR-018")
def test_rows_go_in_and_out(place: Place, catalog: Catalog, namespace: str) -> None:
    table = catalog.create_table((namespace, "t"), ROWS.schema, partition_spec=["name"])
    table.append(ROWS)
    table.append(ROWS.slice(0, 1))
    assert table.scan().to_arrow().sort_by("id").column("id").to_pylist() == [1, 1, 2, 3]
    table.overwrite(ROWS.slice(1, 1), overwrite_filter="name = 'b'")
    other = place.open().load_table((namespace, "t"))
    assert (other == table) is place.kind.has_one_metadata_location
    assert other.current_snapshot() == table.current_snapshot()
    assert other.scan("name is null").to_arrow().column("id").to_pylist() == [3]
    assert len(other.snapshots()) == (3 if place.kind.keeps_history else 1)


def test_schemas_specs_refs_and_properties_change(
    kind: Kind, catalog: Catalog, namespace: str
) -> None:
    table = catalog.create_table((namespace, "t"), ROWS.schema)
    table.append(ROWS)
    with table.update_schema() as schema:
        schema.add_column("score", LongType())
        schema.rename_column("name", "title")
    with table.update_spec() as spec:
        spec.add_field("title", "identity")
    with table.transaction() as transaction:
        transaction.set_properties({"a": "1", "b": "2"})
        transaction.remove_properties("a")
    snapshot = table.current_snapshot()
    assert snapshot is not None
    table.manage_snapshots().create_tag(snapshot.snapshot_id, "first").commit()
    loaded = catalog.load_table((namespace, "t"))
    assert (loaded == table) is kind.has_one_metadata_location
    assert loaded.schema().column_names == ["id", "title", "score"]
    assert loaded.spec().fields[0].name == "title"
    assert loaded.properties["b"] == "2"
    assert "a" not in loaded.properties
    if kind.keeps_history:
        assert loaded.refs()["first"].snapshot_id == snapshot.snapshot_id
    loaded.append(ROWS.rename_columns(["id", "title"]))
    assert loaded.scan().to_arrow().num_rows == 6


def test_writers_at_once_lose_nothing(place: Place, catalog: Catalog, namespace: str) -> None:
    table = catalog.create_table(
        (namespace, "t"),
        ROWS.schema,
        properties={"commit.retry.num-retries": "50", "commit.retry.min-wait-ms": "10"},
    )
    place.begin(table)

    def write(number: int) -> None:
        rows = pa.table({"id": pa.array([number], pa.int64()), "name": [str(number)]})
        place.open().load_table((namespace, "t")).append(rows)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(12)))
    rows = catalog.load_table((namespace, "t")).scan().to_arrow()
    assert sorted(rows.column("id").to_pylist()) == list(range(12))


def test_a_stale_table_is_told_so(place: Place, catalog: Catalog, namespace: str) -> None:
    table = catalog.create_table(
        (namespace, "t"), ROWS.schema, properties={"commit.retry.num-retries": "0"}
    )
    place.begin(table)
    stale = catalog.load_table((namespace, "t"))
    table.append(ROWS)
    with pytest.raises(CommitConflictError) as raised:
        stale.append(ROWS)
    assert raised.value.table == f"{namespace}.t"
    stale.refresh()
    stale.append(ROWS)
    assert stale.scan().to_arrow().num_rows == 6


def make_named(catalog: Catalog, namespace: str, name: str) -> Table:
    """Create a namespace and a table in it, both of a name."""
    catalog.create_namespace((namespace, name))
    return catalog.create_table((namespace, name, name), ROWS.schema)


@pytest.mark.parametrize("name", sorted(ODD_NAMES))
def test_odd_names(kind: Kind, catalog: Catalog, namespace: str, name: str) -> None:
    if name in kind.refused_names:
        with pytest.raises(InvalidArgumentError):
            make_named(catalog, namespace, name)
        return
    table = make_named(catalog, namespace, name)
    assert catalog.list_namespaces(namespace) == [(namespace, name)]
    table.append(ROWS)
    assert catalog.list_tables((namespace, name)) == [(namespace, name, name)]
    loaded = catalog.load_table((namespace, name, name))
    assert loaded.scan().to_arrow().num_rows == 3
    catalog.drop_table((namespace, name, name))
    catalog.drop_namespace((namespace, name))
    assert catalog.list_namespaces(namespace) == []


def test_one_catalog_serves_many_threads(catalog: Catalog, namespace: str) -> None:
    catalog.create_table((namespace, "t"), ROWS.schema)

    def load(_: int) -> str:
        return str(catalog.load_table((namespace, "t")).uuid)

    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(load, range(64)))) == 1
