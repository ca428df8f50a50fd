"""Checks the sizes of files (style guide, section 7).

An exception is a line in tools/size_exceptions.txt: path, lines it may have, and the reason.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXCEPTIONS = ROOT / "tools" / "size_exceptions.txt"

LIMITS = [
    ("include/**/*.h", 250),
    ("src/**/*.h", 250),
    ("src/**/*.cc", 600),
    ("bindings/*", 600),
    ("python/**/*.py", 400),
    ("tests/**/*.py", 600),
    ("tests/**/*.cc", 600),
    ("tools/*.py", 400),
    ("bench/**/*.py", 400),
    ("examples/**/*.py", 400),
    ("src/**/README.md", 30),
]


def exceptions() -> dict[str, int]:
    """Return the lines that listed files may have."""
    found = {}
    for line in EXCEPTIONS.read_text().splitlines():
        if line and not line.startswith("#"):
            path, limit, _reason = line.split(maxsplit=2)
            found[path] = int(limit)
    return found


def main() -> int:
    """Check every file that a limit is for."""
    allowed = exceptions()
    problems = [
        f"{path}: listed as an exception, but gone"
        for path in allowed
        if not (ROOT / path).exists()
    ]
    for pattern, limit in LIMITS:
        for path in sorted(ROOT.glob(pattern)):
            name = str(path.relative_to(ROOT))
            lines = len(path.read_text().splitlines())
            most = allowed.get(name, limit)
            if lines > most:
                problems.append(f"{name}: {lines} lines, at most {most}")
            elif name in allowed and lines <= limit:
                problems.append(f"{name}: needs no exception any more")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
