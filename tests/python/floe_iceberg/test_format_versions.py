"""Tables of format versions 1, 2 and 3, and their metadata files."""

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import floe_iceberg
from floe_core import errors
from floe_iceberg import Table

ROWS = pa.table({"id": pa.array([1, 2], pa.int64()), "part": ["a", "b"]})


@pytest.fixture
def catalog(tmp_path: Path) -> floe_iceberg.Catalog:
    """A catalog with a namespace `db`."""
    made = floe_iceberg.load_catalog(
        "c", uri=f"sqlite:///{tmp_path}/catalog.db", warehouse=str(tmp_path / "w"), fsync=False
    )
    made.create_namespace("db")
    return made


def metadata_of(table: Table) -> dict[str, Any]:
    content = Path(table.metadata_location.removeprefix("file://")).read_bytes()
    found: dict[str, Any] = json.loads(
        gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
    )
    return found


@pytest.mark.parametrize("version", [1, 2, 3])
def test_every_version_is_written_and_read(catalog: floe_iceberg.Catalog, version: int) -> None:
    table = catalog.create_table(
        "db.t", ROWS.schema, partition_spec=["part"], properties={"format-version": version}
    )
    assert table.format_version == version
    assert table.properties == {}
    table.append(ROWS)
    table.append(ROWS)
    table.overwrite(ROWS.slice(0, 1), "part = 'a'")
    again = catalog.load_table("db.t")
    assert again.format_version == version
    assert sorted(again.scan().to_arrow()["id"].to_pylist()) == [1, 2, 2]
    snapshots = metadata_of(again)["snapshots"]
    assert [s.get("sequence-number") for s in snapshots] == (
        [None, None, None] if version == 1 else [1, 2, 3]
    )
    if version == 3:
        # The overwrite gives ids to manifests it rewrote, too, as it can't know better.
        assert [(s["first-row-id"], s["added-rows"]) for s in snapshots][:2] == [(0, 2), (2, 2)]
        assert metadata_of(again)["next-row-id"] >= 5
    else:
        assert "first-row-id" not in snapshots[0]
        assert "next-row-id" not in metadata_of(again)
    assert ("schema" in metadata_of(again)) == (version == 1)


@pytest.mark.parametrize("deletes", [False, True])
def test_old_metadata_is_kept_as_the_table_says(
    catalog: floe_iceberg.Catalog, *, deletes: bool
) -> None:
    properties = {
        "write.metadata.previous-versions-max": "2",
        "write.metadata.delete-after-commit.enabled": str(deletes).lower(),
    }
    table = catalog.create_table("db.t", ROWS.schema, properties=properties)
    written = [table.metadata_location]
    for _ in range(4):
        table.append(ROWS)
        written.append(table.metadata_location)
    logged = [entry["metadata-file"] for entry in metadata_of(table)["metadata-log"]]
    assert logged == written[-3:-1]
    there = [Path(location.removeprefix("file://")).exists() for location in written]
    assert there == [not deletes, not deletes, True, True, True]


def test_metadata_can_be_compressed(catalog: floe_iceberg.Catalog) -> None:
    table = catalog.create_table(
        "db.t", ROWS.schema, properties={"write.metadata.compression-codec": "gzip"}
    )
    table.append(ROWS)
    assert table.metadata_location.endswith(".gz.metadata.json")
    assert table.metadata_location.rpartition("/")[2].startswith("00001-")
    assert metadata_of(table)["format-version"] == 2
    table.append(ROWS)
    assert catalog.load_table("db.t").scan().to_arrow().num_rows == 4


def test_damaged_compression_is_named(catalog: floe_iceberg.Catalog) -> None:
    table = catalog.create_table(
        "db.t", ROWS.schema, properties={"write.metadata.compression-codec": "gzip"}
    )
    file = Path(table.metadata_location.removeprefix("file://"))
    file.write_bytes(file.read_bytes()[:-5])
    with pytest.raises(errors.CorruptFileError, match="can't be unpacked") as raised:
        catalog.load_table("db.t")
    assert raised.value.path == table.metadata_location


