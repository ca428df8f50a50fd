from datetime import UTC, datetime
from typing import Any

import dagster as dg
import pyarrow as pa
import pytest
from asset_store import AssetStore, returning

from floe_core.errors import (
    InvalidArgumentError,
    NoSuchSnapshotError,
    NoSuchTableError,
    SchemaMismatchError,
)

ROWS = pa.table({"id": [1, 2, 3], "name": ["a", "b", "c"], "score": [0.5, 1.5, 2.5]})
MONTHS = dg.MonthlyPartitionsDefinition("2024-01-01", end_date="2024-07-01")


def read(store: AssetStore, metadata: dict[str, Any], **options: Any) -> pa.Table:
    """Return what an asset gets of db.t with metadata on its input."""
    seen: list[pa.Table] = []

    @dg.asset(ins={"rows": dg.AssetIn(["db", "t"], metadata=metadata)})
    def reader(rows: pa.Table) -> None:
        seen.append(rows)

    store.materialize(reader, returning(ROWS), selection=[reader], **options)
    return seen[0]


def overwrite(store: AssetStore, rows: pa.Table) -> int:
    """Replace the rows of db.t; return the snapshot."""
    store.materialize(returning(rows), io={"write_mode": "overwrite"})
    snapshot = store.table("db.t").current_snapshot()
    assert snapshot is not None
    return snapshot.snapshot_id


@pytest.mark.requirement("S-FR-025")
@pytest.mark.requirement("T-FR-039")
def test_an_asset_gets_the_rows_of_the_one_before_it(store: AssetStore) -> None:
    seen: list[pa.Table] = []

    @dg.asset(ins={"rows": dg.AssetIn(["db", "t"])})
    def reader(rows: pa.Table) -> None:
        seen.append(rows)

    store.materialize(returning(ROWS), reader)
    assert seen[0].equals(ROWS)


@pytest.mark.requirement("S-US5.3")
def test_columns_are_projected(store: AssetStore) -> None:
    overwrite(store, ROWS)
    assert set(read(store, {"columns": ["score", "id"]}).column_names) == {"id", "score"}


@pytest.mark.requirement("S-US5.4")
def test_rows_are_filtered(store: AssetStore) -> None:
    overwrite(store, ROWS)
    found = read(store, {"row_filter": "score > 1 and name != 'c'", "columns": ["id"]})
    assert found.to_pydict() == {"id": [2]}


def test_rows_are_limited(store: AssetStore) -> None:
    overwrite(store, ROWS)
    assert read(store, {"limit": 2}).num_rows == 2


def test_metadata_may_be_in_dagster_s_wrappers(store: AssetStore) -> None:
    overwrite(store, ROWS)
    metadata = {"columns": dg.MetadataValue.json(["id"]), "limit": dg.MetadataValue.int(1)}
    assert read(store, metadata).shape == (1, 1)


@pytest.mark.requirement("S-FR-021")
def test_an_earlier_snapshot_is_read_by_id_time_and_branch(store: AssetStore) -> None:
    first = overwrite(store, ROWS)
    overwrite(store, ROWS.slice(0, 1))
    at = store.table("db.t").history()[0].timestamp_ms
    moment = datetime.fromtimestamp(at / 1000, UTC)
    for metadata in (
        {"snapshot_id": first},
        {"as_of": at},
        {"as_of": dg.MetadataValue.timestamp(moment)},
        {"as_of": moment.isoformat()},
    ):
        assert read(store, metadata).num_rows == 3
    assert read(store, {"branch": "main"}).num_rows == 1


@pytest.mark.parametrize(
    ("metadata", "error", "message"),
    [
        ({"columns": ["nam"]}, InvalidArgumentError, "'nam'"),
        ({"columns": "name"}, InvalidArgumentError, "sequence of texts"),
        ({"row_filter": "nam = 'a'"}, InvalidArgumentError, "'nam'"),
        ({"row_filter": "name ="}, InvalidArgumentError, "position 6"),
        ({"row_filter": 7}, InvalidArgumentError, "int"),
        ({"snapshot_id": 7}, NoSuchSnapshotError, "7"),
        ({"branch": "dev"}, NoSuchSnapshotError, "dev"),
        ({"as_of": "yesterday"}, InvalidArgumentError, "as_of is 'yesterday'; expected a time"),
        ({"as_of": "2024-01-01"}, InvalidArgumentError, "has no zone"),
        ({"limit": -1}, InvalidArgumentError, "limit"),
    ],
)
def test_what_is_wrong_with_an_input_s_metadata_is_said(
    store: AssetStore, metadata: dict[str, Any], error: type[Exception], message: str
) -> None:
    overwrite(store, ROWS)
    with pytest.raises(error, match=message):
        read(store, metadata)


def test_an_input_of_an_unknown_type_is_refused(store: AssetStore) -> None:
    overwrite(store, ROWS)

    @dg.asset(ins={"rows": dg.AssetIn(["db", "t"])})
    def reader(rows: int) -> None:
        raise AssertionError

    expected = "input 'rows' is annotated as builtins.int; expected one of pandas.DataFrame"
    with pytest.raises(InvalidArgumentError, match=expected):
        store.materialize(reader, returning(ROWS), selection=[reader])


def test_an_asset_that_was_never_stored_is_not_found(store: AssetStore) -> None:
    with pytest.raises(NoSuchTableError, match=r"db\.t"):
        read(store, {})


