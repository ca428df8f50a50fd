import json

import pytest
from children import output_of

import floe_iceberg

LOADED_BY = "import sys, json, {package}; print(json.dumps(sorted(sys.modules)))"


def modules_loaded_by(package: str) -> set[str]:
    return {
        name.partition(".")[0] for name in json.loads(output_of(LOADED_BY.format(package=package)))
    }


@pytest.mark.parametrize("package", ["floe_core", "floe_core.errors", "floe_iceberg"])
def test_import_loads_nothing_that_is_optional(package: str) -> None:
    optional = {
        "dagster",
        "pyiceberg",
        "pandas",
        "polars",
        "duckdb",
        "pydantic",
        "sqlite3",
    }
    assert modules_loaded_by(package) & optional == set()


READ = """
import pyarrow, sys, tempfile, floe_iceberg
folder = tempfile.mkdtemp()
catalog = floe_iceberg.load_catalog("c", uri=f"sqlite:///{folder}/c.db", warehouse=folder)
catalog.create_namespace("n")
table = catalog.create_table("n.t", pyarrow.schema([("a", pyarrow.int64())]))
assert table.scan("a = 1").to_arrow().num_rows == 0
print("pandas" in sys.modules)
"""


def test_reading_does_not_load_pandas() -> None:
    # It takes half a second.
    assert output_of(READ).strip() == "False"


def test_errors_need_neither_the_extension_nor_pyarrow() -> None:
    assert modules_loaded_by("floe_core.errors") & {"floe_iceberg", "pyarrow"} == set()


def test_import_adds_few_modules_to_those_of_pyarrow() -> None:
    theirs = json.loads(output_of(LOADED_BY.format(package="pyarrow, importlib.metadata")))
    everything = json.loads(output_of(LOADED_BY.format(package="floe_iceberg")))
    added = set(everything) - set(theirs)
    assert len([name for name in added if not name.startswith("floe_")]) < 10
    assert len(added) < 40


def test_public_names_are_those_that_are_exported() -> None:
    assert floe_iceberg.__all__ == sorted(floe_iceberg.__all__)
    assert {name for name in floe_iceberg.__all__ if not hasattr(floe_iceberg, name)} == set()
