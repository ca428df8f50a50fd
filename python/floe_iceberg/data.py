"""Data to write: what it is made of, before it is written."""

from itertools import chain
from typing import Any

import pyarrow as pa

from floe_core.errors import InvalidArgumentError
from floe_iceberg._data import arrow_data

__all__ = ["with_schema"]


def with_schema(data: Any) -> tuple[pa.Schema | None, Any]:
    """Return the columns of data, and the data to write in place of `data`.

    An iterator is begun for it: its first batch tells. The columns are None for an iterator
    without any batch. Raises InvalidArgumentError for what is no data, as a write would.
    """
    arrow = arrow_data(data)
    if hasattr(arrow, "__arrow_c_schema__"):
        return pa.schema(arrow), arrow
    if hasattr(arrow, "__arrow_c_stream__"):
        reader = pa.RecordBatchReader.from_stream(arrow)
        return reader.schema, reader
    batches = iter(arrow)
    for first in batches:
        return _schema_of(first), chain([first], batches)
    return None, iter(())


def _schema_of(item: Any) -> pa.Schema:
    if hasattr(item, "__arrow_c_array__"):
        return pa.record_batch(item).schema
    if hasattr(item, "__arrow_c_stream__"):
        return pa.table(item).schema
    message = (
        f"the iterator yielded an object of type {type(item).__name__}, which is no Arrow data; "
        "expected record batches, tables or frames"
    )
    raise InvalidArgumentError(message)
