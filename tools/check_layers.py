"""Checks the engine's `#include`s against the layers of the design.

A folder may include itself and what its line in ALLOWED names, with all that those may. Arrow's
headers are for the folders in ARROW, and in `scan` for all but the planning half.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

ALLOWED = {
    "base": [],
    "http": ["base"],
    "io": ["base"],
    "object_io": ["io", "http"],
    "schema": ["base"],
    "variant": ["schema"],
    "partition": ["schema"],
    "expr": ["partition"],
    "metadata": ["partition"],
    "avro": ["schema"],
    "puffin": ["io"],
    "manifest": ["expr", "avro", "io", "metadata"],
    "parquet": ["io", "expr", "variant"],
    "orc": ["parquet"],
    "avro_data": ["avro", "parquet"],
    "table": ["metadata", "io"],
    "catalog": ["table", "http", "manifest"],
    "commit": ["table", "manifest"],
    "write": ["table", "manifest", "parquet", "puffin"],
    "scan": ["table", "manifest", "parquet", "orc", "avro_data", "puffin"],
    "dml": ["scan", "write", "commit"],
}
ARROW = {"object_io", "parquet", "orc", "avro_data", "write", "scan", "dml"}
NO_ARROW_FILES = {"include/floe/scan/plan.h", "src/scan/plan.cc"}
NO_ARROW_FILES |= {"include/floe/scan/delete_file.h"}
NO_ARROW_FILES |= {"src/scan/delete_index.h", "src/scan/delete_index.cc"}
NO_ARROW_FILES |= {"src/scan/equality_columns.h", "src/scan/equality_columns.cc"}
NO_ARROW_FILES |= {"src/scan/scan_report.h", "src/scan/scan_report.cc"}
NO_ARROW_FILES |= {"src/scan/metadata_columns.h", "src/scan/metadata_columns.cc"}

_INCLUDE = re.compile(r'^#include ([<"])([^">]+)[">]', re.MULTILINE)


def reachable(folder: str) -> set[str]:
    """Return the folder and all below it."""
    found = {folder}
    for below in ALLOWED[folder]:
        found |= reachable(below)
    return found


def folder_of(path: Path) -> str:
    """Return the layer that a file of the engine is in."""
    parts = path.relative_to(ROOT).parts
    return parts[2] if parts[0] == "include" else parts[1]


def problems_of(path: Path) -> list[str]:
    """Return what is wrong with a file's includes."""
    folder = folder_of(path)
    name = str(path.relative_to(ROOT))
    if folder not in ALLOWED:
        return [f"{name}: folder {folder!r} is in no layer of tools/check_layers.py"]
    may_use_arrow = folder in ARROW and name not in NO_ARROW_FILES
    allowed = reachable(folder)
    problems = []
    for bracket, target in _INCLUDE.findall(path.read_text()):
        if bracket == "<":
            if target.startswith(("arrow/", "parquet/")) and not may_use_arrow:
                problems.append(f"{name}: {folder} must not use Arrow ({target})")
            continue
        used = target.removeprefix("floe/").split("/")[0]
        if used not in allowed:
            problems.append(f"{name}: {folder} must not include {target}")
    if bracket_clash(path):
        problems.append(f"{name}: has the name of a header of Arrow's Parquet library")
    return problems


def bracket_clash(path: Path) -> bool:
    """Whether a header of ours would be found where Parquet's is meant."""
    theirs = {"column_reader.h", "column_writer.h", "file_reader.h", "file_writer.h", "metadata.h"}
    theirs |= {"properties.h", "schema.h", "statistics.h", "types.h", "exception.h", "encoding.h"}
    return folder_of(path) == "parquet" and path.name in theirs


def main() -> int:
    """Check every file of the engine."""
    problems = []
    for top in ("include/floe", "src"):
        for path in sorted((ROOT / top).rglob("*.[hc]*")):
            if path.suffix in {".h", ".cc"}:
                problems += problems_of(path)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
