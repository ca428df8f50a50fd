"""Names of namespaces, tables and views, as callers give them."""

from typing import Any

from floe_core.errors import InvalidArgumentError
from floe_iceberg._arguments import refuse_type

__all__ = ["Identifier", "name_levels", "split_name"]

Identifier = tuple[str, ...]


def name_levels(namespace: str | Identifier, kind: str = "namespace") -> list[str]:
    levels: list[Any] = []
    if isinstance(namespace, str):
        levels = namespace.split(".")
    elif isinstance(namespace, (tuple, list)):
        levels = list(namespace)
    else:
        refuse_type(f"a {kind}'s name", namespace, "a text such as 'a.b', or a tuple of texts")
    if not levels or not all(isinstance(level, str) and level for level in levels):
        message = (
            f"{namespace!r} is not the name of a {kind}: expected names separated by dots, or a "
            "tuple of them"
        )
        raise InvalidArgumentError(message)
    return levels


def split_name(identifier: str | Identifier, kind: str = "table") -> tuple[list[str], str]:
    *levels, name = name_levels(identifier, kind)
    if not levels:
        message = (
            f"{identifier!r} is not the name of a {kind}: expected a namespace before it, as in "
            "'bronze.flights'"
        )
        raise InvalidArgumentError(message)
    return levels, name
