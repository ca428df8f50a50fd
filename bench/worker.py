"""Does one work with one engine in this process, once, and prints what it took as JSON.

Called by run.py: `worker.py <work> <engine> <input> <scratch>`, where input is the Parquet file or
the folder with the catalog that the work reads, and scratch an empty folder for what it writes.
"""

import datetime as dt
import gc
import json
import mmap
import os
import resource
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bench import object_store, rest_catalog
from bench.data import (
    MONTH,
    PROPERTIES,
    ROW_GROUP_ROWS,
    ZSTD_LEVEL,
    commit_rows,
    open_floe,
    read_rows,
)
from bench.many_files import LABELS, VALUES

COMMITS = 200

# What a work returns is compared between engines; a run fails if they differ.
Task = Callable[[], dict[str, int]]


def open_pyiceberg(folder: Path, **properties: str) -> Any:
    """Open the folder's catalog with PyIceberg."""
    from pyiceberg.catalog import load_catalog

    return load_catalog(
        "bench",
        type="sql",
        uri=f"sqlite:///{folder / 'catalog.db'}",
        warehouse=str(folder / "warehouse"),
        **properties,
    )


def open_engine(engine: str, folder: Path) -> Any:
    """Open the folder's catalog with floe or PyIceberg."""
    return open_floe(folder) if engine == "floe" else open_pyiceberg(folder)


def bytes_below(folder: Path) -> int:
    """Return the size of all Parquet files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*.parquet"))


def new_table(engine: str, scratch: Path, schema: pa.Schema, *, months: bool) -> Any:
    """Create the table that a writing work fills."""
    if engine == "floe":
        spec = ["month(l_shipdate)"] if months else []
        return open_floe(scratch).create_table(
            "bench.t", schema, partition_spec=spec, properties=PROPERTIES
        )
    from pyiceberg.transforms import MonthTransform

    catalog = open_pyiceberg(scratch, **{"py-io-impl": "bench.synced_io.SyncedFileIO"})
    catalog.create_namespace("bench")
    table = catalog.create_table("bench.t", schema, properties=PROPERTIES)
    if months:
        with table.update_spec() as update:
            update.add_field("l_shipdate", MonthTransform())
    return table


def append(engine: str, source: Path, scratch: Path, *, months: bool = False) -> Task:
    """All rows of a Parquet file into a new table."""
    rows = read_rows(source)
    if engine == "pyarrow":

        def write() -> dict[str, int]:
            path = scratch / "rows.parquet"
            pq.write_table(
                rows,
                path,
                compression="zstd",
                compression_level=ZSTD_LEVEL,
                row_group_size=ROW_GROUP_ROWS,
            )
            with path.open("rb") as file:
                os.fsync(file.fileno())
            return {"rows": rows.num_rows, "bytes": bytes_below(scratch)}

        return write
    table = new_table(engine, scratch, rows.schema, months=months)

    def run() -> dict[str, int]:
        table.append(rows)
        return {"rows": rows.num_rows, "bytes": bytes_below(scratch)}

    return run


def append_by_month(engine: str, source: Path, scratch: Path) -> Task:
    """The same by month."""
    return append(engine, source, scratch, months=True)


def scan(engine: str, source: Path, _scratch: Path, *, month: bool = False) -> Task:
    """A table to Arrow."""
    files = sorted(source.rglob("*.parquet"))
    for path in files:
        path.read_bytes()  # warm
    if engine == "pyarrow":
        first, end = dt.date(1995, 3, 1), dt.date(1995, 4, 1)
        filters = [("l_shipdate", ">=", first), ("l_shipdate", "<", end)] if month else None
        return lambda: {"rows": pq.read_table(files, filters=filters).num_rows}
    catalog = open_engine(engine, source)
    table = catalog.load_table("bench.t")
    options = {"row_filter": MONTH} if month else {}
    return lambda: {"rows": table.scan(**options).to_arrow().num_rows}


def scan_month(engine: str, source: Path, scratch: Path) -> Task:
    """One month of it."""
    return scan(engine, source, scratch, month=True)


def rust_entries(source: Path) -> Callable[[], Iterator[Any]]:
    """Return iceberg-rust's decoder of all manifests: what it has of planning in Python."""
    from pyiceberg_core.manifest import read_manifest_entries

    manifests = [path.read_bytes() for path in source.rglob("manifest-*.avro")]
    return lambda: (e for content in manifests for e in read_manifest_entries(content).entries())


def plan(engine: str, source: Path, _scratch: Path, row_filter: str = "") -> Task:
    """Load the table and list the files of a scan."""
    if engine == "rust":
        decoded = rust_entries(source)

        def list_paths() -> dict[str, int]:
            paths = [entry.data_file.file_path for entry in decoded()]
            return {"files": len(paths), "name_bytes": sum(map(len, paths))}

        return list_paths
    catalog = open_engine(engine, source)
    for path in source.rglob("*.avro"):
        path.read_bytes()  # warm
    options = {"row_filter": row_filter} if row_filter else {}

    def run() -> dict[str, int]:
        tasks = list(catalog.load_table("bench.t").scan(**options).plan_files())
        return {"files": len(tasks), "name_bytes": sum(len(t.file.file_path) for t in tasks)}

    return run


def plan_partition(engine: str, source: Path, scratch: Path) -> Task:
    """One tenth of the days."""
    low, high = "2024-06-01T00:00:00", "2024-09-09T00:00:00"
    return plan(engine, source, scratch, f"ts >= '{low}' and ts < '{high}'")


def plan_statistics(engine: str, source: Path, scratch: Path) -> Task:
    """A range of ids, that only column bounds can tell."""
    return plan(engine, source, scratch, "id >= 50000000 and id < 51000000")


