"""Each test that docs/development/traps.md names exists."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LINES = (ROOT / "docs" / "development" / "traps.md").read_text().splitlines()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in LINES
    if re.match(r"\| \d", line)
]


def names_in(file: Path) -> set[str]:
    """Return the names of the tests in a file of any of our forms."""
    text = file.read_text()
    if file.suffix == ".py":
        return set(re.findall(r"^def (test_\w+)\(", text, re.MULTILINE))
    if file.suffix == ".cc":
        found = re.findall(r"^TEST(?:_F|_P)?\((\w+), (\w+)\)", text, re.MULTILINE)
        return {f"{suite}.{name}" for suite, name in found}
    return {json.loads(line)["name"] for line in text.splitlines()}


def test_traps_are_numbered() -> None:
    assert [int(row[0]) for row in ROWS] == [*range(1, len(ROWS) + 1)]
    assert len(ROWS) >= 25


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row[0]))
def test_a_trap_has_tests_or_is_to_come(row: list[str]) -> None:
    _, _, answer, tests = row
    listed = [each.strip("`").split("::") for each in tests.split(", ") if each]
    assert listed or answer.startswith("To come with ")
    for file, name in listed:
        assert name in names_in(ROOT / "tests" / file)
