"""What counts as data to write: anything that speaks Arrow."""

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from floe_core.errors import InvalidArgumentError

__all__ = ["arrow_data"]


def arrow_data(data: Any) -> Any:
    """Return `data` in a form that the engine reads.

    Accepted: objects with `__arrow_c_stream__` or `__arrow_c_array__` (pyarrow, Polars, DuckDB,
    …), pandas frames (their index is left out), and iterables of such objects. Raises
    InvalidArgumentError for anything else.
    """
    if _is_pandas_frame(data):
        return pa.Table.from_pandas(data, preserve_index=False)
    if isinstance(data, pa.RecordBatchReader):
        # Iterated rather than streamed: what its generator raises is then raised here.
        return _with_schema(data)
    if hasattr(data, "__arrow_c_stream__"):
        return data
    if hasattr(data, "__arrow_c_array__"):
        return iter([data])
    if isinstance(data, Iterable) and not isinstance(data, (str, bytes, dict)):
        return (_item(item) for item in data)
    message = (
        f"an object of type {type(data).__name__} is no data to write; expected a table, a frame "
        "or a batch that speaks the Arrow PyCapsule protocol, or an iterator of such"
    )
    raise InvalidArgumentError(message)


def _is_pandas_frame(data: Any) -> bool:
    return type(data).__module__.partition(".")[0] == "pandas" and hasattr(data, "columns")


def _item(item: Any) -> Any:
    return pa.Table.from_pandas(item, preserve_index=False) if _is_pandas_frame(item) else item


def _with_schema(reader: pa.RecordBatchReader) -> Iterator[Any]:
    yield reader.schema.empty_table()
    yield from reader
