"""Files written under older schemas are read right by each engine, whoever evolved the table."""

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from filter_samples import theirs
from lake import Lake
from pyiceberg.types import DecimalType, DoubleType, IntegerType, LongType, StringType
from type_samples import ids, rows_by_id

INNER = pa.struct([("x", pa.int32()), ("y", pa.float32())])
SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64(), nullable=False),
        pa.field("i", pa.int32()),
        pa.field("f", pa.float32()),
        pa.field("d", pa.decimal128(4, 2)),
        pa.field("s", pa.string(), nullable=False),
        pa.field("inner", INNER),
        pa.field("inners", pa.list_(INNER)),
        pa.field("by_name", pa.map_(pa.string(), INNER)),
    ]
)


def row(id_: int) -> dict[str, Any]:
    inner = {"x": id_, "y": id_ / 2}
    return {
        "id": id_,
        "i": 2**31 - 1 - id_,
        "f": 0.1 * id_,
        "d": Decimal("-99.99"),
        "s": f"s{id_}",
        "inner": inner,
        "inners": [inner, inner],
        "by_name": [("k", inner)],
    }


ROWS = pa.Table.from_pylist([row(0), row(1)], SCHEMA)

Change = Callable[[Any], Any]


def added(update: Any) -> None:
    update.add_column("new", StringType())
    update.add_column(("inner", "z"), LongType())
    update.add_column(("inners", "z"), LongType())
    update.add_column(("by_name", "z"), LongType())


def renamed(update: Any) -> None:
    update.rename_column("i", "j")
    update.rename_column("inner.x", "xx")
    update.rename_column("inners.x", "xx")
    update.rename_column("by_name.x", "xx")


def dropped(update: Any) -> None:
    update.delete_column("f")
    update.delete_column("inner.x")
    update.delete_column("inners.y")
    update.delete_column("by_name.x")


def moved(update: Any) -> None:
    update.move_first("s")
    update.move_after("id", "by_name")
    update.move_first("inner.y")


def promoted(update: Any) -> None:
    update.update_column("i", field_type=LongType())
    update.update_column("f", field_type=DoubleType())
    update.update_column("d", field_type=DecimalType(20, 2))
    update.update_column("inner.x", field_type=LongType())
    update.update_column("inners.y", field_type=DoubleType())
    update.update_column("by_name.x", field_type=LongType())


def made_optional(update: Any) -> None:
    update.make_column_optional("s")


CHANGES = [added, renamed, dropped, moved, promoted, made_optional]


def evolve(lake: Lake, *changes: Change) -> None:
    for change in changes:
        with lake.pyiceberg.load("t").update_schema() as update:
            change(update)


def new_row(lake: Lake) -> pa.Table:
    """Return a row of the table's schema as it is now: nulls, where they can be."""
    schema = lake.floe.load("t").schema().as_arrow()
    values: dict[str, Any] = {
        "id": 9,
        "s": "required",
        "inners": [],  # PyIceberg reads null lists and maps of structs as empty ones
        "by_name": [],
    }
    return pa.table([pa.array([values.get(f.name)], f.type) for f in schema], schema=schema)


def assert_all_read_the_same(lake: Lake) -> pa.Table:
    found = lake.pyiceberg.read("t")
    expected = rows_by_id(found)
    ours = lake.floe.read("t")
    assert ours.column_names == found.column_names
    assert rows_by_id(ours) == expected
    assert rows_by_id(lake.sql(f"FROM {lake.relation('t')}")) == expected
    return found


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("first", ["floe", "pyiceberg"])
def test_old_and_new_files_are_read_by_field_id(lake: Lake, first: str, change: Change) -> None:
    writer = lake.engine(first)
    writer.create("t", SCHEMA)
    writer.append("t", ROWS)
    evolve(lake, change)
    assert assert_all_read_the_same(lake).num_rows == 2
    lake.floe.append("t", new_row(lake))
    assert assert_all_read_the_same(lake).num_rows == 3


