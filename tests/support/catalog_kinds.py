"""The kinds of catalogs that one suite runs on; how they differ is written here, as data."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from polaris_setup import Management, set_up_catalog
from polaris_stand_in import Settings, polaris_stand_in
from rest_fixture import rest_fixture

from floe_iceberg import Catalog, Table, load_catalog


@dataclass(frozen=True)
class Kind:
    """A kind of catalog, and what is its own."""

    name: str
    # Names that it refuses, with InvalidArgumentError.
    refused_names: frozenset[str] = field(default_factory=frozenset)
    # Names that it takes, and makes something else of.
    mangled_names: frozenset[str] = field(default_factory=frozenset)
    refuses_tables_in_missing_namespaces: bool = True
    keeps_views: bool = False
    # Whether who may drop tables may also purge them, and drop views.
    purges: bool = True
    # Names of files of a table that a purge forgets.
    unpurged: str = "-"

    def purge_leaves(self, table: Table) -> set[Path]:
        """Return the files that a purge of the table leaves, though it should not."""
        return set(Path(urlsplit(table.location()).path).rglob(self.unpurged))


# Where tables are files: Java makes URIs of names.
_REFUSED_BY_POLARIS = frozenset({"with blank", "50%", "a+b&c", "a?b#c", "quote'\"", "a:b"})

KINDS: tuple[Kind, ...] = (
    Kind("in-memory", refused_names=frozenset({"with.dot", "..x"})),
    Kind("sqlite", refused_names=frozenset({"with.dot", "..x"})),
    Kind(
        "rest-fixture",
        # Its web server does not want `%25` in a path, and its database has dots between levels.
        mangled_names=frozenset({"50%", "with.dot", "..x"}),
        refuses_tables_in_missing_namespaces=False,
        keeps_views=True,
    ),
    Kind(
        "polaris-stand-in",
        refused_names=_REFUSED_BY_POLARIS,
        keeps_views=True,
    ),
)
# A real one, with files that this machine has, too.
_POLARIS = {
    key: os.environ[f"FLOE_POLARIS_{key.upper()}"]
    for key in ("uri", "warehouse", "credential", "scope")
    if f"FLOE_POLARIS_{key.upper()}" in os.environ
}
if "uri" in _POLARIS:
    KINDS += (Kind("polaris", _REFUSED_BY_POLARIS, keeps_views=True, purges=False),)


# Those that others than this process can see.
SEEN_BY_OTHERS = [kind.name for kind in KINDS if kind.name != "in-memory"]


@dataclass(frozen=True)
class Place:
    """Where catalogs of a kind are opened."""

    kind: Kind
    properties: dict[str, Any]
    folder: Path  # where nobody else has files

    def open(self, **properties: Any) -> Catalog:
        """Return a catalog, with more properties."""
        return load_catalog("test", **self.properties, **properties)

    def new_namespace(self, catalog: Catalog) -> str:
        """Return a namespace that nobody else uses."""
        name = f"ns_{uuid.uuid4().hex[:12]}"
        catalog.create_namespace(name)
        return name


@contextmanager
def place_of(kind: Kind, folder: Path) -> Iterator[Place]:
    """Start what the kind needs; it ends with the block."""
    if kind.name == "in-memory":
        properties = {"type": "in-memory", "warehouse": folder / "warehouse"}
        keep_open = load_catalog("test", **properties)  # it ends with the last who has it open
        yield Place(kind, properties, folder)
        del keep_open
    elif kind.name == "sqlite":
        uri = f"sqlite:///{folder / 'catalog.db'}"
        yield Place(kind, {"uri": uri, "warehouse": folder / "warehouse", "fsync": False}, folder)
    elif kind.name == "polaris":
        yield Place(kind, {**_POLARIS, "fsync": False}, folder)
    elif kind.name == "polaris-stand-in":
        with polaris_stand_in(folder, Settings(purges=True)) as server:
            management = Management(server.address, "root", "s3cr3t")
            client_id, secret = set_up_catalog(management, "lake", folder.as_uri(), "engineer")
            properties = {
                "uri": server.uri,
                "warehouse": "lake",
                "credential": f"{client_id}:{secret}",
                "scope": "PRINCIPAL_ROLE:engineer_role",
                "fsync": False,
            }
            yield Place(kind, properties, folder)
    else:
        with rest_fixture(folder) as uri:
            yield Place(kind, {"uri": uri, "fsync": False}, folder)
