"""Rows in one form, whatever layout an engine gave its columns: what JSON can hold, sorted.

Dates are days, times and timestamps are counts of the column's unit, decimals are texts of all
digits, bytes are hexadecimal, UUIDs are texts, maps are lists of pairs, variants are what their
JSON says.
"""

import datetime as dt
import json
import math
import uuid
from decimal import Decimal
from typing import Any

import pyarrow as pa

Row = dict[str, Any]

# The integers behind temporal types.
_INTEGERS = {
    pa.date32().id: pa.int32(),
    pa.time64("us").id: pa.int64(),
    pa.timestamp("us").id: pa.int64(),
}


def _plain(type_: pa.DataType) -> pa.DataType:
    """Return a type of the same buffers whose temporal parts are integers."""
    if isinstance(type_, pa.BaseExtensionType) and not isinstance(type_, pa.Bool8Type):
        return _plain(type_.storage_type)
    if pa.types.is_struct(type_):
        return pa.struct([pa.field(field.name, _plain(field.type)) for field in type_])
    if pa.types.is_map(type_):
        return pa.map_(_plain(type_.key_type), _plain(type_.item_type))
    if pa.types.is_list(type_):
        return pa.list_(type_.value_field.with_type(_plain(type_.value_type)))
    if pa.types.is_large_list(type_):
        return pa.large_list(type_.value_field.with_type(_plain(type_.value_type)))
    return _INTEGERS.get(type_.id, type_)


def canonical_value(value: Any, type_: pa.DataType) -> Any:
    """Return a value of a column of `type_`, whose temporal parts are integers by now."""
    if value is None:
        return None
    if isinstance(type_, pa.UuidType):
        return str(uuid.UUID(bytes=value))
    if isinstance(value, dict):
        return _canonical_struct(value, type_)
    if pa.types.is_map(type_):
        pairs = [
            [canonical_value(key, type_.key_type), canonical_value(item, type_.item_type)]
            for key, item in value
        ]
        return sorted(pairs, key=json.dumps)
    if isinstance(value, list):
        return [canonical_value(item, type_.value_type) for item in value]
    return _canonical_scalar(value)


def _canonical_struct(value: Row, type_: pa.DataType) -> Any:
    if value.keys() == {"metadata", "value"}:
        from floe_iceberg import variant

        return json.loads(variant.to_json(value))
    return {field.name: canonical_value(value[field.name], field.type) for field in type_}


def _canonical_scalar(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.hex() if isinstance(value, bytes) else value


def json_field(name: str) -> pa.Field:
    """Return a field of JSON texts that stands for a column of variants."""
    return pa.field(name, pa.string(), metadata={"iceberg-type": "variant"})


def is_json(field: pa.Field) -> bool:
    """Whether json_field() made it."""
    return type_that_is_not_arrows(field) == "variant"


def type_that_is_not_arrows(field: pa.Field) -> str | None:
    """Return the Iceberg type that the field says it is, if its Arrow type does not tell."""
    named: bytes | None = (field.metadata or {}).get(b"iceberg-type")
    return None if named is None else named.decode()


def canonical_rows(table: pa.Table) -> list[Row]:
    """Return the rows, sorted by their text."""
    columns = {}
    for name in table.column_names:
        column = table[name].combine_chunks()
        if isinstance(column, pa.ChunkedArray):  # no rows, or more than one array holds
            column = pa.concat_arrays(column.chunks) if column.chunks else pa.array([], column.type)
        values = column.cast(_plain(column.type)).to_pylist()
        if is_json(table.schema.field(name)):
            columns[name] = [None if value is None else json.loads(value) for value in values]
        else:
            columns[name] = [canonical_value(value, column.type) for value in values]
    rows = [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]
    return sorted(rows, key=row_text)


def row_text(row: Row) -> str:
    """Return a row's text; equal rows have equal texts, whatever the order of their columns."""
    return json.dumps(row, sort_keys=True)


def _count(text: str, unit: str) -> int:
    """Return a time of day, or a moment, as a count of "us" or "ns"."""
    day, _, time = text.rpartition("T")
    hours, minutes, seconds = time.removesuffix("+00:00").split(":")
    whole, _, fraction = seconds.partition(".")
    days = (dt.date.fromisoformat(day) - dt.date(1970, 1, 1)).days if day else 0
    digits = 9 if unit == "ns" else 6
    at = ((days * 24 + int(hours)) * 60 + int(minutes)) * 60 + int(whole)
    return at * 10**digits + int(fraction.ljust(digits, "0") or 0)


def _from_json(value: Any, type_: str) -> Any:
    if value is not None and type_.startswith("time"):
        return _count(value, "ns" if type_.endswith("_ns") else "us")
    return value.lower() if value is not None and type_.startswith("fixed") else value


def canonical_json(rows: list[Row], types: dict[str, str]) -> list[Row]:
    """Return rows of Iceberg's single-value JSON by column name; `types` are Iceberg's names."""
    found = [{name: _from_json(row[name], type_) for name, type_ in types.items()} for row in rows]
    return sorted(found, key=row_text)
