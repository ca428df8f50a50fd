"""Configuration of Polaris catalogs, and what the engine calls its parts."""

import warnings
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from floe_core.artifacts import CompiledArtifacts
from floe_core.catalogs import CatalogConfig, CatalogProfile, SecretReference
from floe_core.errors import ConfigurationError, InvalidArgumentError, UnsupportedError

__all__ = ["WIDEST_SCOPE", "PolarisCatalogConfig", "RetryConfig", "WideScopeWarning", "as_config"]

WIDEST_SCOPE = "PRINCIPAL_ROLE:ALL"
_TYPES = ("polaris", "rest")
Model = TypeVar("Model", bound=BaseModel)
_DELEGATION = "header.X-Iceberg-Access-Delegation"


class WideScopeWarning(UserWarning):
    """A scope that activates every role of the principal."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class RetryConfig(_Model):
    """How often and when calls are tried again, and when a failing server is left alone.

    Attributes:
        max_attempts: Of a call that can be repeated, the first one too.
        initial_wait_seconds: Before the second; it doubles from then on.
        max_wait_seconds: The longest.
        jitter_seconds: How much of a wait is left to chance.
        circuit_breaker_threshold: Failures in a row after which calls fail at once, for a while;
            0 turns it off.
    """

    max_attempts: int = Field(default=3, ge=1, le=10)
    initial_wait_seconds: float = Field(default=1.0, gt=0, le=3600, allow_inf_nan=False)
    max_wait_seconds: float = Field(default=30.0, gt=0, le=3600, allow_inf_nan=False)
    jitter_seconds: float = Field(default=1.0, ge=0, le=3600, allow_inf_nan=False)
    circuit_breaker_threshold: int = Field(default=5, ge=0, le=1000)

    @model_validator(mode="after")
    def _check_waits(self) -> "RetryConfig":
        if self.max_wait_seconds < self.initial_wait_seconds:
            message = "max_wait_seconds is less than initial_wait_seconds"
            raise ValueError(message)
        return self

    def properties(self) -> dict[str, str]:
        """Return the engine's properties."""
        return {
            "rest.client.max-retries": str(self.max_attempts - 1),
            "rest.client.retry.min-wait-ms": _milliseconds(self.initial_wait_seconds),
            "rest.client.retry.max-wait-ms": _milliseconds(self.max_wait_seconds),
            "rest.client.retry.jitter-ms": _milliseconds(self.jitter_seconds),
            "rest.client.circuit-breaker.threshold": str(self.circuit_breaker_threshold),
        }


class PolarisCatalogConfig(_Model):
    """A catalog of an Apache Polaris.

    Attributes:
        uri: The catalog API, such as https://polaris.example.com/api/catalog.
        warehouse: The catalog's name in Polaris.
        client_id: Of the principal; with `client_secret`.
        client_secret: Of the principal.
        token: A bearer token, in place of a principal's id and secret.
        scope: The principal roles that tokens activate: `PRINCIPAL_ROLE:NAME`, several with
            blanks between. The default activates all, and is warned about.
        token_refresh_enabled: Whether tokens are renewed before they end.
        access_delegation: `vended-credentials`: Polaris gives keys to the files of tables.
        connect_timeout_seconds: For a connection.
        read_timeout_seconds: The longest silence of the server.
        retry: See RetryConfig.
        s3_endpoint: Of tables on S3, where it is not AWS's.
        s3_access_key_id: Where no keys are vended.
        s3_secret_access_key: With it.
        s3_region: Of the buckets.
        s3_path_style_access: Whether the bucket is in the path of addresses.
        properties: Of floe_iceberg.load_catalog(), besides these.
    """

    uri: str = Field(pattern=r"^https?://[^/]")
    warehouse: str = Field(min_length=1)
    client_id: str | None = None
    client_secret: SecretStr | None = None
    token: SecretStr | None = None
    scope: str = Field(default=WIDEST_SCOPE, min_length=1)
    token_refresh_enabled: bool = True
    access_delegation: Literal["vended-credentials"] | None = None
    connect_timeout_seconds: float = Field(default=10.0, gt=0, le=3600, allow_inf_nan=False)
    read_timeout_seconds: float = Field(default=30.0, gt=0, le=86400, allow_inf_nan=False)
    retry: RetryConfig = Field(default_factory=RetryConfig)
    s3_endpoint: str | None = None
    s3_access_key_id: SecretStr | None = None
    s3_secret_access_key: SecretStr | None = None
    s3_region: str = "us-east-1"
    s3_path_style_access: bool = False
    properties: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check_pairs(self) -> "PolarisCatalogConfig":
        for one, other in (
            ("client_id", "client_secret"),
            ("s3_access_key_id", "s3_secret_access_key"),
        ):
            given = [name for name in (one, other) if getattr(self, name) is not None]
            if len(given) == 1:
                message = f"{given[0]} is there without {other if given[0] == one else one}"
                raise ValueError(message)
        clash = sorted(self.properties.keys() & self._named().keys())
        if clash:
            message = f"properties has {', '.join(clash)}, for which there are fields"
            raise ValueError(message)
        return self

    def warn_of_wide_scope(self) -> None:
        """Warn if tokens activate every role that the principal has."""
        if self.scope == WIDEST_SCOPE and self.token is None:
            message = (
                f"scope {WIDEST_SCOPE} activates every role of the principal; name the one that "
                "is needed, as PRINCIPAL_ROLE:NAME"
            )
            warnings.warn(message, WideScopeWarning, stacklevel=4)

    def load_properties(self) -> dict[str, str]:
        """Return the properties of `load_catalog()`, secrets among them."""
        return {**self.properties, **self._named()}

    def _named(self) -> dict[str, str]:
        properties = {
            "type": "rest",
            "uri": self.uri,
            "warehouse": self.warehouse,
            "scope": self.scope,
            "token-refresh-enabled": str(self.token_refresh_enabled).lower(),
            "rest.client.connection-timeout-ms": _milliseconds(self.connect_timeout_seconds),
            "rest.client.socket-timeout-ms": _milliseconds(self.read_timeout_seconds),
            **self.retry.properties(),
        }
        if self.client_secret is not None:
            secret = self.client_secret.get_secret_value()
            properties["credential"] = f"{self.client_id}:{secret}"
        if self.token is not None:
            properties["token"] = self.token.get_secret_value()
        if self.access_delegation is not None:
            properties[_DELEGATION] = self.access_delegation
        return properties | self._s3()

    def _s3(self) -> dict[str, str]:
        """Return what is said of S3; nothing where only defaults are."""
        fields = {
            "s3_endpoint": "s3.endpoint",
            "s3_access_key_id": "s3.access-key-id",
            "s3_secret_access_key": "s3.secret-access-key",
            "s3_region": "s3.region",
            "s3_path_style_access": "s3.path-style-access",
        }
        if not self.model_fields_set & fields.keys():
            return {}
        found = {}
        for field, name in fields.items():
            value = getattr(self, field)
            if isinstance(value, SecretStr):
                found[name] = value.get_secret_value()
            elif value is not None:
                found[name] = str(value).lower() if isinstance(value, bool) else str(value)
        return found


