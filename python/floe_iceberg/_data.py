"""What counts as data to write: anything that speaks Arrow."""

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from floe_core.errors import InvalidArgumentError, SchemaMismatchError

__all__ = ["arrow_data"]


def arrow_data(data: Any) -> Any:
    """Return `data` in a form that the engine reads.

    Accepted: objects with `__arrow_c_stream__` or `__arrow_c_array__` (pyarrow, Polars, DuckDB,
    …), pandas frames (their index is left out), and iterables of such objects. Raises
    InvalidArgumentError for anything else.
    """
    if _is_pandas_frame(data):
        return _from_pandas(data)
    if isinstance(data, pa.RecordBatchReader):
        # Iterated rather than streamed: what its generator raises is then raised here.
        return _with_schema(data)
    if hasattr(data, "__arrow_c_stream__"):
        return data
    if hasattr(data, "__arrow_c_array__"):
        return iter([data])
    if isinstance(data, Iterable) and not isinstance(data, (str, bytes, dict, pa.Schema)):
        return (_from_pandas(item) if _is_pandas_frame(item) else item for item in data)
    message = (
        f"an object of type {type(data).__name__} is no data to write; expected a table, a frame "
        "or a batch that speaks the Arrow PyCapsule protocol, or an iterator of such"
    )
    raise InvalidArgumentError(message)


def _is_pandas_frame(data: Any) -> bool:
    return type(data).__module__.partition(".")[0] == "pandas" and hasattr(data, "columns")


def _from_pandas(frame: Any) -> pa.Table:
    try:
        return pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowException, ValueError, TypeError) as error:
        raise _unfit_frame(frame) or error from None


def _unfit_frame(frame: Any) -> InvalidArgumentError | None:
    """Return the error that names what of a frame Arrow can't take, without any value of it."""
    labels = [str(label) for label in frame.columns]
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice:
        message = f"the pandas frame has several columns of the names {', '.join(twice)}"
        return InvalidArgumentError(message)
    problems = []
    for position, label in enumerate(labels):
        column = frame.iloc[:, position]
        try:
            pa.Array.from_pandas(column)
        except (pa.ArrowException, ValueError, TypeError):
            kinds = sorted({type(value).__name__ for value in column})
            problems.append((label, f"Python values of {', '.join(kinds)}", "values of one type"))
    if not problems:
        return None
    found = "; ".join(f"column {p[0]!r}: found {p[1]}, expected {p[2]}" for p in problems)
    message = f"the pandas frame can't be made into Arrow data: {found}"
    return SchemaMismatchError(message, details={"column": problems[0][0], "problems": problems})


def _with_schema(reader: pa.RecordBatchReader) -> Iterator[Any]:
    yield reader.schema.empty_table()
    yield from reader
