"""The project under examples/, run as `make demo` runs it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from floe_iceberg import load_catalog

CHECKOUT = Path(__file__).resolve().parents[3]
DEMO = CHECKOUT / "examples" / "flights" / "run_demo.py"
ROWS = {
    "bronze.airlines": 16,
    "bronze.airports": 1_458,
    "bronze.flights": 336_776,
    "bronze.planes": 3_322,
    "bronze.weather": 26_115,
    "silver.flights": 336_776,
    "gold.daily_delays": 1_095,
    "gold.route_punctuality": 437,
}


def run_demo(home: Path) -> str:
    command = [sys.executable, str(DEMO)]
    environment = {**os.environ, "FLIGHTS_HOME": str(home)}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    assert done.stderr == ""
    return done.stdout


def engines(output: str) -> list[str]:
    """Return the lines that show what each engine read."""
    return output.partition("three engines")[2].partition("Done in")[0].splitlines()[2:-1]


@pytest.mark.slow
@pytest.mark.requirement("S-FR-035", "S-SC-008", "T-SC-008")
def test_the_demo_runs_twice_and_doubles_nothing(tmp_path: Path) -> None:
    first, second = run_demo(tmp_path), run_demo(tmp_path)
    assert engines(first) == engines(second)
    assert [line.split()[0] for line in engines(first)] == list(ROWS)
    assert all(len(set(re.split(r"\s{2,}", line.strip())[1:])) == 1 for line in engines(first))
    assert "data files replaced: 1, untouched: 11" in second
    assert str(tmp_path) not in first
    places = {"uri": f"sqlite:///{tmp_path}/catalog.db", "warehouse": tmp_path / "tables"}
    catalog = load_catalog("default", **places)
    assert {name: catalog.load_table(name).scan().count() for name in ROWS} == ROWS
