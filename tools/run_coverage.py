"""Shows the line and branch coverage of each package; fails below 80 % of lines.

C++, by folder of src/, is what the C++ tests reach and, through an extension of the `coverage`
build, the Python tests; Python, by package, what the Python and interop tests reach. `make
coverage` builds first.
"""

import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "coverage"
MUST = 80.0
# Covered lines, lines, covered branches, branches.
Counts = list[int]

# Each Python that starts takes the instrumented extension instead of the installed one.
SITE = """
import importlib.util
import sys

class Instrumented:
    def find_spec(name, path=None, target=None):
        if name == "floe_iceberg._native":
            return importlib.util.spec_from_file_location(name, {extension!r})

sys.meta_path.insert(0, Instrumented)
"""


def run_cpp_tests() -> None:
    """Run the C++ tests of the instrumented build."""
    for stale in BUILD.rglob("*.gcda"):
        stale.unlink()
    subprocess.run([ROOT / "tools" / "run_cpp_tests.sh", "coverage", ""], cwd=ROOT, check=True)


def run_python_tests() -> None:
    """Run the Python tests with the instrumented extension."""
    (extension,) = (BUILD / "bindings").glob("_native*.so")
    site = BUILD / "site"
    site.mkdir(exist_ok=True)
    (site / "sitecustomize.py").write_text(SITE.format(extension=str(extension)))
    coverage = Path(sys.executable).parent / "coverage"
    subprocess.run([coverage, "erase"], cwd=ROOT, check=True)
    # Left out: slow tests, which measure time and memory, and those of what an import loads.
    chosen = [
        "-n",
        str(os.cpu_count()),
        "-m",
        "not slow",
        "--ignore=tests/python/floe_core/test_import.py",
    ]
    subprocess.run(
        [coverage, "run", "-m", "pytest", "-q", *chosen, "tests/python", "tests/interop"],
        cwd=ROOT,
        check=True,
        env={**os.environ, "PYTHONPATH": str(site)},
    )
    subprocess.run([coverage, "combine", "-q"], cwd=ROOT, check=False)


def cpp() -> dict[str, Counts]:
    """Count by folder of the engine; a header counts for the folder it declares."""
    output = BUILD / "gcovr.json"
    gcovr = Path(sys.executable).parent / "gcovr"
    filters = ["--filter", "src/", "--filter", "include/floe/"]
    options = ["--exclude-throw-branches", "--exclude-unreachable-branches", "-j", "2"]
    # gcov counts below zero where threads end while others count.
    options += ["--gcov-ignore-parse-errors", "negative_hits.warn_once_per_file"]
    subprocess.run(
        [gcovr, "-r", ROOT, *filters, *options, "--json-summary", output, BUILD],
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    counts: dict[str, Counts] = defaultdict(lambda: [0, 0, 0, 0])
    for file in json.loads(output.read_text())["files"]:
        parts = Path(file["filename"]).parts
        folder = parts[2] if parts[0] == "include" else parts[1]
        names = ("line_covered", "line_total", "branch_covered", "branch_total")
        for i, name in enumerate(names):
            counts[f"src/{folder}"][i] += file[name]
    return counts


def python() -> dict[str, Counts]:
    """Count by Python package."""
    output = BUILD / "python.json"
    coverage = Path(sys.executable).parent / "coverage"
    subprocess.run([coverage, "json", "-q", "-o", output], cwd=ROOT, check=True)
    counts: dict[str, Counts] = defaultdict(lambda: [0, 0, 0, 0])
    for name, file in json.loads(output.read_text())["files"].items():
        package = "/".join(Path(name).parts[:2])
        summary = file["summary"]
        names = ("covered_lines", "num_statements", "covered_branches", "num_branches")
        for i, key in enumerate(names):
            counts[package][i] += summary[key]
    return counts


def main() -> int:
    """Print a line for each package."""
    run_cpp_tests()
    run_python_tests()
    low = []
    print(f"{'package':<36}{'lines':>8}{'branches':>10}")
    for package, counts in sorted({**cpp(), **python()}.items()):
        lines = 100 * counts[0] / max(1, counts[1])
        branches = 100 * counts[2] / max(1, counts[3])
        print(f"{package:<36}{lines:7.1f}%{branches:9.1f}%")
        if lines < MUST:
            low.append(package)
    if low:
        print(f"below {MUST:.0f} % of lines: {', '.join(low)}", file=sys.stderr)
    return bool(low)


if __name__ == "__main__":
    sys.exit(main())
