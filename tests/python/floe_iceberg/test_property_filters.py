"""A filter keeps the rows that it is true for, however files, row groups and partitions lie."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from filter_strategies import Layout, conditions, layouts
from hypothesis import given, settings
from hypothesis import strategies as st
from warehouse import make_catalog

from floe_iceberg import Table
from floe_iceberg.table import TableScan

pytestmark = pytest.mark.slow

UNPRUNED = {"prune_files": False, "prune_row_groups": False}


@contextlib.contextmanager
def written(layout: Layout) -> Iterator[Table]:
    """Give the rows of a layout as a table."""
    with tempfile.TemporaryDirectory() as folder:
        table = make_catalog(Path(folder)).create_table(
            "db.t",
            layout.parts[0].schema,
            partition_spec=layout.partition_spec,
            properties={
                "write.parquet.row-group-limit": layout.row_group_rows,
                "write.parquet.page-row-limit": 2,
                "write.metadata.metrics.default": layout.metrics,
            },
        )
        for part in layout.parts:
            table.append(part)
        yield table


def ids(scan: TableScan) -> list[int]:
    return sorted(scan.to_arrow()["id"].to_pylist())


@settings(max_examples=100)
@given(layouts(), st.data())
@pytest.mark.requirement("S-FR-023", "Edge: predicate too complex")
def test_a_scan_keeps_the_rows_that_its_filter_is_true_for(
    layout: Layout, draw: st.DataObject
) -> None:
    with written(layout) as table:
        for _ in range(12):
            condition = draw.draw(conditions(layout.columns))
            expected = [row["id"] for row in layout.rows if condition.keeps(row)]
            scan = table.scan(condition.filter)
            assert ids(scan) == expected
            assert ids(scan.select("id")) == expected
            assert scan.count() == len(expected)
            assert ids(table.scan(condition.filter, options=UNPRUNED)) == expected


@settings(max_examples=60)
@given(layouts(), st.data())
def test_an_overwrite_takes_away_what_its_filter_is_true_for(
    layout: Layout, draw: st.DataObject
) -> None:
    condition = draw.draw(conditions(layout.columns))
    kept = [row["id"] for row in layout.rows if not condition.keeps(row)]
    new = layout.parts[0].slice(0, 1)
    with written(layout) as table:
        snapshots = len(table.snapshots())
        table.overwrite(new, condition.filter)
        assert ids(table.scan()) == sorted([*kept, *new["id"].to_pylist()])
        assert len(table.snapshots()) == snapshots + 1
