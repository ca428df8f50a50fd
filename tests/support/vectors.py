"""Tables that other engines wrote, from tests/vectors.

Their metadata names files by the paths they were written to, so a table is copied there to be read:
below /tmp/floe-vectors, by a name that no other table has.
"""

import filecmp
import json
import os
import secrets
import shutil
import sqlite3
from pathlib import Path
from typing import Any, NamedTuple

from canonical_rows import row_text

from floe_iceberg import Catalog, Table

VECTORS = Path(__file__).resolve().parent.parent / "vectors"
NAMESPACE = "vectors"


class Vector(NamedTuple):
    """A table of another engine, where its metadata says that it is."""

    metadata: Path
    rows: list[dict[str, Any]]
    """What the engine read, in the form of canonical_rows()."""
    row_lineage: list[dict[str, Any]]
    """By column id: _row_id and _last_updated_sequence_number; empty below format version 3."""


def names() -> list[str]:
    """Return all tables: engine/name."""
    found = VECTORS.glob("*/*/vector.json")
    return sorted(f"{path.parent.parent.name}/{path.parent.name}" for path in found)


def names_with_lineage() -> list[str]:
    """Return the tables of which the lineage of rows is known: those of format version 3."""
    return [
        name
        for name in names()
        if "row_lineage" in json.loads((VECTORS / name / "vector.json").read_text())
    ]


def load_vector(name: str) -> Vector:
    """Return a table by its name; nobody may write to it."""
    folder = VECTORS / name
    facts = json.loads((folder / "vector.json").read_text())
    root = Path(facts["root"])
    _copy_once(folder / "files", root)
    rows = facts["rows"]
    for row in rows if "/variant" in name else []:
        row["v"] = None if row["v"] is None else json.loads(row["v"])
    return Vector(
        root / facts["metadata"], sorted(rows, key=row_text), facts.get("row_lineage", [])
    )


def _copy_once(files: Path, root: Path) -> None:
    if not root.exists():
        root.parent.mkdir(parents=True, exist_ok=True)
        made = root.with_name(f"{root.name}.{os.getpid()}-{secrets.token_hex(4)}")
        shutil.copytree(files, made)
        try:
            made.rename(root)
        except OSError:  # another test was first
            shutil.rmtree(made)
    wanted = [path.relative_to(files) for path in files.rglob("*") if path.is_file()]
    _, different, missing = filecmp.cmpfiles(files, root, map(str, wanted), shallow=False)
    if different or missing:
        message = f"{root} is not as tests/vectors has it, delete it: {different + missing}"
        raise RuntimeError(message)


def register(catalog: Catalog, database: Path, metadata: Path) -> Table:
    """Make a catalog, whose SQLite file is given, have the table of a metadata file; return it."""
    catalog.create_namespace_if_not_exists(NAMESPACE)
    with sqlite3.connect(database) as connection:
        connection.execute(
            "INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name,"
            " metadata_location, iceberg_type) VALUES (?, ?, 't', ?, 'TABLE')",
            (catalog.name, NAMESPACE, f"file://{metadata}"),
        )
    connection.close()
    return catalog.load_table(f"{NAMESPACE}.t")