@pytest.mark.parametrize("first", ["floe", "pyiceberg"])
def test_changes_on_top_of_changes(lake: Lake, first: str) -> None:
    lake.engine(first).create("t", SCHEMA)
    lake.engine(first).append("t", ROWS)
    evolve(lake, made_optional, moved, added, promoted, renamed)
    lake.floe.append("t", new_row(lake))
    found = assert_all_read_the_same(lake)
    by_id = {each["id"]: each for each in found.to_pylist()}
    assert by_id[1]["j"] == 2**31 - 2
    assert by_id[1]["inner"]["xx"] == 1


def test_fields_inside_a_list_change_beside_one_that_was_dropped(lake: Lake) -> None:
    # Arrow, reading some fields of an element, forgets the element's id.
    lake.floe.create("t", SCHEMA)
    lake.floe.append("t", ROWS)
    for column in ("inners", "by_name"):
        with lake.pyiceberg.load("t").update_schema() as update:
            update.delete_column(f"{column}.y")
            update.add_column((column, "z"), LongType())
        with lake.pyiceberg.load("t").update_schema() as update:
            update.rename_column(f"{column}.x", "xx")
            update.update_column(f"{column}.x", field_type=LongType())
    found = assert_all_read_the_same(lake)
    assert found["inners"].to_pylist()[1] == [{"xx": 1, "z": None}] * 2
    assert lake.floe.read("t")["inners"].type.value_type.field("xx").type == pa.int64()


@pytest.mark.parametrize("replaced", [True, False])
def test_all_fields_of_a_struct_were_dropped(lake: Lake, replaced: bool) -> None:  # noqa: FBT001
    rows = pa.table({"id": [0, 1, 2], "s": pa.array([{"a": 1}, None, {"a": None}])})
    lake.floe.create("t", rows.schema)
    lake.floe.append("t", rows)
    with lake.pyiceberg.load("t").update_schema() as update:
        update.delete_column("s.a")
        if replaced:
            update.add_column(("s", "b"), LongType())
    given: dict[str, Any] = {"b": None} if replaced else {}
    assert rows_by_id(lake.floe.read("t")) == {0: [given], 1: [None], 2: [given]}
    assert ids(lake.floe.read("t", theirs.IsNull("s"))) == [1]
    if replaced:
        assert_all_read_the_same(lake)


def test_a_name_does_not_bring_old_values_back(lake: Lake) -> None:
    lake.floe.create("t", SCHEMA)
    lake.floe.append("t", ROWS)
    evolve(
        lake,
        lambda update: update.delete_column("i").delete_column("inner.x"),
        lambda update: update.add_column("i", IntegerType()).add_column(
            ("inner", "x"), IntegerType()
        ),
        lambda update: update.rename_column("s", "was_s"),
        lambda update: update.add_column("s", StringType()),
    )
    found = assert_all_read_the_same(lake)
    assert found["i"].to_pylist() == [None, None]
    assert found["s"].to_pylist() == [None, None]
    assert sorted(found["was_s"].to_pylist()) == ["s0", "s1"]
    assert {each["x"] for each in found["inner"].to_pylist()} == {None}
    for reader in (lake.floe, lake.pyiceberg):
        assert ids(reader.read("t", theirs.IsNull("i"))) == [0, 1]
        assert ids(reader.read("t", theirs.EqualTo("s", "s0"))) == []
        assert ids(reader.read("t", theirs.EqualTo("was_s", "s0"))) == [0]


PROMOTED: dict[str, tuple[pa.DataType, Any, list[Any], Any]] = {
    "int to long": (pa.int32(), LongType(), [-(2**31), -1, 7, 2**31 - 1], 2**40),
    "float to double": (pa.float32(), DoubleType(), [-1.5, 0.25, 7.5, float("inf")], 1e300),
    "decimal": (
        pa.decimal128(4, 2),
        DecimalType(20, 2),
        [Decimal("-99.99"), Decimal("-0.01"), Decimal("7.00"), Decimal("99.99")],
        Decimal("123456789.00"),
    ),
}
COMPARED: list[tuple[Any, Callable[[Any, Any], bool]]] = [
    (theirs.LessThanOrEqual, operator.le),
    (theirs.EqualTo, operator.eq),
    (theirs.GreaterThan, operator.gt),
]
TERMS = ["", "v", "bucket(3, v)", "truncate(2, v)"]


