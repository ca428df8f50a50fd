"""What floe's manifests say of the same rows is what PyIceberg's own say."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pytest
from lake import Lake
from nested_samples import ROWS as NESTED_ROWS
from partition_samples import CASES
from pyiceberg_limits import UNWRITABLE, writable
from sample_tables import rows_of
from type_samples import SAMPLES, canonical

COMPARED = [
    "content",
    "file_format",
    "spec_id",
    "record_count",
    "value_counts",
    "null_value_counts",
    "lower_bounds",
    "upper_bounds",
    "split_offsets",
    "key_metadata",
    "equality_ids",
]


def data_files(lake: Lake, name: str) -> Iterable[Any]:
    table = lake.pyiceberg.load(name)
    snapshot = table.current_snapshot()
    assert snapshot is not None
    for manifest in snapshot.manifests(table.io):
        for entry in manifest.fetch_manifest_entry(table.io):
            yield entry.data_file


def plain(value: Any) -> Any:
    """Return a map as a dictionary; none and an empty one say the same."""
    return dict(value.items()) if hasattr(value, "items") else value or {}


def facts(lake: Lake, name: str) -> dict[tuple[str, str], Any]:
    """Return what manifests say of each data file, by its partition and what is said."""
    found = {}
    for file in data_files(lake, name):
        partition = repr([canonical(value) for value in file.partition])
        for attribute in COMPARED:
            found[partition, attribute] = plain(getattr(file, attribute))
        found[partition, "columns with sizes"] = set(plain(file.column_sizes))
    return found


def differences(lake: Lake) -> dict[tuple[str, str], tuple[Any, Any]]:
    """Return what floe and PyIceberg say of their files, where it is not the same."""
    ours, theirs = facts(lake, "floe"), facts(lake, "pyiceberg")
    keys = sorted({*ours, *theirs})
    return {
        key: (ours.get(key), theirs.get(key)) for key in keys if ours.get(key) != theirs.get(key)
    }


def summaries(lake: Lake, name: str) -> list[Any]:
    """Return what the manifest list says of each manifest."""
    table = lake.pyiceberg.load(name)
    snapshot = table.current_snapshot()
    assert snapshot is not None
    return [
        (
            manifest.content,
            manifest.partition_spec_id,
            manifest.sequence_number,
            manifest.min_sequence_number,
            manifest.added_files_count,
            manifest.existing_files_count,
            manifest.deleted_files_count,
            manifest.added_rows_count,
            manifest.existing_rows_count,
            manifest.deleted_rows_count,
            [
                (each.contains_null, each.contains_nan, each.lower_bound, each.upper_bound)
                for each in manifest.partitions or []
            ],
        )
        for manifest in snapshot.manifests(table.io)
    ]


def folders(lake: Lake, name: str) -> set[str]:
    """Return the partitions' folders."""
    return {file.file_path.split("/data/")[1].rpartition("/")[0] for file in data_files(lake, name)}


def write_both(
    lake: Lake, rows: pa.Table, terms: list[str], properties: dict[str, str] | None = None
) -> None:
    for writer in ("floe", "pyiceberg"):
        lake.engine(writer).create(writer, rows.schema, terms, properties)
        lake.engine(writer).append(writer, rows)


@pytest.mark.parametrize(
    ("type_name", "term"),
    [*((name, "") for name in SAMPLES), *(case for case in CASES if case not in UNWRITABLE)],
)
def test_partitions_counts_and_bounds_agree(lake: Lake, type_name: str, term: str) -> None:
    rows = writable(rows_of(SAMPLES[type_name]))
    write_both(lake, rows, [term] if term else [])
    assert differences(lake) == {}
    assert summaries(lake, "floe") == summaries(lake, "pyiceberg")


@pytest.mark.parametrize(
    "mode", ["none", "counts", "truncate(1)", "truncate(20)", "full", "truncate(16)"]
)
@pytest.mark.parametrize("type_name", ["string", "binary", "double", "decimal(19, 4)"])
def test_metrics_modes_agree(lake: Lake, type_name: str, mode: str) -> None:
    rows = writable(rows_of(SAMPLES[type_name]))
    properties = {
        "write.metadata.metrics.default": mode,
        "write.metadata.metrics.column.id": "counts",
    }
    write_both(lake, rows, [], properties)
    found = differences(lake)
    if mode == "none":  # PyIceberg keeps the sizes of such columns all the same
        assert found.pop(("[]", "columns with sizes")) == ({1}, {1, 2, 3, 4})
    assert found == {}


def test_metrics_of_nested_columns_agree(lake: Lake) -> None:
    write_both(lake, NESTED_ROWS, [])
    found = differences(lake)
    schema = lake.floe.load("floe").schema()
    in_structs = {schema.find_field(name).field_id for name in ("point.x", "point.label")}
    for bounds in ("lower_bounds", "upper_bounds"):  # PyIceberg keeps none of fields of structs
        ours, theirs = found.pop(("[]", bounds))
        assert ours.keys() - theirs.keys() == in_structs
        assert theirs.items() <= ours.items()
    assert found == {}


@pytest.mark.parametrize("type_name", ["float", "double"])
def test_nans_are_counted(lake: Lake, type_name: str) -> None:
    # PyIceberg counts none, which is allowed: the specification's counts are optional.
    rows = rows_of(SAMPLES[type_name])
    write_both(lake, rows, [])
    (ours,), (theirs,) = data_files(lake, "floe"), data_files(lake, "pyiceberg")
    ids = {field.name: field.field_id for field in lake.pyiceberg.load("floe").schema().fields}
    assert plain(ours.nan_value_counts) == {
        ids["optional"]: 1,
        ids["required"]: 1,
        ids["nothing"]: 0,
    }
    assert plain(theirs.nan_value_counts) == {}


# PyIceberg writes 1E-38 where floe writes 0.00…01.
@pytest.mark.parametrize(
    ("type_name", "term"),
    [case for case in CASES if case not in UNWRITABLE and case != ("decimal(38, 38)", "optional")],
)
def test_paths_of_partitions_agree(lake: Lake, type_name: str, term: str) -> None:
    rows = writable(rows_of(SAMPLES[type_name]))
    write_both(lake, rows, [term])
    assert folders(lake, "floe") == folders(lake, "pyiceberg")
