"""Tables and data that are legal and unlikely: no columns, thousands, names and slots unseen."""

import json
import struct
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from floe_core.errors import (
    InvalidArgumentError,
    SchemaEvolutionError,
    SchemaMismatchError,
    UnsupportedError,
)
from floe_iceberg import Catalog, Table, load_catalog
from floe_iceberg.expressions import And, BooleanExpression, EqualTo, In, Not, Or
from floe_iceberg.transforms import IdentityTransform


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    made = load_catalog("odd", uri=f"sqlite:///{tmp_path}/catalog.db", warehouse=tmp_path)
    made.create_namespace("db")
    return made


def written(catalog: Catalog, rows: pa.Table, schema: pa.Schema | None = None) -> Table:
    table = catalog.create_table("db.t", schema or rows.schema)
    table.append(rows)
    return table


def test_rows_without_columns_are_refused(catalog: Catalog) -> None:
    rows = pa.table({"a": [1, 2, 3]}).select([])
    table = catalog.create_table("db.t", rows.schema)
    with pytest.raises(UnsupportedError, match="the table has no columns"):
        table.append(rows)
    assert table.refresh().scan().to_arrow().shape == (0, 0)
    table.append(pa.table({"new": ["x"]}), evolve_schema=True)
    assert table.scan().to_arrow().to_pylist() == [{"new": "x"}]


def test_no_columns_are_selected(catalog: Catalog) -> None:
    table = written(catalog, pa.table({"a": [1, 2, 3]}))
    assert table.scan(selected_fields=()).to_arrow().shape == (3, 0)
    assert table.scan("a > 1", selected_fields=()).to_arrow().shape == (2, 0)
    assert table.scan("a > 1", selected_fields=(), limit=1).to_arrow().shape == (1, 0)


def test_a_table_has_thousands_of_columns(catalog: Catalog) -> None:
    rows = pa.table({f"c{i}": pa.array([i, None, i + 1]) for i in range(2000)})
    table = written(catalog, rows)
    assert table.scan().to_arrow().equals(rows)
    some = table.scan("c1999 = 1999", selected_fields=("c17", "c1000")).to_arrow()
    assert some.to_pylist() == [{"c17": 17, "c1000": 1000}]


def test_names_differ_in_case_only(catalog: Catalog) -> None:
    rows = pa.table([[1, 2], [3, 4], [5, 6]], names=["a", "A", "Ä"])
    table = written(catalog, rows)
    assert table.scan().to_arrow().equals(rows)
    assert table.scan("A = 4").to_arrow()["a"].to_pylist() == [2]
    assert table.scan(selected_fields=("A",)).to_arrow()["A"].to_pylist() == [3, 4]


def test_a_long_text(catalog: Catalog) -> None:
    text = "ä" * (8 << 20)
    rows = pa.table({"id": [1, 2, 3], "s": [text, None, "x"]})
    table = written(catalog, rows)
    assert table.scan().to_arrow().equals(rows)
    assert table.scan("s = 'x'").to_arrow()["id"].to_pylist() == [3]
    assert table.scan("s like 'ää%'").to_arrow()["id"].to_pylist() == [1]


@pytest.mark.parametrize("type_", [pa.struct([]), pa.list_(pa.struct([]))], ids=str)
def test_a_struct_without_fields_is_refused(catalog: Catalog, type_: pa.DataType) -> None:
    rows = pa.table({"id": [1], "x": pa.nulls(1, type_)})
    table = catalog.create_table("db.t", rows.schema)
    with pytest.raises(UnsupportedError, match="is a struct without fields, which Parquet can't"):
        table.append(rows)
    assert table.refresh().scan().to_arrow().num_rows == 0
    assert not list(Path(table.location().removeprefix("file://")).rglob("*.parquet"))


def lists_of(values: pa.Array, type_: pa.DataType) -> pa.Array:
    """Return three lists of two values each, of which the second is null."""
    buffers = [pa.py_buffer(b"\x05"), pa.py_buffer(struct.pack("4i", 0, 2, 4, 6))]
    return pa.Array.from_buffers(type_, 3, buffers, children=[values])


def test_elements_of_a_null_list_are_not_there(catalog: Catalog) -> None:
    wanted = pa.list_(pa.field("element", pa.int64(), nullable=False))
    hidden = lists_of(pa.array([1, 2, None, None, 5, 6]), pa.list_(pa.int64()))
    rows = pa.table({"id": range(3), "x": hidden})
    table = written(catalog, rows, pa.schema([("id", pa.int64()), ("x", wanted)]))
    assert table.scan().to_arrow()["x"].to_pylist() == [[1, 2], None, [5, 6]]
    seen = lists_of(pa.array([1, None, None, None, 5, 6]), pa.list_(pa.int64()))
    with pytest.raises(SchemaMismatchError, match=r"column 'x\.element': found 1 null"):
        table.append(pa.table({"id": range(3), "x": seen}))


