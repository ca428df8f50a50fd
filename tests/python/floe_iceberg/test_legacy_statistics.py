"""Bounds that old writers ordered otherwise prune nothing."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from parquet_footer import BINARY, Struct, column_chunks, read_footer, write_footer
from warehouse import data_files, make_catalog, make_table

from floe_iceberg import Table
from floe_iceberg.expressions import EqualTo

ROWS = pa.table(
    {
        "s": ["a", "é", "z"],
        "b": pa.array([b"\x01", b"\x7f", b"\xff"], pa.binary()),
        "d": pa.array([Decimal("-1.00"), Decimal("0.00"), Decimal("1.00")], pa.decimal128(20, 2)),
    }
)
COLUMN_ORDERS, CREATED_BY = 7, 6  # of FileMetaData
PAGE_INDEX = (4, 5, 6, 7)  # of ColumnChunk
META_DATA, STATISTICS = 3, 12  # of ColumnChunk, ColumnMetaData
MAX, MIN, MAX_VALUE, MIN_VALUE = 1, 2, 5, 6  # of Statistics
# The ends by signed bytes: smallest, largest. No value lies between them in the order of today.
SIGNED = [
    ("é".encode(), b"z"),
    (b"\xff", b"\x7f"),
    ((1).to_bytes(9, "big"), (-1).to_bytes(9, "big", signed=True)),
]


def rewritten(folder: Path, fields: tuple[int, int], **changes: Any) -> Table:
    """Return a table whose file has bounds of another order in two fields of its statistics."""
    table = make_table(make_catalog(folder), ROWS)
    (path,) = data_files(table)
    footer = read_footer(path)
    write_footer(path, footer)
    assert pq.read_table(path).num_rows == ROWS.num_rows
    for chunk, (low, high) in zip(column_chunks(footer), SIGNED, strict=True):
        statistics: Struct = chunk[META_DATA][1][STATISTICS][1]
        for field in (MAX, MIN, MAX_VALUE, MIN_VALUE):
            statistics.pop(field, None)
        statistics[fields[0]] = (BINARY, low)
        statistics[fields[1]] = (BINARY, high)
        for field in PAGE_INDEX:
            del chunk[field]
    if changes.get("without_orders"):
        del footer[COLUMN_ORDERS]
    if "created_by" in changes:
        footer[CREATED_BY] = (BINARY, changes["created_by"])
    write_footer(path, footer)
    return table


def found(table: Table) -> int:
    """Count the values that a filter for each finds."""
    return sum(
        table.scan(EqualTo(name, value)).to_arrow().num_rows
        for name in ROWS.column_names
        for value in ROWS[name].to_pylist()
    )


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"without_orders": True},
        {"without_orders": True, "created_by": b"parquet-mr version 1.6.0"},
    ],
    ids=str,
)
def test_fields_of_the_old_order_are_not_used(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert found(rewritten(tmp_path, (MIN, MAX), **changes)) == 9


def test_fields_of_today_are_not_used_without_an_order(tmp_path: Path) -> None:
    assert found(rewritten(tmp_path, (MIN_VALUE, MAX_VALUE), without_orders=True)) == 9


def test_fields_of_today_are_believed(tmp_path: Path) -> None:
    assert found(rewritten(tmp_path, (MIN_VALUE, MAX_VALUE))) < 9
