"""Where tables lie, as plugins: entry points `local`, `s3`, `minio`, `gcs`, `azure`.

Configurations name secrets, and do not have them: a `SecretReference` is looked up in the
environment and in mounted files when the plugin needs it.
"""

import uuid
from importlib.metadata import version
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from floe_core.errors import ConfigurationError, FloeStorageError, IoError
from floe_core.plugins import HealthStatus, StoragePlugin
from floe_iceberg._storage_configs import (
    AzureStorageConfig,
    GcsStorageConfig,
    LocalStorageConfig,
    MinioStorageConfig,
    S3StorageConfig,
    StorageConfig,
)
from floe_iceberg.io import FileIO

__all__ = [
    "AzureStorageConfig",
    "AzureStoragePlugin",
    "GcsStorageConfig",
    "GcsStoragePlugin",
    "LocalStorageConfig",
    "LocalStoragePlugin",
    "MinioStorageConfig",
    "MinioStoragePlugin",
    "S3StorageConfig",
    "S3StoragePlugin",
]

_PROBE = b"floe looks whether it can write, read and delete here\n"

Config = TypeVar("Config", bound=StorageConfig)


class _Plugin(StoragePlugin, Generic[Config]):
    """What all of them do. One thread at a time configures, starts and stops it."""

    _name: str
    _what: str
    _model: type[Config]

    def __init__(self) -> None:
        """Be without a configuration."""
        self._config: Config | None = None
        self._is_started = False

    @property
    def name(self) -> str:
        """The name that configurations have for it."""
        return self._name

    @property
    def version(self) -> str:
        """The version of floe."""
        return version("floe-lakehouse")

    @property
    def description(self) -> str:
        """What it is."""
        return self._what

    def get_config_schema(self) -> type[BaseModel]:
        """Return the model of its configuration."""
        return self._model

    def configure(self, config: Any) -> None:
        """Take a configuration: the model, or its fields. Raises ConfigurationError."""
        try:
            self._config = self._model.model_validate(config)
        except ValidationError as error:
            message = f"the configuration of the storage plugin {self.name} is wrong: {error}"
            raise ConfigurationError(message) from None
        self._is_started = False

    def startup(self) -> None:
        """Write, read and delete a file at the location.

        Raises StorageAccessError where one of them is not allowed, IoError where it fails, and
        SecretNotFoundError; each says which step it was.
        """
        _probe(self.get_fileio(), f"{self.get_warehouse_uri()}/.floe-probe-{uuid.uuid4().hex}")
        self._is_started = True

    def shutdown(self) -> None:
        """Let go of it."""
        self._is_started = False

    def health_check(self) -> HealthStatus:
        """Return whether the location can be written, read and deleted from now."""
        if not self._is_started:
            return HealthStatus(is_healthy=False, message="not started")
        try:
            self.startup()
        except FloeStorageError as error:
            return HealthStatus(is_healthy=False, message=error.message)
        return HealthStatus(is_healthy=True, message="written, read and deleted")

    def get_warehouse_uri(self, namespace: str = "") -> str:
        """Return the location of the warehouse, or of a namespace's tables in it."""
        location = self._configured().location()
        return "/".join([location, *namespace.split(".")]) if namespace else location

    def get_pyiceberg_catalog_config(self) -> dict[str, str]:
        """Return what PyIceberg's `load_catalog()`, and floe's, take of it; with secrets."""
        return {"warehouse": self.get_warehouse_uri(), **self._properties()}

    def get_fileio(self) -> FileIO:
        """Return floe's own access to its files; raises SecretNotFoundError."""
        return FileIO(self._properties())

    def get_pyiceberg_fileio(self) -> Any:
        """Return PyIceberg's FileIO on Arrow.

        Raises ConfigurationError without PyIceberg, and for what that has no way to.
        """
        self._configured().check_for_pyiceberg()
        try:
            from pyiceberg.io.pyarrow import PyArrowFileIO  # noqa: PLC0415 - an extra
        except ModuleNotFoundError:
            message = (
                "get_pyiceberg_fileio() needs PyIceberg, which is not installed; "
                "run: pip install 'floe-lakehouse[pyiceberg]'"
            )
            raise ConfigurationError(message) from None
        return PyArrowFileIO(self._properties())

    def get_dbt_profile_config(self) -> dict[str, Any]:
        """Return an output of a profile of dbt-duckdb, which reads tables by `iceberg_scan()`.

        Of secrets it names the variables; `path`, `schema` and `threads` are for the caller.
        Raises ConfigurationError for what DuckDB has no way to.
        """
        return self._configured().dbt_output()

    def get_dagster_io_manager_config(self) -> dict[str, Any]:
        """Return fields of floe's IcebergIOManager: all but those of the catalog.

        Of secrets it names the variables, as Dagster's configuration does.
        """
        return self._configured().dagster_fields()

    def _configured(self) -> Config:
        if self._config is None:
            message = f"the storage plugin {self.name} is used before it is configured"
            raise ConfigurationError(message)
        return self._config

    def _properties(self) -> dict[str, str]:
        return self._configured().properties()


class LocalStoragePlugin(_Plugin[LocalStorageConfig]):
    """Tables in a folder of this machine."""

    _name, _what, _model = "local", "Tables in a folder of this machine", LocalStorageConfig


class S3StoragePlugin(_Plugin[S3StorageConfig]):
    """Tables in S3."""

    _name, _what, _model = "s3", "Tables in S3", S3StorageConfig


class MinioStoragePlugin(_Plugin[MinioStorageConfig]):
    """Tables in MinIO."""

    _name, _what, _model = "minio", "Tables in MinIO", MinioStorageConfig


class GcsStoragePlugin(_Plugin[GcsStorageConfig]):
    """Tables in Google Cloud Storage."""

    _name, _what, _model = "gcs", "Tables in Google Cloud Storage", GcsStorageConfig


class AzureStoragePlugin(_Plugin[AzureStorageConfig]):
    """Tables in Azure's Blob Storage and Data Lake Storage."""

    _name, _what, _model = "azure", "Tables in Azure", AzureStorageConfig


def _probe(files: FileIO, location: str) -> None:
    """Do at a location what tables need."""
    step = "writing"
    try:
        with files.new_output(location).create() as written:
            written.write(_PROBE)
        step = "reading"
        with files.new_input(location).open() as file:
            if file.read() != _PROBE:
                message = f"{location} reads as other bytes than those that were written"
                raise IoError(message, details={"path": location})
        step = "deleting"
        files.delete(location)
    except FloeStorageError as error:
        error.add_note(f"{step} at {location} failed, when the storage was checked")
        raise
