"""What a data product is compiled to: its plugins, catalog, layers and rules, without secrets."""

import json
import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from floe_core.catalogs import CatalogConfig
from floe_core.errors import ConfigurationError

__all__ = [
    "CompilationMetadata",
    "CompiledArtifacts",
    "Governance",
    "LayerConfig",
    "PluginRef",
    "ProductIdentity",
]

# Names of fields and properties that are secrets themselves; what ends in `_ref` names one.
_SECRET = re.compile(
    r"(secret|password|token|credential|authorization|cookie|(private|account|access|api).?key"
    r"|connection.?string)s?(\.[^.]*)?$",
    re.IGNORECASE,
)
_USER_IN_URI = re.compile(r"://[^/@\s]*:[^/@\s]+@")


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class CompilationMetadata(_Model):
    """Of what, when and by what artifacts were compiled.

    Attributes:
        compiled_at: With a time zone.
        floe_version: That compiled them.
        source_hash: Of `floe.yaml` and what it refers to.
        product_name: Of the data product.
        product_version: Of the data product.
    """

    compiled_at: AwareDatetime
    floe_version: str = Field(min_length=1)
    source_hash: str = Field(min_length=1)
    product_name: str = Field(min_length=1)
    product_version: str = Field(min_length=1)


class ProductIdentity(_Model):
    """Who a data product is among others.

    Attributes:
        product_id: Such as `sales.customers`.
        domain: To which it belongs.
        repository: Where its source is.
    """

    product_id: str = Field(min_length=1)
    domain: str | None = None
    repository: str | None = None


class PluginRef(_Model):
    """A plugin, its version, and what it is configured with.

    Attributes:
        type: Its name among the entry points of its group, such as `polaris`.
        version: That it was compiled for.
        config: The fields of its model; names of secrets in their place.
    """

    type: str = Field(min_length=1)
    version: str = Field(min_length=1)
    config: dict[str, Any] = Field(default_factory=dict)


class Governance(_Model):
    """Rules for the product's tables.

    Attributes:
        data_retention_days: How long data are kept.
        default_ttl_hours: How long a row is, where its table says nothing.
        snapshot_keep_last: How many snapshots are kept at least.
        stale_table_recovery_mode: What to do where a catalog points at metadata that is gone:
            `strict` raises, `repair` goes back to the newest metadata that is whole.
    """

    data_retention_days: int | None = Field(default=None, ge=1)
    default_ttl_hours: int | None = Field(default=None, ge=1)
    snapshot_keep_last: int | None = Field(default=None, ge=1, le=100)
    stale_table_recovery_mode: Literal["strict", "repair"] = "strict"


class LayerConfig(_Model):
    """A layer of the lakehouse, such as bronze.

    Attributes:
        namespace: Of its tables.
        storage_ref: Names the storage profile of its files.
        catalog_ref: Names the catalog profile of its tables.
        retention_days: How long its data are kept.
    """

    namespace: str = Field(min_length=1)
    storage_ref: str | None = None
    catalog_ref: str | None = None
    retention_days: int | None = Field(default=None, ge=1)