def blocks_of(manifest: bytes) -> list[bytes]:
    """Return the compressed blocks of an Avro file: each is two numbers, bytes, and the mark."""
    mark = manifest[-16:]
    blocks = manifest[manifest.index(mark) + len(mark) : -len(mark)].split(mark)

    def skip_number(block: bytes) -> bytes:
        return block[next(i for i, byte in enumerate(block) if byte < 0x80) + 1 :]

    return [skip_number(skip_number(block)) for block in blocks]


def inflate(source: Path) -> Task:
    """Inflate all manifests: what no decoder can do without."""
    manifests = [blocks_of(path.read_bytes()) for path in source.rglob("manifest-*.avro")]

    def run() -> dict[str, int]:
        sizes = (len(zlib.decompress(b, wbits=-15)) for blocks in manifests for b in blocks)
        return {"bytes": sum(sizes)}

    return run


def decode_manifests(engine: str, source: Path, _scratch: Path) -> Task:
    """Count rows, for which no engine needs a list of files.

    Each has read one manifest before, so that peak memory is that of the files.
    """
    if engine == "limit":
        return inflate(source)
    if engine == "rust":
        decoded = rust_entries(source)
        return lambda: {"rows": sum(entry.data_file.record_count for entry in decoded())}
    table = open_engine(engine, source).load_table("bench.t")
    list(table.scan(row_filter="ts < '2022-01-09T00:00:00'").plan_files())
    return lambda: {"rows": table.scan().count()}


def decode_bounds(engine: str, source: Path, _scratch: Path) -> Task:
    """Count what a filter on all columns leaves: every file, as its bounds prove.

    The others decode bounds in any case; theirs are only asked for.
    """
    if engine == "limit":
        return inflate(source)
    if engine == "rust":
        decoded = rust_entries(source)
        return lambda: {
            "rows": sum(e.data_file.record_count for e in decoded() if e.data_file.lower_bounds)
        }
    table = open_engine(engine, source).load_table("bench.t")
    if engine == "pyiceberg":
        return lambda: {
            "rows": sum(
                task.file.record_count
                for task in table.scan().plan_files()
                if task.file.lower_bounds
            )
        }
    row_filter = " and ".join(
        [
            "id >= 1 and ts >= '2000-01-01T00:00:00'",
            *(f"value_{i} >= 0" for i in VALUES),
            *(f"label_{i} >= 'a'" for i in LABELS),
        ]
    )
    return lambda: {"rows": table.scan(row_filter=row_filter).count()}


def snapshots(engine: str, source: Path, scratch: Path) -> Task:
    """Load and plan."""
    return plan(engine, source, scratch)


def load_metadata(engine: str, source: Path, _scratch: Path) -> Task:
    """Load a table, and nothing else."""
    (path,) = source.rglob("*long-history.metadata.json")
    size = len(path.read_bytes())  # warm
    if engine == "limit":

        def parse() -> dict[str, int]:
            metadata = json.loads(path.read_bytes())
            return {"current": metadata["current-snapshot-id"], "bytes_read": size}

        return parse
    if engine == "floe":
        catalog = open_floe(source)

        def open_table() -> Any:
            return catalog.load_table("bench.t")
    else:
        from pyiceberg.table import StaticTable

        def open_table() -> Any:
            return StaticTable.from_metadata(path.as_uri())

    def run() -> dict[str, int]:
        return {"current": open_table().current_snapshot().snapshot_id, "bytes_read": size}

    return run


def commits(engine: str, _source: Path, scratch: Path, *, sync: bool = True) -> Task:
    """Many small appends."""
    rows = commit_rows()
    if engine == "floe":
        catalog = open_floe(scratch, fsync=sync)
    else:
        options = {"py-io-impl": "bench.synced_io.SyncedFileIO"} if sync else {}
        catalog = open_pyiceberg(scratch, **options)
        catalog.create_namespace("bench")
    table = catalog.create_table("bench.t", rows.schema, properties=PROPERTIES)

    def run() -> dict[str, int]:
        for _ in range(COMMITS):
            table.append(rows)
        return {"snapshots": len(list(table.snapshots()))}

    return run


def commits_unsynced(engine: str, source: Path, scratch: Path) -> Task:
    """The same, durability left to the operating system."""
    return commits(engine, source, scratch, sync=False)


def warm_memory(size: int = 3 << 30) -> None:
    """Touch memory and give it back.

    A virtual machine's first touch of a page is the host's work, many times slower than any later
    one, and would hit engines at random.
    """
    with mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as region:
        for at in range(0, size, mmap.PAGESIZE):
            region[at] = 1


def memory(field: str) -> int:
    """Return a VmXXX value of this process in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    raise KeyError(field)


def cpu() -> float:
    """Return the processor seconds of all threads so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main(work: str, engine: str, source: str, scratch: str) -> None:
    """Measure once."""
    modules = (rest_catalog, object_store)
    own = (getattr(module, work) for module in modules if work in module.__all__)
    make = next(own, None) or globals()[work]
    task: Task = make(engine, Path(source), Path(scratch))
    gc.collect()
    pa.default_memory_pool().release_unused()
    warm_memory()
    os.sync()
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
    before = memory("VmRSS")
    cpu_start, start = cpu(), time.perf_counter()
    result = task()
    wall, cpu_used = time.perf_counter() - start, cpu() - cpu_start
    peak = memory("VmHWM") - before
    print(json.dumps({"wall": wall, "cpu": cpu_used, "peak": peak, "result": result}))


if __name__ == "__main__":
    main(*sys.argv[1:])
