"""What the stand-in keeps: catalogs with their namespaces, principals, roles. All in memory."""

import itertools
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from polaris_stand_in.files import MetadataFiles

__all__ = [
    "Catalog",
    "CatalogRole",
    "Entity",
    "Namespace",
    "Principal",
    "PrincipalRole",
    "Settings",
    "State",
    "Stored",
]

ADMIN = "service_admin"
CATALOG_ADMIN = "catalog_admin"


@dataclass(frozen=True)
class Settings:
    """What an administrator of a Polaris can choose.

    Attributes:
        client_id: Of the root principal.
        client_secret: Of the root principal.
        token_seconds: How long a token lives.
        purges: Whether DROP_WITH_PURGE_ENABLED is on.
        pages: Whether LIST_PAGINATION_ENABLED is on.
        is_idempotent: Whether keys of repeated requests are kept.
        storage_types: Of catalogs.
    """

    client_id: str = "root"
    client_secret: str = "s3cr3t"  # noqa: S105 - a stand-in has no secrets
    token_seconds: int = 3600
    purges: bool = False
    pages: bool = False
    is_idempotent: bool = False
    storage_types: tuple[str, ...] = ("FILE", "S3")


@dataclass
class Entity:
    """What has a name, and a version for those who change it."""

    name: str
    id: int
    created_ms: int
    properties: dict[str, str] = field(default_factory=dict)
    updated_ms: int = 0
    version: int = 1


@dataclass
class Principal(Entity):
    """Who can sign in."""

    client_id: str = ""
    client_secret: str = ""
    roles: list[str] = field(default_factory=list)


@dataclass
class PrincipalRole(Entity):
    """A role of principals, and the catalog roles that it has."""

    catalog_roles: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class CatalogRole(Entity):
    """A role in a catalog, with its grants as they were asked for."""

    grants: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Stored:
    """A table or view."""

    id: int
    location: str
    metadata_location: str
    metadata: dict[str, Any]


@dataclass
class Namespace:
    """A namespace and what is in it, in the order it was made."""

    levels: tuple[str, ...]
    id: int
    location: str  # ends with a slash
    properties: dict[str, str]
    tables: dict[str, Stored] = field(default_factory=dict)
    views: dict[str, Stored] = field(default_factory=dict)
    generic: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The levels with dots between."""
        return ".".join(self.levels)


@dataclass
class Catalog(Entity):
    """A catalog."""

    storage: dict[str, Any] = field(default_factory=dict)
    roles: dict[str, CatalogRole] = field(default_factory=dict)
    namespaces: dict[tuple[str, ...], Namespace] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """Where its namespaces lie, without a slash at the end."""
        return self.properties["default-base-location"].rstrip("/")

    @property
    def is_file(self) -> bool:
        """Whether tables lie on the server's file system."""
        return bool(self.storage["storageType"] == "FILE")


class State:
    """All of it; whoever reads or changes it holds `lock`."""

    def __init__(
        self, settings: Settings, clock_ms: Callable[[], int], files: MetadataFiles
    ) -> None:
        """Make the root principal and its role."""
        self.files = files
        self.settings = settings
        self.clock_ms = clock_ms
        self.lock = threading.RLock()
        self._ids = itertools.count(1000)
        self.catalogs: dict[str, Catalog] = {}
        self.principals: dict[str, Principal] = {}
        self.principal_roles: dict[str, PrincipalRole] = {}
        self.tokens: dict[str, tuple[int, tuple[str, ...], int]] = {}
        self.repeatable: dict[tuple[str, ...], tuple[int, Any, dict[str, str]]] = {}
        role = PrincipalRole(ADMIN, self.next_id(), clock_ms())
        self.principal_roles[ADMIN] = role
        root = Principal("root", self.next_id(), clock_ms(), roles=[ADMIN])
        root.client_id, root.client_secret = settings.client_id, settings.client_secret
        self.principals["root"] = root

    def next_id(self) -> int:
        """Return an id, greater than all before."""
        return next(self._ids)

    def new_secret(self) -> str:
        """Return what nobody guesses."""
        return secrets.token_hex(16)

    def add_catalog(
        self, name: str, properties: dict[str, str], storage: dict[str, Any]
    ) -> Catalog:
        """Make a catalog, whose administrators are those of the service."""
        now = self.clock_ms()
        catalog = Catalog(name, self.next_id(), now, properties, storage=storage)
        admin = CatalogRole(CATALOG_ADMIN, self.next_id(), now)
        admin.grants = [
            {"type": "catalog", "privilege": privilege}
            for privilege in ("CATALOG_MANAGE_ACCESS", "CATALOG_MANAGE_METADATA")
        ]
        catalog.roles[CATALOG_ADMIN] = admin
        self.catalogs[name] = catalog
        self.principal_roles[ADMIN].catalog_roles[name] = [CATALOG_ADMIN]
        return catalog
