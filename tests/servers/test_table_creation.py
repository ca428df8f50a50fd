"""Tables that are made with their first rows in one commit, and tables that are purged."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pytest
from catalog_kinds import WITH_LOCAL_FILES, Kind, Place

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

pytestmark = WITH_LOCAL_FILES

ROWS = pa.table({"id": pa.array([1, 2, 3], pa.int64()), "name": ["a", "b", None]})


def files_below(location: str) -> set[Path]:
    folder = Path(urlsplit(location).path)
    return {path for path in folder.rglob("*") if path.is_file()} if folder.exists() else set()


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
    assert table.format_version == 3
    assert table.scan().to_arrow().num_rows == 3
    assert table.schema().column_names == ["id", "name", "score"]
    assert [field.name for field in table.spec().fields] == ["name"]
    assert table.sort_order().fields[0].source_id == table.schema().find_field("id").field_id
    assert {"owner": "ada", "tier": "1"}.items() <= table.properties.items()
    assert len(table.snapshots()) == 1
    table.append(ROWS)
    assert table.scan().to_arrow().num_rows == 6


def test_a_new_table_may_be_empty(catalog: Catalog, namespace: str) -> None:
    table = catalog.create_table_transaction((namespace, "t"), ROWS.schema).commit_transaction()
    assert isinstance(table, Table)
    assert table.current_snapshot() is None
    assert catalog.load_table((namespace, "t")) == table
    table.append(ROWS)
    assert table.scan().to_arrow().num_rows == 3


def test_who_is_late_makes_no_table(place: Place, catalog: Catalog, namespace: str) -> None:
    name = (namespace, "t")
    late = catalog.create_table_transaction(
        name, ROWS.schema, location=location_in(place, namespace)
    )
    late.append(ROWS)
    first = place.open().create_table(name, ROWS.schema)
    with pytest.raises(TableAlreadyExistsError, match=r"table ns_\w+\.t"):
        late.commit_transaction()
    assert catalog.load_table(name).uuid == first.uuid
    assert first.refresh().current_snapshot() is None
    assert files_below(location_in(place, namespace)) == set()
    with pytest.raises(InvalidArgumentError, match="this transaction is over"):
        late.append(ROWS)


def location_in(place: Place, namespace: str) -> str:
    return f"{place.folder.as_uri()}/{namespace}/elsewhere"


def test_a_creation_that_fails_leaves_nothing(
    place: Place, catalog: Catalog, namespace: str
) -> None:
    def fail() -> None:
        location = location_in(place, namespace)
        with catalog.create_table_transaction(
            (namespace, "t"), ROWS.schema, location=location
        ) as new:
            new.append(ROWS)
            assert len(files_below(location)) >= 2
            message = "stop"
            raise RuntimeError(message)

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    assert files_below(location_in(place, namespace)) == set()
    assert not catalog.table_exists((namespace, "t"))


@pytest.mark.requirement("S-FR-017")
def test_purge_deletes_the_files_of_the_table_and_nothing_else(
    kind: Kind, catalog: Catalog, namespace: str
) -> None:
    kept = catalog.create_table((namespace, "kept"), ROWS.schema)
    kept.append(ROWS)
    table = catalog.create_table((namespace, "t"), ROWS.schema, partition_spec=["name"])
    table.append(ROWS)
    table.append(ROWS)
    table.overwrite(ROWS.slice(0, 1), overwrite_filter="name = 'a'")
    table.set_properties({"a": "1"})
    stranger = Path(urlsplit(table.location()).path) / "data" / "stranger.parquet"
    stranger.write_bytes(b"not the table's")
    before = files_below(kept.location())
    assert len(files_below(table.location())) > 10
    if not kind.purges:
        with pytest.raises(PermissionDeniedError, match="drop and purge"):
            catalog.purge_table((namespace, "t"))
        assert catalog.table_exists((namespace, "t"))
        return
    catalog.drop_table((namespace, "t"), purge=True)
    assert files_below(table.location()) - kind.purge_leaves(table) == {stranger}
    assert files_below(kept.location()) == before
    assert kept.scan().to_arrow().num_rows == 3
    with pytest.raises(NoSuchTableError):
        catalog.purge_table((namespace, "t"))


def test_a_drop_without_purge_deletes_nothing(catalog: Catalog, namespace: str) -> None:
    table = catalog.create_table((namespace, "t"), ROWS.schema)
    table.append(ROWS)
    before = files_below(table.location())
    catalog.drop_table((namespace, "t"))
    assert files_below(table.location()) == before


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
        catalog.create_table((namespace, name), ROWS.schema)
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
    before = files_below(tables[0].location())
    place.open().load_table((namespace, "b")).append(ROWS)
    with pytest.raises(CommitConflictError, match=r"tables ns_\w+\.a, ns_\w+\.b were changed"):
        joint(catalog, *tables)
    assert files_below(tables[0].location()) == before
    assert catalog.load_table((namespace, "a")).current_snapshot() is None
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
