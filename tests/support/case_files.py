"""Reads the case files under tests/cases, which C++ and Python both run."""

import json
from pathlib import Path
from typing import Any, NamedTuple

CASES = Path(__file__).resolve().parent.parent / "cases"


class Case(NamedTuple):
    """One line of a case file."""

    name: str
    given: Any
    expected: Any
    error: dict[str, Any] | None


def load(function: str) -> list[Case]:
    """Return the cases of a function under test; its folder has at least one."""
    cases = []
    for path in sorted((CASES / function).glob("*.jsonl")):
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            value = json.loads(line)
            unknown = set(value) - {"name", "in", "out", "error"}
            if unknown or ("out" in value) == ("error" in value):
                raise ValueError(f"{path}:{number}: a case has name, in, and out or error")
            name = f"{path.stem}: {value['name']}"
            cases.append(Case(name, value["in"], value.get("out"), value.get("error")))
    if not cases:
        raise ValueError(f"no cases for {function}")
    return cases
