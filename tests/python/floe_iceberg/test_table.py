"""Tables as handles: writes, state, history, time travel."""

import datetime as dt
import time
from pathlib import Path

import pyarrow as pa
import pytest
from warehouse import data_files, make_table, open_catalog

from floe_core.errors import CommitConflictError, NoSuchSnapshotError
from floe_iceberg import Catalog, Table

US = pa.timestamp("us")


def rows_of(*ids: int) -> pa.Table:
    return pa.table({"id": pa.array(ids, pa.int64())})


def ids_of(table: Table, **options: object) -> list[int]:
    return sorted(table.scan(**options).to_arrow()["id"].to_pylist())  # type: ignore[arg-type]


@pytest.fixture
def table(catalog: Catalog) -> Table:
    return make_table(catalog, rows_of(1, 2))


@pytest.mark.requirement("S-FR-018")
def test_append_adds_and_overwrite_replaces(table: Table) -> None:
    table.append(rows_of(3))
    assert ids_of(table) == [1, 2, 3]
    table.overwrite(rows_of(7, 8))
    assert ids_of(table) == [7, 8]
    operations = [snapshot.summary.operation for snapshot in table.snapshots()]
    assert operations == ["append", "append", "overwrite"]


@pytest.mark.requirement("S-FR-019")
def test_overwrite_with_nothing_empties_the_table(table: Table) -> None:
    table.overwrite(rows_of())
    assert ids_of(table) == []
    assert table.scan().plan_files() == []


@pytest.mark.requirement("S-FR-019")
def test_overwrite_replaces_whole_partitions_by_filter(catalog: Catalog) -> None:
    rows = pa.table({"day": [dt.date(2024, 1, d) for d in (1, 1, 2, 3)], "id": [1, 2, 3, 4]})
    table = make_table(catalog, rows, partition_spec=["day"])
    table.overwrite(rows.slice(2, 1), "day < '2024-01-02'")
    assert ids_of(table) == [3, 3, 4]
    table.overwrite(rows.slice(0, 0), "day = '2024-01-03'")
    assert ids_of(table) == [3, 3]


@pytest.mark.requirement("S-FR-027", "S-FR-019")
def test_dynamic_overwrite_replaces_the_partitions_of_its_rows(catalog: Catalog) -> None:
    def at(month: int, day: int, id_: int) -> dict[str, object]:
        return {"ts": dt.datetime(2024, month, day), "id": id_}

    rows = pa.Table.from_pylist([at(1, 1, 1), at(1, 20, 2), at(2, 1, 3)])
    table = make_table(catalog, rows, partition_spec=["month(ts)"])
    february = [str(task.file_path) for task in table.scan("id = 3").plan_files()]
    table.dynamic_partition_overwrite(pa.Table.from_pylist([at(1, 5, 10), at(3, 1, 11)]))
    assert ids_of(table) == [3, 10, 11]
    assert [str(task.file_path) for task in table.scan("id = 3").plan_files()] == february
    table.dynamic_partition_overwrite(rows.slice(0, 0))
    assert ids_of(table) == [3, 10, 11]


def test_a_handle_moves_on_with_its_own_commits_only(tmp_path: Path, table: Table) -> None:
    other = open_catalog(tmp_path).load_table("db.t")
    other.append(rows_of(3))
    assert ids_of(other) == [1, 2, 3]
    assert ids_of(table) == [1, 2]
    assert table != other
    assert table.refresh() is table
    assert ids_of(table) == [1, 2, 3]
    assert table == other
    assert hash(table) == hash(other)
    assert table.uuid == other.uuid


def test_a_commit_from_an_old_state_keeps_what_others_committed(
    tmp_path: Path, table: Table
) -> None:
    other = open_catalog(tmp_path).load_table("db.t")
    other.append(rows_of(3))
    table.append(rows_of(4))
    assert ids_of(table) == [1, 2, 3, 4]
    with pytest.raises(CommitConflictError, match=r"table db\.t"):
        other.overwrite(rows_of(9))
    assert ids_of(other.refresh()) == [1, 2, 3, 4]
    assert len(data_files(table)) == 3
    table.append(rows_of(5))
    other.overwrite(rows_of(9), isolation="snapshot")
    assert ids_of(table.refresh()) == [9]


def test_a_scan_reads_the_snapshot_that_was_current_when_it_was_made(table: Table) -> None:
    scan = table.scan()
    reader = table.scan().to_arrow_batch_reader()
    table.overwrite(rows_of(9))
    assert scan.to_arrow()["id"].to_pylist() == [1, 2]
    assert scan.count() == 2
    assert scan.filter("id = 2").to_arrow()["id"].to_pylist() == [2]
    assert reader.read_all()["id"].to_pylist() == [1, 2]
    snapshot = scan.snapshot()
    assert snapshot is not None
    assert snapshot.snapshot_id == scan.snapshot_id == table.snapshots()[0].snapshot_id


