"""Columns of a wider type than those that files, partitions and defaults were written with."""

from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pytest
from warehouse import make_catalog, make_table, open_catalog

from floe_core.errors import IncompatibleSchemaChangeError, InvalidArgumentError
from floe_iceberg import Table

DAYS = pa.table({"id": pa.array([1, 2], pa.int64()), "day": pa.array([18262, None], pa.date32())})


def partitioned_by_day(tmp_path: Path, transform: str) -> Table:
    """Return a table of dates whose files are under a spec that is not the current one."""
    catalog = open_catalog(tmp_path)
    catalog.create_namespace("db")
    made = catalog.create_table("db.days", DAYS.schema, properties={"format-version": "3"})
    with made.update_spec() as spec:
        spec.add_field("day", transform, "part")
    made.append(DAYS)
    with made.update_spec() as spec:
        spec.remove_field("part")
    return made


@pytest.mark.parametrize("transform", ["identity", "bucket[4]"])
def test_a_type_under_which_files_have_other_partition_values_is_refused(
    tmp_path: Path, transform: str
) -> None:
    table = partitioned_by_day(tmp_path, transform)
    update = table.update_schema().update_column("day", "timestamp")
    with pytest.raises(IncompatibleSchemaChangeError) as raised:
        update.commit()
    for part in ("'day' from date to timestamp", "'part' of spec", transform, "new column"):
        assert part in str(raised.value)
    moments = pa.table({"id": [3], "day": pa.array([0], pa.timestamp("us"))})
    with pytest.raises(IncompatibleSchemaChangeError, match="'day' from date to timestamp"):
        table.append(moments, evolve_schema=True)
    assert table.refresh().scan("day = '2020-01-01'").to_arrow()["id"].to_pylist() == [1]


@pytest.mark.parametrize("transform", ["day", "month", "year"])
def test_a_type_under_which_files_keep_their_partition_values(
    tmp_path: Path, transform: str
) -> None:
    table = partitioned_by_day(tmp_path, transform)
    table.update_schema().update_column("day", "timestamp").commit()
    for pruned in (True, False):
        scan = table.scan("day = '2020-01-01T00:00:00'", options={"prune_files": pruned})
        assert scan.to_arrow()["id"].to_pylist() == [1]


class Promotion(NamedTuple):
    """A change of a column's type, and two values that fit both."""

    old: str
    old_arrow: pa.DataType
    new: str
    new_arrow: pa.DataType
    value: Any
    other: Any


PROMOTIONS = [
    Promotion("int", pa.int32(), "long", pa.int64(), 7, 18),
    Promotion("float", pa.float32(), "double", pa.float64(), 1.5, 2.5),
    Promotion(
        "decimal(5, 2)",
        pa.decimal128(5, 2),
        "decimal(20, 2)",
        pa.decimal128(20, 2),
        Decimal("1.50"),
        Decimal("2.50"),
    ),
]


@pytest.mark.parametrize("transform", ["identity", "truncate[10]", "bucket[4]"])
@pytest.mark.parametrize("change", PROMOTIONS, ids=lambda change: change.old)
def test_snapshots_from_before_a_promotion_are_filtered_as_they_were(
    tmp_path: Path, transform: str, change: Promotion
) -> None:
    if change.old == "float" and transform != "identity":
        transform = "void"
    value, kind = change.value, change.old_arrow
    rows = pa.table({"id": [1, 2, 3], "p": pa.array([value, change.other, None], kind)})
    table = make_catalog(tmp_path).create_table("db.t", rows.schema)
    with table.update_spec() as spec:
        spec.add_field("p", transform, "part")
    table.append(rows)
    snapshot = table.current_snapshot()
    assert snapshot is not None
    table.manage_snapshots().create_tag(snapshot.snapshot_id, "before").commit()
    table.update_schema().update_column("p", change.new).commit()
    table.append(pa.table({"id": [4], "p": pa.array([value], kind)}))
    travels: list[dict[str, Any]] = [{"snapshot_id": snapshot.snapshot_id}, {"ref": "before"}]
    for travel in travels:
        for text, ids in {f"p = {value}": [1], f"p != {value}": [2], "p is null": [3]}.items():
            found = table.scan(text, **travel).to_arrow()
            assert found.schema.field("p").type == kind
            assert found["id"].to_pylist() == ids
            assert table.scan(text, **travel).count() == 1
    assert sorted(table.scan(f"p = {value}").to_arrow()["id"].to_pylist()) == [1, 4]


