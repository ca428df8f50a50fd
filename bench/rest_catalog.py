"""Works on a REST catalog: every engine asks the same server, Iceberg's REST fixture.

`limit` gets the same answers by Python's http.client and makes nothing of them: what the server and
the wire take. run.py starts the server, and says where it is by the environment.
"""

import http.client
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tools.servers.rest_fixture import rest_fixture

import floe_iceberg
from bench.data import PROPERTIES, commit_rows, open_floe
from bench.long_history import make_long_history

__all__ = ["make_rest_tables", "rest_commits", "rest_list", "rest_load", "rest_threads", "served"]

URI = "FLOE_BENCH_URI"
TABLES = 1_000
SNAPSHOTS = 5_000
LISTS = 20
LOADS = 10
THREADS = 16
LOADS_PER_THREAD = 20
COMMITS = 200

Task = Callable[[], dict[str, int]]


@contextmanager
def served(folder: Path) -> Iterator[None]:
    """Run a server on a folder, for the processes that are started meanwhile."""
    with rest_fixture(folder) as uri:
        os.environ[URI] = uri
        try:
            yield
        finally:
            del os.environ[URI]


def make_rest_tables(folder: Path) -> None:
    """Make `many` with its tables, `bench.history` with its snapshots, and `bench.small`."""
    history = folder / "history"
    history.mkdir()
    files = open_floe(history, fsync=False)
    make_long_history(files, history / "catalog.db", SNAPSHOTS, offsets=2)
    rows = commit_rows()
    with rest_fixture(folder) as uri:
        catalog = floe_iceberg.load_catalog("bench", type="rest", uri=uri)
        catalog.create_namespace("bench")
        catalog.register_table("bench.history", files.load_table("bench.t").metadata_location)
        catalog.create_table("bench.small", rows.schema).append(rows)
        catalog.create_namespace("many")
        for number in range(TABLES):
            catalog.create_table(f"many.table_{number:04d}", rows.schema)


def rest_list(engine: str, _source: Path, _scratch: Path) -> Task:
    """Name all tables of a namespace, again and again."""
    if engine == "limit":
        get = _getter()
        path = "/v1/namespaces/many/tables"
        return lambda: {"bytes_read": sum(len(get(path)) for _ in range(LISTS))}
    catalog = _open(engine)
    return _counted(
        lambda: {"tables": sum(len(list(catalog.list_tables("many"))) for _ in range(LISTS))}
    )


def rest_load(engine: str, _source: Path, _scratch: Path) -> Task:
    """Load a table with a long history, again and again."""
    if engine == "limit":
        get = _getter()
        path = "/v1/namespaces/bench/tables/history"
        return lambda: {"bytes_read": sum(len(get(path)) for _ in range(LOADS))}
    catalog = _open(engine)

    def run() -> dict[str, int]:
        tables = [catalog.load_table("bench.history") for _ in range(LOADS)]
        return {"current": tables[-1].current_snapshot().snapshot_id, "loads": len(tables)}

    return _counted(run)


def rest_threads(engine: str, _source: Path, _scratch: Path) -> Task:
    """Load a small table from many threads by one catalog."""
    if engine == "limit":

        def read(_thread: int) -> int:
            get = _getter()
            path = "/v1/namespaces/bench/tables/small"
            return sum(len(get(path)) for _ in range(LOADS_PER_THREAD))

        return lambda: {"bytes_read": _in_threads(read)}
    catalog = _open(engine)

    def load(_thread: int) -> int:
        tables = [catalog.load_table("bench.small") for _ in range(LOADS_PER_THREAD)]
        return sum(table.current_snapshot() is not None for table in tables)

    return _counted(lambda: {"loads": _in_threads(load)})


def rest_commits(engine: str, _source: Path, _scratch: Path) -> Task:
    """Many small appends to a new table; files are not synced, as PyIceberg's are not."""
    rows = commit_rows()
    catalog = _open(engine, **({"fsync": False} if engine == "floe" else {}))
    name = f"bench.commits_{engine}_{os.getpid()}"
    catalog.create_namespace_if_not_exists("bench")
    table = catalog.create_table(name, rows.schema, properties=PROPERTIES)

    def run() -> dict[str, int]:
        for _ in range(COMMITS):
            table.append(rows)
        return {"snapshots": len(list(table.snapshots()))}

    return _counted(run)


def _in_threads(work: Callable[[int], int]) -> int:
    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(work, range(THREADS)))


def _open(engine: str, **properties: Any) -> Any:
    if engine == "floe":
        catalog: Any = floe_iceberg.load_catalog(
            "bench", type="rest", uri=os.environ[URI], **properties
        )
    else:
        from pyiceberg.catalog import load_catalog

        catalog = load_catalog("bench", type="rest", uri=os.environ[URI], **properties)
    catalog.list_namespaces()  # connects
    return catalog


def _getter() -> Callable[[str], bytes]:
    """Return what asks for a path; it keeps its connection."""
    connection = http.client.HTTPConnection(urlsplit(os.environ[URI]).netloc)

    def get(path: str) -> bytes:
        connection.request("GET", path)
        answer = connection.getresponse()
        if answer.status != 200:
            message = f"{path} answers {answer.status}"
            raise RuntimeError(message)
        return answer.read()

    return get


def _counted(task: Task) -> Task:
    """Add the number of requests that the server saw meanwhile."""
    before = int(_getter()("/requests"))

    def run() -> dict[str, int]:
        result = task()
        return {**result, "requests": int(_getter()("/requests")) - before}

    return run
