"""DuckDB and PyIceberg on tables that floe has in MinIO, and floe on theirs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from delete_files import delete_rows
from http_proxy import http_proxy
from lake import duckdb_extension
from minio import Minio
from pyiceberg.catalog.sql import SqlCatalog

from floe_core.errors import FloeStorageError
from floe_iceberg import Catalog, load_catalog

ROWS = pa.table(
    {
        "id": pa.array([0, 1, 2], pa.int64()),
        "name": ["a/b %41+é", "b", None],
        "part": ["x", "y", "x"],
    }
)
MORE = pa.table(
    {
        "id": pa.array([3, 4], pa.int64()),
        "name": ["d", "e"],
        "part": ["z", "w"],
        "price": pa.array([1.5, None], pa.float64()),
    }
)

IDS = {"none": [0, 1, 2, 3, 4, 5], "position": [1, 2, 3, 3, 4], "equality": [1, 2, 3, 3, 4]}


@pytest.fixture
def database(minio: Minio) -> Iterator[duckdb.DuckDBPyConnection]:
    """Return a DuckDB that knows the way to MinIO by a secret."""
    with duckdb.connect() as connection:
        for name in ("httpfs", "avro", "iceberg"):
            connection.load_extension(str(duckdb_extension(name)))
        connection.execute(
            "CREATE SECRET (TYPE s3, KEY_ID 'engineer', SECRET 'engineer-secret', REGION "
            f"'us-east-1', ENDPOINT '{minio.s3_endpoint.removeprefix('http://')}', "
            "URL_STYLE 'path', USE_SSL false)"
        )
        yield connection


@pytest.fixture
def properties(minio: Minio, warehouse: str, tmp_path: Path) -> dict[str, Any]:
    """Return properties of a catalog in a file, which PyIceberg can open, too."""
    uri = f"sqlite:///{tmp_path / 'catalog.db'}"
    return {"uri": uri, "warehouse": f"{warehouse}/with blank", **minio.storage()}


def by_id(rows: pa.Table) -> list[dict[str, Any]]:
    return sorted(rows.to_pylist(), key=lambda row: row["id"])


def scanned(database: duckdb.DuckDBPyConnection, location: str, where: str = "true") -> pa.Table:
    query = f"SELECT * FROM iceberg_scan('{location}') WHERE {where}"  # noqa: S608 - ours
    return database.execute(query).to_arrow_table()


@pytest.mark.requirement("T-FR-010")
@pytest.mark.parametrize("deletes", ["none", "position", "equality"])
def test_duckdb_reads_what_floe_writes(
    catalog: Catalog, database: duckdb.DuckDBPyConnection, deletes: str
) -> None:
    """Partitions, columns that came later, and rows that a peer has deleted."""
    table = catalog.create_table("db.t", ROWS.schema, partition_spec=["part"])
    table.append(ROWS)
    table.append(MORE, evolve_schema=True)
    with table.update_schema() as update:
        update.rename_column("name", "title")
    if deletes == "none":
        # Beside deletes, DuckDB's iceberg extension 1.5.5 can't compare a partition that is null.
        table.append(pa.table({"id": [5]}))
    else:
        peer = table.to_pyiceberg()
        peer.append(MORE.slice(0, 1).rename_columns({"name": "title"}))
        delete_rows(peer, deletes)
        table.refresh()
    ours = by_id(table.scan().to_arrow())
    assert [row["id"] for row in ours] == IDS[deletes]
    assert by_id(scanned(database, table.metadata_location)) == ours
    found = scanned(database, table.metadata_location, "part = 'z'")
    assert by_id(found) == [row for row in ours if row["part"] == "z"]


JAVA = {
    "s3.access-key-id": "client.access-key-id",
    "s3.secret-access-key": "client.secret-access-key",
    "s3.region": "client.region",
}


@pytest.mark.parametrize("names", ["PyIceberg's", "Java's"])
def test_pyiceberg_and_floe_take_turns(properties: dict[str, Any], names: str) -> None:
    """Of the same properties, by either name, each reads and writes what the other does."""
    if names == "Java's":
        properties = {JAVA.get(key, key): value for key, value in properties.items()}
        properties["s3.path-style-access"] = "true"
    ours = load_catalog("default", **properties)
    theirs = SqlCatalog("default", **properties)
    ours.create_namespace("db")
    table = ours.create_table("db.t", ROWS.schema, partition_spec=["part"])
    table.append(ROWS)
    peer = theirs.load_table("db.t")
    peer.append(ROWS)
    with peer.update_schema() as update:
        update.union_by_name(MORE.schema)
    peer.append(MORE)
    table.refresh().append(MORE)
    peer.refresh().delete("id = 1")
    rows = by_id(table.refresh().scan().to_arrow())
    assert [row["id"] for row in rows] == [0, 0, 2, 2, 3, 3, 4, 4]
    assert by_id(peer.refresh().scan().to_arrow()) == rows
    assert {
        file.rpartition("/data/")[0] for file in table.inspect.files()["file_path"].to_pylist()
    } == {table.location()}
    theirs.engine.dispose()


@pytest.mark.parametrize("user", [None, "ada:p%40ss"])
def test_objects_go_through_a_proxy(minio: Minio, warehouse: str, user: str | None) -> None:
    shown = None if user is None else "ada:p@ss"
    with http_proxy(shown) as proxy:
        uri = proxy.uri if user is None else proxy.uri.replace("://", f"://{user}@")
        catalog = load_catalog(
            "proxied",
            uri="sqlite:///:memory:",
            warehouse=warehouse,
            **minio.storage(),
            **{"s3.proxy-uri": uri},
        )
        catalog.create_namespace("db")
        table = catalog.create_table("db.t", ROWS.schema)
        table.append(ROWS)
        assert table.scan().to_arrow() == ROWS
        asked = {(method, target.partition("?")[0]) for method, target, _ in proxy.asked}
    objects = table.location().removeprefix("s3:/")
    assert {method for method, _ in asked} >= {"GET", "PUT"}
    assert all(target.startswith(f"{minio.s3_endpoint}{objects}/") for _, target in asked)
    assert "p@ss" not in str(catalog.properties)
    assert user is None or user not in str(catalog.properties)


def test_a_proxy_that_refuses_is_said(minio: Minio, warehouse: str) -> None:
    with http_proxy("ada:other") as proxy:
        uri = proxy.uri.replace("://", "://ada:p4ss@")
        catalog = load_catalog(
            "proxied",
            uri="sqlite:///:memory:",
            warehouse=warehouse,
            **minio.storage(),
            **{"s3.proxy-uri": uri, "s3.retry.num-retries": "1", "s3.retry.min-wait-ms": "1"},
        )
        catalog.create_namespace("db")
        with pytest.raises(FloeStorageError, match="407") as raised:
            catalog.create_table("db.t", ROWS.schema)
    assert "p4ss" not in str(raised.value)
