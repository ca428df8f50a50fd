"""Every engine reads every snapshot of a table with the rows that it had then."""

import datetime as dt
import math
import time
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from lake import Lake
from pyiceberg.types import LongType
from type_samples import ids, rows_by_id

SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64(), nullable=False),
        pa.field("part", pa.float64()),
        pa.field("tags", pa.list_(pa.string())),
    ]
)
PARTS = [1.5, float("nan"), None, -0.0, float("inf")]


def rows(first_id: int, *parts: float | None) -> pa.Table:
    values = [
        {"id": first_id + i, "part": part, "tags": [None, str(part)] if i % 2 else None}
        for i, part in enumerate(parts)
    ]
    return pa.Table.from_pylist(values, SCHEMA)


def floe_appends(lake: Lake) -> None:
    lake.floe.append("t", rows(0, *PARTS))


def pyiceberg_appends(lake: Lake) -> None:
    lake.pyiceberg.append("t", rows(10, 1.5, None, 7.0))


def floe_replaces_some_partitions(lake: Lake) -> None:
    lake.floe.load("t").dynamic_partition_overwrite(rows(20, float("nan"), None, 8.0))


def floe_replaces_by_filter(lake: Lake) -> None:
    lake.floe.load("t").overwrite(rows(30, 1.5, 1.5), overwrite_filter="part = 1.5")


def floe_appends_nothing(lake: Lake) -> None:
    lake.floe.append("t", rows(40))


def pyiceberg_deletes_a_partition(lake: Lake) -> None:
    lake.pyiceberg.load("t").delete("part = 8.0")


def floe_empties_the_table(lake: Lake) -> None:
    lake.floe.load("t").overwrite(rows(0))


def floe_fills_it_again(lake: Lake) -> None:
    lake.floe.append("t", rows(50, *PARTS, *PARTS))


HISTORY: list[Callable[[Lake], None]] = [
    floe_appends,
    pyiceberg_appends,
    floe_replaces_some_partitions,
    floe_replaces_by_filter,
    floe_appends_nothing,
    pyiceberg_deletes_a_partition,
    floe_empties_the_table,
    floe_fills_it_again,
]
EXPECTED = [
    [0, 1, 2, 3, 4],
    [0, 1, 2, 3, 4, 10, 11, 12],
    [0, 3, 4, 10, 12, 20, 21, 22],
    [3, 4, 12, 20, 21, 22, 30, 31],
    [3, 4, 12, 20, 21, 22, 30, 31],
    [3, 4, 12, 20, 21, 30, 31],
    [],
    [*range(50, 60)],
]


def read_snapshot(lake: Lake, snapshot_id: int) -> list[dict[int, list[Any]]]:
    """Return the rows as each engine reads them."""
    at = f", snapshot_from_id = {snapshot_id}"
    return [
        rows_by_id(table)
        for table in (
            lake.floe.read("t", snapshot_id=snapshot_id),
            lake.pyiceberg.read("t", snapshot_id=snapshot_id),
            lake.sql(f"FROM {lake.relation('t', at)}"),
        )
    ]


@pytest.mark.parametrize("creator", ["floe", "pyiceberg"])
@pytest.mark.parametrize("terms", [["part"], ["part", "truncate(100, id)"]], ids=str)
def test_a_history_of_writes_and_overwrites(lake: Lake, creator: str, terms: list[str]) -> None:
    lake.engine(creator).create("t", SCHEMA, terms)
    states = []
    for change, expected in zip(HISTORY, EXPECTED, strict=True):
        change(lake)
        state = rows_by_id(lake.floe.read("t"))
        assert sorted(state) == expected, change
        assert rows_by_id(lake.pyiceberg.read("t")) == state, change
        assert rows_by_id(lake.sql(f"FROM {lake.relation('t')}")) == state, change
        states.append((lake.floe.load("t").current_snapshot(), state))
    for snapshot, state in states:
        assert snapshot is not None
        assert read_snapshot(lake, snapshot.snapshot_id) == [state] * 3, snapshot
    parts = {id_: part for id_, (part, _) in states[0][1].items()}
    assert [parts[id_] for id_ in (1, 2)] == ["nan", None]
    assert math.copysign(1, parts[3][0]) == -1


def test_a_snapshot_by_its_time(lake: Lake) -> None:
    lake.floe.create("t", SCHEMA)
    for id_ in range(3):
        lake.floe.append("t", rows(id_, 1.0))
        time.sleep(0.002)  # so that the next snapshot has a later millisecond
    for snapshot in lake.floe.load("t").snapshots():
        moment = dt.datetime.fromtimestamp(snapshot.timestamp_ms / 1000, dt.UTC)
        found = ids(lake.floe.load("t").scan(as_of=moment).to_arrow())
        entry = lake.pyiceberg.load("t").snapshot_as_of_timestamp(snapshot.timestamp_ms)
        assert entry is not None
        assert ids(lake.pyiceberg.read("t", snapshot_id=entry.snapshot_id)) == found
        at = f", snapshot_from_timestamp = TIMESTAMP '{moment:%Y-%m-%d %H:%M:%S.%f}'"
        assert ids(lake.sql(f"FROM {lake.relation('t', at)}")) == found


def test_an_older_snapshot_has_the_schema_it_was_written_with(lake: Lake) -> None:
    lake.floe.create("t", SCHEMA)
    lake.floe.append("t", rows(0, 1.0, None))
    with lake.pyiceberg.load("t").update_schema() as update:
        update.rename_column("part", "share").add_column("new", LongType())
    lake.floe.append("t", rows(2, 2.0).rename_columns(["id", "share", "tags"]))
    lake.floe.load("t").append(
        rows(3, 3.0).rename_columns(["id", "share", "tags"]).append_column("more", pa.array(["m"])),
        evolve_schema=True,
    )
    columns = [["id", "part", "tags"], ["id", "share", "tags", "new"]]
    columns.append([*columns[1], "more"])
    for snapshot, names in zip(lake.floe.load("t").snapshots(), columns, strict=True):
        id_ = snapshot.snapshot_id
        assert lake.floe.read("t", snapshot_id=id_).column_names == names
        assert lake.pyiceberg.read("t", snapshot_id=id_).column_names == names
        at = lake.relation("t", f", snapshot_from_id = {id_}")
        assert lake.sql(f"FROM {at}").column_names == names
        ours, *others = read_snapshot(lake, id_)
        assert others == [ours] * 2


def test_branches_and_tags_of_pyiceberg(lake: Lake) -> None:
    lake.floe.create("t", SCHEMA)
    lake.floe.append("t", rows(0, 1.0))
    first = lake.floe.load("t").current_snapshot()
    assert first is not None
    with lake.pyiceberg.load("t").manage_snapshots() as update:
        update.create_tag(first.snapshot_id, "start").create_branch(first.snapshot_id, "dev")
    lake.pyiceberg.load("t").append(rows(1, 2.0), branch="dev")
    lake.floe.append("t", rows(2, 3.0))
    expected = {"main": [0, 2], "start": [0], "dev": [0, 1]}
    for name, wanted in expected.items():
        assert ids(lake.floe.read("t", ref=name)) == wanted
        assert ids(lake.pyiceberg.load("t").scan().use_ref(name).to_arrow()) == wanted
    assert lake.floe.load("t").refs().keys() == lake.pyiceberg.load("t").refs().keys()
