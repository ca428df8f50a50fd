"""Filters that keep a few rows of each row group, whose columns are not decoded as a whole."""

import datetime as dt
import uuid
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from warehouse import data_files, make_catalog, make_table

from floe_iceberg import Table

ROWS = 5_000
START = dt.datetime(2020, 1, 1)
UTC = dt.UTC

VALUES = {
    "bool": (pa.bool_(), lambda i: i % 3 == 0),
    "int": (pa.int32(), lambda i: -i),
    "long": (pa.int64(), lambda i: i << 33),
    "float": (pa.float32(), lambda i: i / 4),
    "double": (pa.float64(), lambda i: float("inf") if i % 50 == 0 else i / 3),
    "decimal_int": (pa.decimal128(9, 2), lambda i: Decimal(-i) / 100),
    "decimal_long": (pa.decimal128(18, 4), lambda i: Decimal(i * 10**9 - 7) / 10_000),
    "decimal_bytes": (pa.decimal128(38, 0), lambda i: Decimal(-(10**30) - i)),
    "date": (pa.date32(), lambda i: dt.date(1960, 1, 1) + dt.timedelta(i)),
    "time": (pa.time64("us"), lambda i: dt.time(i % 24, i % 60, 1, i)),
    "timestamp": (pa.timestamp("us"), lambda i: START + dt.timedelta(minutes=i)),
    "timestamptz": (
        pa.timestamp("us", "UTC"),
        lambda i: START.replace(tzinfo=UTC) - dt.timedelta(i),
    ),
    "few": (pa.string(), lambda i: f"group {i % 7}"),
    "string": (pa.string(), lambda i: f"row {i} ünique" * (i % 4)),
    "binary": (pa.binary(), lambda i: i.to_bytes(4, "big")),
    "fixed": (pa.binary(5), lambda i: f"{i:05}".encode()),
    "uuid": (pa.uuid(), lambda i: uuid.UUID(int=i).bytes),
    "struct": (
        pa.struct([("a", pa.int32()), ("b", pa.string())]),
        lambda i: {"a": i, "b": None if i % 2 else f"b{i}"},
    ),
    "list": (pa.list_(pa.int64()), lambda i: [i] * (i % 4)),
    "map": (pa.map_(pa.string(), pa.float64()), lambda i: [(str(k), k / 2) for k in range(i % 3)]),
}


def sample(*, nulls: bool) -> pa.Table:
    """Return rows of all types; every eleventh value is null, or none."""
    columns = {"id": pa.array(range(ROWS), pa.int64())}
    for at, (name, (kind, value)) in enumerate(VALUES.items()):
        values = [None if nulls and (i + at) % 11 == 0 else value(i) for i in range(ROWS)]
        columns[name] = pa.array(values, kind)
    return pa.table(columns)


# Gaps of one length, runs of many rows, both ends, one row, and rows of one row group only.
KEPT = {
    "each fortieth": list(range(0, ROWS, 40)),
    "runs": [i for i in range(ROWS) if i % 700 < 90],
    "first and last": [0, ROWS - 1],
    "one": [1_234],
    "one row group": list(range(1_024, 1_060, 3)),
}


def select(table: Table, ids: list[int]) -> pa.Table:
    text = ", ".join(map(str, ids))
    return table.scan(f"id in ({text})").to_arrow()


@pytest.mark.parametrize("nulls", [True, False], ids=["nulls", "no nulls"])
def test_the_rows_that_are_kept_are_the_same(tmp_path: Path, *, nulls: bool) -> None:
    rows = sample(nulls=nulls)
    properties = {"write.parquet.row-group-limit": 1_024, "write.parquet.page-row-limit": 100}
    table = make_table(make_catalog(tmp_path), rows, properties=properties)
    (path,) = data_files(table)
    assert pq.ParquetFile(path).num_row_groups == 5
    everything = table.scan().to_arrow().sort_by("id")
    assert everything.equals(rows.cast(everything.schema))
    for name, ids in KEPT.items():
        kept = select(table, ids).sort_by("id")
        kept.validate(full=True)
        assert kept.equals(everything.take(ids)), name
        assert kept.schema.equals(everything.schema, check_metadata=True)


def test_columns_that_came_later_and_promoted_ones_are_read(tmp_path: Path) -> None:
    catalog = make_catalog(tmp_path)
    ids = pa.array(range(ROWS), pa.int64())
    old = pa.table(
        {
            "id": ids,
            "n": pa.array(range(ROWS), pa.int32()),
            "x": pa.array(range(ROWS), pa.float32()),
            "d": pa.array([Decimal(i) for i in range(ROWS)], pa.decimal128(8, 0)),
        }
    )
    table = make_table(catalog, old)
    new = pa.table(
        {
            "id": pa.array([ROWS], pa.int64()),
            "n": pa.array([1 << 40], pa.int64()),
            "x": pa.array([0.1], pa.float64()),
            "d": pa.array([Decimal(10) ** 17], pa.decimal128(18, 0)),
            "later": ["here"],
        }
    )
    table.append(new, evolve_schema=True)
    ids_kept = [3, 1_003, 2_003, ROWS]
    kept = select(table, ids_kept).sort_by("id")
    assert (
        kept.to_pylist()
        == [{"id": i, "n": i, "x": float(i), "d": Decimal(i), "later": None} for i in ids_kept[:-1]]
        + new.to_pylist()
    )


def test_batches_are_no_larger_than_asked_for(tmp_path: Path) -> None:
    table = make_table(make_catalog(tmp_path), sample(nulls=False).select(["id", "string"]))
    ids = KEPT["runs"]
    text = ", ".join(map(str, ids))
    reader = table.scan(f"id in ({text})", options={"batch_rows": 64}).to_arrow_batch_reader()
    batches = list(reader)
    assert max(batch.num_rows for batch in batches) == 64
    found = [i for batch in batches for i in batch.column("id").to_pylist()]
    assert sorted(found) == ids
