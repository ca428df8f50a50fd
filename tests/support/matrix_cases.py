"""What the interop matrix writes and reads: types, partitions, evolution and deletes.

A case is a history of one table. Each engine does it in its own words (matrix_engines.py).
"""

import datetime as dt
import struct
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

import nested_samples
import pyarrow as pa
from canonical_rows import json_field
from type_samples import SAMPLES


class Append(NamedTuple):
    """Rows that are appended by one commit; columns are matched by name."""

    rows: pa.Table


class Alter(NamedTuple):
    """A change of the schema or the partition spec: a key of matrix_engines.PYTHON_CHANGES."""

    change: str


class Delete(NamedTuple):
    """A row-level delete of the rows of these ids, leaving their data file in place."""

    ids: list[int]


class DeleteEqual(NamedTuple):
    """A delete by equality of these ids."""

    ids: list[int]


Step = Append | Alter | Delete | DeleteEqual


class Case(NamedTuple):
    """A table's history, and the rows that it ends with."""

    schema: pa.Schema
    steps: list[Step]
    expected: pa.Table
    """Columns by their names at the end; values are compared by their content, not Arrow's type."""
    terms: Sequence[str] = ()
    filters: Sequence[str] = ()
    """Filters in the SQL that all engines understand; their rows are those of `matching`."""
    matching: Sequence[list[int]] = ()
    versions: Sequence[int] = (1, 2, 3)
    properties: Sequence[str] = ()
    """Table properties that all writers are given: "name=value"."""
    java: bool = False
    """Whether Java's library reads it too: it has types that Spark has not."""
    aborts_duckdb: bool = False


def _table(schema: pa.Schema, columns: list[list[object]]) -> pa.Table:
    arrays = [pa.array(v, f.type) for v, f in zip(columns, schema, strict=True)]
    return pa.table(arrays, schema=schema)


def _types(names: Sequence[str], samples: dict[str, pa.Array] | None = None) -> Case:
    """Return a table of all the samples of some types, side by side, with a null of each."""
    values = {n: [*SAMPLES[n].values, None] for n in names} if samples is None else samples
    types = {n: SAMPLES[n].type if samples is None else samples[n].type for n in names}
    count = max(len(column) for column in values.values())
    fields = [pa.field("id", pa.int64(), nullable=False)]
    columns: list[pa.Array] = [pa.array(range(count), pa.int64())]
    for number, name in enumerate(names):
        column = list(values[name])
        padded = [column[i % len(column)] for i in range(count)]
        fields.append(pa.field(f"c{number}", types[name]))
        columns.append(pa.array(padded, types[name]))
    rows = pa.table(columns, schema=pa.schema(fields))
    half = count // 2
    return Case(rows.schema, [Append(rows.slice(0, half)), Append(rows.slice(half))], rows)


def _nested() -> Case:
    return Case(nested_samples.SCHEMA, [Append(nested_samples.ROWS)], nested_samples.ROWS)


_NANOSECONDS = [-(2**63) + 1, -1, 0, 1_709_168_523_000_000_004, 2**63 - 1, None]


def _nanoseconds(zone: str | None) -> Case:
    type_ = pa.timestamp("ns", zone)
    column = pa.array(_NANOSECONDS, pa.int64()).cast(type_)
    schema = pa.schema([pa.field("id", pa.int64(), nullable=False), pa.field("c0", type_)])
    rows = pa.table([pa.array(range(len(column)), pa.int64()), column], schema=schema)
    return Case(schema, [Append(rows)], rows, versions=(3,), java=True)


def _unknown() -> Case:
    schema = pa.schema([pa.field("id", pa.int64(), nullable=False), pa.field("c0", pa.null())])
    rows = pa.table([pa.array([0, 1], pa.int64()), pa.nulls(2)], schema=schema)
    return Case(schema, [Append(rows)], rows, versions=(3,))


_JSON = [
    '{"a": 1, "b": {"c": "x", "d": [1, 2.5, null, true]}}',
    "[]",
    "null",
    '"text"',
    "12345678901234567890",
    '{"a": "no number", "e": 1.5e300}',
    None,
]


