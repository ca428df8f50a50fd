"""Runs clang-tidy on our sources, on all cores, remembering clean results.

A source is checked again only if it, a header it includes, or the configuration has changed: the
preprocessed text is hashed. Results are kept below build/, so a clean checkout checks everything.
"""

import argparse
import hashlib
import json
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLEAN = ROOT / "build" / "clang-tidy-clean"
FOLDERS = ("src", "bindings", "tests/cpp", "tests/fuzz")


def commands(build: Path) -> dict[Path, dict[str, str]]:
    """Return the compile commands of our sources."""
    entries = json.loads((build / "compile_commands.json").read_text())
    ours = tuple(str(ROOT / folder) for folder in FOLDERS)
    return {Path(e["file"]): e for e in entries if e["file"].startswith(ours)}


def fingerprint(entry: dict[str, str]) -> str:
    """Return a hash of what a source is made of."""
    words = shlex.split(entry["command"])
    if words[0].endswith("ccache"):
        words = words[1:]
    words = words[: words.index("-o")] + words[words.index("-o") + 2 :]
    words = [word for word in words if word not in {"-c", "-MD"}]
    text = subprocess.run(
        [*words, "-E", "-P"], cwd=entry["directory"], check=True, capture_output=True
    ).stdout
    folders = [f for f in Path(entry["file"]).parents if f.is_relative_to(ROOT)]
    config = b"".join(
        (folder / ".clang-tidy").read_bytes()
        for folder in reversed(folders)
        if (folder / ".clang-tidy").exists()
    )
    source = Path(entry["file"]).read_bytes()  # comments, with their NOLINTs, count too
    return hashlib.sha256(text + config + source).hexdigest()


def check(build: Path, path: Path, entry: dict[str, str]) -> str:
    """Return clang-tidy's findings in a source; nothing if it is clean."""
    mark = CLEAN / fingerprint(entry)
    if mark.exists():
        return ""
    run = subprocess.run(
        [str(Path(sys.executable).parent / "clang-tidy"), "-p", str(build), "--quiet", str(path)],
        check=False,
        capture_output=True,
        text=True,
    )
    if run.returncode == 0:
        mark.touch()
        return ""
    return run.stdout + run.stderr


def main() -> int:
    """Check all sources, or those whose path has a given text."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path, help="build folder with compile_commands.json")
    parser.add_argument("only", nargs="?", default="", help="text that paths must have")
    arguments = parser.parse_args()
    CLEAN.mkdir(parents=True, exist_ok=True)
    todo = {p: e for p, e in commands(arguments.build).items() if arguments.only in str(p)}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda item: check(arguments.build, *item), todo.items()))
    findings = [result for result in results if result]
    for finding in findings:
        print(finding)
    print(f"clang-tidy: {len(todo)} files, {len(findings)} with findings", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
