"""Sort orders: those of PyIceberg are kept, whatever became of their columns; and floe's own."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from lake import Lake
from pyiceberg.transforms import BucketTransform, IdentityTransform
from type_samples import rows_by_id

from floe_core import errors
from floe_iceberg import Schema, transforms
from floe_iceberg.sorting import (
    UNSORTED_SORT_ORDER,
    NullOrder,
    SortDirection,
    SortField,
    SortOrder,
)

ROWS = pa.table({"id": pa.array([2, 1, 3]), "a": ["x", None, "y"], "b": [1.5, 2.5, None]})


def sort_orders(lake: Lake) -> dict[str, Any]:
    """Return what the metadata file says of sort orders."""
    location = lake.floe.load("t").metadata_location
    metadata = json.loads(Path(location.removeprefix("file://")).read_text())
    return {key: metadata[key] for key in ("sort-orders", "default-sort-order-id")}


def test_an_old_sort_order_may_name_a_column_that_was_dropped(lake: Lake) -> None:
    lake.pyiceberg.create("t", ROWS.schema)
    lake.pyiceberg.append("t", ROWS)
    with lake.pyiceberg.load("t").update_sort_order() as order:
        order.asc("a", BucketTransform(4)).desc("b", IdentityTransform())
    with lake.pyiceberg.load("t").update_sort_order() as order:
        order.asc("id", IdentityTransform())
    with lake.pyiceberg.load("t").update_schema() as update:
        update.delete_column("a")
    before = sort_orders(lake)
    assert [len(order["fields"]) for order in before["sort-orders"]] == [0, 2, 1]
    less = ROWS.drop_columns("a")
    lake.floe.append("t", less.set_column(0, "id", pa.array([4, 5, 6])))
    expected = rows_by_id(less) | rows_by_id(less.set_column(0, "id", pa.array([4, 5, 6])))
    assert rows_by_id(lake.floe.read("t")) == expected
    assert rows_by_id(lake.pyiceberg.read("t")) == expected
    assert rows_by_id(lake.sql(f"FROM {lake.relation('t')}")) == expected
    assert sort_orders(lake) == before


SORTED = pa.table({"id": pa.array([1, 2], pa.int64()), "part": ["a", "b"]})


def test_a_table_of_floe_has_one(lake: Lake) -> None:
    lake.floe.catalog.create_namespace("db")
    schema = Schema.from_arrow(SORTED.schema)
    by = (
        SortField(schema.find_field("part").field_id),
        SortField(
            schema.find_field("id").field_id,
            transforms.BucketTransform(4),
            direction=SortDirection.DESC,
        ),
    )
    table = lake.floe.catalog.create_table("db.t", schema, sort_order=SortOrder(*by))
    order = lake.floe.catalog.load_table("db.t").sort_order()
    assert order.order_id == 1
    assert not order.is_unsorted
    assert [str(field) for field in order.fields] == [
        "2 ASC NULLS FIRST",
        "bucket[4](1) DESC NULLS LAST",
    ]
    assert order.fields[1].null_order is NullOrder.NULLS_LAST
    assert table.sort_orders() == {1: order}
    assert hash(order) == hash(SortOrder.from_json(order.to_json()))
    table.append(SORTED)
    assert table.sort_order() == order
    assert lake.floe.catalog.create_table("db.u", schema).sort_order() == UNSORTED_SORT_ORDER


def test_orders_that_can_not_be_are_refused(lake: Lake) -> None:
    lake.floe.catalog.create_namespace("db")
    with pytest.raises(errors.InvalidArgumentError, match="column id 77"):
        lake.floe.catalog.create_table("db.t", SORTED.schema, sort_order=SortOrder(SortField(77)))
    with pytest.raises(errors.InvalidArgumentError, match="sort_order"):
        lake.floe.catalog.create_table("db.t", SORTED.schema, sort_order="id")  # type: ignore[arg-type]
    with pytest.raises(errors.InvalidArgumentError, match="a SortField"):
        SortOrder("id")  # type: ignore[arg-type]
    assert not lake.floe.catalog.table_exists("db.t")


def test_pyiceberg_sees_the_sort_order(lake: Lake) -> None:
    lake.floe.catalog.create_namespace("db")
    schema = Schema.from_arrow(SORTED.schema)
    order = SortOrder(SortField(schema.find_field("part").field_id))
    ours = lake.floe.catalog.create_table("db.t", schema, sort_order=order)
    theirs = lake.pyiceberg.load("t").sort_order()
    assert theirs.order_id == ours.sort_order().order_id == 1
    assert [str(field) for field in theirs.fields] == [
        str(field) for field in ours.sort_order().fields
    ]


def test_the_same_update_of_both_engines_leaves_the_same_orders(lake: Lake) -> None:
    def replace_twice(table: Any, day: Any) -> list[str]:
        with table.update_sort_order() as order:
            order.asc("part", day).desc("id", day)
        table.update_sort_order().asc("id", day).commit()
        with table.update_sort_order() as order:
            order.asc("part", day).desc("id", day)
        orders = table.sort_orders().values()
        return [f"{table.sort_order().order_id}", *(str(list(o.fields)) for o in orders)]

    lake.pyiceberg.create("t", SORTED.schema)
    lake.pyiceberg.create("u", SORTED.schema)
    theirs = replace_twice(lake.pyiceberg.load("t"), IdentityTransform())
    ours = replace_twice(lake.floe.load("u"), transforms.IdentityTransform())
    assert [str(order) for order in lake.pyiceberg.load("u").sort_orders().values()] == [
        str(order) for order in lake.pyiceberg.load("t").sort_orders().values()
    ]
    assert ours[0] == theirs[0] == "1"
