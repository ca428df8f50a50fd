"""PyIceberg reads every snapshot of the tables that the scenarios leave as floe does."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyiceberg.catalog.sql import SqlCatalog
from scenario_runner import differences
from scenario_script import show_row
from warehouse import open_catalog

SCENARIOS = sorted((Path(__file__).parents[1] / "scenarios").glob("*.test"))


def as_pyiceberg_reads(rows: pa.Table) -> pa.Table:
    """Make lists of structs empty where they are null, as PyIceberg 0.12 does when it reads."""
    for index, field in enumerate(rows.schema):
        if pa.types.is_list(field.type) and pa.types.is_struct(field.type.value_type):
            lists = [[] if value is None else value for value in rows[index].to_pylist()]
            rows = rows.set_column(index, field, pa.array(lists, field.type))
    return rows


def texts(rows: pa.Table) -> list[str]:
    columns = [column.to_pylist() for column in rows.columns]
    return sorted(show_row(list(row)) for row in zip(*columns, strict=True))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_every_snapshot_is_read_the_same(path: Path, tmp_path: Path) -> None:
    assert list(differences(path, tmp_path)) == []
    ours = open_catalog(tmp_path)
    theirs = SqlCatalog("test", uri=f"sqlite:///{tmp_path}/catalog.db")
    read = 0
    for name in ours.list_tables("db"):
        mine: Any = ours.load_table(name)
        other: Any = theirs.load_table(name)
        for snapshot in (None, *(one.snapshot_id for one in mine.snapshots())):
            expected = mine.scan(snapshot_id=snapshot).to_arrow()
            found = other.scan(snapshot_id=snapshot).to_arrow()
            assert found.column_names == expected.column_names
            assert texts(found) == texts(as_pyiceberg_reads(expected))
            read += 1
    assert read > 1
    theirs.engine.dispose()
