"""Tables with row-level deletes, as other engines see them."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from delete_files import delete_rows
from lake import Lake
from type_samples import ids

from floe_iceberg import Table


def rows(*ids_: int) -> pa.Table:
    even = pa.array([id_ % 2 == 0 for id_ in ids_], pa.bool_())
    return pa.table({"id": pa.array(ids_, pa.int64()), "even": even})


@pytest.fixture(params=["position", "equality"])
def deleted(lake: Lake, request: pytest.FixtureRequest) -> Lake:
    """A lake with table `t` of rows 0, 2 and, from a second commit on, 1, 4 and not 0."""
    lake.pyiceberg.create("t", rows().schema, ["even"])
    lake.pyiceberg.append("t", rows(0, 2))
    lake.pyiceberg.append("t", rows(1, 4))
    delete_rows(lake.pyiceberg.load("t"), request.param)
    return lake


def test_other_engines_see_the_deletes(deleted: Lake) -> None:
    assert ids(deleted.sql(f"FROM {deleted.relation('t')}")) == [1, 2, 4]


READS: dict[str, Callable[[Table], Any]] = {
    "to_arrow": lambda table: ids(table.scan().to_arrow()),
    "filter": lambda table: ids(table.scan("id > 0").to_arrow()),
    "batches": lambda table: ids(table.scan().to_arrow_batch_reader().read_all()),
    "columns": lambda table: ids(table.scan(selected_fields=("id",)).to_arrow()),
    "limit": lambda table: ids(table.scan(limit=4).to_arrow()),
}


@pytest.mark.parametrize("read", READS)
def test_deleted_rows_are_gone(deleted: Lake, read: str) -> None:
    assert READS[read](deleted.floe.load("t")) == [1, 2, 4]


def test_rows_are_counted_without_those_deleted(deleted: Lake) -> None:
    table = deleted.floe.load("t")
    assert table.scan().count() == 3
    assert table.scan("even = true").count() == 2
    assert table.scan(limit=2).count() == 2


def test_delete_files_are_shown(deleted: Lake) -> None:
    table = deleted.floe.load("t")
    shown = table.inspect.delete_files().to_pylist()
    tasks = table.scan("even = true").plan_files()
    named = {file.file_path for task in tasks for file in task.delete_files}
    assert named == {row["file_path"] for row in shown}
    assert [row["content"] in {1, 2} for row in shown] == [True]
    assert table.inspect.data_files().num_rows == 3
    assert table.inspect.files().num_rows == 4


def test_a_snapshot_before_the_deletes_is_read(deleted: Lake) -> None:
    first = deleted.floe.load("t").snapshots()[0]
    assert ids(deleted.floe.read("t", snapshot_id=first.snapshot_id)) == [0, 2]


OVERWRITES: dict[str, Callable[[Table], Any]] = {
    "a filter": lambda table: table.overwrite(rows(8), overwrite_filter="even = true"),
    "partitions": lambda table: table.dynamic_partition_overwrite(rows(8)),
}


@pytest.mark.parametrize("overwrite", OVERWRITES)
def test_a_replaced_partition_takes_its_deletes_along(deleted: Lake, overwrite: str) -> None:
    table = deleted.floe.load("t")
    OVERWRITES[overwrite](table)
    assert table.refresh().inspect.delete_files().num_rows == 0
    assert ids(deleted.floe.read("t")) == [1, 8]
    assert ids(deleted.sql(f"FROM {deleted.relation('t')}")) == [1, 8]
    assert ids(deleted.pyiceberg.load("t").scan().to_arrow()) == [1, 8]


def test_an_append_keeps_the_deletes(deleted: Lake) -> None:
    deleted.floe.append("t", rows(6))
    assert ids(deleted.sql(f"FROM {deleted.relation('t')}")) == [1, 2, 4, 6]
    assert ids(deleted.floe.read("t")) == [1, 2, 4, 6]