def _variant() -> Case:
    schema = pa.schema([pa.field("id", pa.int64(), nullable=False), json_field("c0")])
    rows = pa.table([pa.array(range(len(_JSON)), pa.int64()), pa.array(_JSON)], schema=schema)
    return Case(schema, [Append(rows)], rows, versions=(3,))


_WKB = [
    struct.pack("<BIdd", 1, 1, 30.5, -10),  # a point
    struct.pack("<BII4d", 1, 2, 2, 30, 10, 10, 30),  # a line of two
    struct.pack("<BIdd", 1, 1, 0, 0),
    None,
]


def _shapes(type_name: str) -> Case:
    shapes = pa.field("c0", pa.binary(), metadata={"iceberg-type": type_name})
    schema = pa.schema([pa.field("id", pa.int64(), nullable=False), shapes])
    rows = pa.table([pa.array(range(len(_WKB)), pa.int64()), pa.array(_WKB)], schema=schema)
    return Case(schema, [Append(rows)], rows, versions=(3,), java=True)


TYPES = {
    "boolean, int, long": _types(["boolean", "int", "long"]),
    "float, double": _types(["float", "double"]),
    "decimal": _types([name for name in SAMPLES if name.startswith("decimal")]),
    "date, timestamp, timestamptz": _types(["date", "timestamp", "timestamptz"]),
    "string, binary": _types(["string", "binary"]),
    "time": _types(["time"])._replace(java=True),
    "uuid": _types(["uuid"])._replace(java=True),
    "fixed": _types(["fixed[4]"])._replace(java=True),
    "struct, list, map": _nested(),
    "timestamp_ns": _nanoseconds(None),
    "timestamptz_ns": _nanoseconds("UTC"),
    "geometry": _shapes("geometry"),
    "geography": _shapes("geography"),
    "unknown": _unknown(),
    "variant": _variant(),
    "variant, shredded": _variant()._replace(properties=["write.parquet.shred-variants=true"]),
}

_PARTITIONED = pa.schema(
    [
        pa.field("id", pa.int64(), nullable=False),
        pa.field("flag", pa.bool_()),
        pa.field("number", pa.int32()),
        pa.field("text", pa.string()),
        pa.field("price", pa.decimal128(9, 2)),
        pa.field("day", pa.date32()),
        pa.field("moment", pa.timestamp("us")),
        pa.field("zoned", pa.timestamp("us", "UTC")),
    ]
)


def _partitioned_rows() -> pa.Table:
    epoch = dt.datetime(1970, 1, 1)
    moments = [epoch + dt.timedelta(hours=37 * i - 60) for i in range(7)]
    columns: list[list[object]] = [
        list(range(8)),
        [True, False, True, None, False, True, True, None],
        [-11, -10, -1, 0, 1, 9, 10, None],
        ["a", "ab", "abc", "a/b=c?&%2F #", "", "é ünïcode", "𝄞𝄞𝄞", None],
        [*(Decimal(n) / 100 for n in (-1001, -1000, -1, 0, 1, 999, 1000)), None],
        [*(m.date() for m in moments), None],
        [*moments, None],
        [*(m.replace(tzinfo=dt.UTC) for m in moments), None],
    ]
    return _table(_PARTITIONED, columns)


_ROWS = _partitioned_rows()


def _partitioned(*terms: str, filters: dict[str, list[int]]) -> Case:
    steps: list[Step] = [Append(_ROWS.slice(0, 5)), Append(_ROWS.slice(5))]
    return Case(_PARTITIONED, steps, _ROWS, terms, list(filters), list(filters.values()))


_MOMENTS = {
    "moment >= '1970-01-01T00:00:00'": [2, 3, 4, 5, 6],
    "moment < '1969-12-30T00:00:00'": [0],
}