def test_the_smallest_integers_are_found_after_their_column_became_long(tmp_path: Path) -> None:
    least = -(2**31)
    rows = pa.table({"id": [1, 2, 3], "a": pa.array([least, 5, None], pa.int32())})
    table = make_table(make_catalog(tmp_path), rows, partition_spec=["truncate(10, a)"])
    # What truncation makes of it is no int, and wrapped.
    assert table.scan("a < 1").to_arrow()["id"].to_pylist() == [1]
    table.update_schema().update_column("a", "long").commit()
    table.append(pa.table({"id": [4], "a": [least]}))  # which does not wrap any more
    for text, ids in {
        "a < 1": [1, 4],
        f"a = {least}": [1, 4],
        f"a in ({least}, 5)": [1, 2, 4],
        f"a != {least}": [2],
        "a > 1": [2],
        f"a >= {least}": [1, 2, 4],
    }.items():
        assert sorted(table.scan(text).to_arrow()["id"].to_pylist()) == ids
    table.delete("a > 100")
    assert table.scan().count() == 4
    table.delete(f"a = {least}")
    assert sorted(table.scan().to_arrow()["id"].to_pylist()) == [2, 3]


@pytest.mark.parametrize("change", PROMOTIONS, ids=lambda change: change.old)
def test_defaults_become_wider_with_their_columns(tmp_path: Path, change: Promotion) -> None:
    value, other = change.value, change.other
    properties = {"format-version": "3"}
    table = make_table(make_catalog(tmp_path), pa.table({"id": [1]}), properties=properties)
    table.update_schema().add_column("x", change.old, default_value=value).commit()
    wide = pa.array([other], change.new_arrow)
    table.append(pa.table({"id": [2], "x": wide}), evolve_schema=True)
    assert str(table.schema().find_field("x").field_type) == change.new
    table.append(pa.table({"id": [3]}))
    for handle in (table, open_catalog(tmp_path).load_table("db.t")):
        read = handle.scan().to_arrow().sort_by("id")
        assert read.schema.field("x").type == change.new_arrow
        assert read["x"].to_pylist() == [value, other, value]
        assert sorted(handle.scan(f"x = {value}").to_arrow()["id"].to_pylist()) == [1, 3]


UNKNOWN_TARGETS = [
    "boolean",
    "int",
    "double",
    "decimal(9, 2)",
    "string",
    "uuid",
    "fixed[3]",
    "date",
]


@pytest.mark.parametrize("type_", UNKNOWN_TARGETS)
@pytest.mark.parametrize("transform", ["identity", "void"])
def test_a_partitioned_column_whose_type_becomes_known(
    tmp_path: Path, type_: str, transform: str
) -> None:
    catalog = make_catalog(tmp_path)
    schema = pa.schema([("id", pa.int64()), ("u", pa.null())])
    table = catalog.create_table("db.t", schema, properties={"format-version": "3"})
    table.update_spec().add_field("u", transform, "part").commit()
    table.append(pa.table({"id": [1], "u": pa.nulls(1)}, schema=schema))
    table.update_schema().update_column("u", type_).commit()
    table.append(pa.table({"id": [2]}))
    assert sorted(table.scan("u is null").to_arrow()["id"].to_pylist()) == [1, 2]
    table.delete("id = 1 and u is null")
    assert table.scan().to_arrow()["id"].to_pylist() == [2]
    assert table.inspect.partitions().num_rows == 1


@pytest.mark.parametrize("type_", ["variant", "geometry(srid:0)"])
def test_what_is_sorted_or_partitioned_by_stays_of_such_a_type(tmp_path: Path, type_: str) -> None:
    catalog = make_catalog(tmp_path)
    for name in ("sorted", "void"):
        table = catalog.create_table(
            f"db.{name}", pa.schema([("u", pa.null())]), properties={"format-version": "3"}
        )
        if name == "sorted":
            table.update_sort_order().asc("u").commit()
        else:
            table.update_spec().add_field("u", "void", "part").commit()
        with pytest.raises(IncompatibleSchemaChangeError, match="type of column 'u' from unknown"):
            table.update_schema().update_column("u", type_).commit()


def test_void_is_of_what_partitions_can_have(tmp_path: Path) -> None:
    schema = pa.schema([("s", pa.struct([("x", pa.int64())])), ("l", pa.list_(pa.int64()))])
    table = make_catalog(tmp_path).create_table("db.t", schema)
    for column in ("s", "l"):
        with pytest.raises(InvalidArgumentError, match=r"void of column .* can't be applied to"):
            table.update_spec().add_field(column, "void")
