"""Every type that an asset can return, and every type that another can ask for."""

from collections.abc import Callable, Iterator
from typing import Any

import dagster as dg
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from asset_store import AssetStore, returning

from floe_core.errors import InvalidArgumentError

# Two batches, so that streams are seen to have an end.
TABLE = pa.table(
    {
        "id": pa.chunked_array([[1, 2], [3]], pa.int64()),
        "name": pa.chunked_array([["a", None], ["c"]], pa.string()),
    }
)


class OnlyStream:
    """Speaks Arrow, and nothing else."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return TABLE.__arrow_c_stream__(requested_schema)


class OnlyArray:
    def __arrow_c_array__(self, requested_schema: object = None) -> object:
        return TABLE.combine_chunks().to_batches()[0].__arrow_c_array__(requested_schema)


def batches() -> Iterator[pa.RecordBatch]:
    yield from TABLE.to_batches()


def frames() -> Iterator[pd.DataFrame]:
    for batch in TABLE.to_batches():
        yield batch.to_pandas()


OUTPUTS: dict[str, Callable[[], Any]] = {
    "pyarrow.Table": lambda: TABLE,
    "pyarrow.RecordBatch": lambda: TABLE.combine_chunks().to_batches()[0],
    "pyarrow.RecordBatchReader": TABLE.to_reader,
    "RecordBatchReader of a generator": lambda: pa.RecordBatchReader.from_batches(
        TABLE.schema, batches()
    ),
    "pandas.DataFrame": TABLE.to_pandas,
    "polars.DataFrame": lambda: pl.from_arrow(TABLE),
    "duckdb relation": lambda: duckdb.connect().from_arrow(TABLE),
    "__arrow_c_stream__": OnlyStream,
    "__arrow_c_array__": OnlyArray,
    "list of batches": TABLE.to_batches,
    "iterator of batches": lambda: iter(TABLE.to_batches()),
    "generator of batches": lambda: dg.Output(batches()),
    "generator of pandas frames": lambda: dg.Output(frames()),
    "generator of tables": lambda: dg.Output(table for table in (TABLE, TABLE.slice(0, 0))),
}


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("is_new", [True, False], ids=["new table", "existing table"])
def test_every_type_of_output_is_stored(store: AssetStore, output: str, *, is_new: bool) -> None:
    if not is_new:
        store.materialize(returning(TABLE.slice(0, 0)))

    @dg.asset(key=["db", "t"])
    def stored():  # noqa: ANN202 - Dagster reads annotations
        return OUTPUTS[output]()

    store.materialize(stored, io={"write_mode": "overwrite"})
    found = store.table("db.t").scan().to_arrow().sort_by("id")
    assert found.equals(TABLE.combine_chunks())


def of_table(rows: pa.Table) -> None:
    assert isinstance(rows, pa.Table)
    assert rows.sort_by("id").equals(TABLE.combine_chunks())


def of_reader(rows: pa.RecordBatchReader) -> None:
    assert isinstance(rows, pa.RecordBatchReader)
    of_table(rows.read_all())


def of_pandas(rows: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(rows.sort_values("id"), TABLE.to_pandas())


def of_polars(rows: pl.DataFrame) -> None:
    assert rows.sort("id").equals(pl.DataFrame(pl.from_arrow(TABLE)))


def of_anything(rows) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - that is the case
    of_table(rows)


@pytest.mark.parametrize(
    "check", [of_table, of_reader, of_pandas, of_polars, of_anything], ids=lambda f: f.__name__
)
def test_every_type_of_input_is_read(store: AssetStore, check: Callable[..., None]) -> None:
    calls = []

    def compute(**inputs: Any) -> None:
        check(**inputs)
        calls.append(check)

    compute.__annotations__ = check.__annotations__
    compute.__signature__ = __import__("inspect").signature(check)  # type: ignore[attr-defined]
    reader = dg.asset(name="reader", ins={"rows": dg.AssetIn(["db", "t"])})(compute)
    store.materialize(returning(TABLE), reader)
    assert calls == [check]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "asset db/t returned None; return data, or annotate the function"),
        ("rows", "type str is no data to write"),
        ({"id": [1]}, "type dict is no data to write"),
        (7, "type int is no data to write"),
        ([1, 2], "yielded an object of type int, which is no Arrow data"),
        (pl.LazyFrame({"id": [1]}), "type LazyFrame is no data to write"),
    ],
)
@pytest.mark.parametrize("is_new", [True, False], ids=["new table", "existing table"])
def test_what_is_no_data_is_refused(
    store: AssetStore, value: Any, message: str, *, is_new: bool
) -> None:
    if not is_new:
        store.materialize(returning(TABLE))
    with pytest.raises(InvalidArgumentError, match=message):
        store.materialize(returning(value))


def test_an_asset_that_says_it_returns_nothing_stores_nothing(store: AssetStore) -> None:
    @dg.asset
    def nothing() -> None:
        return None

    assert store.materialize(nothing).success
    assert store.catalog.list_namespaces() == []


def test_an_iterator_without_batches_cannot_make_a_table(store: AssetStore) -> None:
    expected = r"asset db/t yielded no batch and table db\.t does not exist"
    with pytest.raises(InvalidArgumentError, match=expected):
        store.materialize(returning(iter([])))


@pytest.mark.parametrize("is_new", [True, False], ids=["new table", "existing table"])
def test_what_a_generator_raises_is_the_step_s_error_and_nothing_is_stored(
    store: AssetStore, *, is_new: bool
) -> None:
    if not is_new:
        store.materialize(returning(TABLE))

    def failing() -> Iterator[pa.RecordBatch]:
        yield from batches()
        message = "the source is gone"
        raise ConnectionResetError(message)

    with pytest.raises(ConnectionResetError, match="the source is gone"):
        store.materialize(returning(dg.Output(failing())))
    assert store.table("db.t").scan().count() == (0 if is_new else 3)
