"""Names and places of entities: what Polaris refuses, and pages of lists."""

import base64
import re
from collections.abc import Sequence
from typing import Any

from polaris_stand_in.entities import Catalog, Namespace
from polaris_stand_in.errors import RefusalError, bad_argument
from polaris_stand_in.routes import Call

__all__ = [
    "check_location",
    "check_name",
    "check_properties",
    "check_uri",
    "page",
    "refuse_overlap",
    "slashed",
]

_REFUSED = '/\\:*?"<>|#+`'
_RESERVED = "polaris."
# Not legal in a URI, which Java makes of a file's location.
_NOT_IN_URIS = re.compile(r'[ "<>^`{|}\[\]\\]')
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_MALFORMED = "Malformed escape pair"
_MAX_INT = 2**31


def check_name(name: str) -> None:
    """Raise 400 for a name that no entity can have."""
    if not name:
        message = "Entity name must not be empty"
        raise bad_argument(message)
    if name != name.strip():
        message = f"Entity name must not have leading or trailing whitespace: {name}"
        raise bad_argument(message)
    if name in (".", ".."):
        message = f"Entity name must not be '{name}'"
        raise bad_argument(message)
    shown = "".join(c if c.isprintable() else f"\\u{ord(c):04X}" for c in name)
    for character in name:
        if ord(character) < ord(" "):
            message = (
                f"Entity name must not contain control characters (U+{ord(character):04X}): {shown}"
            )
            raise bad_argument(message)
        if character in _REFUSED:
            message = f"Entity name must not contain '{character}': {shown}"
            raise bad_argument(message)


def check_uri(catalog: Catalog, location: str) -> None:
    """Raise 400 for a location that Java does not take for a URI."""
    if not catalog.is_file:
        return
    for pattern, words in ((_NOT_IN_URIS, "Illegal character in path"), (_BAD_ESCAPE, _MALFORMED)):
        found = pattern.search(location)
        if found is not None:
            message = f"{words} at index {found.start()}: {location}"
            raise bad_argument(message)


def check_properties(properties: Any) -> dict[str, str]:
    """Return properties as texts; raises 400 for those that are Polaris's own."""
    if properties is None:
        return {}
    if not isinstance(properties, dict):
        raise RefusalError(400)
    for key in properties:
        if key.startswith(_RESERVED):
            message = f"Property '{key}' matches reserved prefix '{_RESERVED}'"
            raise bad_argument(message)
    return {key: str(value) for key, value in properties.items()}


def slashed(location: str) -> str:
    """Return a location with one slash at the end."""
    return location.rstrip("/") + "/"


def check_location(
    catalog: Catalog, identifier: str, locations: Sequence[str], allowed: str
) -> None:
    """Raise 403 for a table of which a location lies outside of what is allowed."""
    inside = slashed(_plain(allowed))
    ordered = list(reversed(locations)) if catalog.is_file else list(locations)
    outside = [place for place in ordered if not slashed(_plain(place)).startswith(inside)]
    if outside:
        message = (
            f"Invalid locations '[{', '.join(ordered)}]' for identifier '{identifier}': "
            f"{outside[0]} is not in the list of allowed locations: [{allowed.rstrip('/')}]"
        )
        raise RefusalError(403, "ForbiddenException", message)


def _plain(location: str) -> str:
    """Return a location with one way to write its scheme."""
    if location.startswith("file:"):
        return "file:///" + location.removeprefix("file:").lstrip("/")
    return re.sub("^s3[an]:", "s3:", location)


def refuse_overlap(catalog: Catalog, namespace: Namespace, location: str, own: int = 0) -> None:
    """Raise 403 if a table or namespace beside it has a location within another's."""
    wanted = slashed(_plain(location))
    taken = [
        stored.location
        for space in catalog.namespaces.values()
        for stored in (*space.tables.values(), *space.views.values())
        if stored.id != own
    ]
    depth = len(namespace.levels) + 1
    taken += [
        space.location
        for levels, space in catalog.namespaces.items()
        if len(levels) == depth and levels[:-1] == namespace.levels
    ]
    for other in taken:
        place = slashed(_plain(other))
        if place.startswith(wanted) or wanted.startswith(place):
            message = (
                f"Unable to create entity at location '{location}' because it conflicts with "
                f"existing table or namespace at location '{slashed(other)}'"
            )
            raise RefusalError(403, "ForbiddenException", message)


def page(call: Call, items: Sequence[tuple[int, Any]]) -> tuple[list[Any], str | None]:
    """Return the items of the page that was asked for, and the token of the next one.

    Args:
        call: The request, with `pageSize` and `pageToken`.
        items: Ids and what to show, by ascending ids.
    """
    text = call.query.get("pageSize")
    if text is not None and (not re.fullmatch(r"-?\d+", text) or abs(int(text)) >= _MAX_INT):
        raise RefusalError(404, "NotFoundException", "HTTP 404 Not Found")
    if not call.state.settings.pages:
        return [shown for _, shown in items], None
    token = call.query.get("pageToken")
    after = _id_in(token) if token else -1
    rest = [item for item in items if item[0] > after]
    if text is None:
        return [shown for _, shown in rest], None
    size = int(text)
    if size < 0:
        message = "Invalid page size"
        raise bad_argument(message)
    taken = rest[:size]
    last = taken[-1][0] if taken and len(rest) > size else None
    next_token = None if last is None else base64.urlsafe_b64encode(b":)\n%d" % last).decode()
    return [shown for _, shown in taken], next_token


def _id_in(token: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(token).removeprefix(b":)\n"))
    except ValueError:
        message = (
            "Input does not start with Smile format header (first byte = 0x81) and parser has "
            "REQUIRE_HEADER enabled: can not parse\n at [Source: (byte[])[5 bytes]; byte offset: "
            "#0]"
        )
        raise RefusalError(500, "StreamReadException", message) from None
