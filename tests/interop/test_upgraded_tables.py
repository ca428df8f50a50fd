"""Tables that PyIceberg made with format version 1 and upgraded to version 2."""

import datetime as dt
import json
from pathlib import Path

import pyarrow as pa
import pytest
from avro_header import change_header
from filter_samples import theirs
from lake import Lake
from type_samples import ids, rows_by_id

SCHEMA = pa.schema([pa.field("id", pa.int64()), pa.field("day", pa.date32())])
EPOCH = dt.date(1970, 1, 1)


def rows(first_id: int) -> pa.Table:
    days = [None, EPOCH, EPOCH - dt.timedelta(1), EPOCH + dt.timedelta(400)]
    return pa.table([range(first_id, first_id + 4), days], schema=SCHEMA)


def sequence_numbers(lake: Lake) -> dict[str, tuple[int | None, int | None, int | None]]:
    """Return each live file's snapshot id and sequence numbers, as PyIceberg sees them."""
    table = lake.pyiceberg.load("t")
    snapshot = table.current_snapshot()
    assert snapshot is not None
    return {
        entry.data_file.file_path: (
            entry.snapshot_id,
            entry.sequence_number,
            entry.file_sequence_number,
        )
        for manifest in snapshot.manifests(table.io)
        for entry in manifest.fetch_manifest_entry(table.io, discard_deleted=True)
    }


def assert_both_read(lake: Lake, expected: pa.Table) -> None:
    wanted = rows_by_id(expected)
    assert rows_by_id(lake.floe.read("t")) == wanted
    assert rows_by_id(lake.pyiceberg.read("t")) == wanted


def assert_all_read(lake: Lake, expected: pa.Table) -> None:
    wanted = rows_by_id(expected)
    assert_both_read(lake, expected)
    assert rows_by_id(lake.sql(f"FROM {lake.relation('t')}")) == wanted


@pytest.fixture
def upgraded(lake: Lake) -> Lake:
    """A lake with a table of two commits of version 1."""
    lake.pyiceberg.create("t", SCHEMA, ["day(day)"], {"format-version": "1"})
    lake.pyiceberg.append("t", rows(0))
    lake.pyiceberg.append("t", rows(10))
    with lake.pyiceberg.load("t").transaction() as transaction:
        transaction.upgrade_table_version(2)
    return lake


def test_rows_of_both_versions_are_read(upgraded: Lake) -> None:
    # DuckDB misses the sequence number in a manifest list of version 1.
    assert_both_read(upgraded, pa.concat_tables([rows(0), rows(10)]))
    upgraded.floe.append("t", rows(20))
    upgraded.pyiceberg.append("t", rows(30))
    assert_all_read(upgraded, pa.concat_tables([rows(0), rows(10), rows(20), rows(30)]))
    for filter_, kept in [
        (theirs.IsNull("day"), [0, 10, 20, 30]),
        (theirs.EqualTo("day", EPOCH - dt.timedelta(1)), [2, 12, 22, 32]),
        (theirs.GreaterThan("day", EPOCH), [3, 13, 23, 33]),
    ]:
        assert ids(upgraded.floe.read("t", filter_)) == kept
        assert ids(upgraded.pyiceberg.read("t", filter_)) == kept


def test_files_of_version_one_have_sequence_number_0(upgraded: Lake) -> None:
    before = sequence_numbers(upgraded)
    assert {numbers[1:] for numbers in before.values()} == {(0, 0)}
    upgraded.floe.append("t", rows(20))
    after = sequence_numbers(upgraded)
    assert {file: after[file] for file in before} == before
    assert {after[file][1:] for file in after.keys() - before.keys()} == {(1, 1)}


def test_partitions_of_version_one_are_replaced(upgraded: Lake) -> None:
    before = sequence_numbers(upgraded)
    upgraded.floe.load("t").dynamic_partition_overwrite(rows(20).slice(1, 1))
    kept = pa.concat_tables([rows(0), rows(10)]).filter(
        pa.compute.field("day").is_null() | (pa.compute.field("day") != EPOCH)
    )
    assert_all_read(upgraded, pa.concat_tables([kept, rows(20).slice(1, 1)]))
    after = sequence_numbers(upgraded)
    assert len(after) == 7
    assert {file: after[file] for file in before if file in after} == {
        file: numbers for file, numbers in before.items() if file in after
    }


@pytest.mark.parametrize("version", ["1", "2"])
def test_days_are_plain_integers_in_some_manifests(lake: Lake, version: str) -> None:
    lake.pyiceberg.create("t", SCHEMA, ["day(day)"], {"format-version": version})
    lake.pyiceberg.append("t", rows(0))
    table = lake.pyiceberg.load("t")
    snapshot = table.current_snapshot()
    assert snapshot is not None
    manifest = snapshot.manifests(table.io)[0]
    changed = []

    def forget_dates(members: dict[str, bytes]) -> None:
        schema = json.loads(members["avro.schema"])
        data_file = next(f for f in schema["fields"] if f["name"] == "data_file")["type"]
        partition = next(f for f in data_file["fields"] if f["name"] == "partition")["type"]
        for field in partition["fields"]:
            changed.append(field["type"])
            field["type"] = ["null", "int"]
        members["avro.schema"] = json.dumps(schema).encode()

    change_header(Path(manifest.manifest_path.removeprefix("file://")), forget_dates)
    assert "date" in str(changed)
    if version == "1":
        with table.transaction() as transaction:
            transaction.upgrade_table_version(2)
    assert_both_read(lake, rows(0))
    for id_, day in enumerate(rows(0)["day"].to_pylist()):
        filter_ = theirs.EqualTo("day", day) if day else theirs.IsNull("day")
        assert ids(lake.floe.read("t", filter_)) == [id_]
    lake.floe.load("t").dynamic_partition_overwrite(rows(4).slice(0, 2))
    assert_all_read(lake, pa.concat_tables([rows(0).slice(2), rows(4).slice(0, 2)]))
