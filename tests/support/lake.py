"""One catalog and one warehouse, seen by floe, PyIceberg, Spark and DuckDB."""

import functools
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from pyiceberg import expressions as theirs
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.partitioning import PartitionSpec as TheirSpec
from pyiceberg.schema import Schema as TheirSchema
from pyiceberg.table import StaticTable
from pyiceberg.table import Table as TheirTable
from spark_peer import Spark

import floe_iceberg
from floe_iceberg import PartitionSpec, Schema

CATALOG = "lake"
NAMESPACE = "db"

Properties = dict[str, str]


def duckdb_extension(name: str) -> Path:
    """Return the file of an extension of DuckDB, out of its Python package."""
    package = importlib.import_module(f"duckdb_extension_{name}")
    folder = Path(str(package.__file__)).parent / "extensions" / f"v{duckdb.__version__}"
    return folder / f"{name}.duckdb_extension"


@functools.cache
def connect_duckdb() -> duckdb.DuckDBPyConnection:
    """Return this process's DuckDB, with the iceberg extension out of its Python package."""
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    )
    for name in ("avro", "iceberg"):
        connection.load_extension(str(duckdb_extension(name)))
    connection.execute("SET arrow_lossless_conversion = true")  # UUIDs stay UUIDs
    return connection


class Floe:
    """floe, as the tests drive every engine."""

    def __init__(self, database: Path, warehouse: Path, catalog: str = CATALOG) -> None:
        """Open the catalog."""
        self.catalog = floe_iceberg.load_catalog(
            catalog, uri=f"sqlite:///{database}", warehouse=str(warehouse)
        )

    def create(
        self,
        name: str,
        schema: pa.Schema,
        terms: Sequence[str] = (),
        properties: Properties | None = None,
    ) -> floe_iceberg.Table:
        """Create a table; `terms` are texts such as "bucket(4, id)"."""
        self.catalog.create_namespace_if_not_exists(NAMESPACE)
        return self.catalog.create_table(
            f"{NAMESPACE}.{name}", schema, partition_spec=terms, properties=properties
        )

    def load(self, name: str) -> floe_iceberg.Table:
        """Load a table."""
        return self.catalog.load_table(f"{NAMESPACE}.{name}")

    def append(self, name: str, rows: pa.Table) -> None:
        """Append rows."""
        self.load(name).append(rows)

    def read(self, name: str, row_filter: Any = None, **options: Any) -> pa.Table:
        """Return matching rows; a filter is PyIceberg's expression."""
        return self.load(name).scan(to_floe(row_filter), **options).to_arrow()


class PyIceberg:
    """PyIceberg, as the tests drive every engine."""

    def __init__(self, database: Path, warehouse: Path, **properties: str) -> None:
        """Open the catalog."""
        self.catalog = SqlCatalog(
            CATALOG, uri=f"sqlite:///{database}", warehouse=f"file://{warehouse}", **properties
        )

    def create(
        self,
        name: str,
        schema: pa.Schema,
        terms: Sequence[str] = (),
        properties: Properties | None = None,
    ) -> TheirTable:
        """Create a table; `terms` are texts such as "bucket(4, id)"."""
        self.catalog.create_namespace_if_not_exists(NAMESPACE)
        ours = Schema.from_arrow(schema)
        spec = PartitionSpec.of(ours, terms).to_json()
        for number, _ in enumerate(terms):
            spec = spec.replace('"field-id": 0', f'"field-id": {1000 + number}', 1)
        return self.catalog.create_table(
            f"{NAMESPACE}.{name}",
            TheirSchema.model_validate_json(ours.to_json()),
            partition_spec=TheirSpec.model_validate_json(spec),
            properties=properties or {},
        )

    def load(self, name: str) -> TheirTable:
        """Load a table."""
        return self.catalog.load_table(f"{NAMESPACE}.{name}")

    def append(self, name: str, rows: pa.Table) -> None:
        """Append rows."""
        self.load(name).append(rows)

    def read(self, name: str, row_filter: Any = None, **options: Any) -> pa.Table:
        """Return matching rows."""
        wanted = theirs.AlwaysTrue() if row_filter is None else row_filter
        return self.load(name).scan(wanted, **options).to_arrow()


class Lake:
    """A folder with a catalog and a warehouse, and the engines that have it open."""

    def __init__(self, folder: Path) -> None:
        """Open an empty one."""
        self.database = folder / "catalog.db"
        self.warehouse = folder / "warehouse"
        self.floe = Floe(self.database, self.warehouse)
        self.pyiceberg = PyIceberg(self.database, self.warehouse)

    def engine(self, name: str) -> Floe | PyIceberg:
        """Return "floe" or "pyiceberg"."""
        return self.floe if name == "floe" else self.pyiceberg

    @functools.cached_property
    def spark(self) -> Spark:
        """Spark on the same catalog; the first of a test run waits for it to start."""
        self.floe.catalog.create_namespace_if_not_exists(NAMESPACE)
        return Spark(self.database, self.warehouse, NAMESPACE)

    @property
    def duckdb(self) -> duckdb.DuckDBPyConnection:
        """A connection with the iceberg extension."""
        return connect_duckdb()

    def static(self, name: str) -> StaticTable:
        """Return the table as PyIceberg sees its metadata file alone, without a catalog."""
        return StaticTable.from_metadata(self.floe.load(name).metadata_location)

    def relation(self, name: str, arguments: str = "") -> str:
        """Return what stands for the table after FROM in DuckDB's SQL."""
        return f"iceberg_scan('{self.floe.load(name).metadata_location}'{arguments})"

    def sql(self, query: str, *parameters: Any) -> pa.Table:
        """Return what DuckDB answers."""
        return self.duckdb.execute(query, parameters).to_arrow_table()

    def close(self) -> None:
        """Close what was opened."""
        self.pyiceberg.catalog.engine.dispose()


_OURS = floe_iceberg.expressions


def to_floe(expression: Any) -> Any:
    """Return floe's expression for PyIceberg's unbound one: the classes have the same names."""
    if expression is None or isinstance(expression, theirs.AlwaysTrue):
        return _OURS.AlwaysTrue()
    made = getattr(_OURS, type(expression).__name__)
    if isinstance(expression, (theirs.And, theirs.Or)):
        return made(to_floe(expression.left), to_floe(expression.right))
    if isinstance(expression, theirs.Not):
        return made(to_floe(expression.child))
    column = expression.term.name
    if isinstance(expression, theirs.UnaryPredicate):
        return made(column)
    if isinstance(expression, theirs.SetPredicate):
        return made(column, [literal.value for literal in expression.literals])
    return made(column, expression.literal.value)
