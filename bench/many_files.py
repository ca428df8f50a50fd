"""Makes a table of 100,000 files that don't exist: planning reads metadata only.

PyIceberg's encoders write it, as one large deflate block per manifest, as Java's writers do.
"""

from pathlib import Path
from typing import Any

from pyiceberg.catalog import Catalog, load_catalog
from pyiceberg.manifest import (
    DataFile,
    DataFileContent,
    FileFormat,
    ManifestEntry,
    ManifestEntryStatus,
    ManifestFile,
    write_manifest,
    write_manifest_list,
)
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.table.snapshots import Operation, Snapshot, Summary
from pyiceberg.table.update import AddSnapshotUpdate, SetSnapshotRefUpdate
from pyiceberg.transforms import DayTransform
from pyiceberg.typedef import Record
from pyiceberg.types import DoubleType, LongType, NestedField, StringType, TimestampType

__all__ = ["LABELS", "VALUES", "make_many_files"]

MANIFESTS = 100
FILES_PER_MANIFEST = 1_000
FILES_PER_DAY = 100
ROWS_PER_FILE = 1_000
FIRST_DAY = 19_000  # 2022-01-08
DAY_MICROS = 86_400_000_000
SNAPSHOT_ID = 4_000_000_000_000_000_001
# The ids of its 16 columns: id, ts, and these, of doubles and of strings.
VALUES = range(3, 11)
LABELS = range(11, 17)
COLUMNS = range(1, 17)


def _schema() -> Schema:
    return Schema(
        NestedField(1, "id", LongType(), required=False),
        NestedField(2, "ts", TimestampType(), required=False),
        *(NestedField(i, f"value_{i}", DoubleType(), required=False) for i in VALUES),
        *(NestedField(i, f"label_{i}", StringType(), required=False) for i in LABELS),
    )


def _bounds(number: int, day: int) -> dict[int, tuple[bytes, bytes]]:
    first = number * ROWS_PER_FILE + 1

    def packed(low: int, high: int) -> tuple[bytes, bytes]:
        return low.to_bytes(8, "little"), high.to_bytes(8, "little")

    return {
        1: packed(first, first + ROWS_PER_FILE - 1),
        2: packed(day * DAY_MICROS, (day + 1) * DAY_MICROS - 1),
        **dict.fromkeys(VALUES, (b"\x00" * 8, b"\x00\x00\x00\x00\x00\x00\xf0?")),
        **dict.fromkeys(LABELS, (b"aaaaaaaaaaaaaaaa", b"zzzzzzzzzzzzzzzz")),
    }


def _entry(table: Table, number: int) -> ManifestEntry:
    day = FIRST_DAY + number // FILES_PER_DAY
    bounds = _bounds(number, day)
    return ManifestEntry.from_args(
        status=ManifestEntryStatus.ADDED,
        snapshot_id=SNAPSHOT_ID,
        data_file=DataFile.from_args(
            content=DataFileContent.DATA,
            file_path=f"{table.location()}/data/ts_day={day}/{number:032x}.parquet",
            file_format=FileFormat.PARQUET,
            partition=Record(day),
            record_count=ROWS_PER_FILE,
            file_size_in_bytes=1_000_000,
            column_sizes={i: 60_000 + number * i * 7919 % 30_011 for i in COLUMNS},
            value_counts=dict.fromkeys(COLUMNS, ROWS_PER_FILE),
            null_value_counts=dict.fromkeys(COLUMNS, 0),
            nan_value_counts=dict.fromkeys(VALUES, 0),
            lower_bounds={i: b[0] for i, b in bounds.items()},
            upper_bounds={i: b[1] for i, b in bounds.items()},
            split_offsets=[4],
            sort_order_id=0,
            spec_id=table.spec().spec_id,
        ),
    )


def _write_manifest(table: Table, index: int) -> ManifestFile:
    output = table.io.new_output(f"{table.location()}/metadata/manifest-{index}.avro")
    with write_manifest(2, table.spec(), table.schema(), output, SNAPSHOT_ID, "deflate") as writer:
        # One block for all: add_entry() would make one per entry.
        blocks: list[Any] = []
        add, writer._writer.write_block = writer._writer.write_block, blocks.extend  # noqa: SLF001
        first = index * FILES_PER_MANIFEST
        for number in range(first, first + FILES_PER_MANIFEST):
            writer.add(_entry(table, number))
        add(blocks)
    return writer.to_manifest_file()


def _commit(catalog: Catalog, table: Table, manifest_list: str) -> None:
    snapshot = Snapshot(
        snapshot_id=SNAPSHOT_ID,
        sequence_number=1,
        timestamp_ms=table.metadata.last_updated_ms + 1,
        manifest_list=manifest_list,
        summary=Summary(Operation.APPEND),
        schema_id=table.schema().schema_id,
    )
    catalog.commit_table(
        table,
        requirements=(),
        updates=(
            AddSnapshotUpdate(snapshot=snapshot),
            SetSnapshotRefUpdate(ref_name="main", type="branch", snapshot_id=SNAPSHOT_ID),
        ),
    )


def make_many_files(folder: Path) -> None:
    """Create `bench.t` in a new catalog in `folder`."""
    catalog = load_catalog(
        "bench",
        type="sql",
        uri=f"sqlite:///{folder / 'catalog.db'}",
        warehouse=str(folder / "warehouse"),
    )
    catalog.create_namespace("bench")
    spec = PartitionSpec(PartitionField(2, 1000, DayTransform(), "ts_day"))
    table = catalog.create_table("bench.t", _schema(), partition_spec=spec)
    manifests = [_write_manifest(table, index) for index in range(MANIFESTS)]
    manifest_list = f"{table.location()}/metadata/snap-{SNAPSHOT_ID}.avro"
    with write_manifest_list(
        2, table.io.new_output(manifest_list), SNAPSHOT_ID, None, 1, "deflate"
    ) as writer:
        writer.add_manifests(manifests)
    _commit(catalog, table, manifest_list)
