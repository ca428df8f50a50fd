"""Files of statistics that a table names for other engines."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyiceberg.table
import pyiceberg.table.statistics as theirs
import pytest
from warehouse import local_path, make_catalog, make_table, open_catalog

from floe_core.errors import InvalidArgumentError, NoSuchSnapshotError
from floe_iceberg import Table
from floe_iceberg.statistics import BlobMetadata, PartitionStatisticsFile, StatisticsFile

ROWS = pa.table({"id": [1, 2, 3]})


@pytest.fixture
def table(tmp_path: Path) -> Table:
    made = make_table(make_catalog(tmp_path), ROWS)
    made.append(ROWS)
    return made


def statistics_of(snapshot_id: int, path: str = "file:///s.puffin") -> StatisticsFile:
    blob = BlobMetadata("apache-datasketches-theta-v1", snapshot_id, 1, (1,), {"ndv": "3"})
    return StatisticsFile(snapshot_id, path, 400, 200, None, (blob,))


def metadata_of(table: Table) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(local_path(table.metadata_location).read_text())
    return found


def test_they_are_set_replaced_and_removed(table: Table, tmp_path: Path) -> None:
    first, second = (snapshot.snapshot_id for snapshot in table.snapshots())
    table.update_statistics().set_statistics(statistics_of(first)).commit()
    partitions = PartitionStatisticsFile(second, "file:///p.parquet", 17)
    with table.update_statistics() as update:
        update.set_statistics(statistics_of(second)).set_partition_statistics(partitions)
        update.set_statistics(statistics_of(first, "file:///better.puffin"))
    again = open_catalog(tmp_path).load_table("db.t")
    by_snapshot = {file.snapshot_id: file for file in again.statistics()}
    assert by_snapshot == {
        first: statistics_of(first, "file:///better.puffin"),
        second: statistics_of(second),
    }
    assert again.partition_statistics() == [partitions]
    # PyIceberg reads what floe has set.
    seen = pyiceberg.table.StaticTable.from_metadata(again.metadata_location).metadata
    assert {file.snapshot_id: file.statistics_path for file in seen.statistics} == {
        first: "file:///better.puffin",
        second: "file:///s.puffin",
    }
    assert seen.statistics[0].blob_metadata[0].properties == {"ndv": "3"}
    assert [file.statistics_path for file in seen.partition_statistics] == ["file:///p.parquet"]
    with table.transaction() as transaction:
        transaction.append(ROWS)
        transaction.update_statistics().remove_statistics(first).commit()
        transaction.update_statistics().remove_partition_statistics(second).commit()
    assert table.statistics() == [statistics_of(second)]
    assert table.partition_statistics() == []
    assert metadata_of(table)["statistics"][0]["blob-metadata"][0]["fields"] == [1]


def test_what_is_so_already_is_no_commit(table: Table) -> None:
    first = table.snapshots()[0].snapshot_id
    table.update_statistics().set_statistics(statistics_of(first)).commit()
    before = table.metadata_location
    table.update_statistics().set_statistics(statistics_of(first)).commit()
    with table.update_statistics() as update:
        update.set_partition_statistics(PartitionStatisticsFile(first, "file:///p", 1))
        update.remove_partition_statistics(first).remove_statistics(12345)
    assert table.metadata_location == before


def test_they_are_as_in_pyiceberg(table: Table) -> None:
    first = table.snapshots()[0].snapshot_id
    ours = statistics_of(first)
    read = theirs.StatisticsFile.model_validate(ours.to_json())
    dumped = json.loads(read.model_dump_json(by_alias=True))
    assert StatisticsFile.from_json(dumped) == ours


@pytest.mark.parametrize("what", ["statistics", "partition_statistics"])
def test_those_of_a_snapshot_that_is_not_there_are_refused(table: Table, what: str) -> None:
    before = table.metadata_location
    update = table.update_statistics()
    if what == "statistics":
        update.set_statistics(statistics_of(12345))
    else:
        update.set_partition_statistics(PartitionStatisticsFile(12345, "file:///p", 1))
    with pytest.raises(NoSuchSnapshotError, match=r"table db\.t has no snapshot 12345"):
        update.commit()
    assert table.refresh().metadata_location == before


@pytest.mark.parametrize(
    ("path", "size", "footer", "message"),
    [
        ("", 1, 1, "location of a statistics file can't be ''"),
        ("file:///s", -1, 0, "can't have -1 bytes"),
        ("file:///s", 10, 11, "10 bytes with a footer of 11"),
    ],
)
def test_files_that_can_not_be_are_refused_at_once(
    table: Table, path: str, size: int, footer: int, message: str
) -> None:
    first = table.snapshots()[0].snapshot_id
    with pytest.raises(InvalidArgumentError, match=message):
        table.update_statistics().set_statistics(StatisticsFile(first, path, size, footer))
    for wrong in (None, "file:///s.puffin", PartitionStatisticsFile(first, "file:///p", 1)):
        with pytest.raises(InvalidArgumentError, match="statistics_file is of type"):
            table.update_statistics().set_statistics(wrong)  # type: ignore[arg-type]


def test_they_stay_when_others_append(table: Table, tmp_path: Path) -> None:
    first = table.snapshots()[0].snapshot_id
    open_catalog(tmp_path).load_table("db.t").append(ROWS)
    table.update_statistics().set_statistics(statistics_of(first)).commit()
    assert len(table.snapshots()) == 3
    table.append(ROWS)
    table.delete("id = 1")
    assert table.statistics() == [statistics_of(first)]
