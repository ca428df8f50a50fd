"""Checks that docs/status.md lists every place that refuses something with an UnsupportedError.

Its tables end with the source, as a link, and hold a fragment of the message in backticks as the
first thing of their second column. A source must have as many lines as it has places that throw,
and the fragment must be in it, or (for one that passes a message on) in another source.
"""

import re
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATUS = ROOT / "docs" / "status.md"
SOURCES = ["src/**/*.h", "src/**/*.cc", "bindings/*.h", "bindings/*.cc", "python/**/*.py"]

# A place throws itself or by a function of its own that is named after it.
_PLACE = re.compile(r"\b(?:throw|raise) UnsupportedError\(|\b(?:Throw|Fail)Unsupported\(")
_HELPER = re.compile(
    r"^( *)(?:\[\[noreturn\]\] )?void (?:\w+::)?\w+Unsupported\([^;{]*(?:;|\{.*?\n\1\}\n)",
    re.MULTILINE | re.DOTALL,
)
_ROW = re.compile(r"^\|[^|]*\| `([^`]+)`.*\| \[[^]]*\]\(\.\./([^)]+)\) \|$", re.MULTILINE)
# Between two literals that the compiler joins.
_JOINT = re.compile(r'"\s*\n\s*f?"')


def main() -> int:
    """Compare the sources with the document."""
    texts = {
        str(path.relative_to(ROOT)): path.read_text()
        for pattern in SOURCES
        for path in sorted(ROOT.glob(pattern))
    }
    places = Counter(
        {name: len(_PLACE.findall(_HELPER.sub("", text))) for name, text in texts.items()}
    )
    rows = _ROW.findall(STATUS.read_text())
    listed = Counter(name for _, name in rows)
    problems = [
        f"{name} refuses {places[name]} things, docs/status.md lists {listed[name]}"
        for name in sorted(places | listed)
        if places[name] != listed[name]
    ]
    messages = _JOINT.sub("", "\n".join(texts.values()))
    problems += [
        f"docs/status.md: no message in the sources has {fragment!r} ({name})"
        for fragment, name in rows
        if fragment not in messages
    ]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