PARTITIONING = {
    "identity": _partitioned(
        "text",
        "number",
        "flag",
        filters={"text = 'ab'": [1], "number > 0": [4, 5, 6], "text IS NULL": [7]},
    ),
    "identity of date, decimal": _partitioned(
        "day", "price", filters={"day = '1969-12-31'": [1], "price >= 9.99": [5, 6]}
    ),
    "bucket": _partitioned(
        "bucket(4, id)",
        "bucket(2, text)",
        "bucket(2, price)",
        "bucket(3, zoned)",
        filters={"id = 3": [3], "text = 'abc'": [2], "price = 0.01": [4]},
    ),
    "truncate": _partitioned(
        "truncate(2, text)",
        "truncate(10, number)",
        filters={"text = 'abc'": [2], "number < -1": [0, 1]},
    ),
    "truncate of decimal": _partitioned(
        "truncate(100, price)", filters={"price = -10.00": [1], "price > 9.98": [5, 6]}
    ),
    "year": _partitioned("year(moment)", filters=_MOMENTS),
    "month": _partitioned("month(day)", filters={"day < '1970-01-01'": [0, 1]}),
    "day": _partitioned("day(zoned)", filters={"zoned < '1969-12-31T00:00:00+00:00'": [0]}),
    "hour": _partitioned("hour(moment)", filters=_MOMENTS),
}

_ID = pa.field("id", pa.int64(), nullable=False)
_TEXT = pa.field("text", pa.string())


def _evolution(before: list[pa.Field], change: str, after: pa.Table, more: pa.Table) -> Case:
    """Return a table with one row before the change, and `more` rows after it."""
    schema = pa.schema([_ID, *before])
    old: list[list[object]] = [[1], *([_OLD[field.name]] for field in before)]
    steps: list[Step] = [Append(_table(schema, old)), Alter(change), Append(more)]
    return Case(schema, steps, after)


_POINT = pa.struct([("x", pa.int32()), ("y", pa.string())])
_WIDER_POINT = pa.struct([("x", pa.int64()), ("why", pa.string()), ("z", pa.int32())])
_OLD: dict[str, object] = {
    "text": "old",
    "number": 7,
    "ratio": 0.5,
    "price": Decimal("1.25"),
    "point": {"x": 1, "y": "one"},
}
_LONG = pa.field("number", pa.int64())
_NUMBER = pa.field("number", pa.int32())


def _rows(fields: list[pa.Field], *rows: list[object]) -> pa.Table:
    columns = [list(column) for column in zip(*rows, strict=True)]
    return _table(pa.schema(fields), columns)


def _change(
    before: list[pa.Field], change: str, after: list[pa.Field], *rows: list[object]
) -> Case:
    """Return the case whose last row comes after the change."""
    return _evolution(before, change, _rows(after, *rows), _rows(after, rows[-1]))


_WIDE = [
    pa.field("number", pa.int32()),
    pa.field("ratio", pa.float32()),
    pa.field("price", pa.decimal128(5, 2)),
]
_WIDER = [
    pa.field("number", pa.int64()),
    pa.field("ratio", pa.float64()),
    pa.field("price", pa.decimal128(12, 2)),
]

SCHEMA_EVOLUTION = {
    "add a column": _change(
        [_TEXT], "add", [_ID, _TEXT, _LONG], [1, "old", None], [2, "new", 2**40]
    ),
    "rename a column": _change(
        [_TEXT], "rename", [_ID, pa.field("words", pa.string())], [1, "old"], [2, "new"]
    ),
    "drop a column, add another by its name": _change(
        [_TEXT], "drop and add", [_ID, pa.field("text", pa.int32())], [1, None], [2, 5]
    ),
    "widen int, float, decimal": _change(
        _WIDE,
        "widen",
        [_ID, *_WIDER],
        [1, 7, 0.5, Decimal("1.25")],
        [2, 2**40, 1e300, Decimal("1234567890.12")],
    ),
    "move a column": _change([_TEXT], "move", [_TEXT, _ID], ["old", 1], ["new", 2]),
    "change fields of a struct": _change(
        [pa.field("point", _POINT)],
        "nested",
        [_ID, pa.field("point", _WIDER_POINT)],
        [1, {"x": 1, "why": "one", "z": None}],
        [2, {"x": 2**40, "why": "two", "z": 3}],
    ),
    "add a column with a default": _change(
        [_TEXT], "default", [_ID, _TEXT, _NUMBER], [1, "old", 42], [2, "new", 7]
    )._replace(versions=(3,)),
    "make a column optional": _change(
        [_TEXT], "optional", [pa.field("id", pa.int64()), _TEXT], [1, "old"], [None, "new"]
    ),
}


