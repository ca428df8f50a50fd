"""Hypothesis strategies for Arrow schemas, rows and ways of writing them."""

import datetime as dt
from decimal import Context, Decimal
from typing import Any, NamedTuple

import pyarrow as pa
from arrow_values import make_array
from hypothesis import strategies as st

UTC = dt.UTC
_EXACT = Context(prec=40)
FLOATS_32 = st.floats(width=32)
NAMES = st.text("abcxyz_ é'\"`%/=", min_size=1, max_size=6)


def _decimals(type_: pa.Decimal128Type) -> st.SearchStrategy[Decimal]:
    most = 10**type_.precision - 1
    return st.integers(-most, most).map(
        lambda unscaled: Decimal(unscaled).scaleb(-type_.scale, context=_EXACT)
    )


_VALUES: dict[pa.DataType, st.SearchStrategy[Any]] = {
    pa.bool_(): st.booleans(),
    pa.int32(): st.integers(-(2**31), 2**31 - 1),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.float32(): FLOATS_32,
    pa.float64(): st.floats(),
    pa.string(): st.text(max_size=20),
    pa.binary(): st.binary(max_size=20),
    pa.date32(): st.dates(),
    pa.time64("us"): st.times(),
    pa.timestamp("us"): st.datetimes(),
    pa.timestamp("us", "UTC"): st.datetimes(timezones=st.just(UTC)),
    pa.uuid(): st.uuids().map(lambda value: value.bytes),
}

_SIMPLE = st.one_of(
    st.sampled_from(list(_VALUES)),
    st.integers(1, 38).flatmap(
        lambda precision: st.integers(0, precision).map(lambda s: pa.decimal128(precision, s))
    ),
    st.integers(1, 20).map(pa.binary),
)


def _fields(types: st.SearchStrategy[pa.DataType], most: int) -> st.SearchStrategy[list[pa.Field]]:
    field = st.builds(pa.field, NAMES, types, nullable=st.booleans())
    return st.lists(field, min_size=1, max_size=most, unique_by=lambda field: field.name)


def _nested(inner: st.SearchStrategy[pa.DataType]) -> st.SearchStrategy[pa.DataType]:
    return st.one_of(
        _fields(inner, 3).map(pa.struct),
        st.builds(
            lambda type_, nullable: pa.list_(pa.field("element", type_, nullable)),
            inner,
            st.booleans(),
        ),
        st.builds(
            lambda key, type_, nullable: pa.map_(key, pa.field("value", type_, nullable)),
            st.sampled_from([pa.string(), pa.int64()]),
            inner,
            st.booleans(),
        ),
    )


TYPES = st.recursive(_SIMPLE, _nested, max_leaves=4)
SCHEMAS = _fields(TYPES, 5).map(pa.schema)


def values_of(type_: pa.DataType) -> st.SearchStrategy[Any]:
    """Return values of a type, none of them null at the top."""
    if type_ in _VALUES:
        return _VALUES[type_]
    if pa.types.is_decimal(type_):
        return _decimals(type_)
    if pa.types.is_fixed_size_binary(type_):
        return st.binary(min_size=type_.byte_width, max_size=type_.byte_width)
    if pa.types.is_struct(type_):
        return st.fixed_dictionaries({field.name: field_values(field) for field in type_})
    if pa.types.is_map(type_):
        pairs = st.dictionaries(
            values_of(type_.key_type), field_values(type_.item_field), max_size=3
        )
        return pairs.map(lambda pairs: list(pairs.items()))
    return st.lists(field_values(type_.value_field), max_size=3)


def field_values(field: pa.Field) -> st.SearchStrategy[Any]:
    """Return values of a field: null now and then if it may be."""
    values = values_of(field.type)
    return st.one_of(st.none(), values) if field.nullable else values


def rows_of(schema: pa.Schema, most: int) -> st.SearchStrategy[pa.Table]:
    """Return tables of a schema."""

    def table(count: int) -> st.SearchStrategy[pa.Table]:
        columns = [
            st.lists(field_values(field), min_size=count, max_size=count) for field in schema
        ]
        return st.tuples(*columns).map(
            lambda made: pa.Table.from_arrays(
                [make_array(list(c), f.type) for c, f in zip(made, schema, strict=True)],
                schema=schema,
            )
        )

    return st.integers(0, most).flatmap(table)


class Parts(NamedTuple):
    """Rows in the pieces that they are written in."""

    schema: pa.Schema
    parts: list[pa.Table]

    @property
    def rows(self) -> pa.Table:
        """All rows."""
        return pa.concat_tables(self.parts)


def tables(most_rows: int = 12, most_parts: int = 3) -> st.SearchStrategy[Parts]:
    """Return tables of random schemas, in parts."""
    return SCHEMAS.flatmap(
        lambda schema: st.lists(rows_of(schema, most_rows), min_size=1, max_size=most_parts).map(
            lambda parts: Parts(schema, parts)
        )
    )


def as_multiset(rows: list[Any]) -> list[str]:
    """Return rows in a form in which NaN equals itself, -0.0 differs from 0.0, order is none."""
    return sorted(map(repr, rows))