def test_an_external_table_is_read_by_its_key_or_its_metadata(store: AssetStore) -> None:
    overwrite(store, ROWS)
    seen: list[int] = []

    @dg.asset(ins={"a": dg.AssetIn(["db", "t"]), "b": dg.AssetIn("other")})
    def reader(a: pa.Table, b: pa.Table) -> None:
        seen.extend([a.num_rows, b.num_rows])

    named = {"iceberg_namespace": "db", "iceberg_table": "t"}
    others = [dg.AssetSpec(["db", "t"]), dg.AssetSpec("other", metadata=named)]
    store.materialize(reader, *others)
    assert seen == [3, 3]


def test_a_value_is_loaded_outside_of_a_run(store: AssetStore) -> None:
    overwrite(store, ROWS)
    definitions = dg.Definitions(
        assets=[returning(ROWS)], resources={"io_manager": store.io_manager()}
    )
    assert definitions.load_asset_value(["db", "t"]).equals(ROWS)


def months(store: AssetStore, *numbers: int) -> dg.AssetsDefinition:
    """Return a partitioned asset, stored for some months."""

    @dg.asset(key=["db", "t"], partitions_def=MONTHS, metadata={"iceberg_partition_column": "ts"})
    def monthly(context: dg.AssetExecutionContext) -> pa.Table:
        start = context.partition_time_window.start.replace(tzinfo=None)
        return pa.table({"ts": pa.array([start], pa.timestamp("us")), "month": [start.month]})

    for number in numbers:
        store.materialize(monthly, partition_key=f"2024-0{number}-01")
    return monthly


class Months:
    """Collects the months that an asset gets."""

    def __init__(self, **options: Any) -> None:
        self.seen: list[int] = []
        given = {
            key: options.pop(key) for key in ("partition_mapping", "metadata") if key in options
        }

        @dg.asset(ins={"rows": dg.AssetIn(["db", "t"], **given)}, **options)
        def reader(rows: pa.Table) -> None:
            self.seen = sorted(rows["month"].to_pylist())

        self.asset = reader


@pytest.mark.requirement("S-US5.2")
def test_an_input_reads_exactly_its_partition(store: AssetStore) -> None:
    monthly, reader = months(store, 1, 2, 3), Months(partitions_def=MONTHS)
    store.materialize(reader.asset, monthly, selection=[reader.asset], partition_key="2024-02-01")
    assert reader.seen == [2]


def test_an_input_of_a_range_reads_the_range(store: AssetStore) -> None:
    monthly, reader = months(store, 1, 2, 3, 4), Months(partitions_def=MONTHS)
    store.materialize_range(
        reader.asset, monthly, start="2024-02-01", end="2024-03-01", selection=[reader.asset]
    )
    assert reader.seen == [2, 3]


def test_an_asset_without_partitions_reads_all_of_them(store: AssetStore) -> None:
    monthly, reader = months(store, 1, 2, 3), Months()
    store.materialize(reader.asset, monthly, selection=[reader.asset])
    assert reader.seen == [1, 2, 3]


def test_partitions_and_a_filter_both_hold(store: AssetStore) -> None:
    monthly = months(store, 1, 2, 3)
    reader = Months(metadata={"row_filter": "month < 3"}, partitions_def=MONTHS)
    for key, expected in (("2024-02-01", [2]), ("2024-03-01", [])):
        store.materialize(reader.asset, monthly, selection=[reader.asset], partition_key=key)
        assert reader.seen == expected


def test_partitions_that_are_apart_are_read_without_those_between(store: AssetStore) -> None:
    monthly = months(store, 1, 2, 3)
    mapping = dg.SpecificPartitionsPartitionMapping(["2024-01-01", "2024-03-01"])
    reader = Months(partition_mapping=mapping)
    store.materialize(reader.asset, monthly, selection=[reader.asset])
    assert reader.seen == [1, 3]


def test_only_the_last_partition_is_read_where_that_is_the_mapping(store: AssetStore) -> None:
    monthly = months(store, 4, 5, 6)
    reader = Months(partition_mapping=dg.LastPartitionMapping())
    store.materialize(reader.asset, monthly, selection=[reader.asset])
    assert reader.seen == [6]


def test_days_read_the_month_that_they_are_in(store: AssetStore) -> None:
    days = dg.DailyPartitionsDefinition("2024-01-01", end_date="2024-07-01")
    monthly, reader = months(store, 1, 2, 3), Months(partitions_def=days)
    store.materialize(reader.asset, monthly, selection=[reader.asset], partition_key="2024-02-29")
    assert reader.seen == [2]


def test_an_asset_can_stand_on_its_own_earlier_partition(store: AssetStore) -> None:
    mapping = dg.TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)

    @dg.asset(
        key=["db", "t"],
        partitions_def=MONTHS,
        metadata={"iceberg_partition_column": "ts"},
        ins={"before": dg.AssetIn(["db", "t"], partition_mapping=mapping)},
    )
    def running(context: dg.AssetExecutionContext, before: pa.Table) -> pa.Table:
        start = context.partition_time_window.start.replace(tzinfo=None)
        total = sum(before["total"].to_pylist()) if before.num_rows else 0
        return pa.table({"ts": pa.array([start], pa.timestamp("us")), "total": [total + 1]})

    for number in (1, 2, 3):
        store.materialize(running, partition_key=f"2024-0{number}-01")
    assert store.column("db.t", "total") == [1, 2, 3]


def test_a_stored_type_that_does_not_fit_any_more_is_named(store: AssetStore) -> None:
    overwrite(store, ROWS)
    with pytest.raises(SchemaMismatchError, match="column 'id': found string, expected long"):
        overwrite(store, pa.table({"id": ["x"]}))
