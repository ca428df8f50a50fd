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
from bench.many_files import make_many_files

__all__ = [
    "MONTH",
    "PROPERTIES",
    "ROW_GROUP_ROWS",
    "ZSTD_LEVEL",
    "cache_folder",
    "commit_rows",
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
# One of the 84 months of lineitem.
MONTH = "l_shipdate >= '1995-03-01' and l_shipdate < '1995-04-01'"
SNAPSHOTS = 2_000
ROWS_PER_COMMIT = 1_000
LONG_HISTORY = 50_000


def cache_folder() -> Path:
    """Return where prepared data lives."""
    default = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "floe"
    return Path(os.environ.get("FLOE_CACHE", default)) / "bench"


def commit_rows() -> pa.Table:
    """Return the rows of one small commit."""
    numbers = range(ROWS_PER_COMMIT)
    return pa.table(
        {
            "id": pa.array(numbers, pa.int64()),
            "name": [f"row {i}" for i in numbers],
            "value": [i / 7 for i in numbers],
        }
    )


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
    folder = cache_folder() / _FOLDERS.get(name, name).format(scale=scale)
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
    make_many_files(folder)


def _make_rest_tables(folder: Path, _scale: float) -> None:
    from bench.rest_catalog import make_rest_tables  # which imports this module

    make_rest_tables(folder)


def _make_store_lineitem(folder: Path, scale: float) -> None:
    from bench.object_store import make_store_lineitem  # which imports this module

    make_store_lineitem(folder, scale)


def _make_store_files(folder: Path, scale: float) -> None:
    from bench.object_store import make_store_files  # which imports this module

    make_store_files(folder, scale)


def _make_long_history(folder: Path, _scale: float) -> None:
    make_long_history(open_floe(folder, fsync=False), folder / "catalog.db", LONG_HISTORY)


# Another name for another content, so that what an older checkout prepared is not taken.
_FOLDERS = {
    "lineitem": "lineitem-{scale:g}",
    "files": "files-16",
    "store_lineitem": "store-lineitem-{scale:g}",
    "store_files": "store-files-200",
    "long_history": f"history-{LONG_HISTORY}",
}
_MAKERS = {
    "lineitem": _make_lineitem,
    "snapshots": _make_snapshots,
    "long_history": _make_long_history,
    "files": _make_files,
    "rest": _make_rest_tables,
    "store_lineitem": _make_store_lineitem,
    "store_files": _make_store_files,
}
