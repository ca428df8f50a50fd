"""What the demo shows of its tables, by floe, PyIceberg and DuckDB."""

import importlib
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from flights.definitions import HOME, STORAGE
from floe_core.catalog_files import configured_catalog
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
        self._floe = load_catalog(
            STORAGE.catalog_name, uri=STORAGE.catalog_uri, warehouse=STORAGE.warehouse
        )
        self._pyiceberg = self._floe.to_pyiceberg()
        self._is_rest = STORAGE.catalog_uri.startswith("http")
        self.duckdb = duckdb.connect()
        extensions = ("avro", "httpfs", "iceberg") if self._is_rest else ("avro", "iceberg")
        for name in extensions:  # from their Python packages
            package = importlib.import_module(f"duckdb_extension_{name}")
            (file,) = Path(package.__file__).parent.rglob("*.duckdb_extension")
            self.duckdb.execute(f"load '{file}'")
        if self._is_rest:
            self._attach()

    def _attach(self) -> None:
        """Let DuckDB sign in to the catalog."""
        known = configured_catalog(STORAGE.catalog_name)
        client_id, _, client_secret = known["credential"].partition(":")
        self.duckdb.execute(
            f"create secret keys (type iceberg, client_id '{client_id}', "
            f"client_secret '{client_secret}', oauth2_scope '{known['scope']}', "
            f"oauth2_server_uri '{known['oauth2-server-uri']}')"
        )
        self.duckdb.execute(
            f"attach '{STORAGE.warehouse}' as lake "
            f"(type iceberg, endpoint '{STORAGE.catalog_uri}', secret keys)"
        )

    @property
    def place(self) -> str:
        """Where the tables are, in words."""
        if self._is_rest:
            return f"warehouse {STORAGE.warehouse}: a REST catalog and Parquet files in S3"
        return f"{HOME.parent.name}/{HOME.name}: an SQLite catalog and Parquet files"

    def in_duckdb(self, name: str) -> str:
        """Return a table's rows in DuckDB's words."""
        if self._is_rest:
            return f"lake.{name}"
        return f"iceberg_scan('{self.table(name).metadata_location}')"

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
    print(f"\nTables in {lake.place}")
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


def print_time_travel(lake: Lake, before: Table) -> None:
    """Print a query on a table as it was loaded before a month was replaced, and as it is now."""
    now = lake.table("silver.flights")
    print("  mean departure delay of silver.flights, in minutes")
    print(f"    {'snapshot':<28}" + "".join(f"{name:>8}" for name in _MONTHS) + "    rows")
    paths = []
    for label, loaded in (("before", before), ("after", now)):
        snapshot_id = loaded.current_snapshot().snapshot_id
        # A catalog may show a table's newest snapshot alone; one that is loaded keeps its own.
        is_known = snapshot_id in [snapshot.snapshot_id for snapshot in now.snapshots()]
        table = now if is_known else loaded
        means = [_mean_delay(table, snapshot_id, *window) for window in _MONTHS.values()]
        count = table.scan(snapshot_id=snapshot_id).count()
        shown = "".join(f"{mean:>8.2f}" for mean in means)
        print(f"    {label:<7} {snapshot_id:<20}{shown} {count:>9,}")
        paths.append(set(table.inspect.files(snapshot_id)["file_path"].to_pylist()))
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
            lake.checksum(lake.in_duckdb(name), columns),
        ]
        if len(set(found)) != 1:
            message = f"the engines differ on {name}: {found}"
            raise AssertionError(message)
        print(f"  {name:<24} {found[0]:<17}  {found[1]:<17}  {found[2]}")