class CompiledArtifacts(_Model):
    """What `floe compile` makes of a data product; everything that runs takes it from here.

    No secret is in it, only names of secrets: a field or property whose name is that of a secret
    is refused.

    Attributes:
        version: Of this form.
        metadata: How it was made.
        identity: The product.
        mode: `simple`: a product alone; `centralized`: on a platform; `mesh`: one of a domain.
        observability: What the observability plugins are configured with.
        plugins: By what they are for: catalog, storage, orchestrator, ….
        governance: Rules for tables.
        catalog: The catalog of the product's tables, where there is one.
        layers: By name: bronze, silver, gold.
    """

    version: str = Field(default="1.0", pattern=r"^\d+\.\d+$")
    metadata: CompilationMetadata
    identity: ProductIdentity | None = None
    mode: Literal["simple", "centralized", "mesh"] = "simple"
    observability: dict[str, Any] = Field(default_factory=dict)
    plugins: dict[str, PluginRef] = Field(default_factory=dict)
    governance: Governance = Field(default_factory=Governance)
    catalog: CatalogConfig | None = None
    layers: dict[str, LayerConfig] = Field(default_factory=dict)

    @field_validator("version")
    @classmethod
    def _check_version(cls, version: str) -> str:
        if not version.startswith("1."):
            message = f"version {version} is not known; this floe reads 1.x"
            raise ValueError(message)
        return version

    @model_validator(mode="after")
    def _check_secrets(self) -> Self:
        places: dict[str, Any] = {"observability": self.observability}
        places |= {f"plugins.{name}.config": each.config for name, each in self.plugins.items()}
        if self.catalog is not None:
            places["catalog"] = self.catalog.model_dump()
        found = [path for place, value in places.items() for path in _secrets(value, place)]
        if found:
            message = (
                f"{', '.join(found)} would be a secret within artifacts; put the name of the "
                "secret there, in a field that ends in _ref"
            )
            raise ValueError(message)
        return self

    def to_json_file(self, path: str | Path) -> None:
        """Write it as JSON; an existing file is replaced."""
        _replace(path, self.model_dump_json(indent=2, exclude_none=True) + "\n")

    @classmethod
    def from_json_file(cls, path: str | Path) -> Self:
        """Read it; raises ConfigurationError that names the file, and the field that is wrong."""
        try:
            return cls._checked(json.loads(_text_of(path)), path)
        except (json.JSONDecodeError, RecursionError) as error:
            raise _unreadable(path, f"it is not JSON: {error}") from None

    def to_yaml_file(self, path: str | Path) -> None:
        """Write it as YAML; an existing file is replaced."""
        import yaml  # noqa: PLC0415 - most programs read no YAML

        tree = self.model_dump(mode="json", exclude_none=True)
        _replace(path, yaml.safe_dump(tree, sort_keys=False, allow_unicode=True))

    @classmethod
    def from_yaml_file(cls, path: str | Path) -> Self:
        """Read it; raises ConfigurationError that names the file, and the field that is wrong."""
        import yaml  # noqa: PLC0415 - most programs read no YAML

        try:
            return cls._checked(yaml.safe_load(_text_of(path)), path)
        except yaml.MarkedYAMLError as error:
            place = "" if error.problem_mark is None else f" in line {error.problem_mark.line + 1}"
            raise _unreadable(path, f"it is not YAML: {error.problem}{place}") from None
        except (yaml.YAMLError, RecursionError):
            raise _unreadable(path, "it is not YAML") from None

    @classmethod
    def export_json_schema(cls, path: str | Path | None = None) -> dict[str, Any]:
        """Return the JSON schema of the form, and write it where a path is given."""
        schema = cls.model_json_schema()
        if path is not None:
            _replace(path, json.dumps(schema, indent=2) + "\n")
        return schema

    @classmethod
    def _checked(cls, tree: Any, path: str | Path) -> Self:
        try:
            return cls.model_validate(_without_dates(tree))
        except ValidationError as error:
            found = [
                f"{'.'.join(map(str, each['loc'])) or 'it'}: {each['msg']}"
                for each in error.errors(include_input=False, include_url=False)
            ]
            raise _unreadable(path, "; ".join(found)) from None


def _secrets(value: Any, path: str) -> Iterator[str]:
    """Yield where there is text under the name of a secret, or a password within an address."""
    if isinstance(value, dict):
        for key, inner in value.items():
            below = f"{path}.{key}"
            if isinstance(inner, str) and _SECRET.search(str(key)):
                yield below
            else:
                yield from _secrets(inner, below)
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _secrets(inner, f"{path}[{at}]")
    elif isinstance(value, str) and _USER_IN_URI.search(value):
        yield path


def _replace(path: str | Path, text: str) -> None:
    """Write a file as a whole or not at all."""
    path = Path(path)
    written = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        written.write_text(text, encoding="utf-8")
        written.replace(path)
    except OSError as error:
        written.unlink(missing_ok=True)
        message = f"{path} can't be written: {error.strerror or type(error).__name__}"
        raise ConfigurationError(message, details={"path": str(path)}) from None


def _without_dates(tree: Any) -> Any:
    """YAML makes dates of what looks like them; these models take text."""
    if isinstance(tree, dict):
        return {key: _without_dates(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_without_dates(value) for value in tree]
    return tree.isoformat() if isinstance(tree, datetime) else tree


def _text_of(path: str | Path) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise _unreadable(path, "there is no such file") from None
    except OSError as error:
        raise _unreadable(path, error.strerror or type(error).__name__) from None
    except UnicodeDecodeError:
        raise _unreadable(path, "it is not UTF-8") from None


def _unreadable(path: str | Path, why: str) -> ConfigurationError:
    message = f"artifacts can't be read from {path}: {why}"
    return ConfigurationError(message, details={"path": str(path)})
