from typing import Any

import dagster as dg
import pyarrow as pa
import pytest
from asset_store import AssetStore, metadata_of, returning

from floe_core.errors import InvalidArgumentError

ROWS = pa.table({"id": [1, 2]})
OTHERS = pa.table({"id": [3]})
OVERWRITE = {"iceberg_write_mode": "overwrite"}


@pytest.mark.requirement("S-FR-030")
@pytest.mark.requirement("T-FR-038")
def test_append_adds_rows_with_each_run(store: AssetStore) -> None:
    store.materialize(returning(ROWS))
    store.materialize(returning(ROWS))
    assert store.column("db.t", "id") == [1, 1, 2, 2]


def test_overwrite_replaces_the_rows(store: AssetStore) -> None:
    store.materialize(returning(ROWS), io={"write_mode": "overwrite"})
    found = metadata_of(store.materialize(returning(OTHERS), io={"write_mode": "overwrite"}))
    assert store.column("db.t", "id") == [3]
    assert (found["operation"], found["rows"], found["dagster/row_count"]) == ("overwrite", 1, 1)


@pytest.mark.parametrize(("default", "own"), [("append", "overwrite"), ("overwrite", "append")])
def test_an_asset_s_own_mode_goes_before_the_default(
    store: AssetStore, default: str, own: str
) -> None:
    asset = returning(ROWS, metadata={"iceberg_write_mode": own})
    for _ in range(2):
        store.materialize(asset, io={"write_mode": default})
    assert store.table("db.t").scan().count() == (2 if own == "overwrite" else 4)


def test_an_output_s_mode_goes_before_its_definition_s(store: AssetStore) -> None:
    value = dg.Output(ROWS, metadata=OVERWRITE)
    for _ in range(2):
        store.materialize(returning(value, metadata={"iceberg_write_mode": "append"}))
    assert store.column("db.t", "id") == [1, 2]


def test_an_overwrite_with_a_filter_replaces_the_rows_that_match(store: AssetStore) -> None:
    metadata = {**OVERWRITE, "iceberg_partition_filter": "region = 'eu'"}
    first = pa.table({"region": ["eu", "eu", "us"], "id": [1, 2, 3]})
    store.catalog.create_namespace("db")
    store.catalog.create_table("db.t", first.schema, partition_spec=["region"]).append(first)
    store.materialize(returning(pa.table({"region": ["eu"], "id": [4]}), metadata=metadata))
    assert store.column("db.t", "id") == [3, 4]


def test_rows_outside_of_the_filter_are_refused(store: AssetStore) -> None:
    metadata = {**OVERWRITE, "iceberg_partition_filter": "region = 'eu'"}
    rows = pa.table({"region": ["eu", "us", "us"]})
    with pytest.raises(InvalidArgumentError, match=r"2 of the first 3 rows .*\"region\" = 'eu'"):
        store.materialize(returning(rows, metadata=metadata))
    assert store.table("db.t").current_snapshot() is None


def test_an_empty_value_empties_what_it_overwrites(store: AssetStore) -> None:
    store.materialize(returning(ROWS))
    found = metadata_of(store.materialize(returning(ROWS.slice(0, 0), metadata=OVERWRITE)))
    assert store.table("db.t").scan().count() == 0
    assert (found["rows"], found["files"]) == (0, 0)


class Stumble:
    """Lets a step fail once, after its output was stored."""

    def __init__(self) -> None:
        self.tries = 0

    def asset(self, rows: Any, **options: Any) -> dg.AssetsDefinition:
        @dg.asset(key=["db", "t"], retry_policy=dg.RetryPolicy(max_retries=2), **options)
        def stored() -> Any:
            yield dg.Output(rows)
            self.tries += 1
            if self.tries == 1:
                message = "after the output was stored"
                raise ConnectionError(message)

        return stored


def test_a_step_that_is_retried_after_its_commit_appends_once(store: AssetStore) -> None:
    stumble = Stumble()
    result = store.materialize(stumble.asset(ROWS))
    snapshots = store.table("db.t").snapshots()
    assert (stumble.tries, len(snapshots)) == (2, 1)
    assert store.column("db.t", "id") == [1, 2]
    last = result.get_asset_materialization_events()[-1].materialization.metadata
    assert last["snapshot_id"].value == snapshots[0].snapshot_id
    assert last["rows"].value == 2


def test_a_commit_is_found_below_those_of_others(store: AssetStore) -> None:
    rows = returning(ROWS)
    tries = []

    @dg.asset(key=["db", "t"], retry_policy=dg.RetryPolicy(max_retries=1))
    def stored() -> Any:
        yield dg.Output(ROWS)
        store.table("db.t").append(OTHERS)
        tries.append(1)
        if len(tries) == 1:
            message = "after somebody else's commit"
            raise ConnectionError(message)

    store.materialize(rows)
    store.materialize(stored)
    assert store.column("db.t", "id") == [1, 1, 2, 2, 3, 3]


def test_a_new_run_of_a_step_that_was_retried_appends_again(store: AssetStore) -> None:
    store.materialize(Stumble().asset(ROWS))
    store.materialize(Stumble().asset(ROWS))
    assert store.column("db.t", "id") == [1, 1, 2, 2]


def test_a_partition_that_is_appended_is_appended_once_by_a_retried_step(
    store: AssetStore,
) -> None:
    rows = pa.table({"region": ["eu", "eu"]})
    asset = Stumble().asset(
        rows,
        partitions_def=dg.StaticPartitionsDefinition(["eu", "us"]),
        metadata={"iceberg_partition_column": "region", "iceberg_write_mode": "append"},
    )
    store.materialize(asset, partition_key="eu")
    assert store.table("db.t").scan().count() == 2
    store.materialize(asset, partition_key="eu")
    assert store.table("db.t").scan().count() == 4


def test_two_steps_of_one_run_that_append_to_one_table_both_do(store: AssetStore) -> None:
    @dg.op(out=dg.Out(metadata={"iceberg_table": "t"}))
    def write() -> pa.Table:
        return ROWS

    @dg.job(resource_defs={"io_manager": store.io_manager()})
    def twice() -> None:
        write.alias("first")()
        write.alias("second")()

    twice.execute_in_process()
    assert store.column("public.t", "id") == [1, 1, 2, 2]


def test_each_of_the_dynamic_outputs_of_a_step_is_appended(store: AssetStore) -> None:
    @dg.op(out=dg.DynamicOut(metadata={"iceberg_table": "t"}))
    def write() -> Any:
        yield dg.DynamicOutput(ROWS, mapping_key="a")
        yield dg.DynamicOutput(ROWS, mapping_key="b")

    @dg.job(resource_defs={"io_manager": store.io_manager()})
    def both() -> None:
        write()

    both.execute_in_process()
    assert store.column("public.t", "id") == [1, 1, 2, 2]
