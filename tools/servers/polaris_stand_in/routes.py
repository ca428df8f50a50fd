"""What a request says, and which function answers it."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from polaris_stand_in.entities import Catalog, Namespace, State
from polaris_stand_in.errors import (
    BadJsonError,
    RefusalError,
    bad_argument,
    no_namespace,
    no_route,
)
from polaris_stand_in.tokens import Caller

__all__ = ["Answer", "Call", "Handler", "Route", "find_route", "split_path"]

_SEPARATOR = "\x1f"
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True)
class Answer:
    """A status, a body to be written as JSON (None: none), and headers."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Call:
    """A request that has a route."""

    state: State
    signed_in: Caller | None
    names: dict[str, str]
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def caller(self) -> Caller:
        """Who asks; the token endpoint has nobody."""
        if self.signed_in is None:
            raise RefusalError(401)
        return self.signed_in

    def json(self, empty: RefusalError | None = None) -> dict[str, Any]:
        """Return the body, a JSON object; raises `empty` if there is none."""
        if not self.body and empty is not None:
            raise empty
        try:
            found = json.loads(self.body)
        except ValueError:
            raise BadJsonError from None
        if not isinstance(found, dict):
            raise RefusalError(400)
        return found

    @property
    def catalog(self) -> Catalog:
        """The catalog in the path; raises 404."""
        found = self.state.catalogs.get(self.names["prefix"])
        if found is None:
            raise no_namespace("''")
        return found

    @property
    def levels(self) -> tuple[str, ...]:
        """The namespace in the path."""
        return levels_of(self.names["namespace"])

    @property
    def namespace(self) -> Namespace:
        """The namespace in the path; raises 404."""
        return namespace_of(self.catalog, self.levels)


def levels_of(text: str) -> tuple[str, ...]:
    """Return the levels of a namespace in a path or query."""
    if "\0" in text:
        message = "Cannot create a namespace with the null-byte character"
        raise bad_argument(message)
    return tuple(text.split(_SEPARATOR))


def namespace_of(catalog: Catalog, levels: tuple[str, ...]) -> Namespace:
    """Return a namespace; raises 404."""
    found = catalog.namespaces.get(levels)
    if found is None:
        raise no_namespace(".".join(levels))
    return found


Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Route:
    """Requests of a method and path that a function answers; `{name}` is any segment."""

    method: str
    template: str
    handler: Handler

    def match(self, segments: list[str]) -> dict[str, str] | None:
        """Return the named segments if the path is of this route."""
        parts = self.template.strip("/").split("/")
        if len(parts) != len(segments):
            return None
        names = {}
        for part, segment in zip(parts, segments, strict=True):
            if part.startswith("{"):
                names[part.strip("{}")] = segment
            elif part != segment:
                return None
        return names


def split_path(target: str) -> tuple[list[str], dict[str, str]]:
    """Return the decoded segments and the query; matrix parameters are cut off."""
    parts = urlsplit(target)
    if _BAD_ESCAPE.search(parts.path):
        raise RefusalError(400)
    segments = [unquote(segment.partition(";")[0]) for segment in parts.path.split("/")]
    if segments and not segments[-1]:
        segments.pop()
    kept: list[str] = []
    for segment in segments[1:]:
        if segment == ".." and kept:
            kept.pop()
        elif segment != ".":
            kept.append(segment)
    return kept, dict(parse_qsl(parts.query, keep_blank_values=True))


def find_route(
    routes: list[Route], method: str, segments: list[str]
) -> tuple[Route, dict[str, str]] | set[str]:
    """Return the route and its names, or the methods that the path has; raises 404."""
    methods = set()
    for route in routes:
        names = route.match(segments)
        if names is None or any(not name for name in names.values()):
            continue
        if route.method == method:
            return route, names
        methods.add(route.method)
    if methods:
        return methods
    if segments[:1] == ["api"]:
        raise no_route()
    raise RefusalError(404, "NotFoundException", "HTTP 404 Not Found")
