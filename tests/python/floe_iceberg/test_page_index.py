"""Page indexes as other writers have them, or as nobody should, never lose a row."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from parquet_footer import I32, I64, Struct, column_chunks, encode, parse, read_footer, write_footer
from warehouse import data_files, make_catalog, make_table

from floe_core.errors import CorruptFileError
from floe_iceberg import Table

ROWS = pa.table(
    {
        "key": [f"key {i:05}" for i in range(1_000)],
        "value": pa.array([i / 2 if i % 7 else None for i in range(1_000)], pa.float64()),
    }
)
NULL_PAGES, MINS, MAXES, NULL_COUNTS = 1, 2, 3, 5  # of ColumnIndex
OFFSET, LENGTH = 6, 7  # of the column index, in ColumnChunk
FILTERS = {
    "key = 'key 00507'": 1,
    "key in ('key 00000', 'key 00999', 'key 01000')": 2,
    "key like 'key 0050%'": 10,
    "key < 'key 00003'": 3,
    "key > 'key 00997'": 2,
    "value = 250.5": 1,
    "value is null and key < 'key 00020'": 3,
    "value >= 1.0 and value < 2.0": 2,
}

Change = Callable[[Struct], None]


def rewritten(folder: Path, change: Change) -> tuple[Table, Path]:
    """Return a table whose file has changed column indexes, and the file."""
    table = make_table(
        make_catalog(folder), ROWS, properties={"write.parquet.page-row-limit": "20"}
    )
    (path,) = data_files(table)
    footer = read_footer(path)
    data = path.read_bytes()
    end = len(data) - 8 - struct.unpack("<I", data[-8:-4])[0]
    added = b""
    for chunk in column_chunks(footer):
        index = parse(data[chunk[OFFSET][1] :])
        change(index)
        encoded = encode(index)
        chunk[OFFSET], chunk[LENGTH] = (I64, end + len(added)), (I32, len(encoded))
        added += encoded
    write_footer(path, footer, added)
    return table, path


def cut_short(index: Struct) -> None:
    """Cut texts as Java's writer does: the largest is counted up where it was cut."""
    element, lows = index[MINS][1]
    if all(len(low) == 9 for low in lows):
        index[MINS] = (index[MINS][0], (element, [low[:7] for low in lows]))
        highs = [high[:6] + bytes([high[6] + 1]) for high in index[MAXES][1][1]]
        index[MAXES] = (index[MAXES][0], (element, highs))


def without_null_counts(index: Struct) -> None:
    del index[NULL_COUNTS]


def of_fewer_pages(index: Struct) -> None:
    for field in (NULL_PAGES, MINS, MAXES, NULL_COUNTS):
        kind, (element, values) = index[field]
        index[field] = (kind, (element, values[1:]))


def of_more_nulls_than_rows(index: Struct) -> None:
    kind, (element, counts) = index[NULL_COUNTS]
    index[NULL_COUNTS] = (kind, (element, [1_000 for _ in counts]))


def of_nan(index: Struct) -> None:
    kind, (element, lows) = index[MINS]
    nan = struct.pack("<d", float("nan"))
    index[MINS] = (kind, (element, [nan if len(low) == 8 else low for low in lows]))


@pytest.mark.parametrize(
    "change",
    [cut_short, without_null_counts, of_fewer_pages, of_more_nulls_than_rows, of_nan],
    ids=lambda change: change.__name__,
)
def test_rows_are_found(tmp_path: Path, change: Change) -> None:
    table, _ = rewritten(tmp_path, change)
    for text, count in FILTERS.items():
        assert table.scan(text).to_arrow().num_rows == count, text
        assert table.scan(text).count() == count, text


def test_what_the_index_says_is_believed(tmp_path: Path) -> None:
    def shifted(index: Struct) -> None:
        kind, (element, lows) = index[MINS]
        index[MINS] = (kind, (element, [*lows[1:], lows[-1]]))

    table, _ = rewritten(tmp_path, shifted)
    assert table.scan("key = 'key 00501'").to_arrow().num_rows == 0
    unpruned: dict[str, Any] = {"prune_row_groups": False}
    assert table.scan("key = 'key 00501'", options=unpruned).to_arrow().num_rows == 1


def test_an_index_that_does_not_decode_is_named(tmp_path: Path) -> None:
    table, path = rewritten(tmp_path, cut_short)
    footer = read_footer(path)
    for chunk in column_chunks(footer):
        chunk[LENGTH] = (I32, 20)
    write_footer(path, footer)
    with pytest.raises(CorruptFileError, match=path.name):
        table.scan("key = 'key 00507'").to_arrow()


def test_an_index_outside_of_the_file_is_left_alone(tmp_path: Path) -> None:
    table, path = rewritten(tmp_path, cut_short)
    footer = read_footer(path)
    for chunk in column_chunks(footer):
        chunk[OFFSET] = (I64, 1 << 60)
    write_footer(path, footer)
    assert table.scan("key = 'key 00507'").to_arrow().num_rows == 1
