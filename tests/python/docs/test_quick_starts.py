"""The examples of README.md and of docs/table-changes.md, run as they stand."""

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import dagster as dg
import pytest

README = Path(__file__).parents[3] / "README.md"
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)


def run(code: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run code as a module: Dagster looks annotations up in one."""
    module = ModuleType("quick_start")
    monkeypatch.setitem(sys.modules, "quick_start", module)
    exec(compile(code, str(README), "exec"), module.__dict__)  # noqa: S102
    return module.__dict__


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_quick_start_prints_what_its_comments_say(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(BLOCKS[0], monkeypatch)
    printed = capsys.readouterr().out.split()
    assert sorted(printed) == sorted(["id", "0", "2", "1", "4", "3"])


def test_the_dagster_quick_start_stores_and_replaces_days(monkeypatch: pytest.MonkeyPatch) -> None:
    names = run(BLOCKS[1], monkeypatch)
    visits, cities = names["visits"], names["cities"]
    with dg.DagsterInstance.ephemeral() as instance:
        options = {"resources": {"io_manager": names["storage"]}, "instance": instance}
        for day in ("2024-01-01", "2024-01-02", "2024-01-01"):
            dg.materialize([visits], partition_key=day, **options)
        result = dg.materialize([visits, cities], selection=[cities], **options)
    found = result.asset_value(["gold", "cities"])
    assert found.to_dict("records") == [{"city": "Oslo", "size": 2}]


def test_the_example_of_table_changes_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (README.parent / "docs" / "table-changes.md").read_text()
    found = run(re.findall(r"```python\n(.*?)```", text, re.DOTALL)[0], monkeypatch)
    columns = found["orders"].schema().column_names
    assert columns == ["ordered_at", "id", "price", "shop"]
