"""One SQLite catalog, opened by floe and by PyIceberg."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from lake import CATALOG, Floe, Lake, PyIceberg
from pyiceberg import exceptions as theirs

from floe_core import errors
from floe_iceberg import exceptions

ROWS = pa.table({"id": pa.array([1, 2], pa.int64())})

# The tables as PyIceberg made them before it knew of views.
V0 = """
CREATE TABLE iceberg_tables (
  catalog_name VARCHAR(255) NOT NULL,
  table_namespace VARCHAR(255) NOT NULL,
  table_name VARCHAR(255) NOT NULL,
  metadata_location VARCHAR(1000),
  previous_metadata_location VARCHAR(1000),
  PRIMARY KEY (catalog_name, table_namespace, table_name));
CREATE TABLE iceberg_namespace_properties (
  catalog_name VARCHAR(255) NOT NULL,
  namespace VARCHAR(255) NOT NULL,
  property_key VARCHAR(255) NOT NULL,
  property_value VARCHAR(1000) NOT NULL,
  PRIMARY KEY (catalog_name, namespace, property_key));
"""


def run(database: Path, script: str) -> list[Any]:
    connection = sqlite3.connect(database)
    try:
        found = connection.executescript(script) if ";" in script else connection.execute(script)
        rows = found.fetchall()
        connection.commit()
    finally:
        connection.close()
    return rows


def check_both_work(ours: Floe, seen: PyIceberg) -> None:
    ours.create("by_floe", ROWS.schema)
    seen.create("by_pyiceberg", ROWS.schema)
    for name in ("by_floe", "by_pyiceberg"):
        for engine in (ours, seen, ours, seen):
            engine.append(name, ROWS)
        assert ours.read(name).num_rows == seen.read(name).num_rows == 8
    tables = [("db", "by_floe"), ("db", "by_pyiceberg")]
    assert ours.catalog.list_tables("db") == sorted(seen.catalog.list_tables("db")) == tables


@pytest.mark.parametrize("first", ["floe", "pyiceberg"])
def test_each_opens_what_the_other_made(tmp_path: Path, first: str) -> None:
    database, warehouse = tmp_path / "catalog.db", tmp_path / "warehouse"
    if first == "floe":
        ours, seen = Floe(database, warehouse), PyIceberg(database, warehouse)
    else:
        seen = PyIceberg(database, warehouse)
        ours = Floe(database, warehouse)
    check_both_work(ours, seen)
    assert run(database, "SELECT DISTINCT iceberg_type FROM iceberg_tables") == [("TABLE",)]
    seen.catalog.engine.dispose()


@pytest.mark.parametrize("migrated", [False, True])
def test_a_catalog_of_the_first_schema(tmp_path: Path, migrated: bool) -> None:  # noqa: FBT001
    database, warehouse = tmp_path / "catalog.db", tmp_path / "warehouse"
    run(database, V0)
    properties = {"schema_version": "v1"} if migrated else {}
    seen = PyIceberg(database, warehouse, **properties)
    check_both_work(Floe(database, warehouse), seen)
    columns = [row[1] for row in run(database, "PRAGMA table_info('iceberg_tables')")]
    assert ("iceberg_type" in columns) == migrated
    seen.catalog.engine.dispose()


def test_a_catalog_that_is_migrated_while_floe_has_it_open(tmp_path: Path) -> None:
    database, warehouse = tmp_path / "catalog.db", tmp_path / "warehouse"
    run(database, V0)
    ours = Floe(database, warehouse)
    ours.create("before", ROWS.schema)
    seen = PyIceberg(database, warehouse, schema_version="v1")
    ours.append("before", ROWS)
    ours.create("after", ROWS.schema)
    assert sorted(seen.catalog.list_tables("db")) == [("db", "after"), ("db", "before")]
    assert seen.read("before").num_rows == 2
    seen.catalog.engine.dispose()


def test_views_are_no_tables(lake: Lake) -> None:
    lake.floe.create("t", ROWS.schema)
    run(
        lake.database,
        f"INSERT INTO iceberg_tables VALUES ('{CATALOG}', 'db', 'v', 'view.json', NULL, 'VIEW');",  # noqa: S608
    )
    assert lake.floe.catalog.list_tables("db") == lake.pyiceberg.catalog.list_tables("db")
    assert not lake.floe.catalog.table_exists("db.v")
    with pytest.raises(errors.NoSuchTableError):
        lake.floe.load("v")
    with pytest.raises(errors.AlreadyExistsError):
        lake.floe.create("v", ROWS.schema)
    with pytest.raises(errors.NoSuchTableError):
        lake.floe.catalog.drop_table("db.v")


def test_namespaces_and_their_properties_are_shared(lake: Lake) -> None:
    ours, seen = lake.floe.catalog, lake.pyiceberg.catalog
    ours.create_namespace("a", {"owner": "ümläut", "empty": ""})
    seen.create_namespace("a.b.c", {"comment": "x" * 900})
    ours.create_namespace("bare")
    seen.create_namespace("also_bare")
    ours.create_namespace("a_b")  # an underscore is a wildcard to careless SQL
    for catalog in (ours, seen):
        assert set(catalog.list_namespaces()) == {("a",), ("bare",), ("also_bare",), ("a_b",)}
        assert catalog.list_namespaces("a") == [("a", "b")]
        assert catalog.load_namespace_properties("a") == {"owner": "ümläut", "empty": ""}
        assert catalog.load_namespace_properties("a.b.c") == {"comment": "x" * 900}
        for name in ("bare", "also_bare"):
            assert catalog.load_namespace_properties(name) == {"exists": "true"}
        assert catalog.namespace_exists("a.b")
        assert not catalog.namespace_exists("aXb")
        assert not catalog.namespace_exists("b")
    with pytest.raises(errors.NamespaceAlreadyExistsError):
        ours.create_namespace("also_bare")
    with pytest.raises(theirs.NamespaceAlreadyExistsError):
        seen.create_namespace("bare")
    seen.update_namespace_properties("a", removals={"empty"}, updates={"owner": "b"})
    assert ours.load_namespace_properties("a") == {"owner": "b"}


def test_drops_are_seen_by_both(lake: Lake) -> None:
    ours, seen = lake.floe, lake.pyiceberg
    ours.create("a", ROWS.schema)
    seen.create("b", ROWS.schema)
    with pytest.raises(errors.NamespaceNotEmptyError):
        ours.catalog.drop_namespace("db")
    with pytest.raises(theirs.NamespaceNotEmptyError):
        seen.catalog.drop_namespace("db")
    ours.catalog.drop_table("db.b")
    seen.catalog.drop_table("db.a")
    assert ours.catalog.list_tables("db") == seen.catalog.list_tables("db") == []
    with pytest.raises(errors.NoSuchTableError):
        ours.load("a")
    with pytest.raises(theirs.NoSuchTableError):
        seen.load("b")
    ours.catalog.drop_namespace("db")
    assert not seen.catalog.namespace_exists("db")
    with pytest.raises(errors.NoSuchNamespaceError):
        ours.catalog.list_tables("db")


def test_a_table_that_pyiceberg_renamed_or_registered(lake: Lake) -> None:
    lake.floe.create("t", ROWS.schema)
    lake.floe.append("t", ROWS)
    stale = lake.floe.load("t")
    lake.pyiceberg.catalog.rename_table("db.t", "db.u")
    lake.pyiceberg.catalog.register_table("db.again", stale.metadata_location)
    assert lake.floe.read("u").num_rows == lake.floe.read("again").num_rows == 2
    with pytest.raises(errors.NoSuchTableError):
        stale.append(ROWS)
    lake.floe.append("u", ROWS)
    assert (lake.pyiceberg.read("u").num_rows, lake.pyiceberg.read("again").num_rows) == (4, 2)


def test_catalogs_in_one_database_are_apart(lake: Lake) -> None:
    lake.floe.create("t", ROWS.schema)
    run(
        lake.database,
        "INSERT INTO iceberg_namespace_properties VALUES ('other', 'db', 'exists', 'true');",
    )
    other = Floe(lake.database, lake.warehouse / "other", catalog="other")
    assert other.catalog.list_tables("db") == []
    other.create("t", ROWS.schema)
    other.append("t", ROWS)
    assert lake.pyiceberg.read("t").num_rows == 0
    other.catalog.drop_table("db.t")
    assert lake.pyiceberg.catalog.table_exists("db.t")


@pytest.mark.parametrize("location", ["file://{}", "file:{}", "{}"])
def test_locations_are_written_in_many_ways(lake: Lake, location: str) -> None:
    place = location.format(lake.warehouse / "else where" / "t%20")
    lake.pyiceberg.catalog.create_namespace("db")
    lake.pyiceberg.catalog.create_table("db.t", ROWS.schema, location=place)
    lake.pyiceberg.append("t", ROWS)
    lake.floe.append("t", ROWS)
    assert lake.floe.read("t").num_rows == lake.pyiceberg.read("t").num_rows == 4


def test_versions_that_floe_does_not_know_are_refused(lake: Lake) -> None:
    file = Path(lake.floe.create("v2", ROWS.schema).metadata_location.removeprefix("file://"))
    metadata = json.loads(file.read_text())
    newer = file.with_name("00000-newer.metadata.json")
    newer.write_text(json.dumps({**metadata, "format-version": 4, "next-row-id": 0}))
    with closing(sqlite3.connect(lake.database)) as database, database:
        database.execute("update iceberg_tables set metadata_location = ?", [f"file://{newer}"])
    with pytest.raises(errors.UnsupportedError, match="version 4"):
        lake.floe.load("v2")
    assert lake.floe.catalog.table_exists("db.v2")


WRONG_CALLS: list[tuple[str, Callable[[Any], Any]]] = [
    ("NoSuchTableError", lambda catalog: catalog.load_table("db.nope")),
    ("TableAlreadyExistsError", lambda catalog: catalog.create_table("db.t", ROWS.schema)),
    ("NoSuchNamespaceError", lambda catalog: catalog.create_table("nope.t", ROWS.schema)),
    ("NoSuchNamespaceError", lambda catalog: catalog.drop_namespace("nope")),
    ("NamespaceNotEmptyError", lambda catalog: catalog.drop_namespace("db")),
    ("NamespaceAlreadyExistsError", lambda catalog: catalog.create_namespace("db")),
    ("NoSuchTableError", lambda catalog: catalog.drop_table("db.nope")),
    ("NoSuchNamespaceError", lambda catalog: catalog.list_tables("nope")),
    ("NoSuchNamespaceError", lambda catalog: catalog.load_namespace_properties("nope")),
]


@pytest.mark.parametrize(("name", "call"), WRONG_CALLS)
def test_errors_have_the_names_that_pyiceberg_gives_them(
    lake: Lake, name: str, call: Callable[[Any], Any]
) -> None:
    lake.floe.create("t", ROWS.schema)
    with pytest.raises(getattr(theirs, name)):
        call(lake.pyiceberg.catalog)
    with pytest.raises(getattr(exceptions, name)):
        call(lake.floe.catalog)
