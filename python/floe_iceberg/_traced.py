"""Calls of catalogs as operations of `floe_core.trace`."""

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from floe_core.trace import operation

__all__ = ["traced"]

# What the methods call the argument that names what they are about.
_NAMES = ("namespace", "parent", "identifier", "from_identifier")
Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class _Named(Protocol):
    """A catalog, as far as spans tell of it."""

    _spans: str

    @property
    def name(self) -> str: ...


Of = TypeVar("Of", bound=_Named)
Method = Callable[Concatenate[Of, Arguments], Result]


def traced(about: str) -> Callable[[Method[Of, Arguments, Result]], Method[Of, Arguments, Result]]:
    """Return a decorator of methods whose first argument names a `namespace` or `table`."""

    def decorate(method: Method[Of, Arguments, Result]) -> Method[Of, Arguments, Result]:
        what = method.__name__

        @functools.wraps(method)
        def call(self: Of, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
            given = (kwargs[key] for key in _NAMES if key in kwargs)
            named = args[0] if args else next(given, ())
            facts = {"catalog": self.name, "operation": what, about: _dotted(named)}
            prefix = self._spans if about == "namespace" else "iceberg"
            with operation(f"{prefix}.{what}", facts):
                return method(self, *args, **kwargs)

        return call

    return decorate


def _dotted(named: object) -> str:
    """Return a name as text; what is no name is not told."""
    if isinstance(named, str):
        return named
    if isinstance(named, (tuple, list)) and all(isinstance(level, str) for level in named):
        return ".".join(named)
    return ""
