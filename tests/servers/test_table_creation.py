"""Tables that are made with their first rows in one commit, and tables that are purged."""

from typing import Any

import pyarrow as pa
import pytest
from catalog_kinds import Kind, Place
from table_files import files_below, put_file

from floe_core.errors import (
    CommitConflictError,
    InvalidArgumentError,
    NoSuchTableError,
    PermissionDeniedError,
    TableAlreadyExistsError,
)
from floe_iceberg import Catalog, Table
from floe_iceberg.sorting import SortField, SortOrder
from floe_iceberg.transforms import IdentityTransform
from floe_iceberg.types import LongType

ROWS = pa.table({"id": pa.array([1, 2, 3], pa.int64()), "name": ["a", "b", None]})


def files(place: Place, table: Table) -> set[str]:
    return files_below(table.location(), place.storage)


def test_a_table_appears_with_its_first_rows(
    place: Place, catalog: Catalog, namespace: str
) -> None:
    name = (namespace, "t")
    with catalog.create_table_transaction(
        name,
        ROWS.schema,
        partition_spec=["name"],
        sort_order=SortOrder(SortField(1, IdentityTransform())),
        properties={"owner": "ada", "format-version": "3"},
    ) as new:
        new.append(ROWS)
        with new.update_schema() as schema:
            schema.add_column("score", LongType())
        new.set_properties({"tier": "1"})
        assert not catalog.table_exists(name)
    table = place.open().load_table(name)
    assert table.format_version == place.kind.newest_format_version
    assert table.scan().to_arrow().num_rows == 3
    assert table.schema().column_names == ["id", "name", "score"]
    assert [field.name for field in table.spec().fields] == ["name"]
    assert table.sort_order().fields[0].source_id == table.schema().find_field("id").field_id
    assert {"owner": "ada", "tier": "1"}.items() <= table.properties.items()
    assert len(table.snapshots()) == 1
    table.append(ROWS)
    assert table.scan().to_arrow().num_rows == 6


def test_a_new_table_may_be_empty(kind: Kind, catalog: Catalog, namespace: str) -> None:
    table = catalog.create_table_transaction((namespace, "t"), ROWS.schema).commit_transaction()
    assert isinstance(table, Table)
    assert table.current_snapshot() is None
    loaded = catalog.load_table((namespace, "t"))
    assert loaded.uuid == table.uuid
    assert (loaded == table) is kind.has_one_metadata_location
    table.append(ROWS)
    assert table.scan().to_arrow().num_rows == 3


def test_who_is_late_makes_no_table(place: Place, catalog: Catalog, namespace: str) -> None:
    name = (namespace, "t")
    late = catalog.create_table_transaction(name, ROWS.schema)
    late.append(ROWS)
    staged = late._table
    written = files(place, staged)
    first = place.open().create_table(name, ROWS.schema)
    with pytest.raises(TableAlreadyExistsError, match=r"table ns_\w+\.t"):
        late.commit_transaction()
    assert catalog.load_table(name).uuid == first.uuid
    assert first.refresh().current_snapshot() is None
    assert written
    assert not written & files(place, staged)
    with pytest.raises(InvalidArgumentError, match="this transaction is over"):
        late.append(ROWS)


def test_a_creation_that_fails_leaves_nothing(
    place: Place, catalog: Catalog, namespace: str
) -> None:
    staged: list[Table] = []

    def fail() -> None:
        with catalog.create_table_transaction((namespace, "t"), ROWS.schema) as new:
            new.append(ROWS)
            staged.append(new._table)
            assert len(files(place, new._table)) >= 2
            message = "stop"
            raise RuntimeError(message)

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    assert files(place, staged[0]) == set()
    assert not catalog.table_exists((namespace, "t"))


