"""What the demo shows of its tables, by floe, PyIceberg and DuckDB."""

import importlib
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.catalog.sql import SqlCatalog

from flights.definitions import CATALOG_URI, HOME
from floe_iceberg import Table, load_catalog

__all__ = ["Lake", "print_engines", "print_tables", "print_time_travel"]

_NAMESPACES = ("bronze", "silver", "gold")
_MONTHS = {
    "Feb": ("2013-02-01", "2013-03-01"),
    "Mar": ("2013-03-01", "2013-04-01"),
    "Apr": ("2013-04-01", "2013-05-01"),
}


class Lake:
    """The tables, for floe and for the two others."""

    def __init__(self) -> None:
        """Open the catalog that the project's I/O manager writes to."""
        places = {"uri": CATALOG_URI, "warehouse": str(HOME / "tables")}
        self._floe = load_catalog("default", **places)
        self._pyiceberg = SqlCatalog("default", **places)
        self.duckdb = duckdb.connect()
        for name in ("avro", "iceberg"):  # DuckDB's extensions, from their Python packages
            package = importlib.import_module(f"duckdb_extension_{name}")
            (file,) = Path(package.__file__).parent.rglob("*.duckdb_extension")
            self.duckdb.execute(f"load '{file}'")

    def names(self) -> list[str]:
        """Return the names of all tables."""
        tables = (self._floe.list_tables(namespace) for namespace in _NAMESPACES)
        return [".".join(name) for found in tables for name in sorted(found)]

    def table(self, name: str) -> Table:
        """Return a table as floe sees it."""
        return self._floe.load_table(name)

    def rows_by_pyiceberg(self, name: str) -> pa.Table:
        """Return a table's rows as PyIceberg reads them."""
        return self._pyiceberg.load_table(name).scan().to_arrow()

    def checksum(self, source: str, columns: list[str], rows: pa.Table | None = None) -> str:
        """Return the number of rows and a sum of their hashes, whatever their order."""
        if rows is not None:
            self.duckdb.register(source, rows)
        values = ", ".join(f'"{column}"' for column in columns)
        query = f"select count(*), sum(hash({values})::hugeint) % 4294967296 from {source}"
        count, total = self.duckdb.execute(query).fetchone()
        return f"{count:,} {total:08x}"


def print_tables(lake: Lake) -> None:
    """Print rows, snapshots, files and bytes of each table."""
    print(f"\nTables in {HOME.parent.name}/{HOME.name}: an SQLite catalog and Parquet files")
    print(f"  {'table':<24} {'rows':>9} {'snapshots':>10} {'files':>6} {'KiB':>7}  partitioned by")
    for name in lake.names():
        table = lake.table(name)
        files = table.inspect.files()
        size = sum(files["file_size_in_bytes"].to_pylist()) / 1024
        line = (
            f"  {name:<24} {table.scan().count():>9,} {len(table.snapshots()):>10} "
            f"{files.num_rows:>6} {size:>7,.0f}  {_partitions(table)}"
        )
        print(line.rstrip())


def _partitions(table: Table) -> str:
    schema = table.schema()
    return ", ".join(
        f"{field.transform}({schema.find_field(field.source_id).name})"
        for field in table.spec().fields
    )


def print_time_travel(lake: Lake, before: int, month: str) -> None:
    """Print a query on the snapshot before a month was replaced, and on the current one."""
    table = lake.table("silver.flights")
    after = table.current_snapshot().snapshot_id
    print("  mean departure delay of silver.flights, in minutes")
    print(f"    {'snapshot':<28}" + "".join(f"{name:>8}" for name in _MONTHS) + "    rows")
    for label, snapshot_id in (("before", before), ("after", after)):
        means = [_mean_delay(table, snapshot_id, *window) for window in _MONTHS.values()]
        count = table.scan(snapshot_id=snapshot_id).count()
        shown = "".join(f"{mean:>8.2f}" for mean in means)
        print(f"    {label:<7} {snapshot_id:<20}{shown} {count:>9,}")
    paths = [set(table.inspect.files(id_)["file_path"].to_pylist()) for id_ in (before, after)]
    print(
        f"    data files replaced: {len(paths[0] - paths[1])}, untouched: "
        f"{len(paths[0] & paths[1])}"
    )


def _mean_delay(table: Table, snapshot_id: int, start: str, end: str) -> float:
    scan = table.scan(
        f"flight_date >= '{start}' and flight_date < '{end}' and dep_delay is not null",
        selected_fields=("dep_delay",),
        snapshot_id=snapshot_id,
    )
    delays = scan.to_arrow()["dep_delay"]
    return float(pc.mean(delays).as_py())


def print_engines(lake: Lake) -> None:
    """Print that floe, PyIceberg and DuckDB read the same rows; raise if they don't."""
    print("\nThe same rows by three engines: number and checksum")
    print(f"  {'table':<24} {'floe':<17}  {'PyIceberg':<17}  DuckDB")
    for name in lake.names():
        table = lake.table(name)
        columns = [field.name for field in table.schema().fields]
        found: list[Any] = [
            lake.checksum("by_floe", columns, table.scan().to_arrow()),
            lake.checksum("by_pyiceberg", columns, lake.rows_by_pyiceberg(name)),
            lake.checksum(f"iceberg_scan('{table.metadata_location}')", columns),
        ]
        if len(set(found)) != 1:
            message = f"the engines differ on {name}: {found}"
            raise AssertionError(message)
        print(f"  {name:<24} {found[0]:<17}  {found[1]:<17}  {found[2]}")
