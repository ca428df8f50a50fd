"""Polaris as a plugin: entry point `polaris` of `floe.catalogs`."""

from collections.abc import Collection
from importlib.metadata import version
from typing import Any, get_args

from pydantic import BaseModel

from floe_core.errors import ConfigurationError, FloeStorageError, InvalidArgumentError
from floe_core.plugins import CatalogPlugin, HealthStatus, Operation
from floe_iceberg import Table
from floe_iceberg.catalog import Identifier
from floe_polaris.catalog import NamespaceInfo, PolarisCatalog, VendedCredentials, create_catalog
from floe_polaris.config import PolarisCatalogConfig, as_config

__all__ = ["PolarisCatalogPlugin"]


class PolarisCatalogPlugin(CatalogPlugin[PolarisCatalog]):
    """Opens catalogs of Apache Polaris. One thread at a time configures, starts and stops it."""

    def __init__(self) -> None:
        """Be without a configuration."""
        self._config: PolarisCatalogConfig | None = None
        self._catalog: PolarisCatalog | None = None

    @property
    def name(self) -> str:
        """The name of configurations, polaris."""
        return "polaris"

    @property
    def version(self) -> str:
        """The version of floe."""
        return version("floe-lakehouse")

    @property
    def description(self) -> str:
        """What it is."""
        return "Catalogs of Apache Polaris, by the Iceberg REST protocol"

    def get_config_schema(self) -> type[BaseModel]:
        """Return PolarisCatalogConfig."""
        return PolarisCatalogConfig

    def configure(self, config: Any) -> None:
        """Take a configuration: what `create_catalog()` takes, or the fields of its model."""
        is_fields = isinstance(config, dict)
        self._config = (
            PolarisCatalogConfig.model_validate(config) if is_fields else as_config(config)
        )

    def startup(self) -> None:
        """Connect to the catalog that was configured; raises as `create_catalog()` does."""
        if self._config is None:
            message = "the plugin polaris is started before it is configured"
            raise ConfigurationError(message)
        self._catalog = create_catalog(self._config)

    def shutdown(self) -> None:
        """Let go of the catalog."""
        self._catalog = None

    def health_check(self) -> HealthStatus:
        """Return whether the server answers and knows who asks; one request."""
        if self._catalog is None:
            return HealthStatus(is_healthy=False, message="not started")
        try:
            if self._catalog.is_connected():
                return HealthStatus(is_healthy=True, message="connected")
        except FloeStorageError as error:
            return HealthStatus(is_healthy=False, message=error.message)
        return HealthStatus(is_healthy=False, message="the server does not answer, or not to us")

    def connect(self, config: Any = None) -> PolarisCatalog:
        """Return the catalog that a configuration names; without one, that of `startup()`."""
        if config is not None:
            return create_catalog(config)
        if self._catalog is None:
            message = "the plugin polaris is not started, and connect() was given no configuration"
            raise ConfigurationError(message)
        return self._catalog

    def create_namespace(
        self, namespace: str | Identifier, properties: dict[str, str] | None = None
    ) -> NamespaceInfo:
        """Create a namespace and those above it in the catalog that was started."""
        return self.connect().create_namespace(namespace, properties)

    def list_namespaces(self, parent: str | Identifier = ()) -> list[Identifier]:
        """Return the namespaces directly below one, or at the top."""
        return self.connect().list_namespaces(parent)

    def delete_namespace(self, namespace: str | Identifier) -> None:
        """Drop an empty namespace."""
        self.connect().drop_namespace(namespace)

    def create_table(self, identifier: str | Identifier, schema: Any, **options: Any) -> Table:
        """Create a table; options are those of `Catalog.create_table()`."""
        return self.connect().create_table(identifier, schema, **options)

    def list_tables(self, namespace: str | Identifier) -> list[Identifier]:
        """Return the tables of a namespace."""
        return self.connect().list_tables(namespace)

    def drop_table(self, identifier: str | Identifier) -> None:
        """Forget a table; its files stay."""
        self.connect().drop_table(identifier)

    def vend_credentials(
        self, table_path: str | Identifier, operations: Collection[Operation]
    ) -> list[VendedCredentials]:
        """Ask for keys to a table's files, new ones at each call.

        Args:
            table_path: The table's name.
            operations: What is to be done. The protocol has no way to ask for less than the
                principal may do, so that keys for reading can open writing, too: who must not
                write is to be a principal without that privilege.

        Raises:
            InvalidArgumentError: Operations other than read and write, or none.
            NoSuchTableError: There is no such table.
            PermissionDeniedError: The server lends no keys to who asks.
            ConfigurationError: `access_delegation` is not set.
        """
        known = get_args(Operation)
        wrong = [each for each in operations if each not in known]
        if wrong or not operations:
            message = f"operations are {list(operations)}; expected some of {', '.join(known)}"
            raise InvalidArgumentError(message)
        return self.connect().vend_credentials(table_path)
