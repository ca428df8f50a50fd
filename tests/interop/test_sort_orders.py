"""Sort orders that PyIceberg gave a table are kept, whatever became of their columns."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
from lake import Lake
from pyiceberg.transforms import BucketTransform, IdentityTransform
from type_samples import rows_by_id

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
