from pathlib import Path

import pyarrow as pa
import pytest
from warehouse import local_path, make_table, open_catalog

from floe_core.errors import NamespaceNotEmptyError, NoSuchNamespaceError, NoSuchTableError
from floe_iceberg import Catalog, PartitionField, PartitionSpec, Schema
from floe_iceberg.transforms import BucketTransform, MonthTransform
from floe_iceberg.types import LongType, NestedField, StringType, StructType, TimestampType

ROWS = pa.table({"id": pa.array([1, 2], pa.int64()), "ts": pa.array([0, 1], pa.timestamp("us"))})


@pytest.mark.requirement("S-FR-007", "S-FR-008", "S-FR-010", "S-US2.2")
def test_namespaces_are_nested_and_keep_their_properties(catalog: Catalog) -> None:
    catalog.create_namespace("bronze", {"owner": "ada", "tier": 1, "gold": False})
    catalog.create_namespace(("bronze", "raw", "events"))
    catalog.create_namespace_if_not_exists("bronze", {"owner": "not set again"})
    assert catalog.list_namespaces() == [("bronze",), ("db",)]
    assert catalog.list_namespaces("bronze") == [("bronze", "raw")]
    assert catalog.list_namespaces("bronze.raw") == [("bronze", "raw", "events")]
    assert catalog.load_namespace_properties("bronze") == {
        "owner": "ada",
        "tier": "1",
        "gold": "false",
    }
    assert catalog.namespace_exists("bronze.raw")
    assert not catalog.namespace_exists("bronze.raws")


@pytest.mark.requirement("S-FR-009")
def test_only_an_empty_namespace_can_be_dropped(catalog: Catalog) -> None:
    catalog.create_namespace("a")
    catalog.create_namespace("a.b")
    catalog.create_table("a.b.t", ROWS.schema)
    with pytest.raises(NamespaceNotEmptyError, match="namespace a has namespaces below it"):
        catalog.drop_namespace("a")
    with pytest.raises(NamespaceNotEmptyError, match=r"namespace a\.b has tables; drop them"):
        catalog.drop_namespace("a.b")
    catalog.drop_table("a.b.t")
    catalog.drop_namespace("a.b")
    catalog.drop_namespace("a")
    assert catalog.list_namespaces() == [("db",)]
    with pytest.raises(NoSuchNamespaceError, match="namespace a does not exist"):
        catalog.drop_namespace("a")


@pytest.mark.requirement("S-FR-012", "S-FR-014", "S-FR-015")
def test_tables_come_and_go(catalog: Catalog, tmp_path: Path) -> None:
    made = catalog.create_table("db.b", ROWS.schema)
    catalog.create_table(("db", "a"), ROWS.schema)
    assert catalog.list_tables("db") == [("db", "a"), ("db", "b")]
    assert catalog.table_exists("db.b")
    assert catalog.create_table_if_not_exists("db.b", ROWS.schema).uuid == made.uuid
    assert catalog.load_table(("db", "b")) == made
    catalog.drop_table("db.b")
    assert not catalog.table_exists("db.b")
    assert local_path(made.metadata_location).exists()
    with pytest.raises(NoSuchTableError, match=r"table db\.b does not exist in catalog 'test'"):
        catalog.load_table("db.b")
    with pytest.raises(NoSuchTableError):
        made.refresh()
    with pytest.raises(NoSuchTableError, match=r"table db\.b was dropped while it was being wri"):
        made.append(ROWS)
    assert open_catalog(tmp_path).list_tables("db") == [("db", "a")]


@pytest.mark.requirement("S-FR-012", "T-FR-012", "T-FR-013", "T-FR-014")
def test_a_table_is_made_as_it_was_asked_for(catalog: Catalog, tmp_path: Path) -> None:
    schema = Schema(
        NestedField(7, "id", LongType(), required=True, doc="the key"),
        NestedField(9, "ts", TimestampType()),
        NestedField(8, "at", StructType(NestedField(20, "city", StringType()))),
        identifier_field_ids=[7],
    )
    spec = PartitionSpec(
        PartitionField(9, 1000, MonthTransform(), "month"),
        PartitionField(7, 1001, BucketTransform(16), "shard"),
    )
    table = catalog.create_table(
        "db.t",
        schema,
        location=tmp_path / "elsewhere",
        partition_spec=spec,
        properties={"owner": "ada", "commit.retry.num-retries": 7, "flag": True},
    )
    assert table.location() == f"file://{tmp_path}/elsewhere"
    assert table.metadata_location.startswith(f"file://{tmp_path}/elsewhere/metadata/00000-")
    assert table.properties == {"owner": "ada", "commit.retry.num-retries": "7", "flag": "true"}
    # Ids are the catalog's own, level by level; the caller's only tied the spec to its columns.
    assert table.schema() == Schema(
        NestedField(1, "id", LongType(), required=True, doc="the key"),
        NestedField(2, "ts", TimestampType()),
        NestedField(3, "at", StructType(NestedField(4, "city", StringType()))),
        identifier_field_ids=[1],
    )
    assert table.spec() == PartitionSpec(
        PartitionField(2, 1000, MonthTransform(), "month"),
        PartitionField(1, 1001, BucketTransform(16), "shard"),
    )
    assert table.format_version == 2
    assert table.current_snapshot() is None
    assert table.scan().to_arrow().schema.names == ["id", "ts", "at"]


