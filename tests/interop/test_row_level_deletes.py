"""A table with row-level deletes is refused where floe would read rows that are gone."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from delete_files import delete_rows
from lake import Lake
from type_samples import ids

from floe_core.errors import UnsupportedError
from floe_iceberg import Table

HAS_DELETES = "has row-level deletes"


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
    "to_arrow": lambda table: table.scan().to_arrow(),
    "filter": lambda table: table.scan("id = 2").to_arrow(),
    "batches": lambda table: table.scan().to_arrow_batch_reader().read_all(),
    "limit": lambda table: table.scan(limit=1).to_arrow(),
    "count": lambda table: table.scan().count(),
    "plan": lambda table: table.scan().plan_files(),
}


@pytest.mark.parametrize("read", READS)
def test_reading_is_refused(deleted: Lake, read: str) -> None:
    with pytest.raises(UnsupportedError, match=HAS_DELETES):
        READS[read](deleted.floe.load("t"))


def test_a_snapshot_before_the_deletes_is_read(deleted: Lake) -> None:
    first = deleted.floe.load("t").snapshots()[0]
    assert ids(deleted.floe.read("t", snapshot_id=first.snapshot_id)) == [0, 2]


OVERWRITES: dict[str, Callable[[Table], Any]] = {
    "a filter": lambda table: table.overwrite(rows(8), overwrite_filter="even = true"),
    "partitions": lambda table: table.dynamic_partition_overwrite(rows(8)),
}


@pytest.mark.parametrize("overwrite", OVERWRITES)
def test_replacing_partitions_is_refused(deleted: Lake, overwrite: str) -> None:
    table = deleted.floe.load("t")
    with pytest.raises(UnsupportedError, match=HAS_DELETES):
        OVERWRITES[overwrite](table)
    assert len(table.refresh().snapshots()) == 2
    assert ids(deleted.sql(f"FROM {deleted.relation('t')}")) == [1, 2, 4]


def test_an_append_keeps_the_deletes(deleted: Lake) -> None:
    deleted.floe.append("t", rows(6))
    assert ids(deleted.sql(f"FROM {deleted.relation('t')}")) == [1, 2, 4, 6]
    with pytest.raises(UnsupportedError, match=HAS_DELETES):
        deleted.floe.read("t")
