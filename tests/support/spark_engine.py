"""Spark with Iceberg's Java library, inside this process: one JVM, and a session for each lake.

It needs pyspark on the path and the jars of tools/peers/install_spark.sh. Tests don't use it
directly, but through the process that spark_worker.py starts.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import lit, parse_json
from pyspark.sql.pandas.types import to_arrow_schema

CATALOG = "lake"
# Tests share two cores with Spark, and its tables are small.
SETTINGS = {
    "spark.driver.memory": "1g",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "OFF",
    "spark.default.parallelism": "1",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Duser.timezone=UTC",
}


def start(jars: Path) -> SparkSession:
    """Start the JVM; it ends with this process."""
    builder = SparkSession.builder.master("local[2]").appName("floe tests")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    builder = builder.config("spark.jars", ",".join(map(str, sorted(jars.glob("*.jar")))))
    return builder.getOrCreate()


class SparkEngine:
    """A session whose catalog `lake` is a SQLite file that floe and PyIceberg have open too."""

    def __init__(self, spark: SparkSession, database: str, warehouse: str) -> None:
        """Open the catalog; without a database, `warehouse` is a folder of tables (Hadoop's)."""
        self.spark = spark.newSession()
        self.warehouse = warehouse
        settings = {
            "": "org.apache.iceberg.spark.SparkCatalog",
            ".warehouse": f"file://{warehouse}",
            ".cache-enabled": "false",
        }
        if database:
            settings[".catalog-impl"] = "org.apache.iceberg.jdbc.JdbcCatalog"
            settings[".uri"] = f"jdbc:sqlite:{database}"
            settings[".jdbc.schema-version"] = "V1"
        else:
            settings[".type"] = "hadoop"
        for name, value in settings.items():
            self.spark.conf.set(f"spark.sql.catalog.{CATALOG}{name}", value)
        self.activate()
        self.spark.catalog.setCurrentCatalog(CATALOG)

    def activate(self) -> None:
        """Make this thread's JVM thread find the session's settings."""
        sessions = self.spark._jvm.org.apache.spark.sql.classic.SparkSession
        sessions.setActiveSession(self.spark._jsparkSession)

    @property
    def iceberg(self) -> Any:
        """Java's package org.apache.iceberg."""
        return self.spark._jvm.org.apache.iceberg

    def create(self, name: str, schema: str, spec: str | None, properties: dict[str, str]) -> None:
        """Create a table; schema and spec are in Iceberg's JSON."""
        catalog = self.iceberg.spark.Spark3Util.loadIcebergCatalog(
            self.spark._jsparkSession, CATALOG
        )
        namespace, table = name.split(".")
        identifier = self.iceberg.catalog.TableIdentifier.of(self._strings([namespace, table]))
        made = self.iceberg.SchemaParser.fromJson(schema)
        builder = catalog.buildTable(identifier, made)
        if spec is not None:
            builder = builder.withPartitionSpec(
                self.iceberg.PartitionSpecParser.fromJson(made, spec)
            )
        builder.withProperties(properties).create()

    def _strings(self, values: list[str]) -> Any:
        array = self.spark._sc._gateway.new_array(self.spark._jvm.java.lang.String, len(values))
        for i, value in enumerate(values):
            array[i] = value
        return array

    def load(self, name: str) -> Any:
        """Return Java's Table."""
        return self.iceberg.spark.Spark3Util.loadIcebergTable(
            self.spark._jsparkSession, f"{CATALOG}.{name}"
        )

    def append(self, name: str, rows: pa.Table) -> None:
        """Append rows, whose columns are matched by name."""
        table = self.spark.table(name)  # says first what Spark can't do with the table
        nothing = [field.name for field in rows.schema if pa.types.is_null(field.type)]
        with tempfile.TemporaryDirectory() as folder:
            pq.write_table(_for_spark(rows.drop_columns(nothing)), f"{folder}/rows.parquet")
            frame = self.spark.read.parquet(f"file://{folder}/rows.parquet")
            for column in nothing:
                frame = frame.withColumn(column, lit(None))
            for column, type_ in table.dtypes:
                if type_ == "variant":
                    frame = frame.withColumn(column, parse_json(column))
            frame.writeTo(name).append()

    def sql(self, text: str) -> pa.Table:
        """Return what Spark answers."""
        return to_arrow(self.spark.sql(text))

    def generic(self, name: str) -> "GenericTable":
        """Return the table, for reading and writing without Spark."""
        return GenericTable(self, self.load(name))


def _for_spark(rows: pa.Table) -> pa.Table:
    """Return UUIDs as texts: Spark has no type for them, and Iceberg takes texts."""
    for i, field in enumerate(rows.schema):
        if isinstance(field.type, pa.UuidType):
            values = [None if v is None else str(v) for v in rows[field.name].to_pylist()]
            rows = rows.set_column(i, field.name, pa.array(values, pa.string()))
    return rows


def to_arrow(frame: DataFrame) -> pa.Table:
    """Return the rows of a frame; its own toArrow() fails where a struct is null."""
    batches = frame._collect_as_arrow()
    if batches:
        return pa.Table.from_batches(batches)
    return to_arrow_schema(frame.schema).empty_table()


class GenericTable:
    """A table through iceberg-data, the Java library's own reader and writer of rows.

    Rows are objects of Iceberg's single-value JSON, by field id. It does what Spark can't: times,
    nanoseconds, equality deletes.
    """

    def __init__(self, engine: SparkEngine, table: Any) -> None:
        """Take a Java table."""
        self._engine = engine
        self._iceberg = engine.iceberg
        self.table = table

    def _records(self, schema: Any, rows: list[dict[str, Any]]) -> list[Any]:
        struct = schema.asStruct()
        parse = self._iceberg.SingleValueParser.fromJson
        return [parse(struct, json.dumps(row)) for row in rows]

    def _factory(self, equality_schema: Any = None) -> Any:
        ids = None
        if equality_schema is not None:
            columns = list(equality_schema.columns())
            ids = self._engine.spark._sc._gateway.new_array(
                self._engine.spark._jvm.int, len(columns)
            )
            for i, column in enumerate(columns):
                ids[i] = column.fieldId()
        return self._iceberg.data.GenericAppenderFactory(
            self.table, self.table.schema(), self.table.spec(), {}, ids, equality_schema
        )

    def _output(self, file_format: str) -> Any:
        format_ = self._iceberg.FileFormat.fromString(file_format)
        files = self._iceberg.io.OutputFileFactory.builderFor(self.table, 1, 1).format(format_)
        return format_, files.build().newOutputFile()

    def append(self, rows: list[dict[str, Any]], file_format: str = "parquet") -> None:
        """Append the rows to an unpartitioned table, as one file."""
        format_, output = self._output(file_format)
        schema = self.table.schema()
        file = output.encryptingOutputFile()
        writer = self._iceberg.InternalData.write(format_, file).schema(schema).build()
        for record in self._records(schema, rows):
            writer.add(record)
        writer.close()
        made = self._iceberg.DataFiles.builder(self.table.spec()).withFormat(format_)
        made = made.withPath(file.location()).withFileSizeInBytes(writer.length())
        made = made.withMetrics(writer.metrics()).withSplitOffsets(writer.splitOffsets())
        self.table.newFastAppend().appendFile(made.build()).commit()

    def delete_equal(
        self, columns: list[str], rows: list[dict[str, Any]], file_format: str = "parquet"
    ) -> None:
        """Delete the rows whose values in `columns` are those of a given row."""
        schema = self.table.schema().select(columns)
        format_, output = self._output(file_format)
        writer = self._factory(schema).newEqDeleteWriter(output, format_, None)
        for record in self._records(schema, rows):
            writer.write(record)
        writer.close()
        self.table.newRowDelta().addDeletes(writer.toDeleteFile()).commit()

    def add_column_with_default(self, name: str, value: int) -> None:
        """Add an int column that the rows so far have a value in; Spark's SQL refuses to."""
        iceberg = self._iceberg
        literal = iceberg.expressions.Expressions.lit(value)
        type_ = iceberg.types.Types.IntegerType.get()
        self.table.updateSchema().addColumn(name, type_, None, literal).commit()

    def read(self) -> list[dict[str, Any]]:
        """Return all rows: single-value JSON by column name."""
        schema = self.table.schema()
        struct = schema.asStruct()
        wrapper = self._iceberg.data.InternalRecordWrapper(struct)
        to_json = self._iceberg.SingleValueParser.toJson
        scan = self._iceberg.data.IcebergGenerics.read(self.table).build()
        rows = scan.iterator()
        found = []
        while rows.hasNext():
            row = json.loads(to_json(struct, wrapper.wrap(rows.next())))
            found.append({f.name(): row.get(str(f.fieldId())) for f in schema.columns()})
        rows.close()
        return found

    def types(self) -> dict[str, str]:
        """Return the columns' types by name."""
        return {f.name(): f.type().toString() for f in self.table.schema().columns()}
