"""Row filters, as in `pyiceberg.expressions`.

A filter is a text such as `"a > 3 and b in ('x', 'y')"` (docs/filter-grammar.md) or an
expression made of the classes below. Truth is SQL's: a comparison with null is unknown, and a
filter keeps what is true.
"""

from collections.abc import Iterable
from typing import Any

from floe_core.errors import InvalidArgumentError
from floe_iceberg import _native
from floe_iceberg._arguments import refuse_type
from floe_iceberg._arguments import text as checked_text

__all__ = [
    "AlwaysFalse",
    "AlwaysTrue",
    "And",
    "BooleanExpression",
    "EqualTo",
    "GreaterThan",
    "GreaterThanOrEqual",
    "In",
    "IsNaN",
    "IsNull",
    "LessThan",
    "LessThanOrEqual",
    "Not",
    "NotEqualTo",
    "NotIn",
    "NotNaN",
    "NotNull",
    "NotStartsWith",
    "Or",
    "Reference",
    "StartsWith",
    "parse",
    "to_native",
]


class BooleanExpression:
    """Base of all filters. Immutable; combine with `&`, `|` and `~`."""

    def __init__(self, native: _native.Expression) -> None:
        """Wrap an engine expression."""
        self._native = native

    def __and__(self, other: "BooleanExpression") -> "And":
        """Return a filter that keeps what both keep."""
        return And(self, other)

    def __or__(self, other: "BooleanExpression") -> "Or":
        """Return a filter that keeps what either keeps."""
        return Or(self, other)

    def __invert__(self) -> "Not":
        """Return a filter that keeps what this does not, nulls aside."""
        return Not(self)

    def __str__(self) -> str:
        """Return the filter as text."""
        return str(self._native)

    def __repr__(self) -> str:
        """Return the filter as text, with its class."""
        return f"{type(self).__name__}({self})"

    def __eq__(self, other: object) -> bool:
        """Compare as texts."""
        return isinstance(other, BooleanExpression) and str(self) == str(other)

    def __hash__(self) -> int:
        """Hash the text."""
        return hash(str(self))


class AlwaysTrue(BooleanExpression):
    """Keeps every row."""

    def __init__(self) -> None:
        """Make the filter."""
        super().__init__(_native.Expression.always_true())


class AlwaysFalse(BooleanExpression):
    """Keeps no row."""

    def __init__(self) -> None:
        """Make the filter."""
        super().__init__(_native.Expression.always_false())


class And(BooleanExpression):
    """Keeps what all of its parts keep."""

    def __init__(self, *parts: BooleanExpression) -> None:
        """Make the filter of at least one part."""
        super().__init__(_native.Expression.conjunction(_natives("And", parts)))


class Or(BooleanExpression):
    """Keeps what any of its parts keeps."""

    def __init__(self, *parts: BooleanExpression) -> None:
        """Make the filter of at least one part."""
        super().__init__(_native.Expression.disjunction(_natives("Or", parts)))


class Not(BooleanExpression):
    """Keeps what its part does not, nulls aside."""

    def __init__(self, part: BooleanExpression) -> None:
        """Make the filter."""
        super().__init__(_native.Expression.negation(to_native(part)))


class Reference:
    """A column by its full name."""

    def __init__(self, name: str) -> None:
        """Name the column."""
        self.name = name


def _column(term: str | Reference) -> str:
    return checked_text("a filter's column", term.name if isinstance(term, Reference) else term)


def _natives(name: str, parts: tuple[BooleanExpression, ...]) -> list[_native.Expression]:
    if not parts:
        message = f"{name}() needs at least one filter"
        raise InvalidArgumentError(message)
    return [to_native(part) for part in parts]


class _Test(BooleanExpression):
    operation = ""

    def __init__(self, term: str | Reference) -> None:
        super().__init__(_native.Expression.predicate(self.operation, _column(term), []))


class _Comparison(BooleanExpression):
    operation = ""

    def __init__(self, term: str | Reference, literal: Any) -> None:
        super().__init__(_native.Expression.predicate(self.operation, _column(term), [literal]))


class _SetTest(BooleanExpression):
    operation = ""

    def __init__(self, term: str | Reference, literals: Iterable[Any]) -> None:
        if isinstance(literals, (str, bytes)) or not isinstance(literals, Iterable):
            refuse_type(f"the values of {type(self).__name__}", literals, "a list of values")
        values = list(literals)
        super().__init__(_native.Expression.predicate(self.operation, _column(term), values))


class IsNull(_Test):
    """Keeps rows whose value is null."""

    operation = "is-null"


class NotNull(_Test):
    """Keeps rows whose value is not null."""

    operation = "not-null"


class IsNaN(_Test):
    """Keeps rows whose value is NaN."""

    operation = "is-nan"


class NotNaN(_Test):
    """Keeps rows whose value is neither NaN nor null."""

    operation = "not-nan"


class EqualTo(_Comparison):
    """Keeps rows whose value equals the literal."""

    operation = "eq"


class NotEqualTo(_Comparison):
    """Keeps rows whose value is there and differs from the literal."""

    operation = "not-eq"


class LessThan(_Comparison):
    """Keeps rows whose value is less than the literal."""

    operation = "lt"


class LessThanOrEqual(_Comparison):
    """Keeps rows whose value is at most the literal."""

    operation = "lt-eq"


class GreaterThan(_Comparison):
    """Keeps rows whose value is greater than the literal."""

    operation = "gt"


class GreaterThanOrEqual(_Comparison):
    """Keeps rows whose value is at least the literal."""

    operation = "gt-eq"


class StartsWith(_Comparison):
    """Keeps rows whose text begins with the literal."""

    operation = "starts-with"


class NotStartsWith(_Comparison):
    """Keeps rows whose text is there and does not begin with the literal."""

    operation = "not-starts-with"


class In(_SetTest):
    """Keeps rows whose value equals one of the literals."""

    operation = "in"


class NotIn(_SetTest):
    """Keeps rows whose value is there and equals none of the literals."""

    operation = "not-in"


def parse(text: str) -> BooleanExpression:
    """Read filter text; raises ParseError with the position."""
    return BooleanExpression(_native.Expression.parse(checked_text("a filter to parse", text)))


def to_native(filter_: str | BooleanExpression) -> _native.Expression:
    """Return the engine's expression of a filter or of filter text."""
    if isinstance(filter_, str):
        return _native.Expression.parse(filter_)
    if isinstance(filter_, BooleanExpression):
        return filter_._native  # noqa: SLF001 - the same module's class
    refuse_type("a filter", filter_, 'a text such as "id > 3", or an expression')
