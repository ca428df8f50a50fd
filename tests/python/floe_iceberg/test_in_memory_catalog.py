"""Catalogs that live in the process; what all catalogs do is in tests/servers."""

from pathlib import Path

import pyarrow as pa
import pytest

from floe_core.errors import InvalidArgumentError
from floe_iceberg import load_catalog

ROWS = pa.table({"id": pa.array([1, 2], pa.int64())})


def test_a_name_is_a_catalog(tmp_path: Path) -> None:
    name = f"one/{tmp_path}"
    first = load_catalog(name, type="in-memory", warehouse=tmp_path)
    first.create_namespace("db")
    table = first.create_table("db.t", ROWS.schema)
    table.append(ROWS)
    second = load_catalog(name, type="in-memory", warehouse=tmp_path)
    assert second.load_table("db.t").scan().to_arrow().num_rows == 2
    other = load_catalog(f"other/{tmp_path}", type="in-memory", warehouse=tmp_path)
    assert other.list_namespaces() == []
    assert not Path(f"/{name}").exists()


def test_it_ends_with_the_last_that_has_it(tmp_path: Path) -> None:
    name = f"gone/{tmp_path}"
    catalog = load_catalog(name, type="in-memory", warehouse=tmp_path)
    catalog.create_namespace("db")
    table = catalog.create_table("db.t", ROWS.schema)
    del catalog
    again = load_catalog(name, type="in-memory", warehouse=tmp_path)
    assert again.namespace_exists("db")  # the table has it
    del again, table
    assert not load_catalog(name, type="in-memory").namespace_exists("db")


def test_what_it_does_not_take(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgumentError, match="unknown properties uri; known are fsync, type"):
        load_catalog("x", type="in-memory", uri="sqlite://", warehouse=tmp_path)
    with pytest.raises(InvalidArgumentError, match="in this process' memory"):
        load_catalog("x", type="in-memory", warehouse=tmp_path).to_pyiceberg()
