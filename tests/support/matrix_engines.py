"""The engines of the interop matrix: how each writes a case's history, and reads it."""

import importlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import children
import pyarrow as pa
from canonical_rows import is_json
from iceberg_json import schema_json, spec_json
from lake import NAMESPACE, Lake
from matrix_cases import Alter, Append, Case, Delete, DeleteEqual, Step
from pyiceberg.partitioning import PartitionSpec as TheirSpec
from pyiceberg.schema import Schema as TheirSchema
from pyiceberg_limits import writable

import floe_iceberg

TABLE = "t"

# By PyIceberg's names, which floe has too; `types` and `transforms` are modules of either.
_Change = Callable[[Any, Any, Any], None]


def _drop_and_add(table: Any, types: Any, _: Any) -> None:
    with table.update_schema() as update:
        update.delete_column("text")
    with table.update_schema() as update:
        update.add_column("text", types.IntegerType())


def _add(table: Any, types: Any, _: Any) -> None:
    with table.update_schema() as update:
        update.add_column("number", types.LongType())


def _default(table: Any, types: Any, _: Any) -> None:
    with table.update_schema() as update:
        update.add_column("number", types.IntegerType(), default_value=42)


def _rename(table: Any, _: Any, __: Any) -> None:
    with table.update_schema() as update:
        update.rename_column("text", "words")


def _widen(table: Any, types: Any, _: Any) -> None:
    with table.update_schema() as update:
        update.update_column("number", types.LongType())
        update.update_column("ratio", types.DoubleType())
        update.update_column("price", types.DecimalType(12, 2))


def _move(table: Any, _: Any, __: Any) -> None:
    with table.update_schema() as update:
        update.move_first("text")


def _nested(table: Any, types: Any, _: Any) -> None:
    with table.update_schema() as update:
        update.update_column(("point", "x"), types.LongType())
        update.rename_column(("point", "y"), "why")
        update.add_column(("point", "z"), types.IntegerType())


def _optional(table: Any, _: Any, __: Any) -> None:
    with table.update_schema() as update:
        update.make_column_optional("id")


def _add_bucket(table: Any, _: Any, transforms: Any) -> None:
    with table.update_spec() as update:
        update.add_field("id", transforms.BucketTransform(2), "id_bucket")


def _remove_text(table: Any, _: Any, __: Any) -> None:
    with table.update_spec() as update:
        update.remove_field("text")


def _replace_month(table: Any, _: Any, transforms: Any) -> None:
    with table.update_spec() as update:
        update.remove_field("moment_month")
        update.add_field("moment", transforms.DayTransform(), "moment_day")


PYTHON_CHANGES: dict[str, _Change] = {
    "add": _add,
    "default": _default,
    "rename": _rename,
    "drop and add": _drop_and_add,
    "widen": _widen,
    "move": _move,
    "nested": _nested,
    "optional": _optional,
    "add bucket": _add_bucket,
    "remove text": _remove_text,
    "replace month by day": _replace_month,
}

SPARK_CHANGES = {
    "add": ["ADD COLUMN number bigint"],
    "rename": ["RENAME COLUMN text TO words"],
    "drop and add": ["DROP COLUMN text", "ADD COLUMN text int"],
    "widen": [
        "ALTER COLUMN number TYPE bigint",
        "ALTER COLUMN ratio TYPE double",
        "ALTER COLUMN price TYPE decimal(12, 2)",
    ],
    "move": ["ALTER COLUMN text FIRST"],
    "nested": [
        "ALTER COLUMN point.x TYPE bigint",
        "RENAME COLUMN point.y TO why",
        "ADD COLUMN point.z int",
    ],
    "optional": ["ALTER COLUMN id DROP NOT NULL"],
    "add bucket": ["ADD PARTITION FIELD bucket(2, id) AS id_bucket"],
    "remove text": ["DROP PARTITION FIELD text"],
    "replace month by day": [
        "REPLACE PARTITION FIELD month(moment) WITH day(moment) AS moment_day"
    ],
}


def _properties(case: Case, version: int) -> dict[str, str]:
    properties = {"format-version": str(version)}
    properties |= dict(text.split("=") for text in case.properties)
    if any(isinstance(step, Delete) for step in case.steps):
        properties["write.delete.mode"] = "merge-on-read"
    return properties


def _with_variants(rows: pa.Table) -> pa.Table:
    """Return the rows with variants where they have JSON that stands for them."""
    for i, field in enumerate(rows.schema):
        if is_json(field):
            texts = rows[field.name].to_pylist()
            values = [None if text is None else variant_from_json(text) for text in texts]
            type_ = pa.struct([("metadata", pa.binary()), ("value", pa.binary())])
            rows = rows.set_column(i, field.name, pa.array(values, type_))
    return rows


def variant_from_json(text: str) -> Any:
    """Return floe's variant of a JSON text."""
    from floe_iceberg import variant

    return variant.from_json(text)


