"""What PyIceberg 0.12.0 gets wrong or can't do, so that tests of floe don't ask it."""

import datetime as dt

import pyarrow as pa
from filter_samples import Filter
from type_samples import SAMPLES

# Partitions that it can't write.
UNWRITABLE = {
    ("float", "optional"): "looks for the rows of partition NaN by ==",
    ("double", "optional"): "looks for the rows of partition NaN by ==",
    ("uuid", "optional"): "groups by an extension type",
    ("time", "bucket(3, optional)"): "takes the bucket's number for a time",
    ("decimal(9, 2)", "truncate(10, optional)"): "the smallest value's partition has 10 digits",
    ("decimal(38, 38)", "truncate(10, optional)"): "the smallest value's partition has 39 digits",
}

# Cutting it for an upper bound, PyIceberg takes a surrogate for the next code point.
UNWRITABLE_TEXT = "y" * 15 + "\ud7ff" + "z"


def writable(rows: pa.Table) -> pa.Table:
    """Return the rows that PyIceberg can write."""
    kept = [UNWRITABLE_TEXT not in row.values() for row in rows.to_pylist()]
    return rows.filter(pa.array(kept))


def is_filtered_right(type_name: str, term: str, filter_: Filter) -> bool:
    """Whether PyIceberg finds what a filter matches in a table partitioned by `term`."""
    literals = filter_.parameters
    wrong_by_type = {
        # Infinity is beyond the floats.
        "float": any(str(literal) in ("inf", "-inf") for literal in literals),
        # Its Avro reader narrows partition values to floats.
        "double": term == "optional",
        # It compares UUIDs with bytes.
        "uuid": bool(term),
        # It does not expect that the smallest values wrap.
        "int": term.startswith("truncate"),
        "long": term.startswith("truncate"),
    }
    # It transforms the day before or after, too.
    beyond = term.startswith(("year", "month")) and any(map(_is_at_the_end, literals))
    return not (wrong_by_type.get(type_name) or beyond)


def _is_at_the_end(literal: dt.date) -> bool:
    return (literal.year, literal.month, literal.day) in ((1, 1, 1), (9999, 12, 31))


assert UNWRITABLE_TEXT in SAMPLES["string"].values
