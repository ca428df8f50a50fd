"""Changes by a table that others changed since it was loaded, and that seem to be there already."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from warehouse import make_catalog, other

from floe_core.errors import CommitConflictError
from floe_iceberg import Table

ROWS = pa.table({"a": pa.array([1], pa.int32()), "b": pa.array([1], pa.int32())})


@pytest.fixture
def table(tmp_path: Path) -> Table:
    table = make_catalog(tmp_path).create_table("db.t", ROWS.schema, properties={"k": "1"})
    table.append(ROWS)
    return table


@pytest.fixture
def stale(table: Table, tmp_path: Path) -> Table:
    """Return the table as it is before the test changes it."""
    return other(tmp_path)


def test_properties_are_what_the_last_says(table: Table, stale: Table) -> None:
    with table.transaction() as transaction:
        transaction.set_properties(k="2")
    with stale.transaction() as transaction:
        transaction.set_properties(k="1")
    assert stale.properties["k"] == "1"
    assert table.refresh().properties["k"] == "1"


def test_a_property_that_came_back_is_removed(table: Table, stale: Table) -> None:
    with table.transaction() as transaction:
        transaction.set_properties(new="2")
    with stale.transaction() as transaction:
        transaction.remove_properties("new")
    assert "new" not in table.refresh().properties


def test_the_later_of_two_sort_orders_holds(table: Table, stale: Table) -> None:
    table.update_sort_order().asc("a").commit()
    stale.update_sort_order().commit()
    assert table.refresh().sort_order().is_unsorted


def test_a_location_is_set_back(table: Table, stale: Table) -> None:
    before = stale.location()
    with table.transaction() as transaction:
        transaction.update_location(before + "_other")
    with stale.transaction() as transaction:
        transaction.update_location(before)
    assert table.refresh().location() == before


def test_a_branch_that_others_moved_is_a_conflict(table: Table, stale: Table) -> None:
    snapshot = stale.current_snapshot()
    table.append(ROWS)
    with pytest.raises(CommitConflictError, match=r"'main' of table .* was moved"):
        stale.manage_snapshots().set_current_snapshot(snapshot.snapshot_id).commit()
    assert table.refresh().scan().count() == 2


def test_what_is_there_in_the_newest_table_is_no_commit(table: Table, stale: Table) -> None:
    with table.transaction() as transaction:
        transaction.set_properties(other="2")
    with stale.transaction() as transaction:
        transaction.update_location(stale.location())
    assert stale.metadata_location == table.metadata_location


Change = Callable[[Table], None]
BRANCH_CHANGES: dict[str, Change] = {
    "append": lambda table: table.append(ROWS),
    "overwrite": lambda table: table.overwrite(ROWS),
    "delete": lambda table: table.delete("a = 1"),
    "retention of another kind": lambda table: (
        table.manage_snapshots().set_retention("main", min_snapshots_to_keep=3).commit()
    ),
    "roll back": lambda table: (
        table.manage_snapshots().set_current_snapshot(table.snapshots()[0].snapshot_id).commit()
    ),
}


@pytest.mark.parametrize("change", BRANCH_CHANGES)
def test_a_retention_that_others_set_stays(table: Table, tmp_path: Path, change: str) -> None:
    table.append(ROWS)
    stale = other(tmp_path)
    table.manage_snapshots().set_retention("main", max_snapshot_age_ms=5000).commit()
    BRANCH_CHANGES[change](stale)
    assert table.refresh().refs()["main"].max_snapshot_age_ms == 5000
    assert stale.refs()["main"].max_snapshot_age_ms == 5000
