"""What is measured: each work with its engines, and what must hold between them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["WORKS", "Figure", "Limit", "Work"]


@dataclass(frozen=True)
class Limit:
    """A promise: `measure` of floe times `factor` is at most that of `peer`."""

    peer: str
    measure: str  # "wall" or "cpu"
    must: float
    aim: float

    def ratio(self, floe: float, peer: float) -> float:
        """Return how many times faster floe is."""
        return peer / floe if floe else float("inf")


@dataclass(frozen=True)
class Figure:
    """A promise about floe alone: a figure made of what was measured."""

    unit: str
    value: Callable[[dict[str, Any]], float]  # of wall, cpu, peak and result
    must: float
    at_least: bool = False  # else at most

    def holds(self, found: float) -> bool:
        """Return whether it is kept."""
        return found >= self.must if self.at_least else found <= self.must


@dataclass(frozen=True)
class Work:
    """One question."""

    name: str
    title: str
    engines: tuple[str, ...]
    limits: tuple[Limit, ...]
    # Names the prepared table it works on; "" for one that writes its own.
    table: str = ""
    figures: tuple[Figure, ...] = ()
    # Whether a REST catalog serves the prepared folder, or an empty one, meanwhile.
    is_served: bool = False
    # Its tables are in MinIO meanwhile: "near", or "far" behind a latency of 20 ms.
    store: str = ""
    # Large column ranges are read by several requests at once, so that their number is no promise.
    may_ask_more: bool = False


def _faster(peer: str, must: float, aim: float, *, cpu: bool = False) -> tuple[Limit, ...]:
    measures = ("wall", "cpu") if cpu else ("wall",)
    return tuple(Limit(peer, measure, must, aim) for measure in measures)


def _client_work(peer: str, must: float = 3.0) -> tuple[Limit, ...]:
    """Return what holds where the server is not the limit: of the client's own work."""
    return (Limit(peer, "cpu", must, 10.0),)


