"""Row filters, as in `pyiceberg.expressions`.

A filter is a text such as `"a > 3 and b in ('x', 'y')"` (docs/filter-grammar.md), an expression
made of the classes below, or one made of PyIceberg's classes. Truth is SQL's: a comparison with
null is unknown, and a filter keeps what is true.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NoReturn

from floe_core.errors import InvalidArgumentError
from floe_iceberg import _native
from floe_iceberg._arguments import refuse_type
from floe_iceberg._arguments import text as checked_text
from floe_iceberg.schema import Schema
from floe_iceberg.transforms import Transform, parse_transform

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
    "TransformTerm",
    "from_json",
    "parse",
    "to_json",
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


class TransformTerm:
    """A column seen through a transform: `EqualTo(TransformTerm("day", "ts"), date(2024, 1, 31))`.

    Literals are what the transform makes: a date for day, an int for bucket, a text such as "2024",
    "2024-01" or "2024-01-31T23" (or an int since 1970) for year, month and hour.
    """

    def __init__(self, transform: str | Transform, term: str | Reference) -> None:
        """Name the transform, such as "bucket[16]", and the column."""
        made = transform if isinstance(transform, Transform) else parse_transform(transform)
        self.transform = made
        self.term = term if isinstance(term, Reference) else Reference(term)


Term = str | Reference | TransformTerm


def _predicate(operation: str, term: Term, literals: list[Any]) -> _native.Expression:
    transform = None
    if isinstance(term, TransformTerm):
        transform, term = str(term.transform), term.term
    name = checked_text("a filter's column", term.name if isinstance(term, Reference) else term)
    return _native.Expression.predicate(operation, name, literals, transform)


def _natives(name: str, parts: tuple[BooleanExpression, ...]) -> list[_native.Expression]:
    if not parts:
        message = f"{name}() needs at least one filter"
        raise InvalidArgumentError(message)
    return [to_native(part) for part in parts]


class _Test(BooleanExpression):
    operation = ""

    def __init__(self, term: Term) -> None:
        super().__init__(_predicate(self.operation, term, []))


class _Comparison(BooleanExpression):
    operation = ""

    def __init__(self, term: Term, literal: Any) -> None:
        super().__init__(_predicate(self.operation, term, [literal]))


class _SetTest(BooleanExpression):
    operation = ""

    def __init__(self, term: Term, literals: Iterable[Any]) -> None:
        if isinstance(literals, (str, bytes)) or not isinstance(literals, Iterable):
            refuse_type(f"the values of {type(self).__name__}", literals, "a list of values")
        values = list(literals)
        super().__init__(_predicate(self.operation, term, values))


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


def from_json(text: str, schema: Schema | None = None) -> BooleanExpression:
    """Read the JSON that REST catalogs, Java and PyIceberg have for filters.

    With the schema of the table literals have the types of their columns, so that binary values,
    too, are read as what they are. Raises ParseError with the place.
    """
    schema_json = None if schema is None else schema.to_json()
    return BooleanExpression(
        _native.Expression.from_json(checked_text("a filter's JSON", text), schema_json)
    )


def to_json(filter_: str | BooleanExpression, schema: Schema | None = None) -> str:
    """Return a filter as the JSON that REST catalogs, Java and PyIceberg have for it.

    With a schema literals are converted to the types of their columns, as another system may not
    do that; transforms other than bucket become ranges.
    """
    return to_native(filter_).to_json(None if schema is None else schema.to_json())


def to_native(filter_: object) -> _native.Expression:
    """Return the engine's expression of a filter, of filter text or of PyIceberg's expression."""
    if isinstance(filter_, str):
        return _native.Expression.parse(filter_)
    if isinstance(filter_, BooleanExpression):
        return filter_._native  # noqa: SLF001 - the same module's class
    if _is_pyiceberg(filter_):
        return _from_pyiceberg(filter_)
    refuse_type("a filter", filter_, 'a text such as "id > 3", or an expression')


def _is_pyiceberg(value: object) -> bool:
    return type(value).__module__.startswith("pyiceberg.expressions")


_JOINS = {"And": _native.Expression.conjunction, "Or": _native.Expression.disjunction}
_PREDICATES: Mapping[str, str] = {
    kind.__name__: kind.operation
    for kind in (
        *(IsNull, NotNull, IsNaN, NotNaN, In, NotIn, StartsWith, NotStartsWith),
        *(EqualTo, NotEqualTo, LessThan, LessThanOrEqual, GreaterThan, GreaterThanOrEqual),
    )
}


def _from_pyiceberg(root: Any) -> _native.Expression:
    """Convert an expression by the names of its classes; PyIceberg is not imported.

    Its `and` and `or` have two sides, so that long chains are deep: no recursion here.
    """
    made: list[_native.Expression] = []
    steps: list[tuple[Any, int]] = [(root, 0)]
    while steps:
        node, part_count = steps.pop()
        name = type(node).__name__
        if not _is_pyiceberg(node):
            refuse_type("a part of PyIceberg's filter", node, "an expression")
        if part_count:
            parts, made = made[-part_count:], made[:-part_count]
            made.append(
                _JOINS[name](parts) if name in _JOINS else _native.Expression.negation(*parts)
            )
        elif name in _JOINS or name == "Not":
            below = _chain(node) if name in _JOINS else [node.child]
            steps += [(node, len(below)), *((part, 0) for part in reversed(below))]
        else:
            made.append(_pyiceberg_leaf(node, name))
    return made[0]


def _chain(root: Any) -> list[Any]:
    """Return what a tree of only `and` (`or`) joins, in order."""
    parts, rest = [], [root]
    while rest:
        node = rest.pop()
        if type(node) is type(root):
            rest += [node.right, node.left]
        else:
            parts.append(node)
    return parts


def _pyiceberg_leaf(node: Any, name: str) -> _native.Expression:
    if name == "AlwaysTrue":
        return _native.Expression.always_true()
    if name == "AlwaysFalse":
        return _native.Expression.always_false()
    column = getattr(getattr(node, "term", None), "name", None)
    if name not in _PREDICATES or not isinstance(column, str):
        _refuse_pyiceberg(name)
    operation = _PREDICATES[name]
    given = node.literals if operation in ("in", "not-in") else [getattr(node, "literal", None)]
    literals = [_pyiceberg_value(literal) for literal in given if literal is not None]
    return _native.Expression.predicate_in_utc(operation, column, literals)


def _pyiceberg_value(literal: Any) -> Any:
    """Return a literal's value; PyIceberg has counts of days and of microseconds in UTC."""
    if type(literal).__name__ == "DateLiteral":
        return date(1970, 1, 1) + timedelta(days=literal.value)
    if type(literal).__name__ == "TimestampLiteral":
        return datetime(1970, 1, 1) + timedelta(microseconds=literal.value)
    return literal.value


def _refuse_pyiceberg(name: str) -> NoReturn:
    message = f"PyIceberg's {name} can't be used as a filter; pass one that is not bound to a table"
    raise InvalidArgumentError(message)
