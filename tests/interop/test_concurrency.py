"""floe and PyIceberg commit to one table, in turns and at once."""

import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from lake import Lake
from pyiceberg.exceptions import CommitFailedException, ValidationException
from type_samples import ids

from floe_core.errors import CommitConflictError

HERE = Path(__file__).parent


def row(id_: int) -> pa.Table:
    return pa.table({"id": pa.array([id_], pa.int64())})


def test_a_stale_handle_of_floe_appends_on_top(lake: Lake) -> None:
    stale = lake.floe.create("t", row(0).schema)
    lake.pyiceberg.append("t", row(1))
    stale.append(row(2))
    lake.pyiceberg.append("t", row(3))
    stale.append(row(4))
    assert ids(lake.floe.read("t")) == ids(lake.pyiceberg.read("t")) == [1, 2, 3, 4]
    assert ids(stale.scan().to_arrow()) == [1, 2, 3, 4]


NO_RETRIES = {"commit.retry.num-retries": "0"}


def test_a_stale_handle_of_pyiceberg_appends_on_top(lake: Lake) -> None:
    lake.pyiceberg.create("t", row(0).schema)
    stale = lake.pyiceberg.load("t")
    lake.floe.append("t", row(1))
    stale.append(row(2))
    assert ids(lake.floe.read("t")) == ids(lake.pyiceberg.read("t")) == [1, 2]


@pytest.mark.parametrize("engine", ["floe", "pyiceberg"])
def test_without_retries_a_stale_handle_conflicts(lake: Lake, engine: str) -> None:
    lake.engine(engine).create("t", row(0).schema, properties=NO_RETRIES)
    stale = lake.engine(engine).load("t")
    lake.engine("pyiceberg" if engine == "floe" else "floe").append("t", row(1))
    with pytest.raises((CommitFailedException, CommitConflictError)):
        stale.append(row(2))
    stale.refresh()
    stale.append(row(3))
    assert ids(lake.floe.read("t")) == ids(lake.pyiceberg.read("t")) == [1, 3]


@pytest.mark.parametrize("properties", [{}, NO_RETRIES], ids=["retried", "not retried"])
def test_a_transaction_of_pyiceberg_is_overtaken(lake: Lake, properties: dict[str, str]) -> None:
    lake.floe.create("t", row(0).schema, properties=properties)
    transaction = lake.pyiceberg.load("t").transaction()
    transaction.append(row(1))
    lake.floe.append("t", row(2))
    if properties:
        with pytest.raises(CommitFailedException):
            transaction.commit_transaction()
    else:
        transaction.commit_transaction()
    expected = [2] if properties else [1, 2]
    assert ids(lake.floe.read("t")) == ids(lake.pyiceberg.read("t")) == expected
    snapshots = lake.floe.load("t").snapshots()
    assert [each.sequence_number for each in snapshots] == [1, 2][: len(expected)]


def test_pyiceberg_does_not_delete_from_what_floe_changed_meanwhile(lake: Lake) -> None:
    lake.floe.create("t", row(0).schema, ["id"])
    lake.floe.append("t", row(1))
    stale = lake.pyiceberg.load("t").transaction()
    stale.delete("id == 1")
    lake.floe.load("t").dynamic_partition_overwrite(row(1))
    with pytest.raises((CommitFailedException, ValidationException)):
        stale.commit_transaction()
    assert ids(lake.floe.read("t")) == ids(lake.pyiceberg.read("t")) == [1]


@pytest.mark.parametrize("rival_id", [1, 2])
def test_floe_does_not_replace_what_it_has_not_seen(lake: Lake, rival_id: int) -> None:
    table = lake.floe.create("t", row(0).schema, ["id"])
    table.append(row(1))
    lake.pyiceberg.append("t", row(rival_id))
    if rival_id == 1:
        with pytest.raises(CommitConflictError):
            table.dynamic_partition_overwrite(row(1))
        assert lake.pyiceberg.read("t")["id"].to_pylist() == [1, 1]
        table.refresh().dynamic_partition_overwrite(row(1))
        assert lake.pyiceberg.read("t")["id"].to_pylist() == [1]
    else:  # another partition is no matter
        table.dynamic_partition_overwrite(row(1))
        assert ids(lake.pyiceberg.read("t")) == [1, 2]


def test_floe_does_not_replace_what_pyiceberg_deleted_and_wrote_again(lake: Lake) -> None:
    table = lake.floe.create("t", row(0).schema, ["id"])
    table.append(row(1))
    lake.pyiceberg.load("t").overwrite(row(1), overwrite_filter="id == 1")
    with pytest.raises(CommitConflictError):
        table.dynamic_partition_overwrite(row(1))


def test_pyiceberg_changes_the_schema_while_floe_writes(lake: Lake) -> None:
    stale = lake.floe.create("t", row(0).schema)
    with lake.pyiceberg.load("t").update_schema() as update:
        update.rename_column("id", "key")
    stale.append(row(1))
    assert lake.floe.read("t")["key"].to_pylist() == [1]
    assert lake.pyiceberg.read("t")["key"].to_pylist() == [1]


@pytest.mark.slow
def test_processes_of_both_append_at_once(lake: Lake) -> None:
    """Every row is there once, and the snapshots are one line of descent."""
    count = 12
    lake.floe.create("t", row(0).schema)
    folder = lake.database.parent
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent / "support")}
    command = [sys.executable, str(HERE / "pyiceberg_appender.py"), str(folder)]
    with (
        subprocess.Popen([*command, "100", str(count)], env=environment) as first,
        subprocess.Popen([*command, "200", str(count)], env=environment) as second,
    ):
        for id_ in range(count):
            lake.floe.load("t").append(row(id_), max_retries=50)
    assert (first.returncode, second.returncode) == (0, 0)
    wanted = [base + i for base in (0, 100, 200) for i in range(count)]
    assert ids(lake.floe.read("t")) == ids(lake.pyiceberg.read("t")) == wanted
    snapshots = lake.floe.load("t").snapshots()
    assert [each.parent_snapshot_id for each in snapshots] == [
        None,
        *(each.snapshot_id for each in snapshots[:-1]),
    ]
    assert [each.sequence_number for each in snapshots] == list(range(1, 3 * count + 1))
