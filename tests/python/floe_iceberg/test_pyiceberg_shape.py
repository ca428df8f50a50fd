"""Code written for PyIceberg finds the same names, parameters and values here."""

import datetime as dt
import inspect
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyiceberg.catalog
import pyiceberg.conversions
import pyiceberg.expressions
import pyiceberg.partitioning
import pyiceberg.schema
import pyiceberg.table
import pyiceberg.table.snapshots
import pyiceberg.table.statistics
import pyiceberg.transforms
import pyiceberg.types
import pytest
from pyiceberg.catalog.sql import SqlCatalog
from warehouse import make_catalog

import floe_iceberg.catalog
import floe_iceberg.conversions
import floe_iceberg.expressions
import floe_iceberg.partitioning
import floe_iceberg.schema
import floe_iceberg.statistics
import floe_iceberg.table
import floe_iceberg.transforms
import floe_iceberg.types
from floe_iceberg import Table

ROWS = pa.table(
    {
        "id": pa.array([1, 2, 3, None], pa.int64()),
        "name": ["a", None, "c", "d"],
        "ts": pa.array(
            [dt.datetime(2024, 1, 1), dt.datetime(2024, 2, 1), None, None], pa.timestamp("us")
        ),
        "x": [1.0, float("nan"), None, -0.0],
        "at": [{"city": "y", "zip": 1}, None, {"city": None, "zip": 2}, {"city": "x", "zip": None}],
        "tags": [["t", None], [], None, ["u"]],
    }
)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Table, pyiceberg.table.Table]:
    """Return one table as both see it: partitioned, of three snapshots."""
    folder: Path = tmp_path_factory.mktemp("shape")
    ours = make_catalog(folder).create_table(
        "db.t", ROWS.schema, partition_spec=["month(ts)", "bucket(4, id)"], properties={"a": "b"}
    )
    ours.append(ROWS)
    ours.append(ROWS.slice(0, 1), snapshot_properties={"run": "1"})
    ours.dynamic_partition_overwrite(ROWS.slice(1, 1))
    theirs = SqlCatalog("test", uri=f"sqlite:///{folder}/catalog.db").load_table("db.t")
    return ours, theirs


Both = tuple[Table, pyiceberg.table.Table]


def plain(value: Any) -> Any:
    """Return PyIceberg's enums, records and lazy mappings as what floe has instead."""
    if hasattr(value, "value") and not isinstance(value, type):
        return value.value
    return dict(value) if hasattr(value, "keys") else value


def test_snapshots_have_the_same_facts(both: Both) -> None:
    ours, theirs = both
    assert len(ours.snapshots()) == 3
    for mine, other in zip(ours.snapshots(), theirs.snapshots(), strict=True):
        for name in (
            "snapshot_id",
            "parent_snapshot_id",
            "sequence_number",
            "timestamp_ms",
            "manifest_list",
            "schema_id",
        ):
            assert getattr(mine, name) == getattr(other, name)
        assert other.summary is not None
        assert mine.summary.operation == other.summary.operation.value
        assert mine.summary.additional_properties == other.summary.additional_properties
    current = theirs.current_snapshot()
    assert current is not None
    assert ours.current_snapshot() == ours.snapshot_by_id(current.snapshot_id)


def test_history_and_refs_have_the_same_facts(both: Both) -> None:
    ours, theirs = both
    assert [(e.snapshot_id, e.timestamp_ms) for e in ours.history()] == [
        (e.snapshot_id, e.timestamp_ms) for e in theirs.history()
    ]
    assert {
        name: (ref.snapshot_id, ref.snapshot_ref_type, ref.max_ref_age_ms)
        for name, ref in ours.refs().items()
    } == {
        name: (ref.snapshot_id, ref.snapshot_ref_type.value, ref.max_ref_age_ms)
        for name, ref in theirs.refs().items()
    }


def test_tables_have_the_same_facts(both: Both) -> None:
    ours, theirs = both
    assert ours.name() == theirs.name()
    assert ours.location() == theirs.location()
    assert ours.properties == theirs.properties == {"a": "b"}
    assert ours.metadata_location == theirs.metadata_location
    assert ours.format_version == theirs.format_version
    assert ours.last_sequence_number == theirs.last_sequence_number
    assert ours.uuid == str(theirs.metadata.table_uuid)
    assert ours.last_updated_ms == theirs.metadata.last_updated_ms
    moment = ours.snapshots()[1].timestamp_ms
    for inclusive in (True, False):
        mine = ours.snapshot_as_of_timestamp(moment, inclusive)
        other = theirs.snapshot_as_of_timestamp(moment, inclusive)
        assert (mine and mine.snapshot_id) == (other and other.snapshot_id)


