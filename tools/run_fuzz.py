"""Fuzzes each target in turn: what `make fuzz` runs. tests/fuzz/README.md tells more.

Inputs that a target fails on are left in build/fuzz/failures; the exit status is then 1.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import time
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
_EXECUTED = re.compile(r"^stat::number_of_executed_units:\s+(\d+)", re.MULTILINE)
_NAME = re.compile(rb"[A-Za-z][A-Za-z0-9_.-]{2,40}")
_LIMITS = [
    "-timeout=10",
    "-malloc_limit_mb=256",
    "-rss_limit_mb=1024",
    "-use_value_profile=0",
    "-print_final_stats=1",
]
_POLL_SECONDS = 0.5
_INTERRUPTED = 72
"""The status of a fuzzer that was asked to stop."""


def targets() -> list[str]:
    """Return the names of all targets."""
    return sorted(path.stem for path in (ROOT / "tests" / "fuzz" / "targets").glob("*.cc"))


def command(target: str, arguments: list[str]) -> list[str]:
    """Return how a target's fuzzer is run."""
    return [str(BUILD / "tests" / "fuzz" / f"floe_fuzz_{target}"), *arguments]


def environment() -> dict[str, str]:
    """Return the sanitizers' settings with the rest of the environment.

    Exceptions leave frames behind on AddressSanitizer's second stack, with which it finds uses
    after return: in the end nine tenths of the time go into looking for a free one there.
    """
    asan = "detect_leaks=1:allocator_may_return_null=0:detect_stack_use_after_return=0"
    return {
        **os.environ,
        "ASAN_OPTIONS": asan,
        "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
        "LSAN_OPTIONS": f"suppressions={ROOT}/tests/cpp/lsan.supp:print_suppressions=0",
    }


def folder(*parts: str) -> Path:
    """Make a folder of the build."""
    path = BUILD.joinpath(*parts)
    path.mkdir(parents=True, exist_ok=True)
    return path


def dictionary(target: str) -> list[str]:
    """Make a dictionary of the names in a target's seeds, which mutations then put anywhere.

    Returns:
        The fuzzer's option; none where there are no names, as libFuzzer refuses an empty file.
    """
    names: set[bytes] = set()
    for folder_ in (CORPUS / target, BUILD / "seeds" / target):
        for path in folder_.glob("*"):
            names.update(_NAME.findall(path.read_bytes()))
    made = folder("dictionaries") / f"{target}.txt"
    made.write_bytes(b"".join(b'"%s"\n' % name for name in sorted(names)))
    return [f"-dict={made}"] if names else []


def fuzz(target: str, seconds: int, *, until_quiet: bool) -> bool:
    """Fuzz a target from its corpus, its seeds and what earlier runs found.

    Args:
        target: Its name.
        seconds: How long; if until_quiet, how many seconds of CPU time without a new edge, so
            that other work on the machine doesn't make a fuzzer seem quiet.
        until_quiet: Go on as long as there are new edges.
    """
    found = folder("found", target)
    kept = [str(path) for path in (CORPUS / target, BUILD / "seeds" / target) if path.exists()]
    limit = [] if until_quiet else [f"-max_total_time={seconds}"]
    failures = f"-artifact_prefix={folder('failures')}/{target}-"
    inputs = ["-max_len=65536", str(found), *kept]
    arguments = [*_LIMITS, *limit, failures, *dictionary(target), *inputs]
    log = folder("logs") / f"{target}.txt"
    started = time.monotonic()
    used = new_edge_at = 0.0
    edges = 0
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command(target, arguments), env=environment(), stdout=output, stderr=subprocess.STDOUT
        ) as fuzzer,
    ):
        while fuzzer.poll() is None:
            time.sleep(_POLL_SECONDS)
            used = cpu_seconds(fuzzer.pid)
            last = progress(log)
            if last.edges > edges or not last.is_started:
                edges, new_edge_at = last.edges, used
            if until_quiet and used - new_edge_at >= seconds:
                fuzzer.send_signal(signal.SIGINT)
                break
    last = progress(log)
    is_ok = fuzzer.returncode in (0, _INTERRUPTED)
    print(
        f"{target}: {'ok' if is_ok else 'FAILED'}, {last.executions} executions in "
        f"{time.monotonic() - started:.0f} s ({used:.0f} s of CPU), {last.edges} edges "
        f"({last.edges_before} to begin with, none new for {used - new_edge_at:.0f} s of CPU), "
        f"{last.features} features"
    )
    if not is_ok:
        print(log.read_text(errors="replace")[-4_000:])
    sys.stdout.flush()
    return is_ok


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a child of this process, ended or not, has used so far."""
    _, _, fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
    user, system = fields.split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Progress:
    """What a fuzzer says of itself so far."""

    executions: int
    edges_before: int
    edges: int
    features: int

    @property
    def is_started(self) -> bool:
        """Whether the corpus has been read, so that edges are new ones from now on."""
        return self.edges_before > 0


def progress(log: Path) -> Progress:
    """Read a fuzzer's log."""
    output = log.read_text(errors="replace")
    lines = _PROGRESS.findall(output) or [("0", "0", "0")]
    executions, edges, features = (int(number) for number in lines[-1])
    executed = _EXECUTED.search(output)
    started = _STARTED.search(output)
    return Progress(
        executions=max(executions, int(executed[1]) if executed else 0),
        edges_before=int(started[1]) if started else 0,
        edges=edges,
        features=features,
    )


def keep(target: str) -> None:
    """Put the smallest of the inputs that reach all that was reached into the corpus."""
    merged = folder("merged", target)
    for path in merged.iterdir():
        path.unlink()
    sources = (CORPUS / target, BUILD / "seeds" / target, BUILD / "found" / target)
    paths = [str(path) for path in sources if path.exists()]
    # An input is kept for the edges that it alone reaches, not for how often it does.
    options = ["-merge=1", "-use_counters=0", f"-max_len={MAX_INPUT_BYTES}"]
    merging = subprocess.run(
        command(target, [*options, str(merged), *paths]),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if merging.returncode != 0:
        output = merging.stdout.decode(errors="replace")
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
        "--until-quiet", action="store_true", help="until --seconds go by without a new edge"
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
