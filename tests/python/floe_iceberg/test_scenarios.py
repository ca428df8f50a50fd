"""Histories of tables, told by the scripts in tests/scenarios."""

import os
from pathlib import Path

import pyarrow as pa
import pytest
from scenario_runner import differences, rewrite
from scenario_script import ScenarioError
from warehouse import make_catalog

SCENARIOS = Path(__file__).parents[2] / "scenarios"


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.test")), ids=lambda path: path.stem)
def test_scenario(path: Path, tmp_path: Path) -> None:
    if "FLOE_REWRITE_GOLDEN" in os.environ:
        rewrite(path, tmp_path)
    else:
        assert "\n".join(differences(path, tmp_path)) == ""


BROKEN = {
    "append db.t\n1\n": r"^x\.test:3: a statement has one line '----'",
    "append db.t\n1\n----\nok\n----": r"^x\.test:3: a statement has one line '----'",
    "insert db.t\n----": r"^x\.test:3: no such command: insert db\.t$",
    "scan db.t with love\n----": r"^x\.test:3: not the form of scan: scan db\.t with love$",
    "create db.u (id number)\n----": r"^x\.test:3: .*number",
    "append db.t\n1 | 2\n----": r"^x\.test:3: .*'1 \| 2' does not have 1 values",
    "append db.t\none\n----": r"^x\.test:3: .*invalid literal for int",
    "scan db.t\n1\n----": r"^x\.test:3: scan takes no rows$",
}


@pytest.mark.parametrize("statement", BROKEN)
def test_a_script_that_cannot_be_run_says_where(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "x.test"
    path.write_text(f"# A remark.\n\n{statement}\n")
    with pytest.raises(ScenarioError, match=BROKEN[statement]):
        run_with_table(path, tmp_path)


def test_an_outcome_that_differs_is_shown_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "x.test"
    path.write_text("scan db.t\n----\nid\n\nappend db.t\n7\n----\nok, added 2 rows in 1 file\n")
    assert run_with_table(path, tmp_path)[:3] == [
        "x.test:5: append db.t",
        "- ok, added 2 rows in 1 file",
        "?           ^    -\n",
    ]


def test_an_outcome_is_rewritten_and_remarks_are_kept(tmp_path: Path) -> None:
    text = "# Remark.\n\ncreate db.t (id long)\n----\n{}\n\n# More.\n\nappend db.t\n7\n----\n{}\n"
    path = tmp_path / "x.test"
    path.write_text(text.format("what", "ever\nand more"))
    rewrite(path, tmp_path)
    assert path.read_text() == text.format("ok", "ok, added 1 row in 1 file")


def run_with_table(path: Path, folder: Path) -> list[str]:
    make_catalog(folder).create_table("db.t", pa.schema([("id", pa.int64())]))
    return list(differences(path, folder))
