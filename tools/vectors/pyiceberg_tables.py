"""Tables of tests/vectors/pyiceberg: what PyIceberg writes, and files of others that it adds."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import matrix_cases
import nested_samples
import pyarrow as pa
import pyarrow.parquet as pq
from iceberg_json import schema_json, spec_json
from matrix_cases import Append, Case
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.partitioning import PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.transforms import BucketTransform, DayTransform
from pyiceberg.types import LongType
from pyiceberg_limits import writable

Step = Callable[[Any, Path], str]


def _create(catalog: SqlCatalog, case: Case, **properties: str) -> Table:
    return catalog.create_table(
        "db.t",
        Schema.model_validate_json(schema_json(case.schema)),
        partition_spec=PartitionSpec.model_validate_json(spec_json(case.schema, case.terms)),
        properties=properties,
    )


def _case(case: Case, version: int, **properties: str) -> Step:
    def step(catalog: SqlCatalog, _: Path) -> str:
        table = _create(catalog, case, **{"format-version": str(version)}, **properties)
        for change in case.steps:
            if isinstance(change, Append):
                table.append(writable(change.rows))
        return f"create_table and append, format version {version}, {case.terms}, {properties}"

    return step


def _evolve(catalog: SqlCatalog, _: Path) -> str:
    case = matrix_cases.PARTITIONING["bucket"]
    table = _create(catalog, case, **{"format-version": "2"})
    rows = case.expected
    table.append(rows)
    with table.update_schema() as update:
        update.rename_column("text", "words")
        update.update_column("number", LongType())
        update.delete_column("flag")
        update.add_column("flag", LongType())
    with table.update_spec() as update_spec:
        update_spec.remove_field("zoned_bucket")
        update_spec.add_field("moment", DayTransform(), "moment_day")
        update_spec.add_field("number", BucketTransform(2), "number_bucket")
    more = rows.rename_columns({"text": "words"}).drop_columns(["flag"])
    table.append(more.append_column("flag", pa.array(range(8), pa.int64())))
    table.delete("id = 3")
    table.overwrite(table.scan("id = 4").to_arrow(), "id = 4")
    return "append; rename text, widen number, drop and add flag; change the spec; append; delete; overwrite"


def _copy_on_write(catalog: SqlCatalog, _: Path) -> str:
    case = matrix_cases.PARTITIONING["identity"]
    table = _create(catalog, case, **{"format-version": "2"})
    table.append(case.expected)
    table.delete("id in (1, 2)")
    table.upsert(case.expected.slice(2, 3), join_cols=["id"])
    return "append; delete; upsert"


def _plain(rows: pa.Table) -> pa.Table:
    """Return the rows with optional columns, as plain Parquet files have them."""
    rows = rows.select(["id", "number", "text", "price", "day", "moment", "zoned"])
    return rows.cast(pa.schema([field.with_nullable(True) for field in rows.schema]))


def _add_files(write: Callable[[pa.Table, str], None], how: str) -> Step:
    def step(catalog: SqlCatalog, root: Path) -> str:
        rows = _plain(matrix_cases.PARTITIONING["identity"].expected)
        table = catalog.create_table("db.t", Schema.model_validate_json(schema_json(rows.schema)))
        folder = root / "db" / "t" / "data"
        folder.mkdir(parents=True)
        write(rows, f"{folder}/added.parquet")
        table.add_files([f"file://{folder}/added.parquet"])
        with table.update_schema() as update:
            update.rename_column("text", "words")
        return f"add_files of a file that {how} wrote, which has no field ids; rename text"

    return step


def _duckdb(rows: pa.Table, path: str) -> None:
    connection = duckdb.connect()
    connection.register("rows", rows)
    connection.execute(f"COPY rows TO '{path}' (FORMAT parquet, PARQUET_VERSION v2)")


_VERSIONS = (1, 2)
TABLES: dict[str, Step] = {
    **{
        f"types_{name}_v{v}": _case(matrix_cases.TYPES[types], v)
        for v in _VERSIONS
        for name, types in {
            "integers": "boolean, int, long",
            "times": "date, timestamp, timestamptz",
            "time": "time",
            "texts": "string, binary",
            "uuid": "uuid",
            "decimals": "decimal",
        }.items()
    },
    "nested": _case(
        Case(nested_samples.SCHEMA, [Append(nested_samples.ROWS)], nested_samples.ROWS), 2
    ),
    **{f"partitioned_v{v}": _case(matrix_cases.PARTITIONING["bucket"], v) for v in _VERSIONS},
    "evolved": _evolve,
    "deleted_and_upserted": _copy_on_write,
    "added_by_duckdb": _add_files(_duckdb, "DuckDB"),
    "added_by_pyarrow": _add_files(
        lambda rows, path: pq.write_table(rows, path, version="1.0", coerce_timestamps="ms"),
        "pyarrow, with timestamps in milliseconds,",
    ),
    "merged_manifests": _case(
        matrix_cases.PARTITIONING["day"],
        2,
        **{"commit.manifest-merge.enabled": "true", "commit.manifest.min-count-to-merge": "2"},
    ),
}
