"""Works on tables in an object store: both engines ask one MinIO on this machine.

run.py starts it, and says by the environment where it is: at its own address, or behind a proxy
that counts requests, and that is 20 ms away for the works that are about that.
"""

import http.client
import json
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
from tools.servers.slow_proxy import COUNTS, FORGET, slow_proxy

import floe_iceberg
from bench.data import MONTH, PROPERTIES, commit_rows, lineitem, read_rows

__all__ = [
    "make_store_files",
    "make_store_lineitem",
    "store_append",
    "store_append_by_month",
    "store_commits_far",
    "store_filter_far",
    "store_scan",
    "store_scan_month",
    "stored",
]

URI = "FLOE_BENCH_S3"
COUNTED = "FLOE_BENCH_S3_COUNTED"
FILES = 200
ROWS_PER_FILE = 5_000
COMMITS = 20
FAR_SECONDS = 0.02

Task = Callable[[], dict[str, int]]


@contextmanager
def stored(folder: Path, *, is_far: bool, is_counted: bool) -> Iterator[None]:
    """Run MinIO on a folder, for the processes that are started meanwhile."""
    from minio import minio  # beside which are modules of its own

    with minio(folder / "minio") as server:
        if not (is_far or is_counted):
            with _said(server.s3_endpoint):
                yield
            return
        with (
            slow_proxy(server.s3_endpoint, FAR_SECONDS if is_far else 0.0) as proxy,
            _said(proxy.uri, COUNTED),
        ):
            yield


@contextmanager
def _said(uri: str, *more: str) -> Iterator[None]:
    said = {URI: uri, **dict.fromkeys(more, "yes")}
    os.environ.update(said)
    try:
        yield
    finally:
        for name in said:
            del os.environ[name]


def make_store_lineitem(folder: Path, scale: float) -> None:
    """Make `bench.t` of TPC-H lineitem."""
    with stored(folder, is_far=False, is_counted=False):
        rows = read_rows(lineitem(scale))
        table = _open("floe", folder).create_table("bench.t", rows.schema, properties=PROPERTIES)
        table.append(rows)


def make_store_files(folder: Path, _scale: float) -> None:
    """Make `bench.t` of files by `part`; one row in ten has a `value` below 100, in each file."""
    numbers = range(FILES * ROWS_PER_FILE)
    rows = pa.table(
        {
            "part": pa.array([i % FILES for i in numbers], pa.int32()),
            "id": pa.array(numbers, pa.int64()),
            "value": pa.array([i // FILES * 7919 % 1_000 for i in numbers], pa.int32()),
            "name": [f"name {i * 31 % 100_003}" for i in numbers],
            "ratio": [i / 7 for i in numbers],
        }
    )
    with stored(folder, is_far=False, is_counted=False):
        table = _open("floe", folder).create_table(
            "bench.t", rows.schema, partition_spec=["part"], properties=PROPERTIES
        )
        table.append(rows)


def store_append(engine: str, source: Path, scratch: Path, *, months: bool = False) -> Task:
    """All rows of a Parquet file into a new table."""
    rows = read_rows(source)
    table = _new_table(engine, scratch, rows.schema, months=months)

    def run() -> dict[str, int]:
        table.append(rows)
        return {"rows": rows.num_rows}

    return _counted(run)


def store_append_by_month(engine: str, source: Path, scratch: Path) -> Task:
    """The same by month."""
    return store_append(engine, source, scratch, months=True)


def store_commits_far(engine: str, _source: Path, scratch: Path) -> Task:
    """Small appends, one after the other."""
    rows = commit_rows()
    table = _new_table(engine, scratch, rows.schema, months=False)

    def run() -> dict[str, int]:
        for _ in range(COMMITS):
            table.append(rows)
        return {"snapshots": len(list(table.snapshots()))}

    return _counted(run)


def store_scan(engine: str, source: Path, _scratch: Path, row_filter: str = "") -> Task:
    """Load a table, and read it."""
    catalog = _open(engine, source)
    options = {"row_filter": row_filter} if row_filter else {}
    catalog.load_table("bench.t")  # connects

    def run() -> dict[str, int]:
        return {"rows": catalog.load_table("bench.t").scan(**options).to_arrow().num_rows}

    return _counted(run)


def store_scan_month(engine: str, source: Path, scratch: Path) -> Task:
    """One month of it."""
    return store_scan(engine, source, scratch, MONTH)


def store_filter_far(engine: str, source: Path, scratch: Path) -> Task:
    """A tenth of the rows of each file."""
    return store_scan(engine, source, scratch, "value < 100")


def _open(engine: str, folder: Path) -> Any:
    properties = {
        "uri": f"sqlite:///{folder / 'catalog.db'}",
        "warehouse": "s3://lake/bench",
        "s3.endpoint": os.environ[URI],
        "s3.access-key-id": "engineer",
        "s3.secret-access-key": "engineer-secret",
        "s3.region": "us-east-1",
    }
    if engine == "floe":
        catalog: Any = floe_iceberg.load_catalog("bench", **properties)
    else:
        from pyiceberg.catalog import load_catalog

        catalog = load_catalog("bench", type="sql", **properties)
    catalog.create_namespace_if_not_exists("bench")
    return catalog


def _new_table(engine: str, folder: Path, schema: pa.Schema, *, months: bool) -> Any:
    """Create a table at a location of its own."""
    catalog = _open(engine, folder)
    place = {"location": f"s3://lake/{uuid.uuid4().hex}", "properties": PROPERTIES}
    if engine == "floe":
        spec = ["month(l_shipdate)"] if months else []
        return catalog.create_table("bench.t", schema, partition_spec=spec, **place)
    from pyiceberg.transforms import MonthTransform

    table = catalog.create_table("bench.t", schema, **place)
    if months:
        with table.update_spec() as update:
            update.add_field("l_shipdate", MonthTransform())
    return table


def _counted(task: Task) -> Task:
    """Add what the proxy counted meanwhile, if there is one."""
    if COUNTED not in os.environ:
        return task
    _ask(FORGET)

    def run() -> dict[str, int]:
        result = task()
        return {**result, **_ask(COUNTS)}

    return run


def _ask(path: str) -> dict[str, int]:
    connection = http.client.HTTPConnection(urlsplit(os.environ[URI]).netloc)
    connection.request("GET", path)
    counts: dict[str, int] = json.loads(connection.getresponse().read())
    connection.close()
    return counts
