"""Specs of several fields, and names and values that files and Avro can't take as they are."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from filter_samples import theirs
from lake import Lake
from type_samples import ids, rows_by_id


def assert_all_read(lake: Lake, rows: pa.Table) -> None:
    expected = rows_by_id(rows)
    assert rows_by_id(lake.floe.read("t")) == expected
    assert rows_by_id(lake.pyiceberg.read("t")) == expected
    assert rows_by_id(lake.sql(f"FROM {lake.relation('t')}")) == expected


TWINS: dict[str, tuple[pa.DataType, list[Any]]] = {
    "decimal": (pa.decimal128(9, 2), [Decimal("-1.00"), Decimal("9999999.99"), None]),
    "uuid": (pa.uuid(), [uuid.UUID(int=1).bytes, uuid.UUID(int=2**127).bytes, None]),
    "fixed": (pa.binary(4), [b"\x00\xffab", b"    ", None]),
    "time": (pa.time64("us"), [dt.time(0), dt.time(23, 59, 59, 999999), None]),
    "timestamptz": (
        pa.timestamp("us", "UTC"),
        [
            dt.datetime(1969, 12, 31, 23, tzinfo=dt.UTC),
            dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
            None,
        ],
    ),
}


@pytest.mark.parametrize("kind", TWINS)
def test_two_fields_of_one_type(lake: Lake, kind: str) -> None:
    # In Avro, a type that has a name is defined once and named afterwards.
    type_, values = TWINS[kind]
    rows = pa.table(
        {
            "id": pa.array([0, 1, 2], pa.int64()),
            "a": pa.array(values, type_),
            "b": pa.array([values[2], values[0], values[1]], type_),
        }
    )
    lake.floe.create("t", rows.schema, ["a", "b"])
    lake.floe.append("t", rows)
    lake.floe.append("t", rows.set_column(0, "id", pa.array([3, 4, 5], pa.int64())))
    twice = pa.concat_tables([rows, rows.set_column(0, "id", pa.array([3, 4, 5], pa.int64()))])
    assert_all_read(lake, twice)
    assert ids(lake.floe.read("t", theirs.IsNull("b"))) == [0, 3]


NAMES = ["a b", "ä/ö", "1st", "a-b", "\U0001d11e", "a=b&c?d#e", "select", 'q"q', "%41", "a_x20b"]


@pytest.mark.parametrize("writer", ["floe", "pyiceberg"])
@pytest.mark.parametrize("term", ["{}", "bucket(4, {})", "truncate(2, {})"])
def test_names_of_columns_are_any_text(lake: Lake, writer: str, term: str) -> None:
    # PyIceberg writes "a b" as the name in Parquet and Avro that another column already has.
    names = [name for name in NAMES if (writer, name) != ("pyiceberg", "a_x20b")]
    columns = {name: pa.array([f"{name}/{i}?=" for i in range(3)]) for name in names}
    rows = pa.table({"id": pa.array([0, 1, 2], pa.int64()), **columns})
    engine = lake.engine(writer)
    engine.create("t", rows.schema, [term.format(name) for name in names])
    engine.append("t", rows)
    if writer == "floe":
        assert_all_read(lake, rows)
    else:  # DuckDB ends the process over names that PyIceberg leaves in Avro as they are
        assert rows_by_id(lake.floe.read("t")) == rows_by_id(rows)
    for name in names:
        assert ids(lake.floe.read("t", theirs.EqualTo(name, f"{name}/1?="))) == [1]
        assert ids(lake.pyiceberg.read("t", theirs.EqualTo(name, f"{name}/1?="))) == [1]


VALUES = [
    "",
    ".",
    "..",
    "../../escape",
    "null",
    "a/b",
    "a%2Fb",
    "a=b&c=d",
    " leading and trailing ",
    "new\nline\ttab",
    "nul\0inside",
    "ünï/\U0001d11e",
    "+ plus",
    None,
]


@pytest.mark.parametrize("writer", ["floe", "pyiceberg"])
def test_partition_values_are_any_text(lake: Lake, writer: str) -> None:
    rows = pa.table({"id": pa.array(range(len(VALUES)), pa.int64()), "s": pa.array(VALUES)})
    engine = lake.engine(writer)
    engine.create("t", rows.schema, ["s"])
    engine.append("t", rows)
    assert_all_read(lake, rows)
    for id_, value in enumerate(VALUES):
        filter_ = theirs.IsNull("s") if value is None else theirs.EqualTo("s", value)
        assert ids(lake.floe.read("t", filter_)) == [id_]
        assert ids(lake.pyiceberg.read("t", filter_)) == [id_]
    below = str(lake.warehouse)
    assert all(
        task.file_path.removeprefix("file://").startswith(below)
        for task in lake.floe.load("t").scan().plan_files()
    )


def test_many_transforms_side_by_side(lake: Lake) -> None:
    count = 60
    start = dt.datetime(1969, 11, 1)
    rows = pa.table(
        {
            "id": pa.array(range(count), pa.int64()),
            "ts": pa.array(
                [None if i % 7 == 0 else start + dt.timedelta(hours=37 * i) for i in range(count)],
                pa.timestamp("us"),
            ),
            "s": pa.array([None if i % 5 == 0 else "abc"[i % 3] * (i % 4) for i in range(count)]),
        }
    )
    terms = ["month(ts)", "day(ts)", "bucket(4, id)", "truncate(2, s)", "s"]
    lake.floe.create("t", rows.schema, terms)
    lake.floe.append("t", rows)
    assert_all_read(lake, rows)
    for when in (start, dt.datetime(1970, 1, 1), start + dt.timedelta(hours=37 * 9)):
        both = theirs.And(theirs.LessThan("ts", when), theirs.NotEqualTo("s", "bb"))
        wanted = [
            row["id"]
            for row in rows.to_pylist()
            if row["ts"] and row["ts"] < when and row["s"] is not None and row["s"] != "bb"
        ]
        assert ids(lake.floe.read("t", both)) == wanted
        assert ids(lake.pyiceberg.read("t", both)) == wanted
        sql = f"ts < TIMESTAMP '{when}' AND s <> 'bb'"
        assert ids(lake.sql(f"FROM {lake.relation('t')} WHERE {sql}")) == wanted