def test_values_of_a_null_map_are_not_there(catalog: Catalog) -> None:
    entries = pa.StructArray.from_arrays(
        [pa.array(list("abxycd")), pa.array([0, 1, None, None, 4, 5])], names=["key", "value"]
    )
    wanted = pa.map_(pa.string(), pa.field("value", pa.int64(), nullable=False))
    rows = pa.table({"x": lists_of(entries, pa.map_(pa.string(), pa.int64()))})
    table = written(catalog, rows, pa.schema([("x", wanted)]))
    assert table.scan().to_arrow()["x"].to_pylist() == [
        [("a", 0), ("b", 1)],
        None,
        [("c", 4), ("d", 5)],
    ]


def test_fields_of_a_null_struct_are_not_there(catalog: Catalog) -> None:
    wanted = pa.struct([pa.field("r", pa.int64(), nullable=False)])
    mask = pa.array([False, True, False])
    for values in ([1, None, 3], [1, 2, 3]):
        hidden = pa.StructArray.from_arrays([pa.array(values)], names=["r"], mask=mask)
        table = catalog.create_table_if_not_exists("db.t", pa.schema([("x", wanted)]))
        table.overwrite(pa.table({"x": hidden}))
        assert table.scan().to_arrow()["x"].to_pylist() == [{"r": 1}, None, {"r": 3}]


def deep(count: int) -> BooleanExpression:
    made: BooleanExpression = EqualTo("a", 0)
    for i in range(count):
        made = (Not(made), And(made, EqualTo("a", 1)), Or(made, EqualTo("a", 2)))[i % 3]
    return made


def test_filters_are_nested_deep_but_not_without_end(catalog: Catalog) -> None:
    table = written(catalog, pa.table({"a": [0, 1, 2]}))
    assert table.scan(deep(900)).count() in range(4)
    with pytest.raises(InvalidArgumentError, match="nested deeper than 1000 levels"):
        deep(100_000)


def test_filters_of_many_values(catalog: Catalog) -> None:
    table = written(catalog, pa.table({"a": range(20_000)}))
    assert table.scan(In("a", range(0, 40_000, 2))).count() == 10_000
    chain: Any = EqualTo("a", 0)
    for i in range(1, 1500):
        chain = Or(chain, EqualTo("a", i))
    assert table.scan(chain).count() == 1500


def test_dictionaries_of_any_layout(catalog: Catalog) -> None:
    values = ["a", None, "a text that a view does not hold inline"]
    table = catalog.create_table("db.t", pa.schema([("s", pa.string())]), partition_spec=["s"])
    for layout in (pa.string(), pa.large_string(), pa.string_view()):
        indices = pa.array([2, None, 1, 0, 2], pa.uint8())
        encoded = pa.DictionaryArray.from_arrays(indices, pa.array(values, layout), ordered=True)
        table.overwrite(pa.table({"s": encoded}))
        found = table.scan().to_arrow()["s"].to_pylist()
        assert sorted(map(str, found)) == sorted(map(str, encoded.to_pylist()))


def test_a_script_may_end_with_a_reader_unread(tmp_path: Path, catalog: Catalog) -> None:
    written(catalog, pa.table({"a": [1]}))
    script = f"""
from floe_iceberg import load_catalog
catalog = load_catalog("odd", uri="sqlite:///{tmp_path}/catalog.db", warehouse="{tmp_path}")
reader = catalog.load_table("db.t").scan().to_arrow_batch_reader()
"""
    done = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_partitions_by_what_can_not_be_computed(catalog: Catalog) -> None:
    table = written(catalog, pa.table({"id": [1, 2], "text": ["a", "b"]}))
    path = Path(table.metadata_location.removeprefix("file://"))
    metadata = json.loads(path.read_text())
    field = {"source-id": 2, "field-id": 1000, "name": "text_day", "transform": "day"}
    metadata["partition-specs"].append({"spec-id": 1, "fields": [field]})
    metadata |= {"default-spec-id": 1, "last-partition-id": 1000}
    odd = path.with_name("00009-odd.metadata.json")
    odd.write_text(json.dumps(metadata))
    registered = catalog.register_table("db.odd", f"file://{odd}")
    assert registered.scan("text = 'a'").to_arrow()["id"].to_pylist() == [1]
    message = "'text_day' is day of column 'text', whose type is string: that can't be computed"
    with pytest.raises(UnsupportedError, match=message):
        registered.append(pa.table({"id": [3], "text": ["c"]}))
    with registered.update_spec() as spec:
        spec.remove_field("text_day")
    registered.append(pa.table({"id": [3], "text": ["c"]}))
    assert registered.scan().count() == 3


