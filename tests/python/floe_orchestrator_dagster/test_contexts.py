"""Contexts that are made by hand, as in the tests of a user's assets."""

from datetime import datetime

import dagster as dg
import pyarrow as pa
from asset_store import AssetStore

MONTHS = dg.MonthlyPartitionsDefinition("2024-01-01", end_date="2024-04-01")


def test_a_value_goes_out_and_comes_in(store: AssetStore) -> None:
    manager = store.io_manager()
    rows = pa.table({"id": [1]})
    output = dg.build_output_context(asset_key=["db", "t"])
    manager.handle_output(output, rows)
    assert output.get_logged_metadata()["rows"].value == 1
    context = dg.build_input_context(asset_key=["db", "t"], upstream_output=output)
    assert manager.load_input(context).equals(rows)


def test_values_without_a_step_are_appended_each_time(store: AssetStore) -> None:
    manager = store.io_manager()
    for _ in range(2):
        context = dg.build_output_context(asset_key=["db", "t"])
        manager.handle_output(context, pa.table({"id": [1]}))
    assert store.column("db.t", "id") == [1, 1]


def test_a_step_is_appended_once(store: AssetStore) -> None:
    manager = store.io_manager()
    for run_id in ("first", "first", "second"):
        context = dg.build_output_context(
            asset_key=["db", "t"], run_id=run_id, step_key="t", name="result"
        )
        manager.handle_output(context, pa.table({"id": [1]}))
    assert store.column("db.t", "id") == [1, 1]


def test_partitions_go_out_and_come_in(store: AssetStore) -> None:
    manager = store.io_manager(partition_column="ts")
    for number in (1, 2):
        rows = pa.table({"ts": pa.array([datetime(2024, number, 1)], pa.timestamp("us"))})
        context = dg.build_output_context(
            asset_key=["db", "t"],
            asset_partitions_def=MONTHS,
            partition_key=f"2024-0{number}-01",
        )
        manager.handle_output(context, rows)
    wanted = dg.build_input_context(
        asset_key=["db", "t"],
        asset_partitions_def=MONTHS,
        asset_partition_key_range=dg.PartitionKeyRange("2024-02-01", "2024-03-01"),
    )
    assert manager.load_input(wanted)["ts"].to_pylist() == [datetime(2024, 2, 1)]
