"""Hands catalogs and tables over to PyIceberg, where it is installed."""

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from floe_core.errors import ConfigurationError, InvalidArgumentError, NoSuchTableError

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog as PyIcebergCatalog
    from pyiceberg.table import Table as PyIcebergTable

__all__ = ["Given", "pyiceberg_catalog", "pyiceberg_table"]

# Of floe's own, which PyIceberg has no words for and can do without.
_FLOE_ONLY = ("fsync", "busy-timeout-ms", "rest.client.", "token-refresh-enabled", "rest.auth.")


class Given:
    """The properties that a catalog was opened with, secrets too; never printed or pickled."""

    def __init__(self, kind: str, properties: Mapping[str, Any]) -> None:
        """Keep them; `kind` is `rest`, `sql` or `in-memory`."""
        self.kind = kind
        self._properties = dict(properties)

    def texts(self) -> dict[str, str]:
        """Return them as texts."""
        return {
            key: str(value).lower() if isinstance(value, bool) else str(value)
            for key, value in self._properties.items()
        }

    def __repr__(self) -> str:
        """Return nothing of them."""
        return f"Given({self.kind!r}, …)"

    def __reduce__(self) -> Any:
        """Refuse to be written anywhere."""
        message = "the properties of a catalog have secrets in them; they can't be pickled"
        raise TypeError(message)


def pyiceberg_catalog(name: str, given: Given) -> "PyIcebergCatalog":
    """Return PyIceberg's catalog of the same properties, and no others of that name."""
    try:
        import pyiceberg  # noqa: PLC0415, F401 - an extra
    except ModuleNotFoundError as error:
        if error.name != "pyiceberg":
            raise
        message = (
            "to_pyiceberg() needs PyIceberg, which is not installed; "
            "run: pip install 'floe-lakehouse[pyiceberg]'"
        )
        raise ConfigurationError(message) from None
    texts = _with_arrow_for_azure(given.texts())
    if given.kind == "rest":
        from pyiceberg.catalog.rest import RestCatalog  # noqa: PLC0415

        return RestCatalog(name, **_of_rest(name, texts))
    from pyiceberg.catalog.sql import SqlCatalog  # noqa: PLC0415

    return SqlCatalog(name, **_of_sql(name, texts))


def pyiceberg_table(
    catalog: "PyIcebergCatalog", name: tuple[str, ...], uuid: str
) -> "PyIcebergTable":
    """Return PyIceberg's handle on the table as it is now; raises NoSuchTableError."""
    from pyiceberg.exceptions import NoSuchTableError as PyIcebergNoSuchTableError  # noqa: PLC0415

    dotted = ".".join(name)
    try:
        found: PyIcebergTable = catalog.load_table(name)
    except PyIcebergNoSuchTableError:
        message = f"table {dotted} does not exist any more"
        raise NoSuchTableError(message, details={"table": dotted}) from None
    if str(found.metadata.table_uuid) != uuid:
        message = f"table {dotted} was dropped, and another of that name has taken its place"
        raise NoSuchTableError(message, details={"table": dotted})
    return found


def _with_arrow_for_azure(texts: dict[str, str]) -> dict[str, str]:
    """Let PyIceberg use Arrow in Azure where it can't have what it prefers."""
    is_in_azure = any(key.startswith("adls.") for key in texts)
    if is_in_azure and importlib.util.find_spec("adlfs") is None:
        return {"py-io-impl": "pyiceberg.io.pyarrow.PyArrowFileIO", **texts}
    return texts


def _of_sql(name: str, texts: Mapping[str, str]) -> dict[str, Any]:
    if texts.get("uri", "").partition("://")[2] in ("", "/", "/:memory:"):
        message = (
            f"catalog {name!r} is in this process' memory, where PyIceberg can't see it; open it "
            "in a file"
        )
        raise InvalidArgumentError(message)
    properties = {**_without_own(texts), "type": "sql"}
    warehouse = texts.get("warehouse")
    if warehouse is not None and ":" not in warehouse:
        properties["warehouse"] = str(Path(warehouse).absolute())
    return properties


def _of_rest(name: str, texts: Mapping[str, str]) -> dict[str, Any]:
    if texts.get("ssl.verify", "true").lower() == "false":
        message = (
            f"catalog {name!r} has ssl.verify false, which PyIceberg can't do; give the server's "
            "authority as ssl.cabundle"
        )
        raise InvalidArgumentError(message)
    properties: dict[str, Any] = {
        key: value for key, value in _without_own(texts).items() if not key.startswith("ssl.")
    }
    ssl = _ssl(name, texts)
    if ssl:
        properties["ssl"] = ssl
    kind = texts.get("rest.auth.type", "").lower()
    if kind == "basic":
        user, password = (texts.get(f"rest.auth.basic.{key}") for key in ("username", "password"))
        properties["auth"] = {"type": kind, kind: {"username": user, "password": password}}
    elif kind == "none":
        properties["auth"] = {"type": "noop"}
    elif kind not in ("", "oauth2"):
        message = (
            f"catalog {name!r} has rest.auth.type {kind}; to_pyiceberg() can hand over none, "
            "basic and oauth2"
        )
        raise InvalidArgumentError(message)
    return {**properties, "type": "rest"}


def _ssl(name: str, texts: Mapping[str, str]) -> dict[str, Any]:
    if "ssl.client.key-password" in texts:
        message = (
            f"catalog {name!r} has ssl.client.key-password, which PyIceberg can't use; give it a "
            "key without a password"
        )
        raise InvalidArgumentError(message)
    ssl: dict[str, Any] = {}
    if "ssl.cabundle" in texts:
        ssl["cabundle"] = texts["ssl.cabundle"]
    client = {
        key: texts[f"ssl.client.{key}"] for key in ("cert", "key") if f"ssl.client.{key}" in texts
    }
    if client:
        ssl["client"] = client
    return ssl


def _without_own(texts: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in texts.items() if not key.startswith(_FLOE_ONLY)}
