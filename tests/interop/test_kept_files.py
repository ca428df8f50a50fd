"""What a commit of floe keeps of older data files is what PyIceberg and floe wrote of them."""

from typing import Any

import pyarrow as pa
import pytest
from lake import Lake
from pyiceberg.manifest import ManifestEntryStatus

SCHEMA = pa.schema([("id", pa.int64()), ("x", pa.float64())])
FACTS = [
    "file_path",
    "file_format",
    "record_count",
    "file_size_in_bytes",
    "column_sizes",
    "value_counts",
    "null_value_counts",
    "nan_value_counts",
    "lower_bounds",
    "upper_bounds",
    "split_offsets",
    "sort_order_id",
    "spec_id",
]


def rows(*ids: int) -> pa.Table:
    values = [None if i % 3 == 0 else float("nan") if i % 3 == 1 else i / 2 for i in ids]
    return pa.table([pa.array(ids, pa.int64()), pa.array(values, pa.float64())], schema=SCHEMA)


def plain(value: Any) -> Any:
    """Return a map as a dictionary; none and an empty one say the same."""
    return dict(value.items()) if hasattr(value, "items") else value or {}


def entries(lake: Lake) -> dict[int, tuple[Any, ...]]:
    """Return all that entries of live files say, by the partition."""
    table = lake.pyiceberg.load("t")
    snapshot = table.current_snapshot()
    assert snapshot is not None
    found = {}
    for manifest in snapshot.manifests(table.io):
        for entry in manifest.fetch_manifest_entry(table.io, discard_deleted=False):
            numbers = (entry.snapshot_id, entry.sequence_number, entry.file_sequence_number)
            facts = tuple(plain(getattr(entry.data_file, name)) for name in FACTS)
            key = entry.data_file.partition[0]
            if entry.status != ManifestEntryStatus.DELETED:
                assert key not in found
                found[key] = (numbers, facts)
            else:
                assert entry.snapshot_id == snapshot.snapshot_id
    return found


@pytest.mark.parametrize("writer", ["floe", "pyiceberg"])
def test_a_rewritten_manifest_keeps_ids_numbers_and_metrics(lake: Lake, writer: str) -> None:
    lake.engine(writer).create("t", SCHEMA, ["id"])
    lake.engine(writer).append("t", rows(0, 1, 2))
    lake.engine(writer).append("t", rows(3, 4, 5))
    before = entries(lake)
    assert sorted(before) == [0, 1, 2, 3, 4, 5]
    lake.floe.load("t").dynamic_partition_overwrite(rows(1, 6))
    after = entries(lake)
    assert sorted(after) == [0, 1, 2, 3, 4, 5, 6]
    assert {key: after[key] for key in (0, 2, 3, 4, 5)} == {
        key: before[key] for key in (0, 2, 3, 4, 5)
    }
    assert after[1][0][1:] == after[6][0][1:] == (3, 3)
    lake.floe.load("t").overwrite(rows(2), overwrite_filter="id in (2, 4)")
    again = entries(lake)
    assert sorted(again) == [0, 1, 2, 3, 5, 6]
    assert {key: again[key] for key in (0, 1, 3, 5, 6)} == {
        key: after[key] for key in (0, 1, 3, 5, 6)
    }


def test_entries_of_deleted_files_are_not_kept_twice(lake: Lake) -> None:
    lake.floe.create("t", SCHEMA, ["id"])
    lake.floe.append("t", rows(0, 1, 2))
    for id_ in (0, 1):
        lake.floe.load("t").dynamic_partition_overwrite(rows(id_))
    table = lake.pyiceberg.load("t")
    snapshot = table.current_snapshot()
    assert snapshot is not None
    deleted = [
        entry.data_file.partition[0]
        for manifest in snapshot.manifests(table.io)
        for entry in manifest.fetch_manifest_entry(table.io, discard_deleted=False)
        if entry.status == ManifestEntryStatus.DELETED
    ]
    assert deleted == [1]
    assert snapshot.summary is not None
    assert snapshot.summary["total-data-files"] == "3"