@pytest.mark.requirement("S-FR-021", "T-FR-023")
def test_time_travel_by_snapshot_time_and_ref(table: Table) -> None:
    first = table.snapshots()[0]
    time.sleep(0.002)  # so that the second snapshot has a later millisecond
    table.append(rows_of(3))
    second = table.snapshots()[1]
    assert second.timestamp_ms > first.timestamp_ms
    assert second.parent_snapshot_id == first.snapshot_id
    moment = dt.datetime.fromtimestamp(second.timestamp_ms / 1000, dt.UTC)
    before = moment - dt.timedelta(milliseconds=1)
    assert ids_of(table, snapshot_id=first.snapshot_id) == [1, 2]
    assert ids_of(table, as_of=first.timestamp_ms) == [1, 2]
    assert ids_of(table, as_of=before) == [1, 2]
    assert ids_of(table, as_of=before.astimezone(dt.timezone(dt.timedelta(hours=5)))) == [1, 2]
    assert ids_of(table, as_of=moment) == [1, 2, 3]
    assert ids_of(table, as_of=dt.datetime(2999, 1, 1, tzinfo=dt.UTC)) == [1, 2, 3]
    assert ids_of(table, ref="main") == [1, 2, 3]
    assert sorted(table.scan().use_ref("main").to_arrow()["id"].to_pylist()) == [1, 2, 3]
    with pytest.raises(NoSuchSnapshotError, match=r"table db\.t has no snapshot as old as"):
        table.scan(as_of=first.timestamp_ms - 1)
    assert table.snapshot_as_of_timestamp(second.timestamp_ms) == second
    assert table.snapshot_as_of_timestamp(second.timestamp_ms, inclusive=False) == first
    assert table.snapshot_as_of_timestamp(first.timestamp_ms, inclusive=False) is None
    assert table.snapshot_by_name("main") == second
    assert table.snapshot_by_name("dev") is None
    assert table.snapshot_by_id(5) is None


@pytest.mark.requirement("T-FR-025", "S-FR-031")
def test_snapshots_keep_time_operation_and_summary(table: Table) -> None:
    start = int(time.time() * 1000)
    table.append(rows_of(3, 4, 5), snapshot_properties={"run": "r-1", "attempt": "2"})
    snapshot = table.current_snapshot()
    assert snapshot is not None
    assert start <= snapshot.timestamp_ms <= int(time.time() * 1000)
    assert snapshot.sequence_number == table.last_sequence_number == 2
    assert snapshot.summary["run"] == "r-1"
    assert snapshot.summary.get("attempt") == "2"
    assert snapshot.summary.get("nothing", "default") == "default"
    counts = {
        key: snapshot.summary[key]
        for key in ("added-data-files", "added-records", "total-data-files", "total-records")
    }
    assert counts == {
        "added-data-files": "1",
        "added-records": "3",
        "total-data-files": "2",
        "total-records": "5",
    }
    assert [entry.snapshot_id for entry in table.history()] == [
        s.snapshot_id for s in table.snapshots()
    ]
    assert table.refs()["main"].snapshot_id == snapshot.snapshot_id
    assert table.refs()["main"].snapshot_ref_type == "branch"


@pytest.mark.requirement("S-FR-020", "T-FR-017", "T-FR-018", "T-FR-021")
def test_evolution_adds_columns_and_widens_types_and_old_snapshots_keep_theirs(
    catalog: Catalog,
) -> None:
    table = make_table(catalog, pa.table({"id": pa.array([1], pa.int32()), "x": [1.5]}))
    first = table.current_snapshot()
    assert first is not None
    new = pa.table({"id": pa.array([2**40], pa.int64()), "name": ["n"]})
    table.append(new, evolve_schema=True)
    assert [str(field.field_type) for field in table.schema().fields] == [
        "long",
        "double",
        "string",
    ]
    assert sorted(table.schemas()) == [0, 1]
    read = table.scan().to_arrow().sort_by("id").to_pylist()
    assert read == [
        {"id": 1, "x": 1.5, "name": None},
        {"id": 2**40, "x": None, "name": "n"},
    ]
    old = table.scan(snapshot_id=first.snapshot_id)
    assert old.to_arrow().to_pylist() == [{"id": 1, "x": 1.5}]
    assert [field.name for field in old.projection().fields] == ["id", "x"]


def test_columns_of_nothing_but_nulls_evolve_nothing(table: Table) -> None:
    table.append(pa.table({"id": pa.nulls(1)}), evolve_schema=True)
    assert len(table.schemas()) == 1
    assert table.scan().count() == 3


def test_texts_of_handles_and_values(table: Table) -> None:
    assert repr(table) == f"Table(db.t, {table.location()})"
    assert table.name() == table.identifier == ("db", "t")
    assert repr(table.schema()) == "table {\n  1: id: optional long\n}"
    assert repr(table.spec()) == "PartitionSpec(spec_id=0, fields=[])"
    assert table.spec().is_unpartitioned()
    assert table.last_updated_ms >= table.snapshots()[0].timestamp_ms


@pytest.mark.requirement("T-FR-029")
@pytest.mark.parametrize(("of_the_table", "of_the_call"), [(0, 5), (None, 0)])
def test_without_retries_a_conflict_is_an_error(
    catalog: Catalog, tmp_path: Path, of_the_table: int | None, of_the_call: int
) -> None:
    properties = {} if of_the_table is None else {"commit.retry.num-retries": of_the_table}
    table = make_table(catalog, rows_of(1), properties=properties)
    open_catalog(tmp_path).load_table("db.t").append(rows_of(2))
    with pytest.raises(CommitConflictError, match="main has moved: it points to snapshot"):
        table.append(rows_of(3), max_retries=of_the_call)
    assert ids_of(table.refresh()) == [1, 2]
    assert len(data_files(table)) == 2


@pytest.mark.requirement("T-FR-029")
@pytest.mark.parametrize(("of_the_table", "of_the_call"), [(1, 0), (None, 1)])
def test_one_retry_is_enough_after_one_change_of_others(
    catalog: Catalog, tmp_path: Path, of_the_table: int | None, of_the_call: int
) -> None:
    properties = {} if of_the_table is None else {"commit.retry.num-retries": of_the_table}
    table = make_table(catalog, rows_of(1), properties=properties)
    open_catalog(tmp_path).load_table("db.t").append(rows_of(2))
    table.append(rows_of(3), max_retries=of_the_call, min_wait_ms=1)
    assert ids_of(table) == [1, 2, 3]
