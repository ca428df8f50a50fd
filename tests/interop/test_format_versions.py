"""Tables that floe made in each format version: PyIceberg reads them and goes on with them."""

import pyarrow as pa
import pytest
from lake import Lake
from type_samples import rows_by_id

SCHEMA = pa.schema([pa.field("id", pa.int64()), pa.field("part", pa.string())])


def rows(first_id: int) -> pa.Table:
    return pa.table([range(first_id, first_id + 2), ["a", "b"]], schema=SCHEMA)


@pytest.mark.parametrize("version", ["1", "2", "3"])
def test_pyiceberg_reads_what_floe_writes(lake: Lake, version: str) -> None:
    lake.floe.create("t", SCHEMA, ["part"], {"format-version": version})
    lake.floe.append("t", rows(0))
    lake.floe.append("t", rows(10))
    lake.floe.load("t").overwrite(rows(20).slice(0, 1), "part = 'a'")
    assert lake.pyiceberg.load("t").metadata.format_version == int(version)
    assert sorted(lake.pyiceberg.read("t")["id"].to_pylist()) == [1, 11, 20]
    assert rows_by_id(lake.floe.read("t")) == rows_by_id(lake.pyiceberg.read("t"))


@pytest.mark.parametrize("version", ["1", "2"])
def test_both_go_on_with_each_others_tables(lake: Lake, version: str) -> None:
    lake.floe.create("t", SCHEMA, ["part"], {"format-version": version})
    lake.floe.append("t", rows(0))
    lake.pyiceberg.append("t", rows(10))
    lake.floe.append("t", rows(20))
    lake.pyiceberg.append("t", rows(30))
    wanted = [0, 1, 10, 11, 20, 21, 30, 31]
    assert sorted(lake.floe.read("t")["id"].to_pylist()) == wanted
    assert sorted(lake.pyiceberg.read("t")["id"].to_pylist()) == wanted
    with lake.pyiceberg.load("t").transaction() as transaction:
        transaction.upgrade_table_version(2)
    lake.floe.append("t", rows(40))
    assert lake.pyiceberg.read("t").num_rows == lake.floe.read("t").num_rows == 10


def test_pyiceberg_reads_compressed_metadata(lake: Lake) -> None:
    lake.floe.create("t", SCHEMA, properties={"write.metadata.compression-codec": "gzip"})
    lake.floe.append("t", rows(0))
    assert lake.floe.load("t").metadata_location.endswith(".gz.metadata.json")
    assert lake.pyiceberg.read("t").num_rows == 2
