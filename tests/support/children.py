"""Python code in processes of their own."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

SUPPORT = Path(__file__).resolve().parent
# Long enough that only a child that hangs is ended by it.
DEADLINE_SECONDS = 120


def environment(**variables: str) -> dict[str, str]:
    """Return this process's environment with `variables`, and test helpers in reach."""
    path = variables.pop("PYTHONPATH", os.environ.get("PYTHONPATH"))
    paths = [str(SUPPORT)] if path is None else [path, str(SUPPORT)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **variables}


def start(code: str, *arguments: str, **options: Any) -> subprocess.Popen[str]:
    """Start Python with `code`; its output is text and comes through pipes."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        **options,
    )


def run(code: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python with `code` to its end."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        check=False,
        text=True,
        timeout=DEADLINE_SECONDS,
        env=environment(**variables),
    )


def output_of(code: str, *arguments: str, **variables: str) -> str:
    """Run Python with `code`; return what it printed, fail with its errors."""
    done = run(code, *arguments, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout
