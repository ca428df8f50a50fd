"""What `load_catalog()` makes of its properties, for each type of catalog."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from floe_core.catalog_files import configured_catalog
from floe_core.errors import ConfigurationError, InvalidArgumentError, UnsupportedError
from floe_iceberg import _native
from floe_iceberg._arguments import integer, path_text, text, text_pairs
from floe_iceberg._to_pyiceberg import Given

_SQLITE = "sqlite://"
_DRIVERS = ("sqlite+pysqlite://",)
_OF_SQL = {"type", "uri", "warehouse", "fsync", "busy-timeout-ms"}
_OF_MEMORY = {"type", "warehouse", "fsync"}
_HEADER = "header."
_STORAGE = ("s3.", "client.", "gcs.", "gcp.", "adls.")
# Never shown; the engine has them.
_SECRET = {
    "adls.account-key",
    "adls.auth.shared-key.account.key",
    "adls.client-secret",
    "adls.connection-string",
    "adls.sas-token",
    "credential",
    "gcs.oauth2.token",
    "token",
    "client.secret-access-key",
    "client.session-token",
    "rest.auth.basic.password",
    "rest.client.proxy",
    "rest.secret-access-key",
    "rest.session-token",
    "s3.proxy-uri",
    "s3.secret-access-key",
    "s3.session-token",
    "ssl.client.key-password",
}
# Of one of several storage accounts.
_SECRETS_BY_ACCOUNT = "adls.sas-token."


# PyIceberg's configuration files have these as mappings; floe has other names.
_AUTH = {
    "auth.type": "rest.auth.type",
    "auth.basic.username": "rest.auth.basic.username",
    "auth.basic.password": "rest.auth.basic.password",
}


def open_catalog(
    name: str, properties: Mapping[str, Any], *, are_all: bool = False
) -> tuple[_native.Catalog, dict[str, str], Given]:
    """Return the engine's catalog, the properties that may be shown, and all of them.

    What configuration files and variables say about the name is there unless `properties` has it,
    or they are all that there is to say.
    """
    configured = {} if are_all else configured_catalog(text("the catalog's name", name))
    given = _normal(_with_floe_names(name, configured)) | _normal(properties)
    try:
        return _open(name, given)
    except (InvalidArgumentError, UnsupportedError) as error:
        if configured:
            error.add_note(
                f"Of catalog {name!r}, {', '.join(sorted(configured))} came from a configuration "
                "file (.pyiceberg.yaml) or from variables (PYICEBERG_CATALOG__…, FLOE_CATALOG__…)."
            )
        raise


def _normal(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key if key.startswith(_HEADER) else key.replace("_", "-"): value
        for key, value in properties.items()
        if value is not None
    }


def _with_floe_names(name: str, configured: Mapping[str, str]) -> dict[str, str]:
    named = {_AUTH.get(key, key): value for key, value in configured.items()}
    unknown = sorted(key for key in named if key.startswith("auth."))
    if unknown:
        message = (
            f"the configuration of catalog {name!r} has {', '.join(unknown)}; of auth, floe reads "
            f"{', '.join(sorted(_AUTH))}"
        )
        raise ConfigurationError(message, details={"key": unknown[0]})
    return named


def _open(name: str, given: Mapping[str, Any]) -> tuple[_native.Catalog, dict[str, str], Given]:
    uri = text(f"uri of catalog {name!r}", given.get("uri", ""))
    is_http = uri.lower().startswith(("http://", "https://"))
    inferred = "rest" if is_http else "sql"
    kind = text(f"type of catalog {name!r}", given.get("type", inferred)).lower()
    if kind == "rest":
        native = _open_rest(name, given)
    elif kind == "sql":
        native = _open_sql(name, given)
    elif kind == "in-memory":
        native = _open_in_memory(name, given)
    else:
        message = (
            f"catalog {name!r} is of type {kind!r}; "
            "this version of floe has sql, rest and in-memory"
        )
        raise UnsupportedError(message)
    shown = {
        key: str(value)
        for key, value in given.items()
        if key not in _SECRET and not key.startswith((_HEADER, _SECRETS_BY_ACCOUNT))
    }
    return native, shown, Given(kind, given)


def _open_rest(name: str, given: Mapping[str, Any]) -> _native.Catalog:
    if "uri" not in given:
        message = f"catalog {name!r} needs a uri, such as https://catalog.example.com/api/catalog"
        raise InvalidArgumentError(message)
    engine = {
        key: value
        for key, value in given.items()
        if key not in ("type", "fsync") and not key.startswith(_STORAGE)
    }
    return _native.open_rest_catalog(
        text("the catalog's name", name),
        text_pairs(f"properties of catalog {name!r}", engine),
        fsync=_boolean("fsync", given.get("fsync", True)),
        storage=_storage(name, given),
    )


def _storage(name: str, given: Mapping[str, Any]) -> list[tuple[str, str]]:
    storage = {key: value for key, value in given.items() if key.startswith(_STORAGE)}
    return text_pairs(f"properties of catalog {name!r}", storage)


def _refuse_unknown(name: str, given: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(key for key in set(given) - known if not key.startswith(_STORAGE))
    if unknown:
        message = (
            f"catalog {name!r} has unknown properties {', '.join(unknown)}; "
            f"known are {', '.join(sorted(known))}"
        )
        raise InvalidArgumentError(message)


def _warehouse(name: str, given: Mapping[str, Any]) -> str | None:
    warehouse = given.get("warehouse")
    return None if warehouse is None else path_text(f"warehouse of catalog {name!r}", warehouse)


def _open_in_memory(name: str, given: Mapping[str, Any]) -> _native.Catalog:
    _refuse_unknown(name, given, _OF_MEMORY)
    return _native.open_in_memory_catalog(
        text("the catalog's name", name),
        _warehouse(name, given),
        # A catalog that ends with the process has nothing to lose by a crash of the machine.
        fsync=_boolean("fsync", given.get("fsync", False)),
        storage=_storage(name, given),
    )


def _open_sql(name: str, given: Mapping[str, Any]) -> _native.Catalog:
    _refuse_unknown(name, given, _OF_SQL)
    if "uri" not in given:
        message = f"catalog {name!r} needs a uri, such as sqlite:////path/to/catalog.db"
        raise InvalidArgumentError(message)
    return _native.open_sqlite_catalog(
        text("the catalog's name", name),
        _database_path(name, given["uri"]),
        _warehouse(name, given),
        fsync=_boolean("fsync", given.get("fsync", True)),
        busy_timeout_ms=_busy_timeout_ms(given.get("busy-timeout-ms", 60_000)),
        storage=_storage(name, given),
    )


def _database_path(name: str, uri: str) -> str:
    for prefix in (_SQLITE, *_DRIVERS):
        if uri.startswith(prefix):
            path = uri.removeprefix(prefix).removeprefix("/")
            return "" if path in ("", ":memory:") else str(Path(path).expanduser())
    scheme = uri.partition(":")[0]
    message = f"catalog {name!r} has a uri of scheme {scheme!r}; this version of floe has sqlite"
    raise UnsupportedError(message)


def _boolean(name: str, value: object) -> bool:
    word = str(value).lower()
    if word not in ("true", "false"):
        message = f"catalog property {name} is {value!r}; expected true or false"
        raise InvalidArgumentError(message)
    return word == "true"


def _busy_timeout_ms(value: object) -> int:
    wait = integer("catalog property busy-timeout-ms", value)
    if not 0 <= wait < 2**31:
        message = f"catalog property busy-timeout-ms is {wait}; expected 0 to {2**31 - 1}"
        raise InvalidArgumentError(message)
    return wait
