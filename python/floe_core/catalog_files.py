"""Catalogs by name: what `.pyiceberg.yaml` and the environment say about them.

    # .pyiceberg.yaml, in $PYICEBERG_HOME, the home folder or the current one
    catalog:
      prod:
        uri: https://polaris.example.com/api/catalog
        warehouse: lake

    PYICEBERG_CATALOG__PROD__CREDENTIAL=id:secret
    FLOE_CATALOG__PROD__SCOPE=PRINCIPAL_ROLE:engineer

Files and names are those of PyIceberg: the first file that says anything holds; in variables, `__`
separates, then stands for a dot, and `_` for a dash; letter case does not matter. Variables go
before the file, and those of floe before those of PyIceberg.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from floe_core.errors import ConfigurationError

__all__ = ["configured_catalog", "default_catalog_name"]

_FILE = ".pyiceberg.yaml"
_HOME = "PYICEBERG_HOME"
_PREFIXES = ("pyiceberg_", "floe_")  # the later go before the earlier
_CATALOG = "catalog"
_DEFAULT = "default-catalog"


def default_catalog_name(environment: Mapping[str, str] | None = None) -> str:
    """Return what `default-catalog` says, or "default"; raises ConfigurationError."""
    variables = os.environ if environment is None else environment
    path, found = _read_file(variables)
    name = found.get(_DEFAULT, "")
    for prefix in _PREFIXES:
        for variable, value in variables.items():
            if variable.lower() == f"{prefix}default_catalog":
                name = value
    if not isinstance(name, str):
        _refuse(path, _DEFAULT, "is a mapping or list; expected the name of a catalog")
    return name or "default"


def configured_catalog(name: str, environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the properties of the catalog `name`; empty where nothing is said about it.

    Mappings within are flat in the answer: `ssl: {cabundle: …}` is `ssl.cabundle`.

    Args:
        name: The catalog's name.
        environment: In place of `os.environ`.

    Raises:
        ConfigurationError: A file that can't be read or is no YAML, a key with a value that it
            can't have. `path` is the file, the message names the key.
    """
    variables = os.environ if environment is None else environment
    path, found = _read_file(variables)
    catalogs = found.get(_CATALOG, {})
    if not isinstance(catalogs, dict):
        _refuse(
            path, _CATALOG, "is no mapping; expected the names of catalogs, each with a mapping"
        )
    properties: dict[str, str] = {}
    wanted = name.lower()
    if wanted in catalogs:
        mapping = catalogs[wanted]
        if not isinstance(mapping, dict):
            _refuse(path, f"{_CATALOG}.{wanted}", "is no mapping; expected properties such as uri")
        _flatten(path, f"{_CATALOG}.{wanted}", mapping, "", properties)
    for prefix in _PREFIXES:
        properties |= _of_variables(f"{prefix}{_CATALOG}", wanted, variables)
    return properties


def _of_variables(start: str, wanted: str, variables: Mapping[str, str]) -> dict[str, str]:
    properties = {}
    for variable, value in variables.items():
        first, *rest = variable.lower().split("__", maxsplit=2)
        if first != start or not rest or rest[0].replace("_", "-") != wanted:
            continue
        if len(rest) == 1 or not rest[1]:
            message = (
                f"the environment variable {variable} names the catalog {wanted!r} and no property "
                f"of it; expected a name such as {variable}__URI"
            )
            raise ConfigurationError(message, details={"key": variable})
        properties[rest[1].replace("__", ".").replace("_", "-")] = value
    return properties


def _flatten(
    path: Path | None, place: str, mapping: dict[str, Any], prefix: str, into: dict[str, str]
) -> None:
    for key, value in mapping.items():
        if isinstance(value, dict):
            _flatten(path, f"{place}.{key}", value, f"{prefix}{key}.", into)
        elif isinstance(value, str):
            into[prefix + key] = value
        else:
            _refuse(path, f"{place}.{key}", "is a list; expected a text")


def _refuse(path: Path | None, key: str, problem: str) -> NoReturn:
    message = f"{path}: {key} {problem}"
    raise ConfigurationError(message, details={"path": str(path), "key": key})


def _read_file(variables: Mapping[str, str]) -> tuple[Path | None, dict[str, Any]]:
    """Return the first file that says anything, and its keys in lower case."""
    home = variables.get(_HOME)
    for folder in ([Path(home)] if home else []) + _usual_folders():
        path = folder / _FILE
        if path.is_file():
            found = _parse(path)
            if found:
                return path, found
    return None, {}


def _usual_folders() -> list[Path]:
    return [Path("~").expanduser(), Path.cwd()]


def _parse(path: Path) -> dict[str, Any]:
    import yaml  # noqa: PLC0415 - most programs have no such file

    try:
        with path.open(encoding="utf-8") as file:
            tree = yaml.compose(file, Loader=yaml.BaseLoader)
        found = {} if tree is None else _plain(path, "", tree, set())
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        place = getattr(error, "problem_mark", None)
        where = f"{path}:{place.line + 1}" if place is not None else str(path)
        problem = getattr(error, "problem", None) or type(error).__name__
        message = f"{where} is not a YAML file: {problem}"
        raise ConfigurationError(message, details={"path": str(path)}) from None
    except OSError as error:
        message = f"{path} can't be read: {error.strerror}"
        raise ConfigurationError(message, details={"path": str(path)}) from None
    if not isinstance(found, dict):
        if found:
            message = f"{path} holds no mapping; expected keys such as catalog"
            raise ConfigurationError(message, details={"path": str(path)})
        return {}
    return found


def _plain(path: Path, place: str, node: Any, seen: set[int]) -> Any:
    """Return mappings, lists and texts, as they are written."""
    if node.id == "scalar":
        return node.value
    if id(node) in seen:  # aliases of aliases grow without bound
        _refuse(path, place, "is an alias of a mapping or list; write it out")
    seen.add(id(node))
    if node.id == "sequence":
        return [_plain(path, place, item, seen) for item in node.value]
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value).lower()
        inner = f"{place}.{key}" if place else key
        if key in mapping:
            _refuse(path, inner, f"is there twice, again in line {key_node.start_mark.line + 1}")
        mapping[key] = _plain(path, inner, value_node, seen)
    return mapping
