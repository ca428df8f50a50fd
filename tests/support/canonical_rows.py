"""Rows in one form, whatever layout an engine gave its columns: what JSON can hold, sorted.

Dates are days, times and timestamps are counts of the column's unit, decimals are texts of all
digits, bytes are hexadecimal, UUIDs are texts, maps are lists of pairs.
"""

import json
import math
import uuid
from decimal import Decimal
from typing import Any

import pyarrow as pa

Row = dict[str, Any]


def _temporal(type_: pa.DataType) -> pa.DataType | None:
    """Return the integers behind a temporal type."""
    if pa.types.is_date32(type_) or pa.types.is_time32(type_):
        return pa.int32()
    if pa.types.is_time64(type_) or pa.types.is_timestamp(type_) or pa.types.is_duration(type_):
        return pa.int64()
    return None


def _plain(type_: pa.DataType) -> pa.DataType:
    """Return a type of the same buffers whose temporal parts are integers."""
    if isinstance(type_, pa.UuidType):
        return pa.binary(16)
    if pa.types.is_struct(type_):
        return pa.struct([pa.field(field.name, _plain(field.type)) for field in type_])
    if pa.types.is_map(type_):
        return pa.map_(_plain(type_.key_type), _plain(type_.item_type))
    if pa.types.is_large_list(type_):
        return pa.large_list(type_.value_field.with_type(_plain(type_.value_type)))
    if pa.types.is_list(type_):
        return pa.list_(type_.value_field.with_type(_plain(type_.value_type)))
    return _temporal(type_) or type_


def canonical_value(value: Any, type_: pa.DataType) -> Any:
    """Return a value of a column of `type_`, whose temporal parts are integers by now."""
    if value is None:
        return None
    if pa.types.is_struct(type_):
        return {field.name: canonical_value(value[field.name], field.type) for field in type_}
    if pa.types.is_map(type_):
        pairs = [
            [canonical_value(key, type_.key_type), canonical_value(item, type_.item_type)]
            for key, item in value
        ]
        return sorted(pairs, key=json.dumps)
    if isinstance(value, list):
        return [canonical_value(item, type_.value_type) for item in value]
    if isinstance(type_, pa.UuidType):
        return str(uuid.UUID(bytes=value))
    return _canonical_scalar(value)


def _canonical_scalar(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.hex() if isinstance(value, bytes) else value


def canonical_rows(table: pa.Table) -> list[Row]:
    """Return the rows, sorted by their text."""
    columns = {}
    for name in table.column_names:
        column = table[name].combine_chunks()
        if isinstance(column, pa.ChunkedArray):  # no rows, or more than one array holds
            column = pa.concat_arrays(column.chunks) if column.chunks else pa.array([], column.type)
        values = column.cast(_plain(column.type)).to_pylist()
        columns[name] = [canonical_value(value, column.type) for value in values]
    rows = [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]
    return sorted(rows, key=row_text)


def row_text(row: Row) -> str:
    """Return a row's text; equal rows have equal texts, whatever the order of their columns."""
    return json.dumps(row, sort_keys=True)
