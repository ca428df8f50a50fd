"""What counts as data, and what becomes of its types."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from warehouse import make_table

from floe_core.errors import InvalidArgumentError
from floe_iceberg import Catalog

ROWS = pa.table({"id": pa.array([1, 2, None], pa.int64()), "name": ["a", None, "c"]})
US = pa.timestamp("us")
UTC = pa.timestamp("us", "UTC")


class OwnStream:
    """A producer that pyarrow has never heard of."""

    def __init__(self, rows: pa.Table) -> None:
        self.rows = rows

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.rows.__arrow_c_stream__(requested_schema)


class OwnArray:
    """A producer of one batch."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self.batch = batch

    def __arrow_c_array__(self, requested_schema: object = None) -> object:
        return self.batch.__arrow_c_array__(requested_schema)


def one_row_batches() -> Iterator[pa.RecordBatch]:
    yield from ROWS.to_batches(max_chunksize=1)


FORMS: dict[str, Callable[[], Any]] = {
    "pyarrow table": lambda: ROWS,
    "pyarrow batch": lambda: ROWS.to_batches()[0],
    "pyarrow reader": ROWS.to_reader,
    "reader of a generator": lambda: pa.RecordBatchReader.from_batches(
        ROWS.schema, one_row_batches()
    ),
    "pandas": lambda: ROWS.to_pandas(types_mapper=pd.ArrowDtype),
    "pandas of nullable types": lambda: pd.DataFrame(
        {"id": pd.array([1, 2, None], dtype="Int64"), "name": ["a", None, "c"]}
    ),
    "pandas with an index": lambda: ROWS.to_pandas(types_mapper=pd.ArrowDtype).set_index(
        pd.Index([7, 8, 9], name="key")
    ),
    "polars": lambda: pl.DataFrame({"id": [1, 2, None], "name": ["a", None, "c"]}),
    "duckdb relation": lambda: duckdb.connect().sql(
        "select * from (values (1::bigint, 'a'), (2, null), (null, 'c')) t(id, name)"
    ),
    "generator of batches": one_row_batches,
    "list of tables": lambda: [ROWS.slice(0, 1), ROWS.slice(1)],
    "generator of pandas frames": lambda: (
        ROWS.slice(i, 1).to_pandas(types_mapper=pd.ArrowDtype) for i in range(3)
    ),
    "generator of polars frames": lambda: (pl.from_arrow(ROWS.slice(i, 1)) for i in range(3)),
    "empty batches between": lambda: [
        ROWS.slice(0, 0),
        ROWS.slice(0, 2),
        ROWS.slice(0, 0),
        ROWS.slice(2),
    ],
    "own stream": lambda: OwnStream(ROWS),
    "own array": lambda: OwnArray(ROWS.to_batches()[0]),
    "slice": lambda: pa.concat_tables([ROWS, ROWS, ROWS]).combine_chunks().slice(3, 3),
    "columns in another order": lambda: ROWS.select(["name", "id"]),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.requirement("S-FR-018")
def test_every_form_of_data_is_appended_as_it_is(catalog: Catalog, form: str) -> None:
    table = catalog.create_table("db.t", ROWS.schema)
    table.append(FORMS[form]())
    assert table.scan().to_arrow().equals(ROWS.cast(table.schema().as_arrow()))


def test_a_scan_is_data_for_another_table(catalog: Catalog) -> None:
    source = make_table(catalog, ROWS, "db.source")
    target = catalog.create_table("db.target", ROWS.schema)
    target.append(source.scan("id = 2"))
    target.overwrite(source.scan().to_arrow_batch_reader())
    assert target.scan().to_arrow().to_pylist() == ROWS.to_pylist()


@pytest.mark.parametrize(
    "nothing",
    [[], iter(()), ROWS.slice(0, 0), ROWS.schema.empty_table().to_pandas(), pd.DataFrame()],
    ids=["list", "iterator", "table", "frame", "frame without columns"],
)
def test_no_rows_are_a_snapshot_without_files(catalog: Catalog, nothing: Any) -> None:
    table = catalog.create_table("db.t", ROWS.schema)
    table.append(nothing)
    assert table.scan().to_arrow().num_rows == 0
    assert table.scan().plan_files() == []
    assert len(table.snapshots()) == 1


def test_optional_columns_that_are_left_out_are_null(catalog: Catalog) -> None:
    table = catalog.create_table("db.t", ROWS.schema)
    table.append(pa.table({"id": [1]}))
    table.append(pa.RecordBatch.from_struct_array(pa.array([{}, {}], pa.struct([]))))
    assert sorted(map(str, table.scan().to_arrow()["id"].to_pylist())) == ["1", "None", "None"]
    assert table.scan().to_arrow()["name"].null_count == 3


NAMES = ["a", None, "a", ""]
DAY = dt.date(2024, 3, 31)
NOON = dt.datetime(2024, 3, 31, 12, 30, 15)
NOON_UTC = NOON.replace(tzinfo=dt.UTC)
TIME = dt.time(1, 2, 3)

# Column type, input, and what is read back where that differs from the input's own values.
LOSSLESS: list[tuple[pa.DataType, pa.Array, list[Any] | None]] = [
    (pa.string(), pa.array(NAMES, pa.large_string()), None),
    (pa.string(), pa.array(NAMES, pa.string_view()), None),
    (pa.string(), pa.array(NAMES).dictionary_encode(), None),
    (pa.string(), pa.array(NAMES, pa.dictionary(pa.int8(), pa.large_string())), None),
    (
        pa.string(),
        pa.DictionaryArray.from_arrays(pa.array([0, 1, None]), pa.array(["x", None])),
        ["x", None, None],
    ),
    (
        pa.string(),
        pa.RunEndEncodedArray.from_arrays(pa.array([2, 3], pa.int32()), pa.array(["x", None])),
        ["x", "x", None],
    ),
    (pa.string(), pa.nulls(2), None),
    (pa.int64(), pa.nulls(2), None),
    *((pa.int32(), pa.array([0, 7, None], t), None) for t in (pa.int8(), pa.int16())),
    *((pa.int32(), pa.array([0, 200, None], t), None) for t in (pa.uint8(), pa.uint16())),
    (pa.int64(), pa.array([-(2**31), None], pa.int32()), None),
    (pa.int64(), pa.array([2**32 - 1], pa.uint32()), None),
    (pa.float64(), pa.array([1.5, None], pa.float32()), None),
    (pa.float32(), pa.array([1.5, None], pa.float16()), None),
    (pa.decimal128(9, 2), pa.array([Decimal("1.25")], pa.decimal128(5, 2)), None),
    (pa.decimal128(9, 2), pa.array([Decimal("-1.5")]), [Decimal("-1.50")]),
    (pa.decimal128(9, 2), pa.array([Decimal("7.25")], pa.decimal32(5, 2)), None),
    (pa.decimal128(9, 2), pa.array([Decimal("7.25")], pa.decimal256(9, 2)), None),
    (pa.date32(), pa.array([DAY, None], pa.date64()), None),
    (US, pa.array([NOON, None], pa.timestamp("s")), None),
    (US, pa.array([NOON, None], pa.timestamp("ms")), None),
    (US, pa.array([NOON, None], pa.timestamp("ns")), [NOON, None]),
    (UTC, pa.array([NOON_UTC, None], pa.timestamp("us", "Europe/Berlin")), [NOON_UTC, None]),
    (UTC, pa.array([NOON_UTC], pa.timestamp("ns", "America/New_York")), [NOON_UTC]),
    (UTC, pa.array([NOON_UTC], pa.timestamp("s", "+02:00")), [NOON_UTC]),
    (pa.time64("us"), pa.array([TIME, None], pa.time32("s")), None),
    (pa.time64("us"), pa.array([TIME, None], pa.time64("ns")), None),
    (pa.binary(), pa.array([b"\0", None], pa.large_binary()), None),
    (pa.binary(), pa.array([b"\0", None], pa.binary_view()), None),
    (pa.binary(), pa.array([b"ab", None], pa.binary(2)), None),
    (pa.uuid(), pa.array([b"x" * 16, None], pa.binary(16)), [uuid.UUID(bytes=b"x" * 16), None]),
    *(
        (pa.list_(pa.int64()), pa.array([[1, None], None, [], [2]], t), None)
        for t in (
            pa.large_list(pa.int32()),
            pa.list_view(pa.int32()),
            pa.large_list_view(pa.int32()),
        )
    ),
    (pa.list_(pa.int64()), pa.array([[1, 2], None], pa.list_(pa.int32(), 2)), None),
    (
        pa.map_(pa.string(), pa.int64()),
        pa.array([[("a", 1)], None, []], pa.map_(pa.large_string(), pa.int32())),
        None,
    ),
    (
        pa.struct([("a", pa.int64()), ("b", pa.string())]),
        pa.array(
            [{"b": "x", "a": 1}, None], pa.struct([("b", pa.string_view()), ("a", pa.int8())])
        ),
        None,
    ),
]


@pytest.mark.parametrize(
    ("wanted", "values", "expected"), LOSSLESS, ids=lambda v: str(getattr(v, "type", "")) or None
)
@pytest.mark.requirement("S-FR-018")
def test_lossless_conversions_are_silent(
    catalog: Catalog, wanted: pa.DataType, values: pa.Array, expected: list[Any] | None
) -> None:
    table = catalog.create_table("db.t", pa.schema([("x", wanted)]))
    padded = pa.concat_arrays([values, values])  # so that slices begin in the middle
    table.append(pa.table({"x": padded.slice(len(values))}))
    read = table.scan().to_arrow()["x"]
    assert read.type == wanted or not pa.types.is_primitive(wanted)
    assert read.to_pylist() == (values.to_pylist() if expected is None else expected)


def test_lists_of_empty_parts_of_arrays_are_taken(catalog: Catalog) -> None:
    zeros = pa.array([0] * 12, pa.int32())
    inner = pa.ListViewArray.from_arrays(zeros, zeros, pa.array([0.5] * 7).slice(7))
    hides_elements = pa.array([False, True, False, False])
    offsets = pa.array([0, 2, 4, 4, 9], pa.int64())
    lists = pa.LargeListArray.from_arrays(offsets, inner, mask=hides_elements)
    table = catalog.create_table("db.t", pa.schema([("x", lists.type)]))
    table.append(pa.table({"x": lists}))
    assert table.scan().to_arrow()["x"].to_pylist() == [[[], []], None, [], [[]] * 5]


@pytest.mark.parametrize(
    "layout", [pa.list_, pa.large_list, pa.list_view, lambda t: pa.list_(t, 2)]
)
def test_lists_without_any_element_are_of_any_type(catalog: Catalog, layout: Any) -> None:
    values = pa.nulls(2, layout(pa.uuid()))
    nested = pa.StructArray.from_arrays([values], ["ids"], mask=pa.array([True, False]))
    rows = pa.table({"x": values, "y": nested})
    table = catalog.create_table("db.t", rows.schema)
    table.append(rows)
    read = table.scan().to_arrow()
    assert read["x"].to_pylist() == [None, None]
    assert read["y"].to_pylist() == [None, {"ids": None}]


@pytest.mark.parametrize("chunks", [1, 3])
def test_dictionaries_may_differ_from_chunk_to_chunk(catalog: Catalog, chunks: int) -> None:
    table = catalog.create_table("db.t", pa.schema([("x", pa.string())]))
    column = pa.chunked_array([pa.array([f"v{i}"]).dictionary_encode() for i in range(chunks)])
    table.append(pa.table({"x": column}))
    assert table.scan().to_arrow()["x"].to_pylist() == [f"v{i}" for i in range(chunks)]


def test_strings_come_back_as_strings_whatever_they_came_in_as(catalog: Catalog) -> None:
    table = catalog.create_table("db.t", pa.schema([("x", pa.string())]))
    for layout in (pa.string(), pa.large_string(), pa.string_view()):
        table.append(pa.table({"x": pa.array(["v"], layout)}))
    assert table.scan().to_arrow().schema.field("x").type == pa.string()
    assert table.scan().to_arrow()["x"].to_pylist() == ["v"] * 3


@pytest.mark.parametrize("source", ["generator", "reader", "frames"])
def test_what_a_generator_raises_passes_through_unchanged(catalog: Catalog, source: str) -> None:
    class MineError(Exception):
        pass

    error = MineError("own words")

    def rows() -> Iterator[Any]:
        yield from ROWS.to_batches()
        raise error

    table = make_table(catalog, ROWS)
    data: Any = rows()
    if source == "reader":
        data = pa.RecordBatchReader.from_batches(ROWS.schema, rows())
    elif source == "frames":
        data = (pl.from_arrow(batch) for batch in rows())
    with pytest.raises(MineError) as raised:
        table.overwrite(data)
    assert raised.value is error
    assert table.refresh().scan().count() == ROWS.num_rows
    assert len(table.snapshots()) == 1


def test_what_a_producer_raises_passes_through_unchanged(catalog: Catalog) -> None:
    class Broken:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            raise KeyError("own words")

    table = make_table(catalog, ROWS)
    with pytest.raises(KeyError, match="own words"):
        table.append(Broken())


def test_a_capsule_is_consumed_once(catalog: Catalog) -> None:
    class Once:
        capsule = ROWS.__arrow_c_stream__()

        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return self.capsule

    table = catalog.create_table("db.t", ROWS.schema)
    table.append(Once())
    with pytest.raises(InvalidArgumentError, match="the Arrow stream was consumed already"):
        table.append(Once())
    assert table.scan().count() == ROWS.num_rows
