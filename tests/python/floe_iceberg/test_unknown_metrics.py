"""Files that say nothing of their columns may hold any row."""

from pathlib import Path

import pyarrow as pa
import pytest
from type_samples import ids

from floe_iceberg import Table, load_catalog

ROWS = pa.table(
    {"id": pa.array(range(4)), "x": [1.0, None, float("nan"), 5.0], "s": ["a", None, "c", "é" * 40]}
)


@pytest.fixture(params=["none", "counts", "truncate(1)", "full"])
def table(tmp_path: Path, request: pytest.FixtureRequest) -> Table:
    """A table of one file, which has the metrics that its property asks for."""
    catalog = load_catalog("metrics", uri=f"sqlite:///{tmp_path}/catalog.db", warehouse=tmp_path)
    catalog.create_namespace("db")
    properties = {"write.metadata.metrics.default": request.param}
    made = catalog.create_table("db.t", ROWS.schema, properties=properties)
    made.append(ROWS)
    return made


@pytest.mark.parametrize(
    ("filter_", "kept"),
    [
        ("x is null", [1]),
        ("x is not null", [0, 2, 3]),
        ("x is nan", [2]),
        ("x is not nan", [0, 3]),
        ("x > 1", [3]),
        ("x != 1", [2, 3]),
        ("s like 'é%'", [3]),
        ("s < 'b'", [0]),
        ("s is null", [1]),
        ("id in (1, 2)", [1, 2]),
    ],
)
def test_filters_keep_rows_that_no_metrics_tell_of(
    table: Table, filter_: str, kept: list[int]
) -> None:
    assert ids(table.scan(filter_).to_arrow()) == kept


@pytest.mark.parametrize("filter_", ["x >= 1", "x < 10", "x is not nan", "x is not null", "x != 9"])
def test_rows_that_no_count_tells_of_are_not_replaced(table: Table, filter_: str) -> None:
    matching = ids(table.scan(filter_).to_arrow())
    assert matching
    table.overwrite(ROWS.slice(0, 0), overwrite_filter=filter_)
    kept = sorted({0, 1, 2, 3} - set(matching))
    assert ids(table.refresh().scan().to_arrow()) == kept
