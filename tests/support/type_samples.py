"""Values of every primitive type of format version 2 that engines have stumbled over."""

import datetime as dt
import math
import struct
import uuid
from decimal import Decimal
from typing import Any, NamedTuple

import pyarrow as pa

UTC = dt.UTC
MAX_CODE_POINT = "\U0010ffff"


class Sample(NamedTuple):
    """A type and values of it, smallest and largest among them; nulls come on top."""

    type: pa.DataType
    values: list[Any]


def _decimals(precision: int, scale: int) -> Sample:
    def of(sign: int, unscaled: int) -> Decimal:
        return Decimal((sign, tuple(map(int, str(unscaled))), -scale))

    largest = 10**precision - 1
    values = [of(1, largest), of(1, 1), of(0, 0), of(0, 1), of(0, largest)]
    return Sample(pa.decimal128(precision, scale), values)


_FLOATS = [float("-inf"), -1.5, -0.0, 0.0, 1.5, float("inf"), float("nan")]

SAMPLES = {
    "boolean": Sample(pa.bool_(), [False, True]),
    "int": Sample(pa.int32(), [-(2**31), -7, -1, 0, 1, 34, 2**31 - 1]),
    "long": Sample(pa.int64(), [-(2**63), -(2**31) - 1, -1, 0, 1, 2**31, 2**63 - 1]),
    "float": Sample(pa.float32(), [*_FLOATS, -3.4028234663852886e38, 2.0**-149]),
    "double": Sample(pa.float64(), [*_FLOATS, -1.7976931348623157e308, 5e-324]),
    "decimal(1, 0)": _decimals(1, 0),
    "decimal(9, 2)": _decimals(9, 2),
    "decimal(18, 0)": _decimals(18, 0),
    "decimal(19, 4)": _decimals(19, 4),
    "decimal(38, 38)": _decimals(38, 38),
    "date": Sample(
        pa.date32(),
        [
            dt.date(1, 1, 1),
            dt.date(1969, 12, 31),
            dt.date(1970, 1, 1),
            dt.date(2024, 2, 29),
            dt.date(9999, 12, 31),
        ],
    ),
    "time": Sample(
        pa.time64("us"), [dt.time(0), dt.time(0, 0, 0, 1), dt.time(12), dt.time(23, 59, 59, 999999)]
    ),
    "timestamp": Sample(
        pa.timestamp("us"),
        [
            dt.datetime(1, 1, 1),
            dt.datetime(1969, 12, 31, 23, 59, 59, 999999),
            dt.datetime(1970, 1, 1),
            dt.datetime(2024, 2, 29, 12, 34, 56, 789),
            dt.datetime(9999, 12, 31, 23, 59, 59, 999999),
        ],
    ),
    "timestamptz": Sample(
        pa.timestamp("us", "UTC"),
        [
            dt.datetime(1, 1, 1, tzinfo=UTC),
            dt.datetime(1969, 12, 31, 23, 59, 59, 999999, UTC),
            dt.datetime(1970, 1, 1, tzinfo=UTC),
            dt.datetime(2024, 2, 29, 12, 34, 56, 789, UTC),
            dt.datetime(9999, 12, 31, 23, 59, 59, 999999, UTC),
        ],
    ),
    "string": Sample(
        pa.string(),
        [
            "",
            "a/b=c?&%2F #",
            "null",
            "é ünïcode",
            "x" * 40,
            "y" * 15 + "\ud7ff" + "z",
            "\U0001d11e beyond",
            MAX_CODE_POINT * 20,
        ],
    ),
    "uuid": Sample(
        pa.uuid(),
        [
            uuid.UUID(int=0).bytes,
            uuid.UUID("79eb3a27-0000-4000-8000-000000000001").bytes,
            uuid.UUID("f79c3e09-677c-4bbd-a479-3f349cb785e7").bytes,
            uuid.UUID(int=2**128 - 1).bytes,
        ],
    ),
    "fixed[4]": Sample(
        pa.binary(4), [b"\x00\x00\x00\x00", b"\x7fabc", b"\x80\x00\x00\x00", b"\xff\xff\xff\xff"]
    ),
    "binary": Sample(
        pa.binary(), [b"", b"\x00", b"a" * 30, b"\x80\x00", b"\xff" * 20, b"b" * 16 + b"\xff"]
    ),
}


def canonical(value: Any) -> Any:
    """Return a value that is equal and ordered as the specification says values are."""
    if isinstance(value, float):
        return "nan" if math.isnan(value) else (value, struct.pack("<d", value))
    if isinstance(value, uuid.UUID):
        return value.bytes
    if isinstance(value, dict):
        return {key: canonical(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [canonical(item) for item in value]
    return value


def column_values(column: pa.ChunkedArray) -> list[Any]:
    """Return a column's values in one form, whichever layout an engine chose."""
    type_ = column.type
    if isinstance(type_, pa.UuidType):
        column = column.cast(pa.binary(16))
    elif pa.types.is_date(type_):
        column = column.cast(pa.int32())
    elif pa.types.is_time(type_) or pa.types.is_timestamp(type_):
        column = column.cast(pa.int64())
    return [canonical(value) for value in column.to_pylist()]


def rows_by_id(table: pa.Table) -> dict[int, list[Any]]:
    """Return each row's values, without its `id`, by `id`; ids must not repeat."""
    columns = [column_values(table[name]) for name in table.column_names if name != "id"]
    ids = table["id"].to_pylist()
    assert len(set(ids)) == len(ids), "a row is there twice"
    return {id_: [column[i] for column in columns] for i, id_ in enumerate(ids)}


def ids(table: pa.Table) -> list[int]:
    """Return the ids of the rows, in order."""
    return sorted(table["id"].to_pylist())
