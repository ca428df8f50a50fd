"""Hypothesis strategies for tables in several files, and for filters that say what they keep."""

import datetime as dt
import math
import operator
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

import pyarrow as pa
from arrow_values import make_array
from hypothesis import strategies as st

from floe_iceberg import expressions as ours
from floe_iceberg.schema import Schema
from floe_iceberg.transforms import BucketTransform

Row = dict[str, Any]
UTC = dt.UTC

LAST = "\U0010ffff"
TEXTS = [
    "",
    "x",
    "x" * 16,
    "x" * 16 + "a",
    "x" * 17,
    "é" * 15,
    "é" * 16 + "a",
    "é" * 17,
    "\ud7ff" * 17,
    "\ue000" * 17,
    LAST * 15,
    LAST * 16 + "a",
    LAST * 17,
]
FLOATS = [float("-inf"), -1.5, -0.0, 0.0, 1.5, float("inf"), float("nan")]
MOMENTS = [
    dt.datetime(1, 1, 1),
    dt.datetime(1899, 12, 31, 23),
    dt.datetime(1969, 12, 31, 22, 59, 59, 999999),
    dt.datetime(1969, 12, 31, 23, 59, 59, 999999),
    dt.datetime(1970, 1, 1),
    dt.datetime(2024, 2, 29, 12),
    dt.datetime(9999, 12, 31, 23, 59, 59, 999999),
]
DECIMALS = [Decimal(text) for text in ("-99999.99", "-0.01", "0.00", "0.10", "7.00", "99999.99")]
TIMES = ["year", "month", "day", "hour"]


class Column(NamedTuple):
    """A column: its values, what else it is compared with, transforms that it can have."""

    type: pa.DataType
    values: st.SearchStrategy[Any]
    others: st.SearchStrategy[Any] | None = None
    transforms: tuple[str, ...] = ("{}", "bucket(3, {})")

    @property
    def literals(self) -> st.SearchStrategy[Any]:
        """What the column is compared with; NaN can't be."""
        values = self.values if self.others is None else st.one_of(self.values, self.others)
        return values.filter(lambda value: not is_nan(value))


def is_nan(value: Any) -> bool:
    """Whether a value is NaN."""
    return isinstance(value, float) and math.isnan(value)


def _some(values: list[Any], more: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.sampled_from(values), more)


def _times(*parts: str) -> tuple[str, ...]:
    return ("{}", "bucket(3, {})", *(f"{part}({{}})" for part in parts))


_CUT = ("{}", "bucket(3, {})", "truncate(10, {})")
_ODD = st.sampled_from([1.5, -0.5, 2**70, -(2**70), Decimal("0.001")])

COLUMNS = {
    "flag": Column(pa.bool_(), st.booleans(), transforms=("{}",)),
    "i": Column(pa.int32(), _some([-(2**31), 2**31 - 1], st.integers(-12, 12)), _ODD, _CUT),
    "l": Column(pa.int64(), _some([-(2**63), 2**63 - 1], st.integers(-12, 12)), _ODD, _CUT),
    "f": Column(
        pa.float32(), _some(FLOATS, st.floats(width=32)), st.sampled_from([0.1, 1e300]), ("{}",)
    ),
    "d": Column(pa.float64(), _some(FLOATS, st.floats()), transforms=("{}",)),
    "n": Column(pa.decimal128(7, 2), st.sampled_from(DECIMALS), _ODD, _CUT),
    "s": Column(
        pa.string(),
        _some(TEXTS, st.text("xé" + LAST, max_size=18)),
        transforms=("{}", "bucket(3, {})", "truncate(1, {})", "truncate(16, {})"),
    ),
    "b": Column(
        pa.binary(),
        _some([b"", b"\xff" * 16, b"\xff" * 17, b"a" * 17], st.binary(max_size=18)),
        transforms=("{}", "bucket(3, {})", "truncate(16, {})"),
    ),
    "u": Column(pa.uuid(), st.integers(0, 3).map(lambda i: uuid.UUID(int=i << 126))),
    "day": Column(
        pa.date32(), st.sampled_from([m.date() for m in MOMENTS]), None, _times(*TIMES[:3])
    ),
    "at": Column(pa.timestamp("us"), st.sampled_from(MOMENTS), None, _times(*TIMES)),
    "zoned": Column(
        pa.timestamp("us", "UTC"),
        st.sampled_from([moment.replace(tzinfo=UTC) for moment in MOMENTS]),
        None,
        _times(*TIMES),
    ),
}


