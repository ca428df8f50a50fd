"""Where tables lie, as plugins: entry points `local`, `s3`, `minio`, `gcs`, `azure`.

Configurations name secrets, and do not have them: a `SecretReference` is looked up in the
environment and in mounted files when the plugin needs it.
"""

import uuid
from abc import abstractmethod
from importlib.metadata import version
from pathlib import Path
from typing import Any, Generic, TypeVar

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from floe_core.catalogs import SecretReference
from floe_core.errors import ConfigurationError, FloeStorageError
from floe_core.plugins import HealthStatus, StoragePlugin
from floe_iceberg.catalog import load_catalog

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

_NAME = r"^[^/\s]+$"


class _StorageConfig(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @abstractmethod
    def location(self) -> str:
        """Return where it is."""

    def properties(self) -> dict[str, str]:
        """Return how it is reached, secrets too; raises SecretNotFoundError."""
        return {}


class LocalStorageConfig(_StorageConfig):
    """A folder of this machine."""

    path: Path

    def location(self) -> str:
        """Return its `file:` location."""
        return self.path.absolute().as_uri()


class _BucketConfig(_StorageConfig):
    prefix: str = ""

    def _below(self, root: str) -> str:
        prefix = self.prefix.strip("/")
        return f"{root}/{prefix}" if prefix else root


class S3StorageConfig(_BucketConfig):
    """A bucket of S3.

    Attributes:
        bucket: Its name.
        prefix: The folder in it.
        endpoint: Of the server, where it is not AWS.
        region: Of the bucket.
        path_style_access: Whether the bucket is in the path, and not in the host's name.
        access_key_id: With `secret_access_key`; without both, what AWS's SDK finds.
        secret_access_key: The key's secret.
        session_token: Of a session's keys.
    """

    bucket: str = Field(pattern=_NAME)
    endpoint: str | None = None
    region: str | None = None
    path_style_access: bool | None = None
    access_key_id: str | None = None
    secret_access_key: SecretReference | None = None
    session_token: SecretReference | None = None

    @model_validator(mode="after")
    def _check_keys(self) -> "S3StorageConfig":
        if (self.access_key_id is None) != (self.secret_access_key is None):
            message = "access_key_id and secret_access_key are given together, or neither"
            raise ValueError(message)
        return self

    def location(self) -> str:
        """Return its `s3://` location."""
        return self._below(f"s3://{self.bucket}")

    def properties(self) -> dict[str, str]:
        """Return how it is reached, secrets too; raises SecretNotFoundError."""
        path_style = self.path_style_access
        return _given(
            {
                "s3.endpoint": self.endpoint,
                "s3.region": self.region,
                "s3.force-virtual-addressing": None
                if path_style is None
                else str(not path_style).lower(),
                "s3.access-key-id": self.access_key_id,
                "s3.secret-access-key": _resolved(self.secret_access_key),
                "s3.session-token": _resolved(self.session_token),
            }
        )


class MinioStorageConfig(S3StorageConfig):
    """A bucket of MinIO: S3, with an address of its own."""

    endpoint: str
    access_key_id: str
    secret_access_key: SecretReference
    region: str | None = "us-east-1"
    path_style_access: bool | None = True


class GcsStorageConfig(_BucketConfig):
    """A bucket of Google Cloud Storage.

    Attributes:
        bucket: Its name.
        prefix: The folder in it.
        endpoint: Of the server, where it is not Google's.
        project_id: The project.
        token: An access token; without it, Google's default credentials.
        token_expires_at: When the token ends, in milliseconds since 1970.
        anonymous: Whether there are no credentials at all.
    """

    bucket: str = Field(pattern=_NAME)
    endpoint: str | None = None
    project_id: str | None = None
    token: SecretReference | None = None
    token_expires_at: int | None = None
    anonymous: bool = False

    def location(self) -> str:
        """Return its `gs://` location."""
        return self._below(f"gs://{self.bucket}")

    def properties(self) -> dict[str, str]:
        """Return how it is reached, secrets too; raises SecretNotFoundError."""
        expires_at = self.token_expires_at
        return _given(
            {
                "gcs.service.host": self.endpoint,
                "gcs.project-id": self.project_id,
                "gcs.oauth2.token": _resolved(self.token),
                "gcs.oauth2.token-expires-at": None if expires_at is None else str(expires_at),
                "gcs.no-auth": "true" if self.anonymous else None,
            }
        )


class AzureStorageConfig(_BucketConfig):
    """A container of an Azure storage account.

    Attributes:
        account_name: The storage account.
        container: Its name.
        prefix: The folder in it.
        account_key: Of the account; or one of the next; or what Azure's client finds.
        sas_token: A shared access signature.
        tenant_id: With `client_id` and `client_secret`, a service principal.
        client_id: Of the service principal.
        client_secret: Of the service principal.
        authority: The host, where it is not Azure's, such as `127.0.0.1:10000`.
        scheme: `http` for servers without TLS.
    """

    account_name: str = Field(pattern=_NAME)
    container: str = Field(pattern=_NAME)
    account_key: SecretReference | None = None
    sas_token: SecretReference | None = None
    tenant_id: str | None = None
    client_id: str | None = None
    client_secret: SecretReference | None = None
    authority: str | None = None
    scheme: str | None = Field(default=None, pattern="^https?$")

    def location(self) -> str:
        """Return its `abfss://` location, in the form that PyIceberg's Arrow reads too."""
        return self._below(f"abfss://{self.container}")

    def properties(self) -> dict[str, str]:
        """Return how it is reached, secrets too; raises SecretNotFoundError."""
        return _given(
            {
                "adls.account-name": self.account_name,
                "adls.account-key": _resolved(self.account_key),
                "adls.sas-token": _resolved(self.sas_token),
                "adls.tenant-id": self.tenant_id,
                "adls.client-id": self.client_id,
                "adls.client-secret": _resolved(self.client_secret),
                "adls.blob-storage-authority": self.authority,
                "adls.dfs-storage-authority": self.authority,
                "adls.blob-storage-scheme": self.scheme,
                "adls.dfs-storage-scheme": self.scheme,
            }
        )


Config = TypeVar("Config", bound=_StorageConfig)


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
        """Write, read and delete a table at the location.

        Raises StorageAccessError where one of them is not allowed, IoError where it fails, and
        SecretNotFoundError; each says which step it was.
        """
        _probe(f"{self.get_warehouse_uri()}/.floe-probe-{uuid.uuid4().hex}", self._properties())
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

    def get_pyiceberg_fileio(self) -> Any:
        """Return PyIceberg's FileIO on Arrow; raises ConfigurationError without PyIceberg."""
        try:
            from pyiceberg.io.pyarrow import PyArrowFileIO  # noqa: PLC0415 - an extra
        except ModuleNotFoundError:
            message = (
                "get_pyiceberg_fileio() needs PyIceberg, which is not installed; "
                "run: pip install 'floe-lakehouse[pyiceberg]'"
            )
            raise ConfigurationError(message) from None
        return PyArrowFileIO(self._properties())

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


def _resolved(secret: SecretReference | None) -> str | None:
    return None if secret is None else secret.resolve().get_secret_value()


def _given(properties: dict[str, str | None]) -> dict[str, str]:
    return {key: value for key, value in properties.items() if value is not None}


def _probe(location: str, properties: dict[str, str]) -> None:
    """Do at a location what tables need."""
    name = f"probe-{uuid.uuid4().hex}"
    step = "writing"
    try:
        catalog = load_catalog(name, type="in-memory", warehouse=location, **properties)
        catalog.create_namespace("probe")
        table = catalog.create_table("probe.t", pa.schema([("id", pa.int64())]))
        table.append(pa.table({"id": [1]}))
        step = "reading"
        catalog.load_table("probe.t").scan().to_arrow()
        step = "deleting"
        catalog.purge_table("probe.t")
    except FloeStorageError as error:
        error.add_note(f"{step} at {location} failed, when the storage was checked")
        raise
