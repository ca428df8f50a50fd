"""Dagster's partitions as row filters and as partitions of a table."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import dagster as dg

from floe_core.errors import InvalidArgumentError, UnsupportedError
from floe_iceberg.expressions import (
    AlwaysFalse,
    And,
    BooleanExpression,
    EqualTo,
    GreaterThanOrEqual,
    In,
    LessThan,
    Or,
)
from floe_iceberg.types import DateType, IcebergType, TimestampType, TimestamptzType

__all__ = ["check_kind", "partition_filter", "partition_term"]


def partition_filter(
    definition: dg.PartitionsDefinition, keys: Sequence[str], column: str, type_: IcebergType
) -> BooleanExpression:
    """Return the filter that keeps the rows of partitions, and no others.

    A time window of a date or timestamp column is a half-open range; in a column without zone
    it is meant in the definition's time zone. In columns of other types, and for static and
    dynamic partitions, the value is the partition's key.

    Raises:
        UnsupportedError: A definition of another kind.
        InvalidArgumentError: Windows that a column of this type can't tell apart.
    """
    if isinstance(definition, dg.TimeWindowPartitionsDefinition) and _is_time(type_):
        windows = [definition.time_window_for_partition_key(key) for key in keys]
        ranges = [_range(column, type_, start, end) for start, end in _merged(windows)]
        return _any_of(ranges)
    check_kind(definition)
    if not keys:
        return AlwaysFalse()
    return EqualTo(column, keys[0]) if len(keys) == 1 else In(column, keys)


def partition_term(
    definition: dg.PartitionsDefinition, key: str, column: str, type_: IcebergType
) -> str:
    """Return the partition term, such as "month(ts)", for a new table of such partitions.

    It is the coarsest transform at whose borders the window of `key` begins and ends, by the
    definition's clock.
    """
    if not isinstance(definition, dg.TimeWindowPartitionsDefinition) or not _is_time(type_):
        check_kind(definition)
        return column
    window = definition.time_window_for_partition_key(key)
    step = max(_step(window.start), _step(window.end))
    if isinstance(type_, DateType):
        step = min(step, _STEPS.index("day"))
    return f"{_STEPS[step]}({column})"


_STEPS = ("year", "month", "day", "hour")


def _step(moment: datetime) -> int:
    parts = (moment.month - 1, moment.day - 1, moment.hour)
    return max((index + 1 for index, part in enumerate(parts) if part), default=0)


def check_kind(definition: dg.PartitionsDefinition) -> None:
    """Raise UnsupportedError for partitions that can't be mapped yet."""
    kinds = (
        dg.TimeWindowPartitionsDefinition,
        dg.StaticPartitionsDefinition,
        dg.DynamicPartitionsDefinition,
    )
    if not isinstance(definition, kinds):
        message = (
            f"partitions of kind {type(definition).__name__} are not supported yet; only time "
            "windows, static and dynamic partitions are"
        )
        raise UnsupportedError(message)


def _is_time(type_: IcebergType) -> bool:
    return isinstance(type_, (DateType, TimestampType, TimestamptzType))


def _merged(windows: Iterable[dg.TimeWindow]) -> list[tuple[datetime, datetime]]:
    merged: list[tuple[datetime, datetime]] = []
    for window in sorted(windows, key=lambda window: window.start.timestamp()):
        if merged and merged[-1][1].timestamp() == window.start.timestamp():
            merged[-1] = (merged[-1][0], window.end)
        else:
            merged.append((window.start, window.end))
    return merged


def _range(column: str, type_: IcebergType, start: datetime, end: datetime) -> BooleanExpression:
    if isinstance(type_, TimestamptzType):
        return And(GreaterThanOrEqual(column, start), LessThan(column, end))
    first, last = start.replace(tzinfo=None), end.replace(tzinfo=None)
    if first >= last:
        message = (
            f"the partition from {start.isoformat()} to {end.isoformat()} has no window in "
            f"column {column!r} of type {type_}, as clocks are set back; use a timestamp with zone"
        )
        raise InvalidArgumentError(message, details={"column": column})
    if not isinstance(type_, DateType):
        return And(GreaterThanOrEqual(column, first), LessThan(column, last))
    if first.time() != datetime.min.time() or last.time() != datetime.min.time():
        message = (
            f"the partition from {first.isoformat()} to {last.isoformat()} does not begin and end "
            f"at midnight, so column {column!r} of type date can't tell its rows; use a timestamp"
        )
        raise InvalidArgumentError(message, details={"column": column})
    return And(GreaterThanOrEqual(column, first.date()), LessThan(column, last.date()))


def _any_of(filters: list[BooleanExpression]) -> BooleanExpression:
    if not filters:
        return AlwaysFalse()
    return filters[0] if len(filters) == 1 else Or(*filters)