class Layout(NamedTuple):
    """Rows in parts, each a commit of its own; `id` numbers them."""

    columns: list[str]
    rows: list[Row]
    parts: list[pa.Table]
    partition_spec: list[str]
    row_group_rows: int
    metrics: str


def _table(columns: list[str], rows: list[Row]) -> pa.Table:
    stored = [
        {k: v.bytes if isinstance(v, uuid.UUID) else v for k, v in row.items()} for row in rows
    ]
    types = {"id": pa.int64()} | {name: COLUMNS[name].type for name in columns}
    arrays = [make_array([row[name] for row in stored], type_) for name, type_ in types.items()]
    return pa.table(arrays, names=list(types))


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    """Return tables of some columns in several files, row groups and partitions."""
    columns = draw(st.lists(st.sampled_from(list(COLUMNS)), min_size=1, max_size=3, unique=True))
    values = st.fixed_dictionaries({n: st.one_of(st.none(), COLUMNS[n].values) for n in columns})
    drawn = draw(st.lists(st.lists(values, min_size=1, max_size=6), min_size=1, max_size=3))
    first = 0
    parts: list[list[Row]] = []
    for part in drawn:
        parts.append([{"id": first + i, **row} for i, row in enumerate(part)])
        first += len(part)
    partitioned = draw(st.lists(st.sampled_from(columns), max_size=2, unique=True))
    return Layout(
        columns,
        [row for part in parts for row in part],
        [_table(columns, part) for part in parts],
        [draw(st.sampled_from(COLUMNS[n].transforms)).format(n) for n in partitioned],
        draw(st.sampled_from([1, 2, 1_000_000])),
        draw(st.sampled_from(["none", "counts", "truncate(1)", "truncate(16)", "full"])),
    )


class Condition(NamedTuple):
    """A filter, which rows it keeps, and which ones its negation keeps.

    The two leave out the rows of which neither is true: those with nulls, and with NaN.
    """

    filter: ours.BooleanExpression
    keeps: Callable[[Row], bool]
    rejects: Callable[[Row], bool]


_COMPARISONS = [
    (ours.EqualTo, operator.eq, operator.ne),
    (ours.NotEqualTo, operator.ne, operator.eq),
    (ours.LessThan, operator.lt, operator.ge),
    (ours.LessThanOrEqual, operator.le, operator.gt),
    (ours.GreaterThan, operator.gt, operator.le),
    (ours.GreaterThanOrEqual, operator.ge, operator.lt),
]


def _of_values(
    filter_: ours.BooleanExpression, name: str, keeps: Callable[[Any], bool]
) -> Condition:
    return Condition(
        filter_,
        lambda row: row[name] is not None and keeps(row[name]),
        lambda row: row[name] is not None and not keeps(row[name]),
    )


def _compared(name: str) -> st.SearchStrategy[Condition]:
    def make(operation: Any, literal: Any) -> Condition:
        made, holds, fails = operation
        return Condition(
            made(name, literal),
            lambda row: row[name] is not None and holds(row[name], literal),
            lambda row: row[name] is not None and fails(row[name], literal),
        )

    return st.builds(make, st.sampled_from(_COMPARISONS), COLUMNS[name].literals)


def _in_set(name: str) -> st.SearchStrategy[Condition]:
    literals = st.lists(COLUMNS[name].literals, min_size=1, max_size=3)
    return st.one_of(
        literals.map(lambda some: _of_values(ours.In(name, some), name, lambda v: v in some)),
        literals.map(
            lambda some: _of_values(ours.NotIn(name, some), name, lambda v: v not in some)
        ),
    )


def _prefixed(name: str) -> st.SearchStrategy[Condition]:
    return st.one_of(
        COLUMNS[name].literals.map(
            lambda p: _of_values(ours.StartsWith(name, p), name, lambda v: v.startswith(p))
        ),
        COLUMNS[name].literals.map(
            lambda p: _of_values(ours.NotStartsWith(name, p), name, lambda v: not v.startswith(p))
        ),
    )