@pytest.mark.parametrize(
    ("kind", "term"),
    [
        (kind, term)
        for kind in PROMOTED
        for term in TERMS
        if not (kind == "float to double" and "(" in term)
    ],
)
def test_filters_know_bounds_and_partitions_of_a_narrower_type(
    lake: Lake, kind: str, term: str
) -> None:
    narrow, wide, values, beyond = PROMOTED[kind]
    rows = pa.table({"id": pa.array(range(4), pa.int64()), "v": pa.array(values, narrow)})
    lake.floe.create("t", rows.schema, [term] if term else [])
    for at in range(4):
        lake.floe.append("t", rows.slice(at, 1))
    evolve(lake, lambda update: update.update_column("v", field_type=wide))
    type_ = lake.floe.load("t").schema().as_arrow().field("v").type
    lake.floe.append("t", pa.table({"id": pa.array([4]), "v": pa.array([beyond], type_)}))
    assert_all_read_the_same(lake)
    for literal in [*values, beyond]:
        for operation, holds in COMPARED:
            wanted = [id_ for id_, value in enumerate([*values, beyond]) if holds(value, literal)]
            filter_ = operation("v", literal)
            assert ids(lake.floe.read("t", filter_)) == wanted, filter_


def test_floe_widens_a_table_that_pyiceberg_made(lake: Lake) -> None:
    lake.pyiceberg.create("t", SCHEMA)
    lake.pyiceberg.append("t", ROWS)
    inner = pa.struct([("x", pa.int64()), ("z", pa.list_(pa.struct([("deep", pa.date32())])))])
    wider = pa.table(
        {
            "id": pa.array([5], pa.int64()),
            "s": ["wide"],
            "inners": pa.array([[]], pa.list_(INNER)),
            "by_name": pa.array([[]], pa.map_(pa.string(), INNER)),
            "i": pa.array([2**40], pa.int64()),
            "d": pa.array([Decimal("1234567.00")], pa.decimal128(12, 2)),
            "inner": pa.array([{"x": 2**40, "z": [{"deep": None}]}], inner),
            "added": pa.array([[{"a": 1}]], pa.list_(pa.struct([("a", pa.int32())]))),
        }
    )
    lake.floe.load("t").append(wider, evolve_schema=True)
    found = assert_all_read_the_same(lake)
    by_id = {each["id"]: each for each in found.to_pylist()}
    assert by_id[5]["i"] == 2**40
    assert by_id[5]["inner"] == {"x": 2**40, "y": None, "z": [{"deep": None}]}
    assert by_id[5]["added"] == [{"a": 1}]
    assert by_id[0]["added"] is None
    lake.pyiceberg.append("t", lake.pyiceberg.read("t").filter(pa.compute.field("id") == 5))
    assert lake.floe.read("t").num_rows == 4


def test_both_see_all_schemas(lake: Lake) -> None:
    lake.floe.create("t", SCHEMA)
    evolve(lake, promoted, renamed)
    lake.floe.load("t").append(pa.table({"id": [1], "s": ["x"], "new": [1.5]}), evolve_schema=True)
    ours, seen = lake.floe.load("t"), lake.pyiceberg.load("t")
    assert {key: schema.column_names for key, schema in ours.schemas().items()} == {
        key: [seen.schemas()[key].find_column_name(id_) for id_ in _ids_in_order(schema)]
        for key, schema in ours.schemas().items()
    }
    assert ours.schemas().keys() == seen.schemas().keys()
    assert ours.schema().schema_id == seen.schema().schema_id


def _ids_in_order(schema: Any) -> list[int]:
    return [schema.find_field(name).field_id for name in schema.column_names]