def test_schemas_are_shown_and_searched_alike(both: Both) -> None:
    ours, theirs = both
    mine, other = ours.schema(), theirs.schema()
    assert str(mine).splitlines()[:5] == str(other).splitlines()[:5]
    assert sorted(mine.column_names) == sorted(other.column_names)
    assert mine.highest_field_id == other.highest_field_id
    assert mine.schema_id == other.schema_id
    assert sorted(ours.schemas()) == sorted(theirs.schemas())
    for name in ("id", "at", "at.city", "tags.element"):
        assert mine.find_field(name).field_id == other.find_field(name).field_id
        assert mine.find_field(name).required == other.find_field(name).required
    for field_id in range(1, mine.highest_field_id + 1):
        assert mine.find_column_name(field_id) == other.find_column_name(field_id)
    for name in ("id", "name", "ts", "x"):
        assert str(mine.find_type(name)) == str(other.find_type(name))


def test_partition_specs_are_the_same(both: Both) -> None:
    ours, theirs = both
    assert [(f.source_id, f.field_id, str(f.transform), f.name) for f in ours.spec().fields] == [
        (f.source_id, f.field_id, str(f.transform), f.name) for f in theirs.spec().fields
    ]
    assert sorted(ours.specs()) == sorted(theirs.specs())
    assert ours.spec().spec_id == theirs.spec().spec_id
    assert ours.spec().is_unpartitioned() == theirs.spec().is_unpartitioned()


def test_planned_files_have_the_same_facts(both: Both) -> None:
    ours, theirs = both
    mine = {str(task.file.file_path): task.file for task in ours.scan().plan_files()}
    other = {task.file.file_path: task.file for task in theirs.scan().plan_files()}
    assert sorted(mine) == sorted(other)
    for path, file in mine.items():
        assert file.file_format == other[path].file_format.value
        for name in ("record_count", "file_size_in_bytes", "split_offsets", "spec_id"):
            assert getattr(file, name) == getattr(other[path], name)
        for name in (
            "column_sizes",
            "value_counts",
            "null_value_counts",
            "nan_value_counts",
            "lower_bounds",
            "upper_bounds",
        ):
            assert getattr(file, name) == dict(getattr(other[path], name) or {}), name
        assert list(file.partition) == [other[path].partition[i] for i in range(2)]


@pytest.mark.parametrize("name", ["snapshots", "files", "partitions"])
@pytest.mark.requirement("S-FR-033")
def test_metadata_tables_have_the_same_rows(both: Both, name: str) -> None:
    ours, theirs = both
    mine = getattr(ours.inspect, name)()
    other = getattr(theirs.inspect, name)()
    shared = [column for column in mine.column_names if column in other.column_names]
    assert shared == mine.column_names
    key = "file_path" if name == "files" else "snapshot_id" if name == "snapshots" else "partition"
    assert by_key(mine, key) == by_key(other.select(shared), key)


def by_key(rows: pa.Table, key: str) -> list[dict[str, Any]]:
    return sorted(rows.to_pylist(), key=lambda row: str(row[key]))


@pytest.mark.parametrize("index", [0, 1, 2])
@pytest.mark.parametrize("name", ["files"])
def test_metadata_tables_of_older_snapshots(both: Both, name: str, index: int) -> None:
    ours, theirs = both
    snapshot_id = ours.snapshots()[index].snapshot_id
    mine = getattr(ours.inspect, name)(snapshot_id=snapshot_id)
    other = getattr(theirs.inspect, name)(snapshot_id=snapshot_id)
    assert sorted(mine["file_path"].to_pylist()) == sorted(other["file_path"].to_pylist())


def test_scans_yield_the_same_rows(both: Both) -> None:
    ours, theirs = both
    for options in (
        {},
        {"row_filter": "id > 1", "selected_fields": ("name", "at.city")},
        {"snapshot_id": ours.snapshots()[0].snapshot_id},
        {"row_filter": "ID = 1", "case_sensitive": False},
        {"limit": 2, "selected_fields": ("id",)},
    ):
        mine = ours.scan(**options).to_arrow()  # type: ignore[arg-type]
        other = theirs.scan(**options).to_arrow()  # type: ignore[arg-type]
        assert mine.column_names == other.column_names
        assert mine.num_rows == other.num_rows
        if "limit" not in options:
            assert as_texts(mine) == as_texts(other)
        assert ours.scan(**options).count() == mine.num_rows  # type: ignore[arg-type]
    frame = ours.scan().to_pandas()
    assert list(frame.columns) == list(theirs.scan().to_pandas().columns)
    assert ours.scan().to_polars().height == len(frame) == 5


def as_texts(rows: pa.Table) -> list[str]:
    return sorted(str(row) for row in rows.to_pylist())


