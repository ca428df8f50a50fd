"""Data that does not fit: what the error says, and that nothing of it is left."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from warehouse import data_files, make_table

from floe_core.errors import InvalidArgumentError, SchemaMismatchError, SchemaProblem
from floe_iceberg import Catalog, Table

US = pa.timestamp("us")
SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64(), nullable=False),
        pa.field("name", pa.string()),
        pa.field("ts", US),
        pa.field("price", pa.decimal128(9, 2)),
        pa.field("tags", pa.list_(pa.field("element", pa.string(), nullable=False))),
        pa.field(
            "at",
            pa.struct([pa.field("x", pa.float64(), nullable=False), pa.field("y", pa.float64())]),
        ),
    ]
)
ROWS = pa.table(
    {
        "id": [1, 2],
        "name": ["a", None],
        "ts": [dt.datetime(2024, 1, 1), None],
        "price": [Decimal("1.50"), None],
        "tags": [["t"], None],
        "at": [{"x": 1.0, "y": None}, None],
    },
    schema=SCHEMA,
)


class Misfit(NamedTuple):
    """Columns in the place of good ones, and the problems that are found with them."""

    columns: dict[str, Any]
    problems: list[tuple[str, str, str]]


def rows_with(columns: dict[str, Any]) -> pa.Table:
    """Return good rows with some columns replaced, added, or (None) left out."""
    rows = {name: ROWS[name] for name in ROWS.column_names} | columns
    return pa.table({name: column for name, column in rows.items() if column is not None})


ABSENT = "no column of that name"
BY_TYPE = [
    Misfit({"id": pa.array(["1", "2"])}, [("id", "string", "required long")]),
    Misfit({"id": pa.array([1, 2], pa.uint64())}, [("id", "uint64", "required long")]),
    Misfit({"id": pa.array([1.0, 2.0])}, [("id", "double", "required long")]),
    Misfit({"name": pa.array([1, 2])}, [("name", "int64", "string")]),
    Misfit({"name": pa.array([b"a", b"b"])}, [("name", "binary", "string")]),
    Misfit({"ts": pa.array([1, 2])}, [("ts", "int64", "timestamp")]),
    Misfit({"ts": ROWS["ts"].cast(pa.date32())}, [("ts", "date32[day]", "timestamp")]),
    Misfit(
        {"ts": ROWS["ts"].cast(pa.timestamp("us", "UTC"))},
        [("ts", "timestamp[us, tz=UTC]", "timestamp")],
    ),
    Misfit(
        {"price": pa.array([Decimal("1.555"), None])},
        [("price", "decimal128(4, 3)", "decimal(9, 2)")],
    ),
    Misfit(
        {"price": pa.array([Decimal("12345678.5"), None])},
        [("price", "decimal128(9, 1)", "decimal(9, 2)")],
    ),
    Misfit(
        {"tags": pa.array([[1], None])},
        [("tags.element", "int64", "required string")],
    ),
    Misfit({"tags": pa.array(["t", None])}, [("tags", "string", "list<string>")]),
    Misfit(
        {"at": pa.array([{"x": "1", "z": 1}, None])},
        [
            ("at.x", "string", "required double"),
            ("at.z", "int64", ABSENT),
        ],
    ),
    Misfit({"id": None}, [("id", ABSENT, "required long")]),
    Misfit({"colour": pa.array([1, 2])}, [("colour", "int64", ABSENT)]),
    Misfit(
        {"colour": pa.nulls(2)},
        [("colour", "null", "a type, as the table has no such column")],
    ),
    Misfit(
        {"id": None, "Id": pa.array([1, 2]), "name": pa.array([1, 2]), "ts": pa.array(["x", "y"])},
        [
            ("id", ABSENT, "required long"),
            ("name", "int64", "string"),
            ("ts", "string", "timestamp"),
            ("Id", "int64", ABSENT),
        ],
    ),
]


@pytest.fixture
def table(catalog: Catalog) -> Table:
    return make_table(catalog, ROWS)


def check_unchanged(table: Table) -> None:
    table.refresh()
    assert len(table.snapshots()) == 1
    assert table.scan().to_arrow().to_pylist() == ROWS.to_pylist()
    assert len(data_files(table)) == 1


@pytest.mark.parametrize("misfit", BY_TYPE, ids=lambda m: ", ".join(p[0] for p in m.problems))
@pytest.mark.requirement("Edge: incompatible input schema")
def test_every_column_that_does_not_fit_is_named_at_once(table: Table, misfit: Misfit) -> None:
    with pytest.raises(SchemaMismatchError) as raised:
        table.append(rows_with(misfit.columns))
    error = raised.value
    assert error.problems == [SchemaProblem(*problem) for problem in misfit.problems]
    assert error.column == misfit.problems[0][0]
    for column, found, expected in misfit.problems:
        assert f"column '{column}': found {found}, expected {expected}" in str(error)
    unknown = any(problem[2] == ABSENT for problem in misfit.problems)
    assert ("let the write evolve its schema (evolve_schema)" in str(error)) == unknown
    check_unchanged(table)


BY_VALUE = [
    ({"id": pa.array([1, None])}, "column 'id': found 1 null(s), expected required long; fill or"),
    (
        {"id": pa.DictionaryArray.from_arrays(pa.array([0, 1]), pa.array([5, None]))},
        "column 'id': found 1 null(s), expected required long",
    ),
    (
        {
            "id": pa.RunEndEncodedArray.from_arrays(
                pa.array([1, 2], pa.int32()), pa.array([5, None])
            )
        },
        "column 'id': found 1 null(s), expected required long",
    ),
    ({"id": pa.nulls(2)}, "column 'id': found 2 null(s), expected required long"),
    (
        {"tags": pa.array([["t", None], None])},
        "column 'tags.element': found 1 null(s), expected required string",
    ),
    (
        {"at": pa.array([{"x": None, "y": 1.0}, None])},
        "column 'at.x': found 1 null(s), expected required double",
    ),
    (
        {"ts": pa.array([1, None], pa.timestamp("ns"))},
        "column 'ts': found timestamp[ns] values that would lose precision, expected timestamp; "
        "round them before writing",
    ),
    (
        {"ts": pa.array([2**62, None], pa.timestamp("s"))},
        "column 'ts': found timestamp[s] values that would lose precision, expected timestamp",
    ),
]


@pytest.mark.parametrize(("columns", "message"), BY_VALUE)
def test_values_that_do_not_fit(table: Table, columns: dict[str, Any], message: str) -> None:
    with pytest.raises(SchemaMismatchError) as raised:
        table.append(rows_with(columns))
    assert message in str(raised.value)
    assert [problem.column for problem in raised.value.problems] == [raised.value.column]
    check_unchanged(table)


@pytest.mark.parametrize(
    ("frame", "problems", "message"),
    [
        (
            pd.DataFrame({"id": [1, 2], "name": ["a", 3], "ts": [object(), None]}),
            [("name", "Python values of int, str"), ("ts", "Python values of NoneType, object")],
            "the pandas frame can't be made into Arrow data: column 'name': found Python values of "
            "int, str, expected values of one type; column 'ts': found Python values of",
        ),
        (
            pd.DataFrame({"id": [{"secret": 1}, "secret"]}),
            [("id", "Python values of dict, str")],
            "column 'id': found Python values of dict, str, expected values of one type",
        ),
    ],
)
def test_pandas_columns_of_mixed_values(
    table: Table, frame: pd.DataFrame, problems: list[tuple[str, str]], message: str
) -> None:
    for data in (frame, iter([frame])):
        with pytest.raises(SchemaMismatchError) as raised:
            table.append(data)
        assert message in str(raised.value)
        assert "secret" not in str(raised.value)
        assert raised.value.problems == [SchemaProblem(*p, "values of one type") for p in problems]
    check_unchanged(table)


def batches_of_two_schemas() -> Iterator[pa.Table]:
    yield ROWS
    yield pa.table({"id": ["a"]})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "an object of type NoneType is no data to write; expected a table, a frame or a"),
        (5, "an object of type int is no data to write"),
        ("rows.csv", "an object of type str is no data to write"),
        ({"id": [1]}, "an object of type dict is no data to write"),
        (SCHEMA, "an object of type Schema is no data to write"),
        (pl.LazyFrame({"id": [1]}), "an object of type LazyFrame is no data to write"),
        (
            [1],
            "the iterator yielded an object of type int, which is no Arrow data; expected record",
        ),
        ([{"id": 1}], "the iterator yielded an object of type dict, which is no Arrow data"),
        ([ROWS, None], "the iterator yielded an object of type NoneType, which is no Arrow data"),
        (
            pa.array([1]),
            "an object of type Int64Array is a single column of int64, not rows of named columns",
        ),
        (
            pa.chunked_array([[1]]),
            "an object of type ChunkedArray is a single column of int64, not rows of named columns",
        ),
        (pl.Series("id", [1]), "an object of type Series is a single column of int64, not rows"),
        (pd.Series([1], name="id"), "an object of type Series is a single column of int64, not"),
        ([pa.array([1])], "an object of type Int64Array is a single column of int64, not rows"),
        (
            batches_of_two_schemas(),
            "the iterator yielded batches of two schemas: first (id int64, name string, ts "
            "timestamp[us], price decimal128(9, 2), tags list<element: string not null>, at "
            "struct<x: double not null, y: double>), then (id string); cast them to one",
        ),
        (
            pd.DataFrame([[1, 2]], columns=["id", "id"]),
            "the pandas frame has several columns of the names id",
        ),
        (
            pa.Table.from_arrays([ROWS["id"], ROWS["id"]], names=["id", "id"]),
            "column 'id': found two columns of that name, expected required long",
        ),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else value[:40],
)
def test_what_is_no_rows_is_refused(table: Table, data: Any, message: str) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        table.append(data)
    assert message in str(raised.value)
    check_unchanged(table)


@pytest.mark.parametrize("write", ["append", "overwrite", "dynamic_partition_overwrite"])
@pytest.mark.requirement("S-FR-027", "T-FR-040")
def test_rows_outside_of_what_a_write_is_for_are_refused(catalog: Catalog, write: str) -> None:
    stamps = [dt.datetime(2024, 1, 31, 23, 59, 59, 999999), dt.datetime(2024, 2, 1), None]
    rows = pa.table({"ts": pa.array(stamps, US)})
    table = catalog.create_table("db.t", rows.schema, partition_spec=["month(ts)"])
    window = "ts >= '2024-01-01' and ts < '2024-02-01'"
    with pytest.raises(InvalidArgumentError) as raised:
        getattr(table, write)(rows, required_filter=window)
    assert str(raised.value) == (
        "2 of the first 3 rows are outside of what this write is for: "
        "(\"ts\" >= '2024-01-01' and \"ts\" < '2024-02-01'); nothing was written"
    )
    assert table.refresh().snapshots() == []
    assert data_files(table) == []
    getattr(table, write)(rows.slice(0, 1), required_filter=window)
    assert table.scan().to_arrow()["ts"].to_pylist() == stamps[:1]


def test_rows_outside_are_counted_in_a_later_batch(catalog: Catalog) -> None:
    table = catalog.create_table("db.t", pa.schema([("id", pa.int64())]))
    batches = [pa.table({"id": [1, 2, 3]}), pa.table({"id": [4, 50, 60]})]
    with pytest.raises(InvalidArgumentError, match="2 of the first 6 rows are outside"):
        table.append(iter(batches), required_filter="id < 10")
    with pytest.raises(InvalidArgumentError, match="the filter names column 'ID'"):
        table.append(iter(batches), required_filter="ID < 10")
    table.append(batches[0], required_filter="ID < 10", case_sensitive=False)
    assert table.scan().count() == 3


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (
            pa.schema([("a", pa.uint64()), ("b", pa.struct([("c", pa.duration("s"))]))]),
            "column 'a' has Arrow type uint64, which no type of Iceberg format version 2 can hold; "
            "column 'b.c' has Arrow type duration[s], which no type",
        ),
        (pa.schema([("a", pa.decimal256(50, 2))]), "column 'a' has Arrow type decimal256(50, 2)"),
        (pa.schema([("a", pa.null())]), "column 'a' has Arrow type null"),
        (pa.schema([("a", pa.dense_union([pa.field("x", pa.int8())]))]), "Arrow type dense_union"),
        (pa.schema([("a", pa.month_day_nano_interval())]), "Arrow type month_day_nano_interval"),
    ],
    ids=str,
)
def test_types_that_iceberg_does_not_have(
    catalog: Catalog, schema: pa.Schema, message: str
) -> None:
    with pytest.raises(SchemaMismatchError) as raised:
        catalog.create_table("db.t", schema)
    assert message in str(raised.value)
    assert {problem.expected for problem in raised.value.problems} == {
        "a type of Iceberg format version 2"
    }
    assert not catalog.table_exists("db.t")
