"""What the configurations of storages say, to floe, PyIceberg, Dagster and dbt."""

from abc import abstractmethod
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

from floe_core.catalogs import SecretReference
from floe_core.errors import ConfigurationError

__all__ = [
    "AzureStorageConfig",
    "GcsStorageConfig",
    "LocalStorageConfig",
    "MinioStorageConfig",
    "S3StorageConfig",
    "StorageConfig",
]

_NAME = r"^[^/\s]+$"

_Value = str | int | bool | SecretReference | None


class StorageConfig(BaseModel):
    """Where tables are, and how that is reached."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @abstractmethod
    def location(self) -> str:
        """Return where it is."""

    def properties(self) -> dict[str, str]:
        """Return how it is reached, secrets too; raises SecretNotFoundError."""
        return {key: _text(value) for key, value in self._given().items()}

    def check_for_pyiceberg(self) -> None:
        """Raise ConfigurationError for what PyIceberg's FileIO on Arrow has no way to."""

    def dagster_fields(self) -> dict[str, Any]:
        """Return fields of floe's I/O manager; a secret is its variable, as Dagster writes it."""
        fields = {key.replace(".", "_").replace("-", "_"): v for key, v in self._given().items()}
        return {
            "warehouse": self.location(),
            **{
                key: {"env": value.variable} if isinstance(value, SecretReference) else value
                for key, value in fields.items()
            },
        }

    def dbt_output(self) -> dict[str, Any]:
        """Return an output of a profile of dbt-duckdb."""
        return {"type": "duckdb", "extensions": ["avro", "iceberg"]}

    def _values(self) -> dict[str, _Value]:
        return {}

    def _given(self) -> dict[str, str | int | bool | SecretReference]:
        return {key: value for key, value in self._values().items() if value is not None}


class LocalStorageConfig(StorageConfig):
    """A folder of this machine."""

    path: Path

    def location(self) -> str:
        """Return its `file:` location."""
        return self.path.absolute().as_uri()


class _BucketConfig(StorageConfig):
    prefix: str = ""

    def _below(self, root: str) -> str:
        prefix = self.prefix.strip("/")
        return f"{root}/{prefix}" if prefix else root

    def _dbt_output(self, extensions: list[str], secret: dict[str, _Value]) -> dict[str, Any]:
        given = {key: _in_jinja(value) for key, value in secret.items() if value is not None}
        return {
            "type": "duckdb",
            "extensions": [*extensions, "avro", "iceberg"],
            "secrets": [{**given, "scope": self.location()}],
        }