class PythonWriter:
    """floe or PyIceberg, which have the same calls."""

    def __init__(self, lake: Lake, name: str) -> None:
        """Write with "floe" or "pyiceberg"."""
        self._engine = lake.engine(name)
        self._package = "floe_iceberg" if name == "floe" else "pyiceberg"

    def create(self, case: Case, version: int) -> None:
        """Make the table."""
        properties = _properties(case, version)
        identifier = f"{NAMESPACE}.{TABLE}"
        if self._package == "floe_iceberg":
            ours = floe_iceberg.Schema.from_json(schema_json(case.schema))
            self._engine.catalog.create_table(
                identifier, ours, partition_spec=list(case.terms), properties=properties
            )
            return
        theirs = TheirSchema.model_validate_json(schema_json(case.schema))
        spec = TheirSpec.model_validate_json(spec_json(case.schema, case.terms))
        self._engine.catalog.create_table(
            identifier, theirs, partition_spec=spec, properties=properties
        )

    def do(self, step: Step) -> None:
        """Take one step of a history."""
        table = self._engine.load(TABLE)
        if isinstance(step, Append):
            table.append(_with_variants(self.rows(step.rows)))
        elif isinstance(step, Alter):
            types = importlib.import_module(f"{self._package}.types")
            transforms = importlib.import_module(f"{self._package}.transforms")
            PYTHON_CHANGES[step.change](table, types, transforms)
        else:
            table.delete(f"id in ({', '.join(map(str, step.ids))})")

    def rows(self, rows: pa.Table) -> pa.Table:
        """Return those of the rows that it can write."""
        return writable(rows) if self._package == "pyiceberg" else rows


class SparkWriter:
    """Spark, and the Java library for equality deletes."""

    def __init__(self, lake: Lake) -> None:
        """Write with Spark."""
        self._spark = lake.spark

    def create(self, case: Case, version: int) -> None:
        """Make the table."""
        self._spark.create(TABLE, case.schema, case.terms, _properties(case, version))

    def do(self, step: Step) -> None:
        """Take one step of a history."""
        if isinstance(step, Append):
            self._spark.append(TABLE, step.rows)
        elif isinstance(step, Alter) and step.change == "default":
            self._spark.add_column_with_default(TABLE, "number", 42)
        elif isinstance(step, Alter):
            for change in SPARK_CHANGES[step.change]:
                self._spark.sql(f"ALTER TABLE {TABLE} {change}")
        elif isinstance(step, DeleteEqual):
            self._spark.delete_equal(TABLE, ["id"], [{"1": id_} for id_ in step.ids])
        else:
            ids = ", ".join(map(str, step.ids))
            self._spark.sql(f"DELETE FROM {TABLE} WHERE id IN ({ids})")  # noqa: S608 - ours
            deletes = self._spark.read(f"{NAMESPACE}.{TABLE}.delete_files")
            assert deletes.num_rows > 0, "Spark rewrote the data files"

    def rows(self, rows: pa.Table) -> pa.Table:
        """Return those of the rows that it can write."""
        return rows


def make_writer(lake: Lake, name: str) -> PythonWriter | SparkWriter:
    """Return the writer by its name."""
    return SparkWriter(lake) if name == "spark" else PythonWriter(lake, name)


def metadata_location(lake: Lake) -> str:
    """Return where the table's metadata is, without asking any engine."""
    with closing(sqlite3.connect(lake.database)) as connection:
        query = "SELECT metadata_location FROM iceberg_tables WHERE table_name = ?"
        location: str = connection.execute(query, [TABLE]).fetchone()[0]
    return location


def _read_floe(lake: Lake, where: str | None) -> pa.Table:
    table = lake.floe.load(TABLE)
    return (table.scan() if where is None else table.scan(where)).to_arrow()


def _read_pyiceberg(lake: Lake, where: str | None) -> pa.Table:
    table = lake.pyiceberg.load(TABLE)
    return (table.scan() if where is None else table.scan(where)).to_arrow()


def _read_spark(lake: Lake, where: str | None) -> pa.Table:
    return lake.spark.read(TABLE, where or "true")


def _read_java(lake: Lake, where: str | None) -> list[dict[str, Any]]:
    """Read with the Java library itself, which has no filters in SQL."""
    assert where is None
    return lake.spark.read_generic(TABLE)


_DUCKDB_APART = """
import sys
import pyarrow as pa
from lake import connect_duckdb
rows = connect_duckdb().execute(f"FROM iceberg_scan('{sys.argv[1]}')").to_arrow_table()
with pa.OSFile(sys.argv[2], "wb") as file, pa.ipc.new_stream(file, rows.schema) as writer:
    writer.write_table(rows)
"""


def _read_duckdb_apart(lake: Lake, where: str | None) -> pa.Table:
    """Read in a process of its own, which DuckDB may abort."""
    assert where is None
    answer = lake.database.with_name("duckdb.arrow")
    done = children.run(_DUCKDB_APART, metadata_location(lake), str(answer))
    if done.returncode != 0:
        message = f"ends by signal {-done.returncode}: {done.stderr.strip().splitlines()[-1]}"
        raise RuntimeError(message)
    with pa.OSFile(str(answer)) as file:
        return pa.ipc.open_stream(file).read_all()


def _read_duckdb(lake: Lake, where: str | None) -> pa.Table:
    relation = f"iceberg_scan('{metadata_location(lake)}')"
    return lake.sql(f"SELECT * FROM {relation} WHERE {where or 'true'}")  # noqa: S608 - ours


READERS: dict[str, Callable[[Lake, str | None], pa.Table | list[dict[str, Any]]]] = {
    "floe": _read_floe,
    "pyiceberg": _read_pyiceberg,
    "spark": _read_spark,
    "duckdb": _read_duckdb,
    "java": _read_java,
}
READERS_APART = {**READERS, "duckdb": _read_duckdb_apart}

# Which format versions each engine can be asked to write.
WRITERS = {"floe": (1, 2, 3), "pyiceberg": (1, 2), "spark": (1, 2, 3)}
