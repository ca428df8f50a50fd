"""Catalogs of Apache Polaris."""

import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr

from floe_core.errors import (
    CatalogAuthenticationError,
    CatalogConnectionError,
    ConfigurationError,
    NamespaceAlreadyExistsError,
    NoSuchNamespaceError,
    PermissionDeniedError,
)
from floe_core.trace import operation
from floe_iceberg import Catalog
from floe_iceberg._names import split_name
from floe_iceberg._open_catalog import open_catalog
from floe_iceberg._traced import traced
from floe_iceberg.catalog import Identifier
from floe_polaris.config import PolarisCatalogConfig, as_config

__all__ = ["NamespaceInfo", "PolarisCatalog", "VendedCredentials", "create_catalog"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

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


class VendedCredentials(BaseModel):
    """Keys to some files of a table, as the server lends them.

    Attributes:
        prefix: Of the locations that they open; of several, the longest prefix counts.
        properties: By PyIceberg's names, such as `s3.session-token`; secrets are not shown.
        expires_at: When they end, if the server says so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    prefix: str
    properties: dict[str, SecretStr]
    expires_at: datetime | None

    def reveal(self) -> dict[str, str]:
        """Return the properties as they are, for who opens files with them."""
        return {key: value.get_secret_value() for key, value in self.properties.items()}


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

    @traced("table")
    def vend_credentials(self, identifier: str | Identifier) -> list[VendedCredentials]:
        """Ask for keys to a table's files, new ones at each call.

        What they allow is what the server's privileges allow. There are none for files on disks.

        Raises:
            NoSuchTableError: There is no such table.
            PermissionDeniedError: The server lends no keys to who asks.
            ConfigurationError: `access_delegation` is not set.
        """
        if self.config.access_delegation is None:
            message = (
                "the catalog was configured without access_delegation, so that no keys are lent; "
                "set it to 'vended-credentials'"
            )
            raise ConfigurationError(message, details={"key": "access_delegation"})
        return [
            VendedCredentials(
                prefix=prefix,
                properties={key: SecretStr(value) for key, value in properties},
                expires_at=None if ends_ms is None else _EPOCH + timedelta(milliseconds=ends_ms),
            )
            for prefix, properties, ends_ms in self._native.load_storage_credentials(
                *split_name(identifier)
            )
        ]

    def __repr__(self) -> str:
        """Return the warehouse and its address."""
        return f"PolarisCatalog({self.config.warehouse!r}, {self.config.uri})"


def create_catalog(config: Any) -> PolarisCatalog:
    """Connect to a Polaris.

    Args:
        config: A PolarisCatalogConfig; a CatalogConfig, CatalogProfile or CompiledArtifacts of
            floe_core.

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
