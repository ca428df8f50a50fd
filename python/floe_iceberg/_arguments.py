"""Checks of what callers pass: each names the argument, what was found and what is expected."""

import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NoReturn

from floe_core.errors import InvalidArgumentError

__all__ = ["integer", "moment_ms", "names", "path_text", "refuse_type", "text", "text_pairs"]


def refuse_type(what: str, value: object, expected: str) -> NoReturn:
    """Raise InvalidArgumentError for a value of the wrong type."""
    message = f"{what} is of type {type(value).__name__}; expected {expected}"
    raise InvalidArgumentError(message)


def text(what: str, value: Any) -> str:
    """Return `value` if it is a text."""
    if not isinstance(value, str):
        refuse_type(what, value, "a text")
    return value


def integer(what: str, value: Any) -> int:
    """Return `value` as an integer; a text of digits is one."""
    try:
        if not isinstance(value, bool):
            return int(str(value))
    except ValueError:
        pass
    message = f"{what} is {value!r}; expected an integer"
    raise InvalidArgumentError(message)


def path_text(what: str, value: Any) -> str:
    """Return `value` if it is a text, or a path as text."""
    if not isinstance(value, (str, os.PathLike)):
        refuse_type(what, value, "a text or a path")
    return os.fspath(value)


def names(what: str, value: Any, example: str) -> list[str]:
    """Return the texts of an iterable; a single text is refused, as its letters are no names."""
    expected = f"a sequence of texts such as {example}"
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        refuse_type(what, value, expected)
    found = list(value)
    for item in found:
        if not isinstance(item, str):
            refuse_type(f"an item of {what}", item, "a text")
    return found


def text_pairs(what: str, value: Any) -> list[tuple[str, str]]:
    """Return a mapping's items as texts: True as "true", numbers as they are written.

    None is an empty mapping; as a value it is refused, as are containers.
    """
    if value is None:
        return []
    if not isinstance(value, Mapping):
        refuse_type(what, value, "a mapping of texts to texts")
    pairs = []
    for key, item in value.items():
        if not isinstance(key, str):
            refuse_type(f"a key of {what}", key, "a text")
        pairs.append((key, _property_text(f"{key!r} in {what}", item)))
    return pairs


def _property_text(what: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (str, int, float)):
        return str(value)
    refuse_type(what, value, "a text, a number, True or False")


def moment_ms(as_of: datetime | int | None) -> int | None:
    """Return a moment in milliseconds since 1970; None stays."""
    if as_of is None or (isinstance(as_of, int) and not isinstance(as_of, bool)):
        return as_of
    if not isinstance(as_of, datetime):
        refuse_type("as_of", as_of, "a zoned datetime, or milliseconds since 1970")
    if as_of.tzinfo is None:
        message = f"as_of is {as_of.isoformat()}, which has no zone; pass a zoned datetime"
        raise InvalidArgumentError(message)
    return int(as_of.timestamp() * 1000)
