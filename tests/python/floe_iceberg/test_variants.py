"""Columns of type variant, written by floe and by Spark, shredded or not."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from warehouse import open_catalog

from floe_core.errors import InvalidArgumentError, ParseError, SchemaMismatchError, UnsupportedError
from floe_iceberg import variant
from floe_iceberg.schema import Schema
from floe_iceberg.types import ListType, LongType, NestedField, StructType, VariantType
from vectors import load_vector, register

VALUES = ["null", '{"a":1,"b":{"c":[true,2.5,"x"]}}', "[]", "12345678901234567890", '"text"']


def texts(column: pa.ChunkedArray) -> list[Any]:
    """Return the values, decoded."""
    return [v if v is None else json.loads(variant.to_json(v)) for v in column.to_pylist()]


@pytest.mark.parametrize("name", ["spark/variant", "spark/variant_shredded"])
def test_variants_of_spark_are_read(name: str, tmp_path: Path) -> None:
    vector = load_vector(name)
    table = register(open_catalog(tmp_path), tmp_path / "catalog.db", vector.metadata)
    rows = table.scan().to_arrow().sort_by("id")
    assert dict(zip(rows["id"].to_pylist(), texts(rows["v"]), strict=True)) == {
        row["id"]: row["v"] for row in vector.rows
    }
    # Where few rows match, their columns are decoded in another way.
    one = table.scan(row_filter="id = 2", selected_fields=("v",)).to_arrow()
    assert texts(one["v"]) == [vector.rows[2]["v"]]


def test_variants_are_written_and_read(tmp_path: Path) -> None:
    schema = Schema(
        NestedField(1, "id", LongType(), required=True),
        NestedField(2, "v", VariantType()),
        NestedField(3, "s", StructType(NestedField(4, "v", VariantType(), required=True))),
        NestedField(5, "l", ListType(6, VariantType())),
    )
    catalog = open_catalog(tmp_path)
    catalog.create_namespace("db")
    table = catalog.create_table("db.t", schema, properties={"format-version": "3"})
    values = [None, *(variant.from_json(text) for text in VALUES)]
    rows = pa.Table.from_pylist(
        [
            {"id": i, "v": value, "s": value and {"v": value}, "l": [value] * (i % 3)}
            for i, value in enumerate(values)
        ],
        schema=table.schema().as_arrow(),
    )
    table.append(rows)
    read = table.scan().to_arrow().sort_by("id")
    expected = [None, *(json.loads(text) for text in VALUES)]
    assert texts(read["v"]) == expected
    assert [s and json.loads(variant.to_json(s["v"])) for s in read["s"].to_pylist()] == expected
    assert [
        [v and json.loads(variant.to_json(v)) for v in values] for values in read["l"].to_pylist()
    ] == [[value] * (i % 3) for i, value in enumerate(expected)]
    # What a scan gives makes the same column again.
    copy = catalog.create_table("db.copy", read.schema, properties={"format-version": "3"})
    assert isinstance(copy.schema().find_type("v"), VariantType)


def test_a_table_of_version_2_takes_no_variants(tmp_path: Path) -> None:
    catalog = open_catalog(tmp_path)
    catalog.create_namespace("db")
    with pytest.raises((UnsupportedError, InvalidArgumentError), match=r"'v'.*variant"):
        catalog.create_table("db.t", Schema(NestedField(1, "v", VariantType())))


def test_bytes_that_are_no_variant_are_refused(tmp_path: Path) -> None:
    catalog = open_catalog(tmp_path)
    catalog.create_namespace("db")
    table = catalog.create_table(
        "db.t", Schema(NestedField(1, "v", VariantType())), properties={"format-version": "3"}
    )
    parts = pa.struct([("metadata", pa.binary()), ("value", pa.binary())])
    bad = pa.table({"v": pa.array([{"metadata": b"\x02\x00\x00", "value": b"\x00"}], parts)})
    with pytest.raises(SchemaMismatchError, match="version 2"):
        table.append(bad)
    with pytest.raises(SchemaMismatchError, match="expected variant"):
        table.append(pa.table({"v": ["text"]}))
    assert table.scan().count() == 0


def test_json_that_is_none_is_refused() -> None:
    with pytest.raises(ParseError):
        variant.from_json("{")
    with pytest.raises(InvalidArgumentError, match="cut off"):
        variant.to_json({"metadata": b"\x11\x00\x00", "value": b""})