def _hour(value: dt.datetime) -> dt.datetime:
    return value.replace(minute=0, second=0, microsecond=0, tzinfo=None)


def _wrapped(value: int, bits: int) -> int:
    return (value - value % 10 + 2 ** (bits - 1)) % 2**bits - 2 ** (bits - 1)


def _bucket(name: str) -> Callable[[Any], int]:
    field = Schema.from_arrow(pa.schema([(name, COLUMNS[name].type)])).fields[0]
    return BucketTransform(3).transform(field.field_type)


# What a transform makes of a value, and how that is written in a filter.
_SEEN: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "year": (lambda value: value.year, lambda year: f"{year:04}"),
    "month": (lambda value: (value.year, value.month), lambda m: f"{m[0]:04}-{m[1]:02}"),
    "day": (lambda value: value.date() if isinstance(value, dt.datetime) else value, lambda d: d),
    "hour": (_hour, lambda hour: hour.isoformat(timespec="hours")),
    "truncate[1]": (lambda value: value[:1], lambda part: part),
    "truncate[16]": (lambda value: value[:16], lambda part: part),
}
_CUT_NUMBERS: dict[str, Callable[[Any], Any]] = {
    "i": lambda value: _wrapped(value, 32),
    "l": lambda value: _wrapped(value, 64),
    "n": lambda value: (
        value - value % Decimal("0.10") - (value % Decimal("0.10") < 0) * Decimal("0.10")
    ),
}


def _transformed(name: str) -> st.SearchStrategy[Condition]:
    def make(text: str, operation: Any, literal: Any) -> Condition:
        kind, _, rest = text.partition("(")
        transform = f"{kind}[{rest.split(',')[0]}]" if "," in rest else kind
        see, write = _SEEN.get(transform, (_CUT_NUMBERS.get(name), lambda made: made))
        if transform.startswith("bucket"):
            see = _bucket(name)
        assert see is not None
        made, holds, fails = operation
        seen = see(literal)
        return Condition(
            made(ours.TransformTerm(transform, name), write(seen)),
            lambda row: row[name] is not None and holds(see(row[name]), seen),
            lambda row: row[name] is not None and fails(see(row[name]), seen),
        )

    texts = [text for text in COLUMNS[name].transforms if text != "{}"]
    return st.builds(
        make, st.sampled_from(texts), st.sampled_from(_COMPARISONS), COLUMNS[name].values
    )


def _tested(name: str) -> list[Condition]:
    null = Condition(
        ours.IsNull(name), lambda row: row[name] is None, lambda row: row[name] is not None
    )
    found = [null, Condition(ours.NotNull(name), null.rejects, null.keeps)]
    if pa.types.is_floating(COLUMNS[name].type):
        found.append(_of_values(ours.IsNaN(name), name, is_nan))
        found.append(_of_values(ours.NotNaN(name), name, lambda value: not is_nan(value)))
    return found


def _negated(one: Condition) -> Condition:
    return Condition(ours.Not(one.filter), one.rejects, one.keeps)


def _joined(one: Condition, two: Condition) -> Condition:
    return Condition(
        ours.And(one.filter, two.filter),
        lambda row: one.keeps(row) and two.keeps(row),
        lambda row: one.rejects(row) or two.rejects(row),
    )


def _either(one: Condition, two: Condition) -> Condition:
    both_fail = _joined(_negated(one), _negated(two))
    return Condition(ours.Or(one.filter, two.filter), both_fail.rejects, both_fail.keeps)


def conditions(columns: list[str]) -> st.SearchStrategy[Condition]:
    """Return filters over some of the columns."""
    leaves = [make(name) for name in columns for make in (_compared, _in_set)]
    leaves += [st.sampled_from(_tested(name)) for name in columns]
    leaves += [_prefixed(name) for name in columns if name == "s"]
    leaves += [_transformed(name) for name in columns if len(COLUMNS[name].transforms) > 1]
    leaf = st.one_of(leaves)
    return st.recursive(
        st.one_of(leaf, leaf.map(_negated)),
        lambda inner: st.one_of(
            inner.map(_negated), st.builds(_joined, inner, inner), st.builds(_either, inner, inner)
        ),
        max_leaves=4,
    )