def _spec_evolution(terms: list[str], change: str) -> Case:
    later = _ROWS.set_column(0, _ID, pa.array(range(10, 18), pa.int64()))
    steps: list[Step] = [Append(_ROWS), Alter(change), Append(later)]
    filters = {"id = 13": [13], "text = 'ab'": [1, 11], "number > 0": [4, 5, 6, 14, 15, 16]}
    return Case(
        _PARTITIONED,
        steps,
        pa.concat_tables([_ROWS, later]),
        terms,
        list(filters),
        list(filters.values()),
    )


SPEC_EVOLUTION = {
    "partition a table": _spec_evolution([], "add bucket"),
    "add a field": _spec_evolution(["text"], "add bucket"),
    "remove a field": _spec_evolution(["text", "number"], "remove text"),
    "replace a field": _spec_evolution(["month(moment)"], "replace month by day"),
}


def _deletes(version: int, *terms: str) -> Case:
    steps: list[Step] = [Append(_ROWS), Delete([1, 2, 7]), Delete([4])]
    kept = [0, 3, 5, 6]
    filters = {"id <= 4": [0, 3], "number > 0": [5, 6]}
    return Case(
        _PARTITIONED,
        steps,
        _ROWS.take(kept),
        terms,
        list(filters),
        list(filters.values()),
        (version,),
    )


POSITION_DELETES = {
    "of a table without partitions": _deletes(2),
    "of a partitioned table": _deletes(2, "bucket(2, id)"),
}
DELETION_VECTORS = {
    "of a table without partitions": _deletes(3),
    "of a partitioned table": _deletes(3, "bucket(2, id)"),
}
EQUALITY_DELETES = {
    "of a table without partitions": Case(
        _PARTITIONED,
        [Append(_ROWS), DeleteEqual([1, 2]), Append(_ROWS.slice(2, 1))],
        _ROWS.take([0, 3, 4, 5, 6, 7, 2]),
        filters=["id <= 3"],
        matching=[[0, 2, 3]],
        versions=(2, 3),
    )
}

_STORED = _types(["boolean", "int", "long", "float", "double", "string", "binary", "date"])


def _stored(*properties: str) -> Case:
    return _STORED._replace(properties=properties, versions=(2,))


FILES = {
    "data files in ORC": _stored("write.format.default=orc"),
    "data files in Avro": _stored("write.format.default=avro"),
    "data files in Avro, snappy": _stored(
        "write.format.default=avro", "write.avro.compression-codec=snappy"
    ),
    **{
        f"data files in Parquet, {codec}": _stored(f"write.parquet.compression-codec={codec}")
        for codec in ("snappy", "gzip", "lz4", "brotli", "uncompressed")
    },
    "Parquet with Bloom filters": _stored(
        "write.parquet.bloom-filter-enabled.column.c5=true",
        "write.parquet.bloom-filter-max-bytes=1024",
    ),
    **{
        f"manifests, {codec}": _stored(f"write.manifest.compression-codec={codec}")
        for codec in ("snappy", "uncompressed")
    },
    "manifests, zstd": _stored("write.manifest.compression-codec=zstd")._replace(
        aborts_duckdb=True
    ),
    "metadata, gzip": _stored("write.metadata.compression-codec=gzip"),
}

FEATURES: dict[str, dict[str, Case]] = {
    "Types": TYPES,
    "Partition transforms": PARTITIONING,
    "Schema evolution": SCHEMA_EVOLUTION,
    "Partition evolution": SPEC_EVOLUTION,
    "Position deletes": POSITION_DELETES,
    "Deletion vectors": DELETION_VECTORS,
    "Equality deletes": EQUALITY_DELETES,
    "Files": FILES,
}
