"""A catalog of its own for each test, and the files behind its tables."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from floe_iceberg import Catalog, Table, load_catalog

NAMESPACE = "db"


def open_catalog(folder: Path, **properties: Any) -> Catalog:
    """Return the catalog of a folder; tests need no durability."""
    return load_catalog(
        "test",
        uri=f"sqlite:///{folder}/catalog.db",
        warehouse=folder / "warehouse",
        fsync=False,
        **properties,
    )


def make_catalog(folder: Path) -> Catalog:
    """Return a new catalog with one namespace."""
    catalog = open_catalog(folder)
    catalog.create_namespace(NAMESPACE)
    return catalog


def other(folder: Path) -> Table:
    """Return `db.t` of a folder's catalog as a rival has it: another handle."""
    return open_catalog(folder).load_table("db.t")


def make_table(catalog: Catalog, rows: pa.Table, name: str = "db.t", **options: Any) -> Table:
    """Return a new table that holds `rows`, written by one append."""
    table = catalog.create_table(name, rows.schema, **options)
    table.append(rows)
    return table


def local_path(location: str) -> Path:
    """Return the path of a location on the local file system."""
    assert location.startswith("file:///")
    return Path(location.removeprefix("file://"))


def data_files(table: Table) -> list[Path]:
    """Return all Parquet files below a table's folder, whether it refers to them or not."""
    return sorted(local_path(table.location()).rglob("*.parquet"))


def metadata_files(table: Table) -> list[Path]:
    """Return all files of a table's metadata folder."""
    return sorted((local_path(table.location()) / "metadata").iterdir())


def manifests(table: Table) -> list[Path]:
    """Return a table's manifests, manifest lists aside."""
    found = [path for path in metadata_files(table) if path.suffix == ".avro"]
    return [path for path in found if not path.name.startswith("snap-")]
