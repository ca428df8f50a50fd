"""Fuzzes each target in turn: what `make fuzz` runs. tests/fuzz/README.md tells more.

Inputs that a target fails on are left in build/fuzz/failures; the exit status is then 1.
"""

import argparse
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "fuzz"
CORPUS = ROOT / "tests" / "fuzz" / "corpus"
FAILURES = BUILD / "failures"
MAX_INPUT_BYTES = 16 * 1024
MAX_CORPUS_BYTES = 280 * 1024

_PROGRESS = re.compile(r"^#(\d+)\s.*cov: (\d+) ft: (\d+)", re.MULTILINE)
_STARTED = re.compile(r"^#\d+\s+INITED cov: (\d+) ", re.MULTILINE)
_LIMITS = ["-timeout=10", "-malloc_limit_mb=256", "-rss_limit_mb=1024", "-use_value_profile=0"]


def targets() -> list[str]:
    """Return the names of all targets."""
    return sorted(path.stem for path in (ROOT / "tests" / "fuzz" / "targets").glob("*.cc"))


def run(target: str, arguments: list[str]) -> tuple[int, str]:
    """Run a target's fuzzer; return its status and what it printed."""
    environment = {
        **os.environ,
        "ASAN_OPTIONS": "detect_leaks=1:allocator_may_return_null=0",
        "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
        "LSAN_OPTIONS": f"suppressions={ROOT}/tests/cpp/lsan.supp:print_suppressions=0",
    }
    command = [str(BUILD / "tests" / "fuzz" / f"floe_fuzz_{target}"), *arguments]
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    return done.returncode, done.stdout.decode(errors="replace")


def folder(*parts: str) -> Path:
    """Make a folder of the build."""
    path = BUILD.joinpath(*parts)
    path.mkdir(parents=True, exist_ok=True)
    return path


@dataclass(frozen=True)
class Round:
    """What one run of a fuzzer came to."""

    status: int
    output: str
    executions: int
    edges_before: int
    edges: int
    features: int


def fuzz_round(target: str, seconds: int) -> Round:
    """Fuzz a target from its corpus, its seeds and what earlier runs found."""
    found = folder("found", target)
    kept = [str(path) for path in (CORPUS / target, BUILD / "seeds" / target) if path.exists()]
    status, output = run(
        target,
        [
            *_LIMITS,
            f"-max_total_time={seconds}",
            f"-artifact_prefix={folder('failures')}/{target}-",
            "-max_len=65536",
            str(found),
            *kept,
        ],
    )
    progress = _PROGRESS.findall(output) or [("0", "0", "0")]
    executions, edges, features = (int(number) for number in progress[-1])
    started = _STARTED.search(output)
    return Round(status, output, executions, int(started[1]) if started else 0, edges, features)


def fuzz(target: str, seconds: int, *, until_quiet: bool) -> bool:
    """Fuzz a target for a round, or round by round until one brings no new edge."""
    executions = rounds = 0
    while True:
        last = fuzz_round(target, seconds)
        executions += last.executions
        rounds += 1
        is_quiet = last.edges == last.edges_before
        if last.status != 0 or is_quiet or not until_quiet:
            break
    state = "ok" if last.status == 0 else "FAILED"
    print(
        f"{target}: {state}, {executions} executions in {rounds} rounds of {seconds} s, "
        f"{last.edges} edges, {last.features} features"
    )
    if last.status != 0:
        print(last.output[-4_000:])
    sys.stdout.flush()
    return last.status == 0


def keep(target: str) -> None:
    """Put the smallest of the inputs that reach all that was reached into the corpus."""
    merged = folder("merged", target)
    for path in merged.iterdir():
        path.unlink()
    sources = (CORPUS / target, BUILD / "seeds" / target, BUILD / "found" / target)
    paths = [str(path) for path in sources if path.exists()]
    status, output = run(target, ["-merge=1", f"-max_len={MAX_INPUT_BYTES}", str(merged), *paths])
    if status != 0:
        sys.exit(f"{target} can't be merged:\n{output[-2_000:]}")
    corpus = CORPUS / target
    corpus.mkdir(parents=True, exist_ok=True)
    regressions = {path for path in corpus.iterdir() if path.name.startswith("regression-")}
    for path in set(corpus.iterdir()) - regressions:
        path.unlink()
    size = sum(path.stat().st_size for path in regressions)
    for path in sorted(merged.iterdir(), key=lambda found: (found.stat().st_size, found.name)):
        size += path.stat().st_size
        if size > MAX_CORPUS_BYTES:
            break
        (corpus / path.name[:16]).write_bytes(path.read_bytes())
    size = sum(path.stat().st_size for path in corpus.iterdir())
    print(f"{target}: {len(list(corpus.iterdir()))} inputs of {size} bytes are kept")


def main() -> int:
    """Fuzz, or keep what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", default=targets(), help="names; all by default")
    parser.add_argument("--seconds", type=int, default=int(os.environ.get("FUZZ_SECONDS", "60")))
    parser.add_argument(
        "--until-quiet", action="store_true", help="rounds, until one brings no new edge"
    )
    parser.add_argument("--jobs", type=int, default=1, help="targets at a time")
    parser.add_argument("--keep", action="store_true", help="minimise what was found into corpora")
    arguments = parser.parse_args()
    for unknown in set(arguments.targets) - set(targets()):
        parser.error(f"{unknown} is not a target; there are {', '.join(targets())}")
    if arguments.keep:
        for target in arguments.targets:
            keep(target)
        return 0
    with ThreadPoolExecutor(arguments.jobs) as pool:
        outcomes = list(
            pool.map(
                lambda target: fuzz(target, arguments.seconds, until_quiet=arguments.until_quiet),
                arguments.targets,
            )
        )
    return 0 if all(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