SIGNATURES = [
    (floe_iceberg.table.Table, pyiceberg.table.Table, "scan"),
    (floe_iceberg.table.Table, pyiceberg.table.Table, "append"),
    (floe_iceberg.table.Table, pyiceberg.table.Table, "overwrite"),
    (floe_iceberg.table.Table, pyiceberg.table.Table, "dynamic_partition_overwrite"),
    (floe_iceberg.table.Table, pyiceberg.table.Table, "update_statistics"),
    (floe_iceberg.table.Table, pyiceberg.table.Table, "snapshot_as_of_timestamp"),
    (floe_iceberg.table.Table, pyiceberg.table.Table, "snapshot_by_id"),
    (floe_iceberg.table.Table, pyiceberg.table.Table, "snapshot_by_name"),
    (floe_iceberg.table.TableScan, pyiceberg.table.DataScan, "to_pandas"),
    (floe_iceberg.table.TableScan, pyiceberg.table.DataScan, "select"),
    (floe_iceberg.catalog.Catalog, pyiceberg.catalog.Catalog, "create_table"),
    (floe_iceberg.catalog.Catalog, pyiceberg.catalog.Catalog, "create_table_if_not_exists"),
    (floe_iceberg.catalog.Catalog, pyiceberg.catalog.Catalog, "load_table"),
    (floe_iceberg.catalog.Catalog, pyiceberg.catalog.Catalog, "drop_table"),
    (floe_iceberg.catalog.Catalog, pyiceberg.catalog.Catalog, "list_tables"),
    (floe_iceberg.catalog.Catalog, pyiceberg.catalog.Catalog, "list_namespaces"),
    (floe_iceberg.catalog.Catalog, pyiceberg.catalog.Catalog, "create_namespace"),
    (floe_iceberg.catalog.Catalog, pyiceberg.catalog.Catalog, "load_namespace_properties"),
]


@pytest.mark.parametrize(
    ("ours", "theirs", "name"), SIGNATURES, ids=lambda v: v if isinstance(v, str) else ""
)
def test_parameters_have_the_same_names_and_places(ours: Any, theirs: Any, name: str) -> None:
    def positional(function: Any) -> list[str]:
        parameters = inspect.signature(function).parameters.values()
        kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        return [parameter.name for parameter in parameters if parameter.kind in kinds]

    wanted = positional(getattr(theirs, name))
    assert positional(getattr(ours, name))[: len(wanted)] == wanted


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (floe_iceberg.types, pyiceberg.types),
        (floe_iceberg.expressions, pyiceberg.expressions),
        (floe_iceberg.transforms, pyiceberg.transforms),
        (floe_iceberg.partitioning, pyiceberg.partitioning),
        (floe_iceberg.schema, pyiceberg.schema),
        (floe_iceberg.conversions, pyiceberg.conversions),
        (floe_iceberg.statistics, pyiceberg.table.statistics),
    ],
    ids=lambda module: module.__name__,
)
def test_modules_have_pyicebergs_names(ours: Any, theirs: Any) -> None:
    own = {"TransformTerm", "VariantType", "from_json", "parse", "to_json"}
    own |= {"to_native", "type_from_json"}
    assert {name for name in ours.__all__ if not hasattr(theirs, name)} <= own


@pytest.mark.parametrize(
    "make",
    [
        lambda ex: ex.EqualTo("id", 1),
        lambda ex: ex.NotEqualTo(ex.Reference("id"), 1),
        lambda ex: ex.GreaterThan("x", 0.5),
        lambda ex: ex.LessThanOrEqual("ts", "2024-01-15T00:00:00"),
        lambda ex: ex.In("name", ["a", "c"]),
        # PyIceberg's NOT IN keeps nulls, unlike its NOT EQUAL and unlike SQL.
        lambda ex: ex.And(ex.NotIn("id", [1, 2]), ex.NotNull("id")),
        lambda ex: ex.IsNull("at.city"),
        lambda ex: ex.NotNull("name"),
        lambda ex: ex.IsNaN("x"),
        lambda ex: ex.NotNaN("x"),
        lambda ex: ex.StartsWith("name", "a"),
        lambda ex: ex.NotStartsWith("name", "a"),
        lambda ex: ex.And(ex.EqualTo("id", 1), ex.NotNull("name")),
        lambda ex: ex.Or(ex.EqualTo("id", 1), ex.EqualTo("id", 2), ex.IsNull("id")),
        lambda ex: ex.Not(ex.EqualTo("id", 1)),
        lambda ex: ex.EqualTo("id", 1) | ~ex.IsNull("name") & ex.LessThan("id", 3),
        lambda ex: ex.AlwaysTrue(),
        lambda ex: ex.AlwaysFalse(),
    ],
    ids=range(18),
)
def test_expressions_are_made_alike_and_keep_the_same_rows(both: Both, make: Any) -> None:
    ours, theirs = both
    first = ours.snapshots()[0].snapshot_id
    mine = ours.scan(make(floe_iceberg.expressions), snapshot_id=first).to_arrow()
    other = theirs.scan(make(pyiceberg.expressions), snapshot_id=first).to_arrow()
    assert as_texts(mine) == as_texts(other)
