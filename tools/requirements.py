"""Lists the requirements of docs/requirements.md that no test carries.

--check only fails if a test carries an id that is not in the document; --tests lists the tests of
each id. Ids are read from `@pytest.mark.requirement("…")` in Python, and from remarks
`requirement: …` above C++ tests and in scenarios.
"""

import argparse
import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "requirements.md"
TESTS = ROOT / "tests"

_ROW = re.compile(r"^\| ((?:S|T)-[A-Z]+-?[\w.]+|Edge: [^|]+?) \| (.+) \|$", re.MULTILINE)
_REMARK = re.compile(r"^(?://|#) requirement: (.+)$", re.MULTILINE)
_CPP_TEST = re.compile(r"^TEST(?:_F|_P)?\((\w+), (\w+)\)", re.MULTILINE)


def in_python(text: str) -> Iterator[tuple[str, str]]:
    """Return the ids in a Python file, each with the name of its test."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef):
            continue
        for mark in node.decorator_list:
            if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.requirement":
                for argument in mark.args:
                    yield ast.literal_eval(argument), node.name


def in_remarks(text: str) -> Iterator[tuple[str, str]]:
    """Return the ids in remarks, each with the C++ test below it, if there is one."""
    for remark in _REMARK.finditer(text):
        test = _CPP_TEST.search(text, remark.end())
        for id_ in remark[1].split(", "):
            yield id_, ".".join(test.groups()) if test else ""


def tests_by_id() -> dict[str, list[str]]:
    """Return the tests that carry each id."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(TESTS.rglob("*")):
        if path.suffix not in (".py", ".cc", ".test"):
            continue
        read = in_python if path.suffix == ".py" else in_remarks
        for id_, test in read(path.read_text()):
            found[id_].append(f"{path.relative_to(ROOT)}{'::' if test else ''}{test}")
    return found


def main() -> int:
    """Compare the tests with the document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--tests", action="store_true")
    arguments = parser.parse_args()
    rows = _ROW.findall(DOCUMENT.read_text())
    known = dict(rows)
    found = tests_by_id()
    problems = [
        f"{test}: {id_!r} is not in docs/requirements.md"
        for id_, tests in found.items()
        if id_ not in known
        for test in tests
    ]
    if len(known) != len(rows):
        problems.append("docs/requirements.md has an id twice")
    for problem in problems:
        print(problem, file=sys.stderr)
    if not arguments.check:
        for id_, requirement in rows:
            if arguments.tests:
                print(f"{id_}: {requirement}", *found[id_], sep="\n    ")
            elif id_ not in found:
                print(f"{id_}: {requirement}")
        shown = sum(id_ in found for id_ in known)
        print(f"{shown} of {len(known)} requirements have a test, {len(known) - shown} are open")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
