"""Files of several partition specs in one table, whoever changed the spec."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from filter_samples import COMPARISONS, theirs
from lake import Lake
from pyiceberg.transforms import BucketTransform, DayTransform, IdentityTransform, MonthTransform
from type_samples import ids, rows_by_id

from floe_core.errors import UnsupportedError

SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64(), nullable=False),
        pa.field("ts", pa.timestamp("us")),
        pa.field("s", pa.string()),
    ]
)
START = dt.datetime(1969, 12, 30)


def rows(first_id: int) -> pa.Table:
    """Return six rows around 1970; one of them is null but for its id."""
    values: list[dict[str, Any]] = [
        {"id": first_id + i, "ts": START + dt.timedelta(hours=13 * i), "s": "xyz"[i % 3]}
        for i in range(5)
    ]
    return pa.Table.from_pylist([*values, {"id": first_id + 5}], SCHEMA)


def assert_all_read(lake: Lake, expected: pa.Table) -> None:
    wanted = rows_by_id(expected)
    assert rows_by_id(lake.floe.read("t")) == wanted
    assert rows_by_id(lake.pyiceberg.read("t")) == wanted
    assert rows_by_id(lake.sql(f"FROM {lake.relation('t')}")) == wanted


def assert_filters_lose_nothing(lake: Lake, expected: pa.Table) -> None:
    everything = expected.to_pylist()

    def check(filter_: Any, wanted: list[int]) -> None:
        assert ids(lake.floe.read("t", filter_)) == wanted
        assert ids(lake.pyiceberg.read("t", filter_)) == wanted

    for column in ("ts", "s"):
        check(theirs.IsNull(column), [row["id"] for row in everything if row[column] is None])
        given = [row for row in everything if row[column] is not None]
        for literal in sorted({row[column] for row in given}):
            for operation, (_, holds) in COMPARISONS.items():
                wanted = [row["id"] for row in given if holds(row[column], literal)]
                check(operation(column, literal), wanted)


Change = Callable[[Any], Any]


def field_added(update: Any) -> None:
    update.add_field("s", BucketTransform(4), "s_bucket")


def field_removed(update: Any) -> None:
    update.remove_field("ts_month")


def field_renamed(update: Any) -> None:
    update.rename_field("ts_month", "a new name")


def field_made_finer(update: Any) -> None:
    update.remove_field("ts_month")
    update.add_field("ts", DayTransform(), "ts_day")


def all_replaced(update: Any) -> None:
    update.remove_field("ts_month")
    update.add_field("s", IdentityTransform(), "s")


CHANGES = [field_added, field_removed, field_renamed, field_made_finer, all_replaced]


def evolve(lake: Lake, *changes: Change) -> None:
    for change in changes:
        with lake.pyiceberg.load("t").update_spec() as update:
            change(update)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("first", ["floe", "pyiceberg"])
def test_files_of_the_old_and_the_new_spec(lake: Lake, first: str, change: Change) -> None:
    lake.engine(first).create("t", SCHEMA, ["month(ts)"])
    lake.engine(first).append("t", rows(0))
    evolve(lake, change)
    lake.floe.append("t", rows(6))
    lake.pyiceberg.append("t", rows(12))
    expected = pa.concat_tables([rows(0), rows(6), rows(12)])
    assert_all_read(lake, expected)
    assert_filters_lose_nothing(lake, expected)
    specs = {task.spec_id for task in lake.floe.load("t").scan().plan_files()}
    assert specs == {0, lake.pyiceberg.load("t").spec().spec_id}


def test_a_spec_that_came_and_went_and_came_back(lake: Lake) -> None:
    lake.floe.create("t", SCHEMA)
    lake.floe.append("t", rows(0))
    evolve(lake, lambda update: update.add_field("ts", MonthTransform(), "ts_month"))
    lake.floe.append("t", rows(6))
    evolve(lake, field_removed)
    lake.floe.append("t", rows(12))
    evolve(lake, lambda update: update.add_field("ts", MonthTransform(), "ts_month"))
    lake.floe.append("t", rows(18))
    expected = pa.concat_tables([rows(0), rows(6), rows(12), rows(18)])
    assert_all_read(lake, expected)
    assert_filters_lose_nothing(lake, expected)
    ours, seen = lake.floe.load("t").specs(), lake.pyiceberg.load("t").specs()
    assert {
        key: [(f.source_id, f.field_id, str(f.transform), f.name) for f in spec.fields]
        for key, spec in ours.items()
    } == {
        key: [(f.source_id, f.field_id, str(f.transform), f.name) for f in spec.fields]
        for key, spec in seen.items()
    }


@pytest.mark.parametrize("term", ["s", "bucket(4, s)", "truncate(1, s)"])
def test_the_source_of_an_old_partition_field_was_dropped(lake: Lake, term: str) -> None:
    lake.floe.create("t", SCHEMA, [term, "month(ts)"])
    lake.floe.append("t", rows(0))
    name = lake.floe.load("t").spec().fields[0].name
    evolve(lake, lambda update: update.remove_field(name))
    with lake.pyiceberg.load("t").update_schema() as update:
        update.delete_column("s")
    less = rows(6).drop_columns("s")
    lake.floe.append("t", less)
    expected = pa.concat_tables([rows(0).drop_columns("s"), less])
    assert_all_read(lake, expected)
    assert ids(lake.floe.read("t", theirs.LessThan("ts", START + dt.timedelta(1)))) == [0, 1, 6, 7]


def test_partitions_of_two_specs_are_not_replaced(lake: Lake) -> None:
    lake.floe.create("t", SCHEMA, ["month(ts)"])
    lake.floe.append("t", rows(0))
    evolve(lake, field_made_finer)
    lake.floe.append("t", rows(6))
    with pytest.raises(UnsupportedError, match="across specs"):
        lake.floe.load("t").dynamic_partition_overwrite(rows(12))
    assert_all_read(lake, pa.concat_tables([rows(0), rows(6)]))


def test_all_rows_of_two_specs_are_replaced(lake: Lake) -> None:
    lake.floe.create("t", SCHEMA, ["month(ts)"])
    lake.floe.append("t", rows(0))
    evolve(lake, all_replaced)
    lake.pyiceberg.append("t", rows(6))
    lake.floe.load("t").overwrite(rows(12))
    assert_all_read(lake, rows(12))
    snapshot = lake.pyiceberg.load("t").current_snapshot()
    assert snapshot is not None
    assert snapshot.summary is not None
    assert snapshot.summary["deleted-records"] == "12"


def test_a_field_that_version_1_made_void_comes_back(lake: Lake) -> None:
    table = lake.floe.create("t", SCHEMA, ["s"], {"format-version": "1"})
    table.append(rows(0))
    table.update_spec().remove_field("s").commit()
    table.transaction().upgrade_table_version(2).commit_transaction()
    # The void field still has the id that it had; PyIceberg reads such tables, and can't write.
    table.update_spec().add_field("s", "identity", "s").commit()
    assert [field.field_id for field in table.spec().fields] == [1000, 1001]
    table.append(rows(10))
    everything = pa.concat_tables([rows(0), rows(10)])
    assert_all_read(lake, everything)
    assert_filters_lose_nothing(lake, everything)
    table = lake.floe.load("t")
    assert table.inspect.partitions()["partition"].type.num_fields == 2
    table.delete("s = 'x'")
    assert set(table.scan().to_arrow()["s"].to_pylist()) == {None, "y", "z"}
