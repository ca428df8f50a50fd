"""overwrite() by a filter that cuts data files: rows are replaced, in one snapshot."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from warehouse import data_files, make_catalog, other

from floe_core.errors import CommitConflictError, InvalidArgumentError, SchemaMismatchError
from floe_iceberg import Table

MODES = pytest.mark.parametrize("mode", ["copy-on-write", "merge-on-read"])
SCHEMA = pa.schema({"id": pa.int64(), "s": pa.string()})


def rows(*ids: int) -> pa.Table:
    return pa.table({"id": ids, "s": [f"s{number % 3}" for number in ids]}, schema=SCHEMA)


def make_table(folder: Path, mode: str = "copy-on-write", version: int = 3) -> Table:
    """Return a table with two files, of which "s = 's1'" cuts both, and "id < 6" neither."""
    properties = {"format-version": str(version), "write.delete.mode": mode}
    table = make_catalog(folder).create_table("db.t", SCHEMA, properties=properties)
    table.append(rows(*range(6)))
    table.append(rows(*range(6, 12)))
    return table


def ids(table: Table, **options: Any) -> list[int]:
    return sorted(table.scan(**options).to_arrow()["id"].to_pylist())


@MODES
def test_rows_are_replaced_in_one_snapshot(tmp_path: Path, mode: str) -> None:
    table = make_table(tmp_path, mode)
    table.overwrite(rows(100, 101), "s = 's1'", snapshot_properties={"why": "test"})
    assert ids(table) == [0, 2, 3, 5, 6, 8, 9, 11, 100, 101]
    assert [snapshot.summary.operation for snapshot in table.snapshots()] == [
        *("append", "append", "overwrite"),
    ]
    summary = table.current_snapshot().summary
    assert summary["why"] == "test"
    if mode == "merge-on-read":
        assert summary["added-dvs"] == "2"
        assert summary["added-records"] == "2"
    else:
        assert summary["deleted-records"] == "12"
        assert summary["added-records"] == "10"
    names = ("id", "_row_id", "_last_updated_sequence_number")
    lineage = table.scan(selected_fields=names).to_arrow().to_pylist()
    kept = [row for row in lineage if row["id"] < 100]
    assert all(row["_row_id"] == row["id"] for row in kept)
    assert {row["_last_updated_sequence_number"] for row in kept} == {1, 2}
    new = [row for row in lineage if row["id"] >= 100]
    assert {row["_last_updated_sequence_number"] for row in new} == {3}
    assert not {row["_row_id"] for row in new} & {row["_row_id"] for row in kept}


def test_a_filter_that_matches_nothing_replaces_nothing(tmp_path: Path) -> None:
    table = make_table(tmp_path)
    files = set(data_files(table))
    table.overwrite(rows(100), "s = 's1' and id = 5")
    assert ids(table) == [*range(12), 100]
    assert files < set(data_files(table))


def test_files_that_match_whole_are_not_read(tmp_path: Path) -> None:
    table = make_table(tmp_path)
    data_files(table)[0].unlink()
    data_files(table)[0].unlink()
    table.overwrite(rows(100), "id < 12")
    assert ids(table) == [100]


@MODES
def test_a_branch_is_on_its_own(tmp_path: Path, mode: str) -> None:
    table = make_table(tmp_path, mode)
    table.overwrite(rows(100), "s = 's1'", branch="audit")
    table.overwrite(rows(101), "id in (0, 100)", branch="audit")
    assert ids(table, ref="audit") == [2, 3, 5, 6, 8, 9, 11, 101]
    assert ids(table) == [*range(12)]


@MODES
def test_rows_of_the_transaction_are_replaced_too(tmp_path: Path, mode: str) -> None:
    table = make_table(tmp_path, mode)
    with table.transaction() as transaction:
        transaction.append(rows(20, 21))
        transaction.overwrite(rows(100), "id in (1, 20)")
        transaction.overwrite(rows(101), "id in (2, 100)")
    assert ids(table) == [0, *range(3, 12), 21, 101]


def test_a_column_that_comes_with_the_rows_can_be_in_the_filter(tmp_path: Path) -> None:
    table = make_table(tmp_path)
    new = rows(100).append_column("added", pa.array([1], pa.int32()))
    table.overwrite(new, "added is null and s = 's1'", evolve_schema=True)
    assert ids(table) == [0, 2, 3, 5, 6, 8, 9, 11, 100]
    assert table.scan("added = 1").count() == 1


def test_a_filter_that_does_not_fit_is_refused_before_rows_are_read(tmp_path: Path) -> None:
    table = make_table(tmp_path)
    read = []

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in rows(100).to_batches():
            read.append(batch)
            yield batch

    reader = pa.RecordBatchReader.from_batches(SCHEMA, batches())
    with pytest.raises(InvalidArgumentError, match="names column 'nothing'"):
        table.overwrite(reader, "nothing = 2")
    assert not read


@MODES
def test_rows_that_can_not_be_read_leave_nothing(tmp_path: Path, mode: str) -> None:
    table = make_table(tmp_path, mode)
    files = data_files(table)

    def batches() -> Iterator[pa.RecordBatch]:
        yield from rows(100).to_batches()
        message = "no more"
        raise RuntimeError(message)

    with pytest.raises(RuntimeError, match="no more"):
        table.overwrite(pa.RecordBatchReader.from_batches(SCHEMA, batches()), "s = 's1'")
    with pytest.raises(SchemaMismatchError):
        table.overwrite(pa.table({"id": ["a"]}), "s = 's1'")
    assert data_files(table) == files
    assert ids(table.refresh()) == [*range(12)]


Rival = Callable[[Table], None]


def append_matching(table: Table) -> None:
    table.append(rows(31, 34, 33))


def append_others(table: Table) -> None:
    table.append(rows(30, 33))


def delete_of_a_cut_file(table: Table) -> None:
    table.delete("id = 0")


@MODES
@pytest.mark.parametrize("rival", [append_matching, delete_of_a_cut_file])
def test_what_others_did_to_what_is_replaced_is_a_conflict(
    tmp_path: Path, mode: str, rival: Rival
) -> None:
    table = make_table(tmp_path, mode)
    rival(other(tmp_path))
    files, before = data_files(table), ids(other(tmp_path))
    with pytest.raises(CommitConflictError, match="can't change rows of table"):
        table.overwrite(rows(100), "s = 's1'")
    assert data_files(table) == files
    assert ids(table.refresh()) == before
    table.overwrite(rows(100), "s = 's1'")
    assert ids(table) == [*(number for number in before if number % 3 != 1), 100]


@MODES
def test_what_others_did_elsewhere_stays(tmp_path: Path, mode: str) -> None:
    table = make_table(tmp_path, mode)
    append_others(other(tmp_path))
    table.overwrite(rows(100), "s = 's1'")
    assert ids(table) == [0, 2, 3, 5, 6, 8, 9, 11, 30, 33, 100]


@MODES
def test_the_last_writer_wins_where_that_is_wanted(tmp_path: Path, mode: str) -> None:
    table = make_table(tmp_path, mode)
    append_matching(other(tmp_path))
    # Rows were looked for before: what came since stays. Files are looked for again.
    table.overwrite(rows(100), "s = 's1'", isolation="snapshot")
    assert ids(table) == [0, 2, 3, 5, 6, 8, 9, 11, 31, 33, 34, 100]
    stale = other(tmp_path)
    other(tmp_path).append(rows(200, 201))
    stale.overwrite(rows(300), "id < 250", isolation="snapshot")
    assert ids(stale) == [300]


def test_a_file_that_came_meanwhile_is_not_cut(tmp_path: Path) -> None:
    table = make_table(tmp_path)
    transaction = table.transaction()
    transaction.overwrite(rows(100), "id < 12", isolation="snapshot")
    other(tmp_path).append(rows(11, 12))
    with pytest.raises(CommitConflictError, match="came meanwhile, and maybe only some of its"):
        transaction.commit_transaction()
    assert ids(table.refresh()) == sorted([*range(12), 11, 12])
