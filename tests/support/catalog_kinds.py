"""The kinds of catalogs that one suite runs on; how they differ is written here, as data."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rest_fixture import rest_fixture

from floe_iceberg import Catalog, load_catalog


@dataclass(frozen=True)
class Kind:
    """A kind of catalog, and what is its own."""

    name: str
    # Names that it refuses, with InvalidArgumentError.
    refused_names: frozenset[str] = field(default_factory=frozenset)
    # Names that it takes, and makes something else of.
    mangled_names: frozenset[str] = field(default_factory=frozenset)
    refuses_tables_in_missing_namespaces: bool = True


KINDS = (
    Kind("sqlite", refused_names=frozenset({"with.dot", "..x"})),
    Kind(
        "rest-fixture",
        # Its web server does not want `%25` in a path, and its database has dots between levels.
        mangled_names=frozenset({"50%", "with.dot", "..x"}),
        refuses_tables_in_missing_namespaces=False,
    ),
)


@dataclass(frozen=True)
class Place:
    """Where catalogs of a kind are opened."""

    kind: Kind
    properties: dict[str, Any]

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
    if kind.name == "sqlite":
        uri = f"sqlite:///{folder / 'catalog.db'}"
        yield Place(kind, {"uri": uri, "warehouse": folder / "warehouse", "fsync": False})
    else:
        with rest_fixture(folder) as uri:
            yield Place(kind, {"uri": uri, "fsync": False})