def test_nanoseconds_and_nulls_have_types_since_version_3(catalog: floe_iceberg.Catalog) -> None:
    fine = pa.table(
        {
            "plain": pa.array([1, 1_000], pa.timestamp("ns")),
            "zoned": pa.array([2_001, None], pa.timestamp("ns", "Europe/Berlin")),
            "nothing": pa.nulls(2),
        }
    )
    table = catalog.create_table("db.new", fine.schema, properties={"format-version": "3"})
    types = [str(field.field_type) for field in table.schema().fields]
    assert types == ["timestamp_ns", "timestamptz_ns", "unknown"]
    table.append(fine)
    assert table.scan().to_arrow()["plain"].cast(pa.int64()).to_pylist() == [1, 1_000]

    with pytest.raises(errors.SchemaMismatchError, match="'nothing' has Arrow type null"):
        catalog.create_table("db.old", fine.schema)
    old = catalog.create_table("db.old", fine.schema.remove(2))
    assert [str(field.field_type) for field in old.schema().fields] == ["timestamp", "timestamptz"]
    with pytest.raises(errors.SchemaMismatchError, match="'plain'"):
        old.append(fine.drop_columns(["nothing"]))


def test_nanoseconds_widen_a_table_of_version_3_only(catalog: floe_iceberg.Catalog) -> None:
    micros = pa.table({"ts": pa.array([1], pa.timestamp("us"))})
    nanos = pa.table(
        {"ts": pa.array([2_000], pa.timestamp("ns")), "new": pa.array([3], pa.timestamp("ns"))}
    )
    for version, expected in [(2, ["timestamp", "timestamp"]), (3, ["timestamp", "timestamp_ns"])]:
        table = catalog.create_table(
            f"db.t{version}", micros.schema, properties={"format-version": version}
        )
        table.append(micros)
        if version == 3:
            table.append(nanos, evolve_schema=True)
            assert table.scan("new is not null").to_arrow().cast(nanos.schema) == nanos
        else:
            with table.update_schema() as update:
                update.union_by_name(nanos.schema)
        assert [str(field.field_type) for field in table.schema().fields] == expected


def test_a_version_is_raised_by_the_property_of_its_name(catalog: floe_iceberg.Catalog) -> None:
    table = catalog.create_table("db.t", ROWS.schema)
    table.set_properties({"format-version": "3", "owner": "me"})
    assert (table.format_version, table.properties) == (3, {"owner": "me"})
    table.set_properties({"format-version": 3})
    with table.transaction() as transaction:
        transaction.set_properties(owner="you", **{"format-version": "3"})
    assert catalog.load_table("db.t").properties == {"owner": "you"}
    for version, message in {
        "2": "from format version 3 to 2: a table can't go back",
        "three": "format-version is 'three'; expected a number from 1 to 3",
    }.items():
        with pytest.raises(errors.InvalidArgumentError, match=message):
            table.set_properties({"format-version": version, "owner": "nobody"})
    with pytest.raises(errors.UnsupportedError, match="versions 1 to 3"):
        table.set_properties({"format-version": "4"})
    assert table.refresh().properties == {"owner": "you"}


def test_what_version_1_no_longer_partitions_by_is_shown_where_it_was(
    catalog: floe_iceberg.Catalog,
) -> None:
    table = catalog.create_table(
        "db.t", ROWS.schema, partition_spec=["bucket(4, id)"], properties={"format-version": 1}
    )
    table.append(ROWS.slice(0, 1))
    with table.update_spec() as spec:
        spec.remove_field("id_bucket")  # which is void from now on
    table.append(ROWS.slice(1))
    read = table.scan(selected_fields=["id", "_partition"]).to_arrow().sort_by("id")
    assert read.schema.field("_partition").type == pa.struct([("id_bucket", pa.int32())])
    assert read["_partition"].to_pylist() == [{"id_bucket": 0}, {"id_bucket": None}]
    shown = table.inspect.files()["partition"].to_pylist()
    assert sorted(shown, key=str) == [{"id_bucket": 0}, {"id_bucket": None}]