def test_arrow_schemas_and_texts_make_the_same_table(catalog: Catalog) -> None:
    one = catalog.create_table("db.a", ROWS.schema, partition_spec=["month(ts)", "bucket(16, id)"])
    other = catalog.create_table(
        "db.b",
        Schema.from_arrow(ROWS.schema),
        partition_spec=PartitionSpec(
            PartitionField(2, 0, MonthTransform(), "ts_month"),
            PartitionField(1, 0, BucketTransform(16), "id_bucket"),
        ),
    )
    assert one.schema() == other.schema()
    assert one.spec() == other.spec()
    assert [field.field_id for field in one.spec().fields] == [1000, 1001]


def test_a_level_with_a_dot_is_no_way_to_levels_of_others(catalog: Catalog) -> None:
    catalog.create_namespace("a.b")
    catalog.create_namespace("a.empty")
    catalog.create_table("a.b.t", ROWS.schema)
    assert not catalog.namespace_exists(("a.b",))
    assert not catalog.table_exists(("a.b", "t"))
    for work in (
        lambda: catalog.drop_namespace(("a.empty",)),
        lambda: catalog.list_tables(("a.b",)),
        lambda: catalog.update_namespace_properties(("a.b",), updates={"k": "v"}),
    ):
        with pytest.raises(NoSuchNamespaceError):
            work()
    for work in (
        lambda: catalog.load_table(("a.b", "t")),
        lambda: catalog.drop_table(("a.b", "t")),
        lambda: catalog.purge_table(("a.b", "t")),
        lambda: catalog.rename_table(("a.b", "t"), ("a", "b", "u")),
    ):
        with pytest.raises(NoSuchTableError):
            work()
    assert catalog.list_tables("a.b") == [("a", "b", "t")]
    assert catalog.list_namespaces("a") == [("a", "b"), ("a", "empty")]


def test_a_table_lies_below_its_namespace_or_the_warehouse(
    catalog: Catalog, tmp_path: Path
) -> None:
    catalog.create_namespace("placed", {"location": str(tmp_path / "own")})
    placed = catalog.create_table("placed.t", ROWS.schema)
    assert placed.location() == f"file://{tmp_path}/own/t"
    catalog.create_namespace("a.b")
    nested = catalog.create_table("a.b.t", ROWS.schema)
    assert nested.location() == f"file://{tmp_path}/warehouse/a/b/t"
    spaced = make_table(catalog, ROWS, "db.über uns")
    assert spaced.location() == f"file://{tmp_path}/warehouse/db/über uns"
    assert spaced.scan().count() == 2


@pytest.mark.parametrize(
    "uri",
    ["sqlite:///{}/x.db", "sqlite+pysqlite:///{}/x.db", "sqlite:///:memory:"],
)
def test_uris_of_sqlite(tmp_path: Path, uri: str) -> None:
    from floe_iceberg import load_catalog

    catalog = load_catalog("x", uri=uri.format(tmp_path), warehouse=tmp_path / "w", fsync="false")
    catalog.create_namespace("a")
    make_table(catalog, ROWS, "a.t")
    assert catalog.load_table("a.t").scan().count() == 2
    assert (tmp_path / "x.db").exists() == ("memory" not in uri)
    assert catalog.name == "x"
    assert catalog.properties["uri"] == uri.format(tmp_path)
    assert repr(catalog) == "Catalog('x')"


def test_catalogs_of_different_names_share_a_file(tmp_path: Path) -> None:
    from floe_iceberg import load_catalog

    uri = f"sqlite:///{tmp_path}/shared.db"
    first = load_catalog("first", uri=uri, warehouse=tmp_path / "1")
    second = load_catalog("second", uri=uri, warehouse=tmp_path / "2")
    first.create_namespace("only_here")
    assert second.list_namespaces() == []
    second.create_namespace("only_here")
    first.create_table("only_here.t", ROWS.schema)
    assert second.list_tables("only_here") == []
