from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import pyarrow as pa
import pytest
from asset_store import AssetStore, metadata_of

from floe_core.errors import InvalidArgumentError

NEW_YORK = "America/New_York"
MONTHS = dg.MonthlyPartitionsDefinition("2024-01-01", end_date="2024-07-01")
REGIONS = dg.StaticPartitionsDefinition(["eu", "us", "asia"])


def by_column(
    rows: pa.Table, definition: dg.PartitionsDefinition[Any], column: str = "ts", **metadata: Any
) -> dg.AssetsDefinition:
    """Return an asset of partitions that follow a column."""

    @dg.asset(
        key=["db", "t"],
        partitions_def=definition,
        metadata={"iceberg_partition_column": column, **metadata},
    )
    def stored() -> Any:
        return rows

    return stored


def at(*moments: datetime, type_: pa.DataType | None = None, run: int = 0) -> pa.Table:
    """Return rows of moments, marked by the run that writes them."""
    type_ = type_ or pa.timestamp("us")
    return pa.table({"ts": pa.array(moments, type_), "run": [run] * len(moments)})


def month(number: int, run: int = 0) -> pa.Table:
    """Return rows from both ends of a month of 2024."""
    last = datetime(2024, number + 1, 1) - timedelta(microseconds=1)
    return at(datetime(2024, number, 1), last, run=run)


def runs(store: AssetStore) -> dict[Any, int]:
    """Return which run wrote each row."""
    rows = store.table("db.t").scan().to_arrow().to_pylist()
    assert len({row["ts"] for row in rows}) == len(rows)
    return {row["ts"]: row["run"] for row in rows}


def data_files(store: AssetStore) -> set[str]:
    return set(store.table("db.t").inspect.files()["file_path"].to_pylist())


@pytest.mark.requirement("S-FR-027")
@pytest.mark.requirement("T-FR-040")
@pytest.mark.parametrize("mode", ["append", "overwrite"])
def test_a_partition_replaces_itself_and_nothing_else(store: AssetStore, mode: str) -> None:
    for number in (1, 2, 3):
        asset = by_column(month(number), MONTHS)
        store.materialize(asset, partition_key=f"2024-0{number}-01", io={"write_mode": mode})
    before, files = runs(store), data_files(store)
    again = by_column(month(2, run=1), MONTHS)
    store.materialize(again, partition_key="2024-02-01", io={"write_mode": mode})
    assert runs(store) == {ts: int(ts.month == 2) for ts in before}
    assert len(files & data_files(store)) == 2


def test_a_partition_of_a_partitioned_asset_tells_its_rows_and_the_table_s(
    store: AssetStore,
) -> None:
    for number in (1, 2):
        result = store.materialize(
            by_column(month(number), MONTHS), partition_key=f"2024-0{number}-01"
        )
    found = metadata_of(result)
    assert (found["dagster/partition_row_count"], found["dagster/row_count"]) == (2, 4)


def test_a_partition_is_added_to_where_the_asset_says_append(store: AssetStore) -> None:
    for run in (1, 2):
        rows = at(datetime(2024, 1, run))
        asset = by_column(rows, MONTHS, iceberg_write_mode="append")
        store.materialize(asset, partition_key="2024-01-01")
    assert store.table("db.t").scan().count() == 2


def test_an_empty_partition_empties_what_was_there(store: AssetStore) -> None:
    for number in (1, 2):
        store.materialize(by_column(month(number), MONTHS), partition_key=f"2024-0{number}-01")
    nothing = by_column(month(1).slice(0, 0), MONTHS)
    store.materialize(nothing, partition_key="2024-01-01")
    assert {ts.month for ts in runs(store)} == {2}


def test_an_iterator_without_batches_empties_its_partition(store: AssetStore) -> None:
    for number in (1, 2):
        store.materialize(by_column(month(number), MONTHS), partition_key=f"2024-0{number}-01")

    @dg.asset(key=["db", "t"], partitions_def=MONTHS, metadata={"iceberg_partition_column": "ts"})
    def stored() -> Any:
        return iter([])

    store.materialize(stored, partition_key="2024-01-01")
    assert {ts.month for ts in runs(store)} == {2}


def test_a_range_is_written_in_one_commit_and_replaces_the_range(store: AssetStore) -> None:
    half_year = pa.concat_tables([month(number) for number in range(1, 7)])
    store.materialize_range(by_column(half_year, MONTHS), start="2024-01-01", end="2024-06-01")
    assert len(store.table("db.t").snapshots()) == 1
    spring = pa.concat_tables([month(number, run=1) for number in (2, 4)])
    store.materialize_range(by_column(spring, MONTHS), start="2024-02-01", end="2024-04-01")
    found = runs(store)
    assert {(ts.month, run) for ts, run in found.items()} == {
        (1, 0),
        (2, 1),
        (4, 1),
        (5, 0),
        (6, 0),
    }
    assert len(store.table("db.t").snapshots()) == 2


