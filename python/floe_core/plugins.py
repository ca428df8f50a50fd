"""What plugins are: parts of a platform, found by entry points, opened by configuration."""

from abc import ABC, abstractmethod
from collections.abc import Collection
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from pydantic import BaseModel

__all__ = [
    "FLOE_API_VERSION",
    "CatalogPlugin",
    "HealthStatus",
    "Operation",
    "PluginMetadata",
    "StoragePlugin",
]

FLOE_API_VERSION = "1.0"

Catalog = TypeVar("Catalog")
Operation = Literal["read", "write"]


class HealthStatus(NamedTuple):
    """Whether a plugin's server answers, and what is wrong if not."""

    is_healthy: bool
    message: str


class PluginMetadata(ABC):
    """What every plugin says of itself, and how it lives."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Under which configuration refers to it."""

    @property
    @abstractmethod
    def version(self) -> str:
        """The plugin's own version."""

    @property
    def floe_api_version(self) -> str:
        """The version of these interfaces that it was written for."""
        return FLOE_API_VERSION

    @property
    @abstractmethod
    def description(self) -> str:
        """One line for people."""

    @property
    def dependencies(self) -> list[str]:
        """Names of plugins that have to be started before."""
        return []

    @abstractmethod
    def get_config_schema(self) -> type[BaseModel]:
        """Return the model that `configure()` takes."""

    @abstractmethod
    def configure(self, config: Any) -> None:
        """Take a configuration: the model of `get_config_schema()`, or its fields."""

    @abstractmethod
    def startup(self) -> None:
        """Open what the configuration names."""

    @abstractmethod
    def shutdown(self) -> None:
        """Let go of it."""

    @abstractmethod
    def health_check(self) -> HealthStatus:
        """Return whether it can be used."""


class CatalogPlugin(PluginMetadata, Generic[Catalog]):
    """A plugin that opens catalogs; entry-point group `floe.catalogs`.

    Names of namespaces and tables are text with dots, or tuples of their levels. All but
    `connect()` are for the catalog that was started.
    """

    @abstractmethod
    def connect(self, config: Any = None) -> Catalog:
        """Return the catalog that a configuration names; without one, that of `startup()`."""

    @abstractmethod
    def create_namespace(self, namespace: Any, properties: dict[str, str] | None = None) -> Any:
        """Create a namespace and those above it."""

    @abstractmethod
    def list_namespaces(self, parent: Any = ()) -> list[tuple[str, ...]]:
        """Return the namespaces directly below one, or at the top."""

    @abstractmethod
    def delete_namespace(self, namespace: Any) -> None:
        """Drop an empty namespace."""

    @abstractmethod
    def create_table(self, identifier: Any, schema: Any, **options: Any) -> Any:
        """Create a table."""

    @abstractmethod
    def list_tables(self, namespace: Any) -> list[tuple[str, ...]]:
        """Return the tables of a namespace."""

    @abstractmethod
    def drop_table(self, identifier: Any) -> None:
        """Forget a table; its files stay."""

    @abstractmethod
    def vend_credentials(self, table_path: Any, operations: Collection[Operation]) -> Any:
        """Return keys to a table's files, for what is to be done with them."""


class StoragePlugin(PluginMetadata):
    """A plugin that says where tables lie; entry-point group `floe.storage`.

    `startup()` writes, reads and deletes something there, and raises if one of them fails.
    """

    @abstractmethod
    def get_warehouse_uri(self, namespace: str = "") -> str:
        """Return the location of the warehouse, or of a namespace's tables in it."""

    @abstractmethod
    def get_pyiceberg_catalog_config(self) -> dict[str, str]:
        """Return what PyIceberg's `load_catalog()`, and floe's, take of it; with secrets."""

    @abstractmethod
    def get_fileio(self) -> Any:
        """Return access to its files, by location."""

    @abstractmethod
    def get_pyiceberg_fileio(self) -> Any:
        """Return PyIceberg's own FileIO for it, where PyIceberg is installed."""

    @abstractmethod
    def get_dbt_profile_config(self) -> dict[str, Any]:
        """Return an output of a profile of dbt; of secrets, the variables that have them."""

    @abstractmethod
    def get_dagster_io_manager_config(self) -> dict[str, Any]:
        """Return fields of an I/O manager; of secrets, the variables that have them."""
