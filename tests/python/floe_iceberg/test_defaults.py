"""Defaults of columns, in tables."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from floe_core.errors import (
    IncompatibleSchemaChangeError,
    InvalidArgumentError,
    SchemaEvolutionError,
    SchemaMismatchError,
    UnsupportedError,
)
from floe_iceberg.catalog import load_catalog
from floe_iceberg.schema import Schema
from floe_iceberg.table import Table
from floe_iceberg.transforms import UnknownTransform
from floe_iceberg.types import IntegerType, ListType, LongType, NestedField, StringType, StructType


def make_table(warehouse: Path, *fields: NestedField, **more: Any) -> Table:
    catalog = load_catalog(
        "c", type="sql", uri=f"sqlite:///{warehouse}/c.db", warehouse=f"file://{warehouse}"
    )
    catalog.create_namespace_if_not_exists("db")
    return catalog.create_table("db.t", Schema(*fields), **more)


def edited(table: Table, warehouse: Path, old: str, new: str) -> Table:
    """Return the table after an edit of its metadata file, as another engine may leave it."""
    path = Path(table.metadata_location.removeprefix("file://"))
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    catalog = load_catalog(
        "c", type="sql", uri=f"sqlite:///{warehouse}/c.db", warehouse=f"file://{warehouse}"
    )
    return catalog.load_table("db.t")


def test_write_defaults_fill_what_rows_lack(tmp_path: Path) -> None:
    table = make_table(
        tmp_path,
        NestedField(1, "id", LongType()),
        NestedField(2, "state", StringType(), required=True, write_default="new"),
        NestedField(
            3,
            "s",
            StructType(
                NestedField(4, "x", LongType()),
                NestedField(5, "y", IntegerType(), write_default=7),
            ),
        ),
        partition_spec=["state"],
    )
    table.append(pa.table({"id": [1, 2], "s": [{"x": 1}, None]}))
    table.append(pa.table({"id": [3], "state": ["old"]}))
    rows = sorted(table.scan().to_arrow().to_pylist(), key=lambda row: row["id"])
    assert rows == [
        {"id": 1, "state": "new", "s": {"x": 1, "y": 7}},
        {"id": 2, "state": "new", "s": None},
        {"id": 3, "state": "old", "s": None},
    ]
    assert table.scan(row_filter="state = 'new'").to_arrow().num_rows == 2
    assert table.schema().find_field("state").write_default == "new"


def test_nulls_that_were_given_are_no_missing_values(tmp_path: Path) -> None:
    table = make_table(
        tmp_path, NestedField(1, "state", StringType(), required=True, write_default="new")
    )
    with pytest.raises(SchemaMismatchError, match="state"):
        table.append(pa.table({"state": pa.array([None], pa.string())}))


def test_initial_defaults_are_what_older_rows_have(tmp_path: Path) -> None:
    table = make_table(tmp_path, NestedField(1, "id", LongType()))
    table.append(pa.table({"id": [1, 2]}))
    field = '"type":"long"}'
    added = NestedField(9, "added", IntegerType(), initial_default=5).to_json()
    table = edited(table, tmp_path, field, f"{field},{json.dumps(added)}")
    assert table.scan(row_filter="added = 5 and id = 2").to_arrow().to_pylist() == [
        {"id": 2, "added": 5}
    ]
    assert table.scan(row_filter="added is null").to_arrow().num_rows == 0
    assert table.schema().find_field("added").initial_default == 5


def test_added_columns_have_defaults_in_old_and_in_later_rows(tmp_path: Path) -> None:
    place = StructType(NestedField(3, "city", StringType()))
    table = make_table(
        tmp_path,
        NestedField(1, "id", LongType()),
        NestedField(2, "place", place),
        properties={"format-version": "3"},
    )
    table.append(pa.table({"id": [1], "place": [{"city": "Oslo"}]}))
    with table.update_schema() as update:
        update.add_column("n", "int", required=True, default_value=5)
        update.add_column(("place", "zip"), "string", default_value="0150")
        update.add_column("day", "date", default_value=date(2024, 1, 31))
        update.add_column(
            "tags", ListType(9, StringType(), element_required=False), default_value=["a", None]
        )
    old = {"n": 5, "day": date(2024, 1, 31), "tags": ["a", None]}
    table.append(pa.table({"id": [2], "place": [{"city": "Rome"}]}))
    with table.update_schema() as update:
        update.set_default_value("n", 6).update_column("n", "long")
        update.set_default_value(("place", "zip"), None).set_default_value("day", None)
        update.set_default_value("tags", [])
    table.append(pa.table({"id": [3], "place": [{"city": "Bern"}]}))
    rows = sorted(table.scan().to_arrow().to_pylist(), key=lambda row: row["id"])
    assert rows == [
        {"id": 1, "place": {"city": "Oslo", "zip": "0150"}, **old},
        {"id": 2, "place": {"city": "Rome", "zip": "0150"}, **old},
        {"id": 3, "place": {"city": "Bern", "zip": None}, "n": 6, "day": None, "tags": []},
    ]
    assert table.scan(row_filter="n = 5 and day = '2024-01-31'").to_arrow().num_rows == 2
    field = table.schema().find_field("n")
    assert (field.initial_default, field.write_default) == (5, 6)


def test_defaults_that_can_not_be_are_refused(tmp_path: Path) -> None:
    table = make_table(tmp_path, NestedField(1, "id", LongType(), required=True))
    update = table.update_schema()
    with pytest.raises(SchemaEvolutionError, match="tables of format version 2 can't have"):
        update.add_column("n", "int", default_value=5)
    table.transaction().upgrade_table_version(3).commit_transaction()
    update = table.update_schema()
    with pytest.raises(InvalidArgumentError, match="'five' can't be the default of a column"):
        update.add_column("n", "int", default_value="five")
    with pytest.raises(InvalidArgumentError, match="of type int"):
        update.add_column("n", "int", default_value=2**31)
    with pytest.raises(IncompatibleSchemaChangeError, match="give it a default"):
        update.add_column("n", "int", required=True)
    update.add_column("n", "int", required=True, default_value=5).commit()
    with pytest.raises(IncompatibleSchemaChangeError, match="rows that are written without it"):
        table.update_schema().set_default_value("n", None)
    with pytest.raises(SchemaEvolutionError, match="there is no such column"):
        table.update_schema().set_default_value("m", 5)
    table.append(pa.table({"id": [1]}))
    assert table.scan().to_arrow().to_pylist() == [{"id": 1, "n": 5}]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"transform":"bucket[4]"', '"transform":"zorder"'),
        ('"source-id":1', '"source-ids":[1,2]'),
    ],
)
def test_partitions_by_unknown_transforms_are_read_and_not_written(
    tmp_path: Path, old: str, new: str
) -> None:
    table = make_table(
        tmp_path,
        NestedField(1, "id", LongType()),
        NestedField(2, "n", LongType()),
        partition_spec=["bucket(4, id)"],
    )
    rows = [{"id": i, "n": i} for i in range(10)]
    table.append(pa.Table.from_pylist(rows))
    table = edited(table, tmp_path, old, new)
    assert isinstance(table.spec().fields[0].transform, UnknownTransform)
    read = table.scan(row_filter="id >= 3").to_arrow().to_pylist()
    assert sorted(read, key=lambda row: row["id"]) == rows[3:]
    with pytest.raises(UnsupportedError, match="partition field 'id_bucket' has the transform"):
        table.append(pa.Table.from_pylist(rows))
    assert table.scan().to_arrow().num_rows == len(rows)


def test_partitions_by_a_column_that_no_schema_has_are_read(tmp_path: Path) -> None:
    table = make_table(
        tmp_path,
        NestedField(1, "id", LongType()),
        NestedField(2, "n", LongType()),
        partition_spec=["n"],
    )
    table.append(pa.table({"id": [1, 2], "n": [3, 4]}))
    table = edited(table, tmp_path, '"source-id":2', '"source-id":77')
    assert sorted(table.scan(row_filter="n > 3").to_arrow()["id"].to_pylist()) == [2]
    assert sorted(table.scan().to_arrow()["id"].to_pylist()) == [1, 2]
    with pytest.raises(UnsupportedError, match="column id 77"):
        table.append(pa.table({"id": [1], "n": [3]}))
