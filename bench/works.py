"""What is measured: each work with its engines, and what must hold between them."""

from dataclasses import dataclass

__all__ = ["WORKS", "Limit", "Work"]


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
class Work:
    """One question."""

    name: str
    title: str
    engines: tuple[str, ...]
    limits: tuple[Limit, ...]
    # Names the prepared table it works on; "" for one that writes its own.
    table: str = ""


def _faster(peer: str, must: float, aim: float, *, cpu: bool = False) -> tuple[Limit, ...]:
    measures = ("wall", "cpu") if cpu else ("wall",)
    return tuple(Limit(peer, measure, must, aim) for measure in measures)


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
        "load",
        "load metadata of 25 MB: 100 columns, 5,000 snapshots",
        ("floe", "pyiceberg"),
        _faster("pyiceberg", 10.0, 30.0),
        table="long_history",
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
)