FILES = 100_000
WORKS = (
    Work(
        "append",
        "append lineitem, unpartitioned",
        ("floe", "pyiceberg", "pyarrow"),
        _faster("pyarrow", 1 / 1.1, 1 / 0.85),
    ),
    Work(
        "append_by_month",
        "append lineitem by month of l_shipdate (84 partitions)",
        ("floe", "pyiceberg"),
        _faster("pyiceberg", 1.5, 3.0, cpu=True),
    ),
    Work(
        "scan",
        "full scan to Arrow",
        ("floe", "pyiceberg", "pyarrow"),
        _faster("pyarrow", 1 / 1.2, 1.0, cpu=True),
        table="lineitem",
    ),
    Work(
        "scan_month",
        "one month of l_shipdate, unpartitioned table",
        ("floe", "pyiceberg", "pyarrow"),
        _faster("pyiceberg", 2.0, 5.0),
        table="lineitem",
    ),
    Work(
        "plan",
        "plan 100,000 files in 100 manifests, no filter",
        ("floe", "pyiceberg", "rust"),
        _faster("pyiceberg", 10.0, 30.0),
        table="files",
    ),
    Work(
        "plan_partition",
        "the same, a partition filter",
        ("floe", "pyiceberg"),
        _faster("pyiceberg", 10.0, 30.0),
        table="files",
    ),
    Work(
        "plan_statistics",
        "the same, a filter on column statistics",
        ("floe", "pyiceberg"),
        _faster("pyiceberg", 10.0, 30.0),
        table="files",
    ),
    Work(
        "snapshots",
        "load a table of 2,000 snapshots and plan it",
        ("floe", "pyiceberg"),
        _faster("pyiceberg", 10.0, 30.0),
        table="snapshots",
    ),
    Work(
        "decode_manifests",
        "decode the manifests of 100,000 files, metrics of 16 columns skipped",
        ("floe", "pyiceberg", "rust", "limit"),
        _faster("pyiceberg", 10.0, 30.0) + _faster("rust", 4.0, 10.0),
        table="files",
        figures=(
            Figure("CPU s", lambda found: found["cpu"], 0.25),
            Figure("bytes per file", lambda found: found["peak"] / FILES, 200),
        ),
    ),
    Work(
        "decode_bounds",
        "the same, the bounds of all 16 columns decoded and compared",
        ("floe", "pyiceberg", "rust", "limit"),
        _faster("pyiceberg", 10.0, 30.0) + _faster("rust", 4.0, 10.0),
        table="files",
        figures=(Figure("CPU s", lambda found: found["cpu"], 0.5),),
    ),
    Work(
        "load_metadata",
        "load metadata of 240 MB: 100 columns, 50,000 snapshots",
        ("floe", "pyiceberg", "limit"),
        _faster("pyiceberg", 5.0, 10.0) + _faster("limit", 1.0, 2.0, cpu=True),
        table="long_history",
        figures=(
            Figure(
                "MB/s", lambda f: f["result"]["bytes_read"] / f["wall"] / 1e6, 200, at_least=True
            ),
            Figure(
                "MB per CPU s",
                lambda f: f["result"]["bytes_read"] / f["cpu"] / 1e6,
                200,
                at_least=True,
            ),
            Figure("times its size of memory", lambda f: f["peak"] / f["result"]["bytes_read"], 3),
        ),
    ),
    Work(
        "commits",
        "200 commits of 1,000 rows, both with fsync",
        ("floe", "pyiceberg"),
        _faster("pyiceberg", 3.0, 8.0),
    ),
    Work(
        "commits_unsynced",
        "200 commits of 1,000 rows, both without fsync",
        ("floe", "pyiceberg"),
        (),
    ),
    Work(
        "rest_list",
        "REST catalog: list 1,000 tables 20 times",
        ("floe", "pyiceberg", "limit"),
        _faster("pyiceberg", 1.0, 3.0) + _client_work("pyiceberg", must=1.5),
        table="rest",
        is_served=True,
    ),
    Work(
        "rest_load",
        "REST catalog: 10 loads of a table of 5,000 snapshots",
        ("floe", "pyiceberg", "limit"),
        _faster("pyiceberg", 1.0, 3.0) + _client_work("pyiceberg"),
        table="rest",
        is_served=True,
    ),
    Work(
        "rest_threads",
        "REST catalog: 320 loads of a table by 16 threads",
        ("floe", "pyiceberg", "limit"),
        _faster("pyiceberg", 1.0, 3.0) + _client_work("pyiceberg"),
        table="rest",
        is_served=True,
    ),
    Work(
        "rest_commits",
        "REST catalog: 200 commits of 1,000 rows, both without fsync",
        ("floe", "pyiceberg"),
        _faster("pyiceberg", 1.0, 3.0) + _client_work("pyiceberg"),
        is_served=True,
    ),
    Work(
        "store_append",
        "MinIO: append lineitem, unpartitioned",
        ("floe", "pyiceberg"),
        _faster("pyiceberg", 1.5, 2.0),
        store="near",
    ),
    Work(
        "store_append_by_month",
        "MinIO: append lineitem by month of l_shipdate (84 partitions)",
        ("floe", "pyiceberg"),
        _faster("pyiceberg", 1.5, 2.0),
        store="near",
    ),
    Work(
        "store_scan",
        "MinIO: load lineitem and read all of it",
        ("floe", "pyiceberg"),
        _faster("pyiceberg", 1.5, 2.0),
        table="store_lineitem",
        store="near",
        may_ask_more=True,
    ),
    Work(
        "store_scan_month",
        "MinIO: load lineitem and read one month of l_shipdate",
        ("floe", "pyiceberg"),
        _faster("pyiceberg", 1.5, 2.0),
        table="store_lineitem",
        store="near",
        may_ask_more=True,
    ),
    Work(
        "store_filter_far",
        "MinIO, 20 ms away: load a table of 200 files of 5,000 rows and read a tenth",
        ("floe", "pyiceberg"),
        _faster("pyiceberg", 3.0, 6.0),
        table="store_files",
        store="far",
    ),
    Work(
        "store_commits_far",
        "MinIO, 20 ms away: 20 commits of 1,000 rows",
        ("floe", "pyiceberg"),
        _faster("pyiceberg", 1.0, 3.0),
        store="far",
    ),
)
