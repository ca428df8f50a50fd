"""What configuration says about catalogs, and where their secrets are."""

import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from floe_core.errors import ConfigurationError, SecretNotFoundError

__all__ = [
    "CatalogConfig",
    "CatalogProfile",
    "CredentialConfig",
    "SecretReference",
]

_SECRET_FOLDER = Path("/var/run/secrets/floe")


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class SecretReference(_Model):
    """The name of a secret; the secret itself is in the environment or in a mounted file.

    Attributes:
        name: `polaris-secret` is the variable POLARIS_SECRET, or the file `polaris-secret`.
        folder: Where secrets are mounted, a file each.
    """

    name: str = Field(min_length=1, pattern=r"^[A-Za-z0-9_.-]+$")
    folder: Path = _SECRET_FOLDER

    @property
    def variable(self) -> str:
        """The environment variable that has it."""
        return self.name.upper().replace("-", "_").replace(".", "_")

    def resolve(self) -> SecretStr:
        """Return the secret; raises SecretNotFoundError."""
        value = os.environ.get(self.variable)
        if value is None:
            path = self.folder / self.name
            try:
                value = path.read_text(encoding="utf-8").rstrip("\n")
            except (OSError, UnicodeDecodeError):
                message = (
                    f"the secret {self.name!r} is neither in the environment, as {self.variable}, "
                    f"nor in the file {path}"
                )
                details = {"key": self.name, "path": str(path)}
                raise SecretNotFoundError(message, details=details) from None
        if not value:
            message = f"the secret {self.name!r} is empty"
            raise SecretNotFoundError(message, details={"key": self.name})
        return SecretStr(value)


class CatalogConfig(_Model):
    """A catalog, as compiled artifacts have it: without secrets.

    Attributes:
        type: The plugin that opens it, such as `polaris`.
        uri: Its address.
        warehouse: The catalog or warehouse within the server.
        credential_secret_ref: Names a secret of the form `client-id:client-secret`.
        scope: Of tokens.
        token_refresh_enabled: Whether tokens are renewed.
        access_delegation: How the server gives access to tables' files.
        properties: Of floe_iceberg.load_catalog(), besides these.
    """

    type: str = Field(min_length=1)
    uri: str = Field(min_length=1)
    warehouse: str | None = None
    credential_secret_ref: str | None = None
    scope: str | None = None
    token_refresh_enabled: bool = True
    access_delegation: str | None = None
    properties: dict[str, str] = Field(default_factory=dict)


class CredentialConfig(_Model):
    """How to sign in.

    Attributes:
        mode: `oauth2`: a client's id and secret; `static`: a token. The others are for storages.
        client_id: For `oauth2`.
        secret: The client's secret, or the token.
        scope: Of tokens.
    """

    mode: Literal["static", "oauth2", "iam_role", "service_account"]
    client_id: str | None = None
    secret: SecretReference | None = None
    scope: str | None = None

    def required_secret(self) -> SecretStr:
        """Return the secret; raises ConfigurationError where none is named."""
        if self.secret is None:
            message = f"credentials of mode {self.mode} need a secret"
            raise ConfigurationError(message, details={"key": "secret"})
        return self.secret.resolve()


class CatalogProfile(_Model):
    """A catalog under a name that platforms refer to."""

    name: str = Field(min_length=1)
    type: str = Field(min_length=1)
    uri: str = Field(min_length=1)
    warehouse: str | None = None
    credentials: CredentialConfig | None = None
    access_delegation: str | None = None
    properties: dict[str, str] = Field(default_factory=dict)
