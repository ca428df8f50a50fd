"""Catalogs of Apache Polaris."""

import threading
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from floe_core.errors import (
    CatalogAuthenticationError,
    CatalogConnectionError,
    NamespaceAlreadyExistsError,
    NoSuchNamespaceError,
    PermissionDeniedError,
)
from floe_core.trace import operation
from floe_iceberg import Catalog
from floe_iceberg._open_catalog import open_catalog
from floe_iceberg.catalog import Identifier
from floe_polaris.config import PolarisCatalogConfig, as_config

__all__ = ["NamespaceInfo", "PolarisCatalog", "create_catalog"]

# A name that nobody has: whether it exists is the cheapest question.
_NOBODY = ("floe-is-connected",)


class NamespaceInfo(BaseModel):
    """A namespace as it is.

    Attributes:
        name: Its levels, with dots between.
        levels: Its levels.
        properties: What it says of itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str
    levels: Identifier
    properties: dict[str, str]

    @property
    def location(self) -> str | None:
        """Where its tables lie, if it says so."""
        return self.properties.get("location")


class PolarisCatalog(Catalog):
    """A catalog of a Polaris: all that Catalog has, and namespaces whose parents make themselves.

    Thread-safe.
    """

    _spans = "polaris"

    def __init__(self, config: PolarisCatalogConfig) -> None:
        """Connect; `create_catalog()` takes other configurations, too."""
        self.config = config
        self._connection = threading.Lock()
        super().__init__(*self._open())

    def _open(self) -> tuple[Any, dict[str, str], Any]:
        facts = {"catalog": self.config.warehouse, "operation": "authenticate"}
        with operation("polaris.authenticate", facts):
            return open_catalog(self.config.warehouse, self.config.load_properties(), are_all=True)

    def is_connected(self) -> bool:
        """Whether the server answers, and knows who asks; one request."""
        try:
            self.namespace_exists(_NOBODY)
        except (CatalogConnectionError, CatalogAuthenticationError):
            return False
        except PermissionDeniedError:
            return True
        return True

    def reconnect(self) -> None:
        """Sign in again, and ask for the server's configuration again.

        Tables that are open go on with the connection that they came from. Raises as
        `create_catalog()` does, and then the old connection stays.
        """
        opened = self._open()
        with self._connection:
            super().__init__(*opened)

    def create_namespace(  # type: ignore[override] # the contract's answer
        self,
        namespace: str | Identifier,
        properties: Mapping[str, str] | None = None,
        *,
        create_parents: bool = True,
    ) -> NamespaceInfo:
        """Create a namespace, and those above it that are missing.

        Raises:
            NamespaceAlreadyExistsError: It exists.
            NoSuchNamespaceError: A namespace above it does not, and `create_parents` is False.
        """
        levels = levels_of(namespace)
        try:
            super().create_namespace(levels, properties)
        except NoSuchNamespaceError:
            if not create_parents or len(levels) == 1:
                raise
            for depth in range(1, len(levels)):
                super().create_namespace_if_not_exists(levels[:depth])
            super().create_namespace(levels, properties)
        return self.load_namespace(levels)

    def create_namespace_if_not_exists(  # type: ignore[override] # the contract's answer
        self,
        namespace: str | Identifier,
        properties: Mapping[str, str] | None = None,
        *,
        create_parents: bool = True,
    ) -> NamespaceInfo:
        """Create a namespace unless it exists; the properties of one that does stay."""
        try:
            return self.create_namespace(namespace, properties, create_parents=create_parents)
        except NamespaceAlreadyExistsError:
            return self.load_namespace(namespace)

    def list_namespaces(self, parent: str | Identifier = ()) -> list[Identifier]:
        """Return the namespaces directly below one, or at the top."""
        return super().list_namespaces(parent)

    def load_namespace(self, namespace: str | Identifier) -> NamespaceInfo:
        """Return a namespace; raises NoSuchNamespaceError."""
        levels = levels_of(namespace)
        properties = self.load_namespace_properties(levels)
        return NamespaceInfo(name=".".join(levels), levels=levels, properties=properties)

    def update_namespace_properties(  # type: ignore[override] # the contract's order and answer
        self,
        namespace: str | Identifier,
        updates: Mapping[str, Any] | None = None,
        removals: Iterable[str] | None = None,
    ) -> NamespaceInfo:
        """Set and remove properties; raises NoSuchNamespaceError.

        Polaris needs two requests for both: the first may be done when the second fails.
        """
        super().update_namespace_properties(namespace, removals=removals, updates=updates)
        return self.load_namespace(namespace)

    def __repr__(self) -> str:
        """Return the warehouse and its address."""
        return f"PolarisCatalog({self.config.warehouse!r}, {self.config.uri})"


def create_catalog(config: Any) -> PolarisCatalog:
    """Connect to a Polaris.

    Args:
        config: A PolarisCatalogConfig; a CatalogConfig or CatalogProfile of floe_core; or what has
            a CatalogConfig as `catalog`, as compiled artifacts do.

    Raises:
        InvalidArgumentError: Something else, or a property that is unknown or wrong.
        ConfigurationError: A configuration that can't be; SecretNotFoundError for its secrets.
        CatalogConnectionError: The server can't be reached.
        CatalogAuthenticationError: It does not believe who asks.
        PermissionDeniedError: It does not let them in.
    """
    found = as_config(config)
    found.warn_of_wide_scope()
    return PolarisCatalog(found)


def levels_of(namespace: str | Identifier) -> Identifier:
    """Return a namespace's levels; what is no name is left to the catalog to refuse."""
    return tuple(namespace.split(".")) if isinstance(namespace, str) else namespace
