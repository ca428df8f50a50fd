"""Changes of rows that are made again on what others left meanwhile: nothing of the first try's
base may be in them.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pytest
from warehouse import data_files, make_catalog, other

from floe_core.errors import CommitConflictError, UnsupportedError
from floe_iceberg import Table
from floe_iceberg.table import Transaction

COPY, MERGE = "copy-on-write", "merge-on-read"
SCHEMA = pa.schema({"id": pa.int64(), "part": pa.string()})


def rows(first: int, end: int, part: str = "a") -> pa.Table:
    return pa.table({"id": range(first, end), "part": [part] * (end - first)}, schema=SCHEMA)


def make_table(folder: Path, version: int, mode: str = COPY) -> Table:
    properties = {"format-version": str(version), "write.delete.mode": mode}
    return make_catalog(folder).create_table(
        "db.t", SCHEMA, partition_spec=["part"], properties=properties
    )


def lineage(table: Table) -> dict[int, tuple[int | None, int]]:
    """Return row id and sequence number of each row."""
    names = ("id", "_row_id", "_last_updated_sequence_number")
    read = table.scan(selected_fields=names).to_arrow().to_pylist()
    return {row["id"]: (row[names[1]], row[names[2]]) for row in read}


CHANGES: dict[str, Callable[[Any], None]] = {
    "delete": lambda transaction: transaction.delete("id in (1, 1003)"),
    "delete twice": lambda transaction: [
        transaction.delete("id in (1, 1003)"),
        transaction.delete("id in (2, 1004)"),
    ],
    "overwrite": lambda transaction: transaction.overwrite(rows(500, 503), "part = 'a'"),
    "overwrite rows": lambda transaction: transaction.overwrite(rows(500, 503), "id in (1, 1003)"),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("mode", [COPY, MERGE])
@pytest.mark.parametrize("version", [2, 3])
def test_rows_of_a_transaction_are_as_old_as_its_commit(
    tmp_path: Path, version: int, mode: str, change: str
) -> None:
    table = make_table(tmp_path, version, mode)
    table.append(rows(0, 10))
    transaction = table.transaction()
    transaction.append(rows(1000, 1010, "b"))
    CHANGES[change](transaction)
    for first in (100, 200):
        other(tmp_path).append(rows(first, first + 10, "c"))
    before = lineage(other(tmp_path))
    transaction.commit_transaction()
    after = lineage(table.refresh())
    numbers = [snapshot.sequence_number for snapshot in table.snapshots()]
    appended = {id_: found for id_, found in after.items() if id_ >= 1000}
    assert appended.keys() >= {1000, 1005, 1009}
    for id_, (row_id, number) in after.items():
        # Rows that are written again are no older than their file where there is no row lineage.
        if id_ in before and not (version == 2 and mode == COPY and id_ < 10):
            assert (row_id, number) == before[id_]
        elif version == 3:
            assert row_id is not None
            assert row_id >= 30
            assert number in numbers[3:]
        else:
            assert number in numbers[3:]
    if version == 3:
        assert len({row_id for row_id, _ in after.values()}) == len(after)


class Upgraded(NamedTuple):
    """A table of version 3 whose rows had no ids when a delete was planned, and have them now."""

    table: Table
    delete: Transaction
    before: dict[int, tuple[int | None, int]]


def upgraded(folder: Path, mode: str) -> Upgraded:
    table = make_table(folder, 2, mode)
    for first in (0, 10, 20):
        table.append(rows(first, first + 4))
    table.transaction().upgrade_table_version(3).commit_transaction()
    delete = table.refresh().transaction()
    delete.delete("id = 11")
    other(folder).append(rows(100, 104, "b"))
    return Upgraded(table, delete, lineage(other(folder)))


def test_row_ids_that_others_gave_stay(tmp_path: Path) -> None:
    table, delete, before = upgraded(tmp_path, MERGE)
    delete.commit_transaction()
    del before[11]
    assert lineage(table.refresh()) == before


def test_rows_that_got_their_ids_meanwhile_are_not_written_without(tmp_path: Path) -> None:
    table, delete, before = upgraded(tmp_path, COPY)
    with pytest.raises(CommitConflictError, match="got their row ids meanwhile"):
        delete.commit_transaction()
    assert lineage(table.refresh()) == before
    table.delete("id = 11")
    del before[11]
    assert lineage(table.refresh()) == before


@pytest.mark.parametrize("mode", [COPY, MERGE])
def test_deletes_of_another_format_version_are_a_conflict(tmp_path: Path, mode: str) -> None:
    table = make_table(tmp_path, 2, mode)
    table.append(rows(0, 10))
    table.append(rows(10, 20, "b"))
    cuts = table.transaction()
    cuts.delete("id = 3")
    removes = table.transaction()
    removes.delete("part = 'b'")
    other(tmp_path).transaction().upgrade_table_version(3).commit_transaction()
    other(tmp_path).delete("id = 5")
    with pytest.raises(CommitConflictError, match="format version was changed from 2 to 3"):
        cuts.commit_transaction()
    left = {0, 1, 2, 3, 4, 6, 7, 8, 9}
    assert lineage(table.refresh()).keys() == left | set(range(10, 20))
    removes.commit_transaction()  # whole files are the same in all versions
    assert lineage(table.refresh()).keys() == left


@pytest.mark.parametrize("mode", [COPY, MERGE])
@pytest.mark.parametrize("version", [1, 2, 3])
def test_columns_may_have_the_names_of_metadata_columns(
    tmp_path: Path, version: int, mode: str
) -> None:
    if version == 1:
        mode = COPY
    data = pa.table({"_pos": [2, 0, None], "_file": ["a", "b", "c"], "x": [10, 20, 30]})
    table = make_catalog(tmp_path).create_table(
        "db.t", data.schema, properties={"format-version": version, "write.delete.mode": mode}
    )
    table.append(data)
    table.delete("x = 20")
    assert table.scan().to_arrow().to_pylist() == [
        {"_pos": 2, "_file": "a", "x": 10},
        {"_pos": None, "_file": "c", "x": 30},
    ]
    read = table.scan("_pos = 2", selected_fields=("*", "_row_id")).to_arrow()
    assert read["_pos"].to_pylist() == [2]
    assert read["_row_id"].to_pylist() == [0 if version == 3 else None]
    table.delete("_pos is null")
    assert table.scan().to_arrow()["x"].to_pylist() == [10]


def test_a_column_of_the_name_of_a_lineage_column_is_told(tmp_path: Path) -> None:
    data = pa.table({"_row_id": [7, 8], "x": [1, 2]})
    table = make_catalog(tmp_path).create_table(
        "db.t", data.schema, properties={"format-version": 3}
    )
    table.append(data)
    with pytest.raises(UnsupportedError, match=r"column of the name '_row_id'.*rename the column"):
        table.delete("x = 1")
    table.set_properties({"write.delete.mode": MERGE})
    table.delete("x = 1")
    assert table.scan().to_arrow().to_pylist() == [{"_row_id": 8, "x": 2}]


@pytest.mark.parametrize("goes_on", [True, False])
def test_a_change_that_is_refused_leaves_no_files(tmp_path: Path, *, goes_on: bool) -> None:
    table = make_table(tmp_path, 2)
    table.append(rows(0, 10))
    files = data_files(table)
    table.update_spec().add_field("id", "bucket[2]").commit()
    transaction = table.transaction()
    with pytest.raises(UnsupportedError, match="across specs"):
        transaction.dynamic_partition_overwrite(rows(50, 60))
    if goes_on:
        transaction.append(rows(70, 80))
    transaction.commit_transaction()
    assert len(data_files(table)) == len(files) + 2 * goes_on  # one for each bucket
    assert table.refresh().scan().count() == (20 if goes_on else 10)
