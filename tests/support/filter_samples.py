"""Filters over a column, each with what it means for a single value."""

import math
import uuid
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pyarrow as pa
from pyiceberg import expressions
from type_samples import MAX_CODE_POINT, Sample

COLUMN = "optional"

theirs: Any = expressions  # whose annotations do not know the arguments of its classes


class Filter(NamedTuple):
    """A filter as PyIceberg's expression, in DuckDB's SQL, and as a function of a value."""

    expression: Any
    sql: str
    parameters: tuple[Any, ...]
    keeps: Callable[[Any], bool]

    def __str__(self) -> str:
        """Return the expression."""
        return str(self.expression)

    def ids(self, rows: pa.Table) -> list[int]:
        """Return the ids of the rows that the filter keeps."""
        pairs = zip(rows["id"].to_pylist(), rows[COLUMN].to_pylist(), strict=True)
        return [id_ for id_, value in pairs if self.keeps(value)]


COMPARISONS: dict[Any, tuple[str, Callable[[Any, Any], bool]]] = {
    theirs.EqualTo: ("=", lambda a, b: a == b),
    theirs.NotEqualTo: ("<>", lambda a, b: a != b),
    theirs.LessThan: ("<", lambda a, b: a < b),
    theirs.LessThanOrEqual: ("<=", lambda a, b: a <= b),
    theirs.GreaterThan: (">", lambda a, b: a > b),
    theirs.GreaterThanOrEqual: (">=", lambda a, b: a >= b),
}

# Not values of the samples, but what bounds of them are cut to, and neighbours of that.
BETWEEN: dict[str, list[Any]] = {
    "string": ["x" * 16, "x" * 41, "y" * 15 + "\ud7ff", "y" * 15 + "\ue000", MAX_CODE_POINT * 16],
    "binary": [b"a" * 16, b"a" * 15 + b"b", b"\xff" * 16, b"b" * 16, b"b" * 15 + b"c"],
    "float": [0.1, 3e38],
    "double": [0.1, 1e308],
}

PREFIXES = ["", "x", "x" * 16, "x" * 41, "y" * 15, MAX_CODE_POINT * 3, MAX_CODE_POINT * 21, "null"]


def is_nan(value: Any) -> bool:
    """Whether a value is NaN."""
    return isinstance(value, float) and math.isnan(value)


def literals_of(type_name: str, sample: Sample) -> list[Any]:
    """Return what a column is compared with; NaN can't be."""
    values = [*sample.values, *BETWEEN.get(type_name, [])]
    if type_name == "uuid":
        values = [uuid.UUID(bytes=value) for value in values]
    return [value for value in values if not is_nan(value)]


def _compared(operation: Any, literal: Any) -> Filter:
    symbol, holds = COMPARISONS[operation]
    return Filter(
        operation(COLUMN, literal),
        f"{COLUMN} {symbol} ?",
        (literal,),
        lambda value: value is not None and holds(value, literal),
    )


def _sets(literals: list[Any]) -> Iterator[Filter]:
    some = literals[:: max(1, len(literals) - 1)]
    marks = ", ".join("?" for _ in some)
    yield Filter(
        theirs.In(COLUMN, some),
        f"{COLUMN} IN ({marks})",
        tuple(some),
        lambda value: value is not None and value in some,
    )
    # PyIceberg keeps nulls in "not in", SQL and floe don't; together with "not null" all agree.
    yield Filter(
        theirs.And(theirs.NotIn(COLUMN, some), theirs.NotNull(COLUMN)),
        f"{COLUMN} NOT IN ({marks})",
        tuple(some),
        lambda value: value is not None and value not in some,
    )


def _tests(sample: Sample) -> Iterator[Filter]:
    yield Filter(theirs.IsNull(COLUMN), f"{COLUMN} IS NULL", (), lambda value: value is None)
    yield Filter(
        theirs.NotNull(COLUMN), f"{COLUMN} IS NOT NULL", (), lambda value: value is not None
    )
    yield Filter(theirs.IsNull("nothing"), "nothing IS NULL", (), lambda _: True)
    yield Filter(theirs.NotNull("nothing"), "nothing IS NOT NULL", (), lambda _: False)
    if pa.types.is_floating(sample.type):
        yield Filter(theirs.IsNaN(COLUMN), f"isnan({COLUMN})", (), is_nan)
        yield Filter(
            theirs.And(theirs.NotNaN(COLUMN), theirs.NotNull(COLUMN)),
            f"NOT isnan({COLUMN})",
            (),
            lambda value: value is not None and not is_nan(value),
        )


def _prefixed(prefix: str) -> Iterator[Filter]:
    yield Filter(
        theirs.StartsWith(COLUMN, prefix),
        f"starts_with({COLUMN}, ?)",
        (prefix,),
        lambda value: value is not None and value.startswith(prefix),
    )
    yield Filter(
        theirs.NotStartsWith(COLUMN, prefix),
        f"NOT starts_with({COLUMN}, ?)",
        (prefix,),
        lambda value: value is not None and not value.startswith(prefix),
    )


def filters_of(type_name: str, sample: Sample) -> list[Filter]:
    """Return filters of every kind that a column of the type can have."""
    literals = literals_of(type_name, sample)
    made = [_compared(operation, literal) for literal in literals for operation in COMPARISONS]
    made += _sets(literals)
    made += _tests(sample)
    if pa.types.is_string(sample.type):
        made += [each for prefix in PREFIXES for each in _prefixed(prefix)]
    return made