def test_a_transform_of_several_columns_keeps_them(catalog: Catalog) -> None:
    rows = pa.table({"id": [1, 2], "text": ["a", "b"]})
    table = catalog.create_table("db.t", rows.schema, properties={"format-version": "3"})
    path = Path(table.metadata_location.removeprefix("file://"))
    metadata = json.loads(path.read_text())
    field = {"source-ids": [1, 2], "field-id": 1000, "name": "both", "transform": "bucket[4]"}
    metadata["partition-specs"].append({"spec-id": 1, "fields": [field]})
    metadata |= {"default-spec-id": 1, "last-partition-id": 1000}
    odd = path.with_name("00009-odd.metadata.json")
    odd.write_text(json.dumps(metadata))
    registered = catalog.register_table("db.odd", f"file://{odd}")
    spec = registered.spec()
    assert spec.fields[0].source_ids == (1, 2)
    assert "bucket[4](1, 2)" in repr(spec)
    assert json.loads(spec.to_json())["fields"] == [field]
    for call in (
        lambda: registered.append(rows),
        lambda: catalog.create_table("db.again", rows.schema, partition_spec=spec),
    ):
        with pytest.raises((UnsupportedError, InvalidArgumentError), match="of several columns"):
            call()
    for column in ("id", "text"):
        with pytest.raises(SchemaEvolutionError, match=f"'{column}': partition field 'both'"):
            registered.update_schema().delete_column(column).commit()


def test_sort_orders_by_what_floe_does_not_know_are_shown_and_kept(catalog: Catalog) -> None:
    rows = pa.table({"id": [1, 2], "text": ["a", "b"]})
    table = catalog.create_table("db.t", rows.schema, properties={"format-version": "3"})
    path = Path(table.metadata_location.removeprefix("file://"))
    metadata = json.loads(path.read_text())
    ends = {"direction": "asc", "null-order": "nulls-first"}
    fields = [
        {"source-ids": [1, 2], "transform": "zorder", **ends},
        {"source-id": 1, "transform": "reversed[3]", **ends},
    ]
    metadata["sort-orders"].append({"order-id": 1, "fields": fields})
    metadata["default-sort-order-id"] = 1
    odd = path.with_name("00009-odd.metadata.json")
    odd.write_text(json.dumps(metadata))
    registered = catalog.register_table("db.odd", f"file://{odd}")
    order = registered.sort_order()
    assert [field.source_ids for field in order.fields] == [(1, 2), ()]
    assert [str(field.transform) for field in order.fields] == ["zorder", "reversed[3]"]
    assert "zorder(1, 2) ASC NULLS FIRST" in repr(order)
    assert json.loads(order.to_json())["fields"] == fields
    registered.append(rows)
    written_again = json.loads(Path(registered.metadata_location[7:]).read_text())
    assert [dict(f) for f in written_again["sort-orders"][-1]["fields"]] == fields


UNKNOWN = {"x-unknown": [1, {"deep": None}]}


def extended(value: Any, at: str = "") -> Any:
    """Return metadata with a member that nobody knows in each object, texts by key aside."""
    if isinstance(value, list):
        return [extended(element, at) for element in value]
    if not isinstance(value, dict) or at in {"properties", "summary"}:
        return value
    inner = {name: extended(member, name) for name, member in value.items()}
    return inner if at == "refs" else inner | UNKNOWN


def unknown_members(value: Any, at: str = "") -> Iterator[str]:
    """Return where the unknown members of some metadata are."""
    if isinstance(value, list):
        for element in value:
            yield from unknown_members(element, at)
    elif isinstance(value, dict):
        for name, member in value.items():
            if name == "x-unknown":
                assert member == UNKNOWN["x-unknown"]
                yield at
            yield from unknown_members(member, f"{at}/{name}")


@pytest.mark.parametrize("version", [1, 2, 3])
def test_members_that_nobody_knows_are_kept_wherever_they_are(
    catalog: Catalog, version: int
) -> None:
    place = pa.struct([("zip", pa.string()), ("past", pa.list_(pa.struct([("year", pa.int32())])))])
    schema = pa.schema([("id", pa.int64()), ("place", place), ("m", pa.map_(pa.string(), place))])
    table = catalog.create_table(
        "db.t", schema, partition_spec=["id"], properties={"format-version": version}
    )
    with table.update_sort_order() as order:
        order.asc("id", IdentityTransform())
    rows = pa.table({"id": [1], "place": [{"zip": "1", "past": []}], "m": [[]]}, schema=schema)
    table.append(rows)
    table.append(rows)
    path = Path(table.metadata_location.removeprefix("file://"))
    before = extended(json.loads(path.read_text()))
    odd = path.with_name("00009-odd.metadata.json")
    odd.write_text(json.dumps(before))
    registered = catalog.register_table("db.odd", f"file://{odd}")
    with registered.update_schema() as update:
        update.rename_column(("place", "zip"), "code").add_column(("place", "past", "day"), "int")
    registered.append(pa.table({"id": [2]}))
    after = json.loads(Path(registered.metadata_location.removeprefix("file://")).read_text())
    found = Counter(unknown_members(after))
    wanted = Counter(unknown_members(before))
    assert sum(wanted.values()) > 25
    assert not wanted - found
    # Of the new schema, too, which was made of one that has them.
    assert (
        found["/schemas/fields/type/fields/type"] == 2 * wanted["/schemas/fields/type/fields/type"]
    )