class S3StorageConfig(_BucketConfig):
    """A bucket of S3.

    Attributes:
        bucket: Its name.
        prefix: The folder in it.
        endpoint: Of the server, where it is not AWS.
        region: Of the bucket.
        path_style_access: Whether the bucket is in the path, and not in the host's name.
        access_key_id: With `secret_access_key`; or one of the last three; or what AWS's SDK finds.
        secret_access_key: The key's secret.
        session_token: Of a session's keys.
        profile: Of AWS's files, with keys of its own.
        role_arn: A role that what AWS's SDK finds may assume.
        anonymous: Whether there are no credentials at all.
    """

    bucket: str = Field(pattern=_NAME)
    endpoint: str | None = None
    region: str | None = None
    path_style_access: bool | None = None
    access_key_id: str | None = None
    secret_access_key: SecretReference | None = None
    session_token: SecretReference | None = None
    profile: str | None = None
    role_arn: str | None = None
    anonymous: bool = False

    @model_validator(mode="after")
    def _check_keys(self) -> "S3StorageConfig":
        if (self.access_key_id is None) != (self.secret_access_key is None):
            message = "access_key_id and secret_access_key are given together, or neither"
            raise ValueError(message)
        ways = ("access_key_id", "profile", "role_arn", "anonymous")
        given = [name for name in ways if getattr(self, name)]
        if len(given) > 1:
            message = f"{' and '.join(given)} are given; one of them says who asks"
            raise ValueError(message)
        return self

    def check_for_pyiceberg(self) -> None:
        """Raise ConfigurationError for what PyIceberg's FileIO on Arrow has no way to."""
        if self.profile is not None:
            message = (
                "PyIceberg's FileIO on Arrow reads no profile; set AWS_PROFILE in place of profile"
            )
            raise ConfigurationError(message, details={"key": "profile"})

    def location(self) -> str:
        """Return its `s3://` location."""
        return self._below(f"s3://{self.bucket}")

    def dagster_fields(self) -> dict[str, Any]:
        """Return fields of floe's I/O manager; a secret is its variable, as Dagster writes it."""
        fields = super().dagster_fields()
        is_virtual = fields.pop("s3_force_virtual_addressing", None)
        return fields if is_virtual is None else {**fields, "s3_path_style_access": not is_virtual}

    def dbt_output(self) -> dict[str, Any]:
        """Return an output of a profile of dbt-duckdb."""
        finds_keys = self.access_key_id is None and not self.anonymous
        address = None if self.endpoint is None else urlsplit(self.endpoint)
        is_in_path = (
            address is not None if self.path_style_access is None else self.path_style_access
        )
        secret: dict[str, _Value] = {
            "type": "s3",
            "provider": "credential_chain" if finds_keys else "config",
            "profile": self.profile,
            "chain": None if self.role_arn is None else "sts",
            "assume_role_arn": self.role_arn,
            "key_id": self.access_key_id,
            "secret": self.secret_access_key,
            "session_token": self.session_token,
            "region": self.region,
            "endpoint": None if address is None else address.netloc,
            "url_style": "path" if is_in_path else "vhost",
            "use_ssl": None if address is None else address.scheme == "https",
        }
        return self._dbt_output(["httpfs", "aws"] if finds_keys else ["httpfs"], secret)

    def _values(self) -> dict[str, _Value]:
        path_style = self.path_style_access
        return {
            "s3.endpoint": self.endpoint,
            "s3.region": self.region,
            "s3.force-virtual-addressing": None if path_style is None else not path_style,
            "s3.access-key-id": self.access_key_id,
            "s3.secret-access-key": self.secret_access_key,
            "s3.session-token": self.session_token,
            "s3.profile-name": self.profile,
            "s3.role-arn": self.role_arn,
            "s3.anonymous": True if self.anonymous else None,
        }


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

    def check_for_pyiceberg(self) -> None:
        """Raise ConfigurationError for what PyIceberg's FileIO on Arrow has no way to."""
        if self.anonymous:
            message = (
                "PyIceberg's FileIO on Arrow does not ask Google Cloud Storage as nobody; give "
                "token in place of anonymous"
            )
            raise ConfigurationError(message, details={"key": "anonymous"})

    def dbt_output(self) -> dict[str, Any]:
        """Return an output of a profile of dbt-duckdb; raises ConfigurationError."""
        if self.token is None:
            message = (
                "DuckDB, which dbt uses, asks Google Cloud Storage with an access token, and not "
                "with Google's default credentials, nor as nobody; give token"
            )
            raise ConfigurationError(message, details={"key": "token"})
        address = None if self.endpoint is None else urlsplit(self.endpoint)
        secret: dict[str, _Value] = {
            "type": "gcs",
            "bearer_token": self.token,
            "endpoint": None if address is None else address.netloc,
            "url_style": None if address is None else "path",
            "use_ssl": None if address is None else address.scheme == "https",
        }
        return self._dbt_output(["httpfs"], secret)

    def _values(self) -> dict[str, _Value]:
        return {
            "gcs.service.host": self.endpoint,
            "gcs.project-id": self.project_id,
            "gcs.oauth2.token": self.token,
            "gcs.oauth2.token-expires-at": self.token_expires_at,
            "gcs.no-auth": True if self.anonymous else None,
        }


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

    def dbt_output(self) -> dict[str, Any]:
        """Return an output of a profile of dbt-duckdb."""
        secret: dict[str, _Value] = {"type": "azure", "account_name": self.account_name}
        if self.client_secret is not None:
            secret |= {
                "provider": "service_principal",
                "tenant_id": self.tenant_id,
                "client_id": self.client_id,
                "client_secret": self.client_secret,
            }
        elif self.account_key is not None or self.sas_token is not None:
            secret = {"type": "azure", "connection_string": self._connection_string()}
        else:
            secret |= {"provider": "credential_chain"}
        return self._dbt_output(["azure"], secret)

    def _connection_string(self) -> str:
        """Return Azure's form of it, with places for the secrets."""
        parts = {"AccountName": self.account_name}
        if self.account_key is not None:
            parts["AccountKey"] = _in_jinja(self.account_key)
        if self.sas_token is not None:
            parts["SharedAccessSignature"] = _in_jinja(self.sas_token)
        scheme = self.scheme or "https"
        if self.authority is None:
            host = f"{self.account_name}.blob.core.windows.net"
            parts["BlobEndpoint"] = f"{scheme}://{host}"
        elif self.authority.startswith("."):
            parts["BlobEndpoint"] = f"{scheme}://{self.account_name}{self.authority}"
        else:
            parts["BlobEndpoint"] = f"{scheme}://{self.authority}/{self.account_name}"
        return ";".join(f"{key}={value}" for key, value in parts.items())

    def _values(self) -> dict[str, _Value]:
        return {
            "adls.account-name": self.account_name,
            "adls.account-key": self.account_key,
            "adls.sas-token": self.sas_token,
            "adls.tenant-id": self.tenant_id,
            "adls.client-id": self.client_id,
            "adls.client-secret": self.client_secret,
            "adls.blob-storage-authority": self.authority,
            "adls.dfs-storage-authority": self.authority,
            "adls.blob-storage-scheme": self.scheme,
            "adls.dfs-storage-scheme": self.scheme,
        }


def _text(value: str | float | SecretReference) -> str:
    if isinstance(value, SecretReference):
        return value.resolve().get_secret_value()
    return str(value).lower() if isinstance(value, bool) else str(value)


def _in_jinja(value: _Value) -> Any:
    """Return what dbt fills in, where it is a secret."""
    if isinstance(value, SecretReference):
        return f"{{{{ env_var('{value.variable}') }}}}"
    return value