def as_config(config: Any) -> PolarisCatalogConfig:
    """Return the configuration of a catalog, whatever says it; its secrets are resolved.

    Args:
        config: A PolarisCatalogConfig, a CatalogConfig, a CatalogProfile, or CompiledArtifacts,
            whose `catalog` counts, or else the plugin for the catalog.

    Raises:
        InvalidArgumentError: Something else.
        ConfigurationError: A catalog of another type, or without what Polaris needs.
        SecretNotFoundError: A secret that is named and not there.
    """
    if isinstance(config, PolarisCatalogConfig):
        return config
    if isinstance(config, CatalogConfig):
        return _of_catalog_config(config)
    if isinstance(config, CatalogProfile):
        return _of_profile(config)
    if isinstance(config, CompiledArtifacts):
        return _of_catalog_config(_catalog_of(config))
    message = (
        f"the configuration of a catalog is of type {type(config).__name__}; expected a "
        "PolarisCatalogConfig, a CatalogConfig, a CatalogProfile, or CompiledArtifacts"
    )
    raise InvalidArgumentError(message)


def _catalog_of(artifacts: CompiledArtifacts) -> CatalogConfig:
    plugin = artifacts.plugins.get("catalog")
    if artifacts.catalog is not None:
        return artifacts.catalog
    if plugin is None:
        message = "these artifacts have neither a catalog nor a plugin for one"
        raise ConfigurationError(message, details={"key": "catalog"})
    return _checked(CatalogConfig, {**plugin.config, "type": plugin.type}, "plugins.catalog.config")


def _of_catalog_config(config: CatalogConfig) -> PolarisCatalogConfig:
    fields = _common(config)
    fields["token_refresh_enabled"] = config.token_refresh_enabled
    if config.credential_secret_ref is not None:
        found = SecretReference(name=config.credential_secret_ref).resolve().get_secret_value()
        client_id, colon, secret = found.partition(":")
        if not colon or not client_id or not secret:
            message = (
                f"the secret {config.credential_secret_ref!r} is not of the form "
                "client-id:client-secret"
            )
            raise ConfigurationError(message, details={"key": "credential_secret_ref"})
        fields |= {"client_id": client_id, "client_secret": SecretStr(secret)}
    if config.scope is not None:
        fields["scope"] = config.scope
    return _checked(PolarisCatalogConfig, fields, "catalog")


def _of_profile(profile: CatalogProfile) -> PolarisCatalogConfig:
    fields = _common(profile)
    credentials = profile.credentials
    if credentials is not None:
        if credentials.mode == "oauth2":
            fields["client_id"] = credentials.client_id
            fields["client_secret"] = credentials.required_secret()
        elif credentials.mode == "static":
            fields["token"] = credentials.required_secret()
        else:
            message = (
                f"catalog profile {profile.name!r} has credentials of mode {credentials.mode}; "
                "this version of floe signs in to Polaris by oauth2 or static"
            )
            raise UnsupportedError(message)
        if credentials.scope is not None:
            fields["scope"] = credentials.scope
    return _checked(PolarisCatalogConfig, fields, "catalog")


def _common(config: CatalogConfig | CatalogProfile) -> dict[str, Any]:
    if config.type not in _TYPES:
        message = f"the catalog is of type {config.type!r}; expected polaris"
        raise ConfigurationError(message, details={"key": "type"})
    return {
        "uri": config.uri,
        "warehouse": config.warehouse,
        "access_delegation": config.access_delegation,
        "properties": config.properties,
    }


def _checked(model: type[Model], fields: dict[str, Any], place: str) -> Model:
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        found = [
            f"{'.'.join(map(str, each['loc'])) or 'it'}: {each['msg']}"
            for each in error.errors(include_input=False, include_url=False)
        ]
        message = f"the configuration of the catalog is wrong: {'; '.join(found)}"
        raise ConfigurationError(message, details={"key": place}) from None


def _milliseconds(seconds: float) -> str:
    return str(max(round(seconds * 1000), 1 if seconds > 0 else 0))
