"""Files that floe did not write, as PyIceberg's add_files() takes them into a table: they have no
field ids, and are read by the table's name mapping.
"""

from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyiceberg.catalog.sql import SqlCatalog

from floe_iceberg import Table, load_catalog

STRUCT = pa.struct([("x", pa.int64()), ("y", pa.list_(pa.struct([("z", pa.string())])))])
VALUES: list[list[dict[str, Any]]] = [
    [{"x": 1, "y": [{"z": "a"}]}, {"x": None, "y": []}],
    [{"x": 2, "y": []}, {"x": 3, "y": [{"z": None}]}],
]
TYPES = {
    "list": pa.list_(STRUCT),
    "large list": pa.large_list(STRUCT),
    "list of a size": pa.list_(STRUCT, 2),
    "large list in a list": pa.list_(pa.large_list(STRUCT)),
    "large list in a map": pa.map_(pa.string(), pa.large_list(STRUCT)),
}


class Added:
    """A table of one file that was added by PyIceberg."""

    def __init__(self, folder: Path, schema: pa.Schema, file: Path) -> None:
        uri = f"sqlite:///{folder}/catalog.db"
        self._theirs = SqlCatalog("test", uri=uri, warehouse=f"file://{folder}/warehouse")
        self._ours = load_catalog("test", uri=uri, warehouse=folder / "warehouse")
        self._theirs.create_namespace("db")
        table = self._theirs.create_table("db.t", schema=schema)
        table.add_files([f"file://{file}"])

    def ours(self) -> Table:
        return self._ours.load_table("db.t")

    def theirs(self) -> list[dict[str, Any]]:
        return list(self._theirs.load_table("db.t").scan().to_arrow().to_pylist())


def values_of(name: str) -> list[Any]:
    if "in a map" in name:
        return [[("k", value)] for value in VALUES]
    return [[value] for value in VALUES] if "in a list" in name else VALUES


@pytest.mark.parametrize("name", TYPES)
def test_structs_in_lists_of_any_kind(tmp_path: Path, name: str) -> None:
    type_ = TYPES[name]
    rows = pa.table({"id": [1, 2], "l": pa.array(values_of(name), type_)})
    pq.write_table(rows, tmp_path / "f.parquet")
    plain = pa.schema([("id", pa.int64()), ("l", as_list(type_))])
    added = Added(tmp_path, plain, tmp_path / "f.parquet")
    expected = rows.cast(plain).to_pylist()
    if name != "list of a size":  # which PyIceberg can't read
        assert added.theirs() == expected
    assert added.ours().scan().to_arrow().to_pylist() == expected
    # What is written again has them, too.
    added.ours().delete("id = 1")
    assert added.theirs() == expected[1:]


def as_list(type_: pa.DataType) -> pa.DataType:
    """Return the type with plain lists, as tables have it."""
    if pa.types.is_map(type_):
        return pa.map_(type_.key_type, as_list(type_.item_type))
    if pa.types.is_struct(type_):
        return type_
    return pa.list_(as_list(type_.value_type))


def test_a_file_of_polars(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": [1, 2], "l": [[{"x": 1}], [{"x": 2}, {"x": None}]]})
    frame.write_parquet(tmp_path / "f.parquet")
    schema = pa.schema([("id", pa.int64()), ("l", pa.list_(pa.struct([("x", pa.int64())])))])
    added = Added(tmp_path, schema, tmp_path / "f.parquet")
    assert added.ours().scan().to_arrow().to_pylist() == frame.to_dicts()
    assert added.ours().scan("id = 2").to_arrow().to_pylist() == frame.to_dicts()[1:]


@pytest.mark.parametrize("type_", [pa.string(), pa.int32(), pa.list_(pa.int64())], ids=str)
def test_a_column_that_is_null_in_all_rows_and_has_no_type(
    tmp_path: Path, type_: pa.DataType
) -> None:
    schema = pa.schema([("id", pa.int64()), ("note", type_)])
    rows = pa.table({"id": [1, 2], "note": pa.nulls(2, type_)}, schema=schema)
    pq.write_table(rows, tmp_path / "f.parquet")
    table = Added(tmp_path, schema, tmp_path / "f.parquet").ours()
    # PyIceberg adds such a file in version 3 alone, which it does not write.
    pq.write_table(pa.table({"id": [1, 2], "note": pa.nulls(2)}), tmp_path / "f.parquet")
    assert table.scan().to_arrow().to_pylist() == rows.to_pylist()
    assert table.scan().to_arrow().schema.types == [pa.int64(), type_]
    if not pa.types.is_nested(type_):
        assert table.scan("note is null").count() == 2
        assert table.scan("note is not null or id = 2").count() == 1
    table.delete("id = 1")
    assert table.scan().to_arrow().to_pylist() == rows.to_pylist()[1:]