@pytest.mark.filterwarnings("ignore::dagster.BetaWarning")
def test_a_backfill_in_a_single_run_is_one_commit(store: AssetStore) -> None:
    @dg.asset(
        key=["db", "t"],
        partitions_def=MONTHS,
        metadata={"iceberg_partition_column": "ts"},
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def stored(context: dg.AssetExecutionContext) -> Any:
        return pa.concat_tables([month(int(key[5:7])) for key in context.partition_keys])

    store.materialize_range(stored, start="2024-02-01", end="2024-04-01")
    assert {ts.month for ts in runs(store)} == {2, 3, 4}
    assert len(store.table("db.t").snapshots()) == 1


def test_one_partition_of_a_range_can_be_replaced_alone(store: AssetStore) -> None:
    half_year = pa.concat_tables([month(number) for number in range(1, 7)])
    store.materialize_range(by_column(half_year, MONTHS), start="2024-01-01", end="2024-06-01")
    store.materialize(by_column(month(3, run=1), MONTHS), partition_key="2024-03-01")
    assert {(ts.month, run) for ts, run in runs(store).items()} == {
        (number, int(number == 3)) for number in range(1, 7)
    }


@pytest.mark.parametrize(
    ("definition", "key", "type_", "transform"),
    [
        (MONTHS, "2024-02-01", pa.timestamp("us"), "month"),
        (MONTHS, "2024-02-01", pa.timestamp("us", "UTC"), "month"),
        (MONTHS, "2024-02-01", pa.date32(), "month"),
        (dg.DailyPartitionsDefinition("2024-01-01"), "2024-01-01", pa.timestamp("us"), "day"),
        (dg.WeeklyPartitionsDefinition("2024-01-07"), "2024-01-07", pa.timestamp("us"), "day"),
        (
            dg.HourlyPartitionsDefinition("2024-01-01-00:00"),
            "2024-01-01-00:00",
            pa.timestamp("us"),
            "hour",
        ),
        (
            dg.TimeWindowPartitionsDefinition(start="2023", fmt="%Y", cron_schedule="0 0 1 1 *"),
            "2024",
            pa.timestamp("us"),
            "year",
        ),
        (
            dg.MonthlyPartitionsDefinition("2024-01-01", day_offset=15),
            "2024-01-15",
            pa.date32(),
            "day",
        ),
        (
            dg.DailyPartitionsDefinition("2024-01-01", timezone=NEW_YORK),
            "2024-01-01",
            pa.timestamp("us", "UTC"),
            "day",
        ),
    ],
)
@pytest.mark.requirement("S-FR-013")
def test_a_new_table_is_partitioned_as_its_asset_is(
    store: AssetStore, definition: Any, key: str, type_: pa.DataType, transform: str
) -> None:
    window = definition.time_window_for_partition_key(key)
    start = window.start if getattr(type_, "tz", None) else window.start.replace(tzinfo=None)
    store.materialize(by_column(at(start, type_=type_), definition), partition_key=key)
    (field,) = store.table("db.t").spec().fields
    assert str(field.transform) == transform
    assert store.table("db.t").scan().count() == 1


@pytest.mark.parametrize("type_", [pa.timestamp("us"), pa.timestamp("us", "UTC"), pa.date32()])
def test_windows_are_half_open_in_the_definition_s_time_zone(
    store: AssetStore, type_: pa.DataType
) -> None:
    days = dg.DailyPartitionsDefinition("2024-03-01", timezone=NEW_YORK)
    zone = ZoneInfo(NEW_YORK)
    # The 10th has 23 hours: clocks are set ahead.
    start, end = datetime(2024, 3, 10, tzinfo=zone), datetime(2024, 3, 11, tzinfo=zone)
    step = timedelta(days=1) if type_ == pa.date32() else timedelta(microseconds=1)
    last = (end.astimezone(UTC) - step).astimezone(zone)
    if type_ == pa.date32():
        last = start

    def stored(*moments: datetime) -> dg.AssetsDefinition:
        zoned = type_ == pa.timestamp("us", "UTC")
        shown = [moment if zoned else moment.replace(tzinfo=None) for moment in moments]
        return by_column(at(*shown, type_=type_), days)

    store.materialize(stored(start, last), partition_key="2024-03-10")
    assert store.table("db.t").scan().count() == 2
    for outside in (end, start - step):
        with pytest.raises(InvalidArgumentError, match="1 of the first 2 rows are outside"):
            store.materialize(stored(start, outside), partition_key="2024-03-10")
    store.materialize(stored(end), partition_key="2024-03-11")
    assert store.table("db.t").scan().count() == 3


def test_days_of_another_zone_replace_themselves_alone(store: AssetStore) -> None:
    days = dg.DailyPartitionsDefinition("2024-01-01", timezone=NEW_YORK)
    zone, zoned = ZoneInfo(NEW_YORK), pa.timestamp("us", "UTC")

    def day(number: int, run: int) -> dg.AssetsDefinition:
        moments = [datetime(2024, 1, number, hour, tzinfo=zone) for hour in (0, 12, 23)]
        return by_column(at(*moments, type_=zoned, run=run), days)

    for number in (1, 2, 3):
        store.materialize(day(number, 0), partition_key=f"2024-01-0{number}")
    store.materialize(day(2, 1), partition_key="2024-01-02")
    found = {(ts.astimezone(zone).day, run) for ts, run in runs(store).items()}
    assert found == {(1, 0), (2, 1), (3, 0)}
    assert store.table("db.t").scan().count() == 9


def test_days_that_share_a_file_are_replaced_alone(store: AssetStore) -> None:
    days = dg.DailyPartitionsDefinition("2024-01-01", timezone=NEW_YORK)
    zone, zoned = ZoneInfo(NEW_YORK), pa.timestamp("us", "UTC")
    both = [datetime(2024, 1, 1, 23, tzinfo=zone), datetime(2024, 1, 2, 1, tzinfo=zone)]
    together = by_column(at(*both, type_=zoned, run=1), days)
    store.materialize_range(together, start="2024-01-01", end="2024-01-02")
    assert store.table("db.t").inspect.files().num_rows == 1
    first = by_column(at(both[0], type_=zoned, run=2), days)
    store.materialize(first, partition_key="2024-01-01")
    assert {(ts.astimezone(zone).day, run) for ts, run in runs(store).items()} == {(1, 2), (2, 1)}
    assert store.table("db.t").scan().count() == 2


def test_hours_in_which_clocks_are_set_back_need_a_zone(store: AssetStore) -> None:
    hours = dg.HourlyPartitionsDefinition("2023-11-05-00:00", timezone=NEW_YORK)
    moment = datetime(2023, 11, 5, 1, 30)
    with pytest.raises(
        InvalidArgumentError, match=r"no window in column 'ts'.*use a timestamp with"
    ):
        store.materialize(by_column(at(moment), hours), partition_key="2023-11-05-01:00")
    zoned = pa.timestamp("us", "UTC")
    first = moment.replace(tzinfo=ZoneInfo(NEW_YORK))
    second = first.replace(fold=1)
    for key, own, other in (
        ("2023-11-05-01:00", first, second),
        ("2023-11-05-01:00-0500", second, first),
    ):
        with pytest.raises(InvalidArgumentError, match="1 of the first 1 rows"):
            store.materialize(by_column(at(other, type_=zoned), hours), partition_key=key)
        store.materialize(by_column(at(own, type_=zoned), hours), partition_key=key)
    assert store.table("db.t").scan().count() == 2


def test_a_date_cannot_tell_hours_apart(store: AssetStore) -> None:
    hours = dg.HourlyPartitionsDefinition("2024-01-01-00:00")
    rows = pa.table({"ts": [date(2024, 1, 1)]})
    with pytest.raises(InvalidArgumentError, match="does not begin and end at midnight"):
        store.materialize(by_column(rows, hours), partition_key="2024-01-01-05:00")


@pytest.mark.parametrize("values", [["2024-02-01"], ["2024-01-01", "2024-02-01"]])
def test_a_column_of_texts_holds_the_partition_s_key(
    store: AssetStore, values: Sequence[str]
) -> None:
    asset = by_column(pa.table({"month": values}), MONTHS, "month")
    if len(values) == 1:
        store.materialize(asset, partition_key="2024-02-01")
    else:
        store.materialize_range(asset, start="2024-01-01", end="2024-02-01")
    (field,) = store.table("db.t").spec().fields
    assert (str(field.transform), store.column("db.t", "month")) == ("identity", values)
    with pytest.raises(InvalidArgumentError, match="rows are outside"):
        store.materialize(asset, partition_key="2024-03-01")


@pytest.mark.requirement("S-FR-028")
def test_a_static_partition_replaces_itself_and_nothing_else(store: AssetStore) -> None:
    def rows(region: str, *ids: int) -> dg.AssetsDefinition:
        return by_column(pa.table({"region": [region] * len(ids), "id": ids}), REGIONS, "region")

    store.materialize(rows("eu", 1, 2), partition_key="eu")
    store.materialize(rows("us", 3), partition_key="us")
    store.materialize(rows("eu", 4), partition_key="eu")
    (field,) = store.table("db.t").spec().fields
    assert (str(field.transform), store.column("db.t", "id")) == ("identity", [3, 4])


def test_a_range_of_static_partitions_replaces_them(store: AssetStore) -> None:
    every = pa.table({"region": ["eu", "us", "asia"], "id": [1, 2, 3]})
    store.materialize_range(by_column(every, REGIONS, "region"), start="eu", end="asia")
    two = pa.table({"region": ["us"], "id": [4]})
    store.materialize_range(by_column(two, REGIONS, "region"), start="us", end="asia")
    assert store.column("db.t", "id") == [1, 4]


def test_static_keys_are_values_of_the_column_s_type(store: AssetStore) -> None:
    years = dg.StaticPartitionsDefinition(["2023", "2024"])
    for year in (2023, 2024, 2023):
        rows = pa.table({"year": [year], "id": [year]})
        store.materialize(by_column(rows, years, "year"), partition_key=str(year))
    assert store.column("db.t", "year") == [2023, 2024]


def test_a_key_that_is_no_value_of_the_column_is_refused(store: AssetStore) -> None:
    rows = pa.table({"region": [1]})
    with pytest.raises(InvalidArgumentError, match="'region' of type long with 'eu'"):
        store.materialize(by_column(rows, REGIONS, "region"), partition_key="eu")


def test_a_dynamic_partition_replaces_itself_and_nothing_else(store: AssetStore) -> None:
    customers = dg.DynamicPartitionsDefinition(name="customers")
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("customers", ["acme", "initech"])
        for name, number in (("acme", 1), ("initech", 2), ("acme", 3)):
            rows = pa.table({"customer": [name], "id": [number]})
            asset = by_column(rows, customers, "customer")
            store.materialize(asset, partition_key=name, instance=instance)
    assert store.column("db.t", "id") == [2, 3]


@pytest.mark.parametrize("outside", [1, 3])
def test_rows_outside_of_the_partition_are_counted_and_nothing_is_written(
    store: AssetStore, outside: int
) -> None:
    store.materialize(by_column(month(1), MONTHS), partition_key="2024-01-01")
    before = runs(store)
    rows = at(datetime(2024, 1, 1), datetime(2024, 1, 2), *[datetime(2024, 2, 1)] * outside)
    with pytest.raises(InvalidArgumentError) as raised:
        store.materialize(by_column(rows, MONTHS), partition_key="2024-01-01")
    assert f"{outside} of the first {outside + 2} rows are outside" in str(raised.value)
    assert "\"ts\" >= '2024-01-01T00:00:00' and \"ts\" < '2024-02-01T00:00:00'" in str(raised.value)
    assert raised.value.__notes__ == ["asset db/t, table db.t, partition 2024-01-01"]
    assert runs(store) == before


def test_rows_without_a_value_are_in_no_partition(store: AssetStore) -> None:
    rows = pa.table({"ts": pa.array([None, datetime(2024, 1, 1)], pa.timestamp("us"))})
    with pytest.raises(InvalidArgumentError, match="1 of the first 2 rows are outside"):
        store.materialize(by_column(rows, MONTHS), partition_key="2024-01-01")


def test_rows_outside_are_refused_where_partitions_are_added_to(store: AssetStore) -> None:
    asset = by_column(month(2), MONTHS, iceberg_write_mode="append")
    with pytest.raises(InvalidArgumentError, match="2 of the first 2 rows are outside"):
        store.materialize(asset, partition_key="2024-01-01")


def test_the_resource_can_name_the_column_for_all_assets(store: AssetStore) -> None:
    @dg.asset(key=["db", "t"], partitions_def=MONTHS)
    def stored() -> Any:
        return month(1)

    store.materialize(stored, partition_key="2024-01-01", io={"partition_column": "ts"})
    assert [str(field.transform) for field in store.table("db.t").spec().fields] == ["month"]


def test_snapshots_tell_the_partitions_they_are_of(store: AssetStore) -> None:
    store.materialize(by_column(month(1), MONTHS), partition_key="2024-01-01")
    store.materialize_range(by_column(month(1), MONTHS), start="2024-01-01", end="2024-03-01")
    found = [s.summary["dagster.partitions"] for s in store.table("db.t").snapshots()]
    assert found == ["2024-01-01", "2024-01-01...2024-03-01"]
