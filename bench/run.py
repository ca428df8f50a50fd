"""Measures floe beside PyIceberg and raw Parquet: `make bench ARGS="--scale 0.1 --only append"`.

Every measurement is a fresh process; engines take turns; the median of the rounds counts. Results
go to a JSON file, and with --docs into docs/benchmarks.md.
"""

import argparse
import contextlib
import itertools
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
sys.path[:0] = [str(ROOT), str(ROOT / "tools" / "servers")]

from bench.data import lineitem, prepare  # noqa: E402 - the path comes first
from bench.object_store import stored  # noqa: E402
from bench.report import as_markdown, as_text  # noqa: E402
from bench.rest_catalog import served  # noqa: E402
from bench.works import WORKS, Work  # noqa: E402


def measure(work: Work, engine: str, source: Path, scratch_root: Path) -> dict[str, Any]:
    """Run one worker."""
    scratch = Path(tempfile.mkdtemp(dir=scratch_root))
    command = [
        sys.executable,
        "-m",
        "bench.worker",
        work.name,
        engine,
        str(source),
        str(scratch),
    ]
    try:
        done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{work.name} with {engine} failed:\n{done.stderr}")
        result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return result
    finally:
        shutil.rmtree(scratch)


@contextlib.contextmanager
def source_of(
    work: Work, scale: float, scratch_root: Path, *, is_counted: bool = False
) -> Iterator[Path]:
    """Yield the input of a work, served if it is to be."""
    if work.table:
        source = prepare(work.table, scale)
    elif work.is_served:
        source = scratch_root / work.name
    else:
        source = lineitem(scale)
    with contextlib.ExitStack() as stack:
        if work.is_served:
            stack.enter_context(served(source))
        if work.store:
            folder = source if work.table else scratch_root / work.name
            far = {"is_far": work.store == "far", "is_counted": is_counted}
            stack.enter_context(stored(folder, **far))
        yield source


def run_work(work: Work, scale: float, rounds: int, scratch_root: Path) -> dict[str, Any]:
    """Measure one work with all its engines, taking turns."""
    runs: dict[str, list[dict[str, Any]]] = {engine: [] for engine in work.engines}
    with source_of(work, scale, scratch_root) as source:
        for turn, engine in itertools.product(range(rounds), work.engines):
            print(f"\r{work.name}: {turn + 1}/{rounds} {engine:<12}", end="", file=sys.stderr)
            runs[engine].append(measure(work, engine, source, scratch_root))
    if work.store == "near":
        # The proxy that counts takes time: it is asked once more, and not measured.
        with source_of(work, scale, scratch_root, is_counted=True) as source:
            for engine, results in runs.items():
                results[0]["result"] = measure(work, engine, source, scratch_root)["result"]
    print(f"\r{'':60}\r", end="", file=sys.stderr)
    found: dict[str, Any] = {"title": work.title, "engines": {}}
    for engine, results in runs.items():
        found["engines"][engine] = {
            **{key: statistics.median(r[key] for r in results) for key in ("wall", "cpu", "peak")},
            "walls": [round(r["wall"], 4) for r in results],
            "result": results[0]["result"],
        }
    check(work, found)
    return found


def check(work: Work, found: dict[str, Any]) -> None:
    """All engines must have done the same; files may be at most 5 % larger than the smallest.

    A limit is a part of the work only.
    """
    engines = found["engines"]
    results = {engine: dict(engines[engine]["result"]) for engine in engines if engine != "limit"}
    sizes = {engine: r.pop("bytes") for engine, r in results.items() if "bytes" in r}
    requests = {engine: r.pop("requests") for engine, r in results.items() if "requests" in r}
    for way in ("sent", "received"):
        if counted := {engine: r.pop(way) for engine, r in results.items() if way in r}:
            found[way] = counted
    if len({json.dumps(r, sort_keys=True) for r in results.values()}) != 1:
        sys.exit(f"{work.name}: the engines disagree: {results}")
    if sizes:
        found["size_ratio"] = sizes["floe"] / min(sizes.values())
    if requests:
        found["requests"] = requests


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="TPC-H scale factor")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="names of works, with commas")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "bench.json")
    parser.add_argument("--docs", action="store_true", help="rewrite docs/benchmarks.*")
    parser.add_argument("--scratch", type=Path, default=None, help="folder for what is written")
    args = parser.parse_args()
    names = set(filter(None, args.only.split(",")))
    unknown = names - {work.name for work in WORKS}
    if unknown:
        parser.error(f"no such work: {', '.join(unknown)}; there are {[w.name for w in WORKS]}")
    report: dict[str, Any] = {
        "machine": {
            "cores": os.cpu_count(),
            "system": platform.platform(),
            "python": platform.python_version(),
        },
        "versions": {name: version(name) for name in ("floe-lakehouse", "pyiceberg", "pyarrow")},
        "scale": args.scale,
        "rounds": args.rounds,
        "works": {},
    }
    with tempfile.TemporaryDirectory(dir=args.scratch, prefix="floe-bench-") as scratch:
        for work in WORKS:
            if not names or work.name in names:
                found = run_work(work, args.scale, args.rounds, Path(scratch))
                report["works"][work.name] = found
                print(as_text(work, found), flush=True)
                keep(report, args.output)  # a later work may fail
    if args.docs:
        report["works"] = others(report) | report["works"]
        keep(report, DOCS / "benchmarks.json")
        (DOCS / "benchmarks.md").write_text(as_markdown(report))


def others(report: dict[str, Any]) -> dict[str, Any]:
    """Return the works that the docs have already, if they were measured with the same."""
    written = json.loads((DOCS / "benchmarks.json").read_text())
    same = all(written[key] == report[key] for key in report if key != "works")
    return dict(written["works"]) if same else {}


def keep(report: dict[str, Any], path: Path) -> None:
    """Write what was measured so far."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