@pytest.mark.requirement("S-FR-017")
def test_purge_deletes_the_files_of_the_table_and_nothing_else(
    place: Place, catalog: Catalog, namespace: str
) -> None:
    kept = catalog.create_table((namespace, "kept"), ROWS.schema)
    kept.append(ROWS)
    table = catalog.create_table((namespace, "t"), ROWS.schema, partition_spec=["name"])
    table.append(ROWS)
    table.append(ROWS)
    table.overwrite(ROWS.slice(0, 1), overwrite_filter="name = 'a'")
    table.set_properties({"a": "1"})
    stranger = put_file(f"{table.location()}/data/stranger.parquet", place.storage)
    before = files(place, kept)
    assert len(files(place, table)) > 10
    if not place.kind.purges:
        with pytest.raises(PermissionDeniedError, match="drop and purge"):
            catalog.purge_table((namespace, "t"))
        assert catalog.table_exists((namespace, "t"))
        return
    own = files(place, table) - {stranger}
    catalog.drop_table((namespace, "t"), purge=True)
    expected = set() if place.kind.purges_files else own
    if place.kind.purges_only_files_of_the_table:
        expected |= {stranger}
    assert files(place, table) == expected
    assert files(place, kept) == before
    assert kept.scan().to_arrow().num_rows == 3
    with pytest.raises(NoSuchTableError):
        catalog.purge_table((namespace, "t"))


def test_a_drop_without_purge_deletes_nothing(
    place: Place, catalog: Catalog, namespace: str
) -> None:
    table = catalog.create_table((namespace, "t"), ROWS.schema)
    table.append(ROWS)
    before = files(place, table)
    assert before
    catalog.drop_table((namespace, "t"))
    assert (files(place, table) == before) is place.kind.keeps_files_of_dropped_tables


def joint(catalog: Catalog, *tables: Table) -> list[Table]:
    transactions = [table.transaction() for table in tables]
    for transaction in transactions:
        transaction.append(ROWS)
    return catalog.commit_transactions(transactions)


def test_several_tables_change_at_once(place: Place, catalog: Catalog, namespace: str) -> None:
    first = catalog.create_table((namespace, "a"), ROWS.schema)
    second = catalog.create_table((namespace, "b"), ROWS.schema)
    assert joint(catalog, first, second) == [first, second]
    for name in "ab":
        assert place.open().load_table((namespace, name)).scan().to_arrow().num_rows == 3
    assert first.scan().to_arrow().num_rows == 3
    assert catalog.load_table((namespace, "b")) == second


def test_a_joint_commit_meets_rivals(place: Place, catalog: Catalog, namespace: str) -> None:
    for name in "ab":
        place.begin(catalog.create_table((namespace, name), ROWS.schema))
    tables = [catalog.load_table((namespace, name)) for name in "ab"]
    place.open().load_table((namespace, "b")).append(ROWS)
    joint(catalog, *tables)
    assert [table.scan().to_arrow().num_rows for table in tables] == [3, 6]


def test_a_joint_conflict_changes_nothing(place: Place, catalog: Catalog, namespace: str) -> None:
    tables = [
        catalog.create_table(
            (namespace, name), ROWS.schema, properties={"commit.retry.num-retries": "0"}
        )
        for name in "ab"
    ]
    for table in tables:
        place.begin(table)
    before, snapshot = files(place, tables[0]), tables[0].current_snapshot()
    place.open().load_table((namespace, "b")).append(ROWS)
    with pytest.raises(CommitConflictError, match=r"tables ns_\w+\.a, ns_\w+\.b were changed"):
        joint(catalog, *tables)
    assert files(place, tables[0]) == before
    assert catalog.load_table((namespace, "a")).current_snapshot() == snapshot
    assert catalog.load_table((namespace, "b")).scan().to_arrow().num_rows == 3


def test_what_can_not_be_committed_together(place: Place, catalog: Catalog, namespace: str) -> None:
    table = catalog.create_table((namespace, "a"), ROWS.schema)
    other: Any = place.open().create_table((namespace, "b"), ROWS.schema)
    with pytest.raises(InvalidArgumentError, match="is in two of the transactions"):
        joint(catalog, table, table)
    with pytest.raises(InvalidArgumentError, match="is not of this catalog"):
        joint(catalog, table, other)
    with pytest.raises(InvalidArgumentError, match="there is no transaction"):
        catalog.commit_transactions([])
    assert table.refresh().current_snapshot() is None
