"""Prepares what the measurements read: made once, kept in the cache folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

import floe_iceberg
from bench.long_history import make_long_history

__all__ = [
    "PROPERTIES",
    "ROW_GROUP_ROWS",
    "ZSTD_LEVEL",
    "cache_folder",
    "open_floe",
    "prepare",
    "read_rows",
]

ZSTD_LEVEL = 3
ROW_GROUP_ROWS = 1_048_576
# The same for floe and PyIceberg; the pyarrow worker passes the same values to its writer.
PROPERTIES = {
    "write.parquet.compression-codec": "zstd",
    "write.parquet.compression-level": str(ZSTD_LEVEL),
    "write.parquet.row-group-limit": str(ROW_GROUP_ROWS),
}
MANIFESTS = 100
FILES_PER_MANIFEST = 1_000
SNAPSHOTS = 2_000
LONG_HISTORY = 5_000


def cache_folder() -> Path:
    """Return where prepared data lives."""
    default = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "floe"
    return Path(os.environ.get("FLOE_CACHE", default)) / "bench"


def open_floe(folder: Path, **properties: Any) -> floe_iceberg.Catalog:
    """Open the floe catalog of a folder."""
    uri = f"sqlite:///{folder / 'catalog.db'}"
    catalog = floe_iceberg.load_catalog(
        "bench", uri=uri, warehouse=str(folder / "warehouse"), **properties
    )
    catalog.create_namespace_if_not_exists("bench")
    return catalog


def lineitem(scale: float) -> Path:
    """Return TPC-H lineitem as Parquet."""
    folder = cache_folder() / f"tpch-{scale:g}"
    path = folder / "lineitem.parquet"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        tool = Path(sys.executable).parent / "tpchgen-cli"
        subprocess.run(
            [tool, "parquet", "-s", f"{scale:g}", "--tables=lineitem", f"--output-dir={folder}"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    return path


def read_rows(path: Path) -> pa.Table:
    """Return a Parquet file's rows, with plain strings: PyIceberg can't partition string views."""
    rows = pq.read_table(path)
    plain = [
        f.with_type(pa.string()) if pa.types.is_string_view(f.type) else f for f in rows.schema
    ]
    return rows.cast(pa.schema(plain))


def prepare(name: str, scale: float) -> Path:
    """Return the folder with the catalog of a prepared table, made if it is not there."""
    folder = cache_folder() / (f"lineitem-{scale:g}" if name == "lineitem" else name)
    done = folder / "done"
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _MAKERS[name](folder, scale)
        done.touch()
    return folder


def _make_lineitem(folder: Path, scale: float) -> None:
    rows = read_rows(lineitem(scale))
    table = open_floe(folder).create_table("bench.t", rows.schema, properties=PROPERTIES)
    table.append(rows)


def _make_snapshots(folder: Path, _scale: float) -> None:
    rows = pa.table(
        {"id": pa.array(range(10), pa.int64()), "name": [f"row {i}" for i in range(10)]}
    )
    table = open_floe(folder, fsync=False).create_table("bench.t", rows.schema)
    for _ in range(SNAPSHOTS):
        table.append(rows)


def _make_files(folder: Path, _scale: float) -> None:
    """Write the metadata of 100,000 files that don't exist: planning reads metadata only.

    PyIceberg's encoders write them, as one large deflate block per manifest, as Java's writers do.
    """
    from pyiceberg.catalog import load_catalog
    from pyiceberg.manifest import (
        DataFile,
        DataFileContent,
        FileFormat,
        ManifestEntry,
        ManifestEntryStatus,
        write_manifest,
        write_manifest_list,
    )
    from pyiceberg.partitioning import PartitionField, PartitionSpec
    from pyiceberg.schema import Schema
    from pyiceberg.table.snapshots import Operation, Snapshot, Summary
    from pyiceberg.table.update import AddSnapshotUpdate, SetSnapshotRefUpdate
    from pyiceberg.transforms import DayTransform
    from pyiceberg.typedef import Record
    from pyiceberg.types import DoubleType, LongType, NestedField, StringType, TimestampType

    catalog = load_catalog(
        "bench",
        type="sql",
        uri=f"sqlite:///{folder / 'catalog.db'}",
        warehouse=str(folder / "warehouse"),
    )
    catalog.create_namespace("bench")
    schema = Schema(
        NestedField(1, "id", LongType(), required=False),
        NestedField(2, "ts", TimestampType(), required=False),
        *(NestedField(i, f"value_{i}", DoubleType(), required=False) for i in range(3, 9)),
        *(NestedField(i, f"label_{i}", StringType(), required=False) for i in range(9, 13)),
    )
    spec = PartitionSpec(PartitionField(2, 1000, DayTransform(), "ts_day"))
    table = catalog.create_table("bench.t", schema, partition_spec=spec)
    spec = table.spec()
    fields = range(1, 13)
    snapshot_id = 4_000_000_000_000_000_001
    day_micros = 86_400_000_000
    metadata_folder = f"{table.location()}/metadata"
    manifests = []
    for m in range(MANIFESTS):
        entries = []
        for f in range(FILES_PER_MANIFEST):
            number = m * FILES_PER_MANIFEST + f
            day = 19_000 + number // 100
            low = {i: number * 1_000 + i for i in (1,)}
            bounds = {
                1: (low[1].to_bytes(8, "little"), (low[1] + 999).to_bytes(8, "little")),
                2: (
                    (day * day_micros).to_bytes(8, "little"),
                    ((day + 1) * day_micros - 1).to_bytes(8, "little"),
                ),
                **dict.fromkeys(range(3, 9), (b"\x00" * 8, b"\x00\x00\x00\x00\x00\x00\xf0?")),
                **dict.fromkeys(range(9, 13), (b"aaaaaaaaaaaaaaaa", b"zzzzzzzzzzzzzzzz")),
            }
            entries.append(
                ManifestEntry.from_args(
                    status=ManifestEntryStatus.ADDED,
                    snapshot_id=snapshot_id,
                    data_file=DataFile.from_args(
                        content=DataFileContent.DATA,
                        file_path=f"{table.location()}/data/ts_day={day}/{number:032x}.parquet",
                        file_format=FileFormat.PARQUET,
                        partition=Record(day),
                        record_count=1_000,
                        file_size_in_bytes=1_000_000,
                        column_sizes=dict.fromkeys(fields, 80_000),
                        value_counts=dict.fromkeys(fields, 1_000),
                        null_value_counts=dict.fromkeys(fields, 0),
                        nan_value_counts=dict.fromkeys(range(3, 9), 0),
                        lower_bounds={i: b[0] for i, b in bounds.items()},
                        upper_bounds={i: b[1] for i, b in bounds.items()},
                        split_offsets=[4],
                        sort_order_id=0,
                        spec_id=spec.spec_id,
                    ),
                )
            )
        output = table.io.new_output(f"{metadata_folder}/manifest-{m}.avro")
        with write_manifest(2, spec, table.schema(), output, snapshot_id, "deflate") as writer:
            # One block for all: add_entry() would make one per entry.
            add, blocks = writer._writer.write_block, []  # noqa: SLF001
            writer._writer.write_block = lambda objects, kept=blocks: kept.extend(objects)  # noqa: SLF001
            for entry in entries:
                writer.add(entry)
            add(blocks)
        manifests.append(writer.to_manifest_file())
    manifest_list = f"{metadata_folder}/snap-{snapshot_id}.avro"
    with write_manifest_list(
        2, table.io.new_output(manifest_list), snapshot_id, None, 1, "deflate"
    ) as list_writer:
        list_writer.add_manifests(manifests)
    snapshot = Snapshot(
        snapshot_id=snapshot_id,
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
            SetSnapshotRefUpdate(ref_name="main", type="branch", snapshot_id=snapshot_id),
        ),
    )


def _make_long_history(folder: Path, _scale: float) -> None:
    make_long_history(open_floe(folder, fsync=False), folder / "catalog.db", LONG_HISTORY)


_MAKERS = {
    "lineitem": _make_lineitem,
    "snapshots": _make_snapshots,
    "long_history": _make_long_history,
    "files": _make_files,
}
