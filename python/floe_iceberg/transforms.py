"""Partition transforms, as in `pyiceberg.transforms`. All are immutable values."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from floe_core.errors import ParseError
from floe_iceberg import _native
from floe_iceberg.types import IcebergType, type_from_json

__all__ = [
    "BucketTransform",
    "DayTransform",
    "HourTransform",
    "IdentityTransform",
    "MonthTransform",
    "Transform",
    "TruncateTransform",
    "UnknownTransform",
    "VoidTransform",
    "YearTransform",
    "parse_transform",
]


@dataclass(frozen=True)
class Transform:
    """How a column's value becomes a partition value."""

    def __str__(self) -> str:
        """Return the specification's name of the transform."""
        return type(self).__name__.removesuffix("Transform").lower()

    @property
    def _engine(self) -> _native.Transform:
        return _native.Transform.parse(str(self))

    def transform(self, source: IcebergType) -> Callable[[Any], Any]:
        """Return the function from values of `source` to partition values."""
        engine, name = self._engine, str(source)
        return lambda value: engine.apply(name, value)

    def can_transform(self, source: IcebergType) -> bool:
        """Whether the transform applies to values of `source`."""
        return self._engine.can_apply_to(str(source))

    def result_type(self, source: IcebergType) -> IcebergType:
        """Return the type of partition values of `source`."""
        return type_from_json(self._engine.result_type(str(source)))

    def to_human_string(self, source: IcebergType, value: Any) -> str:
        """Return a partition value as paths show it."""
        return self._engine.to_human_string(str(source), value)


class IdentityTransform(Transform):
    """The value itself."""


class VoidTransform(Transform):
    """Always null: a partition field that was dropped."""


class YearTransform(Transform):
    """Years since 1970."""


class MonthTransform(Transform):
    """Months since 1970-01."""


class DayTransform(Transform):
    """Days since 1970-01-01."""


class HourTransform(Transform):
    """Hours since 1970-01-01T00."""


@dataclass(frozen=True)
class BucketTransform(Transform):
    """A hash of the value, modulo `num_buckets`."""

    num_buckets: int

    def __str__(self) -> str:
        """Return the specification's name of the transform."""
        return f"bucket[{self.num_buckets}]"


@dataclass(frozen=True)
class TruncateTransform(Transform):
    """A prefix of `width` characters, or the next lower multiple of `width`."""

    width: int

    def __str__(self) -> str:
        """Return the specification's name of the transform."""
        return f"truncate[{self.width}]"


@dataclass(frozen=True)
class UnknownTransform(Transform):
    """One that only the table's writer knows: it applies to nothing, and prunes nothing."""

    name: str

    def __str__(self) -> str:
        """Return the table's name of the transform."""
        return self.name

    def can_transform(self, source: IcebergType) -> bool:
        """Return False."""
        return False


_PLAIN: dict[str, Transform] = {
    str(made): made
    for made in (
        IdentityTransform(),
        VoidTransform(),
        YearTransform(),
        MonthTransform(),
        DayTransform(),
        HourTransform(),
    )
}


def parse_transform(text: str) -> Transform:
    """Read "month", "bucket[16]", …; raises ParseError."""
    name = str(_native.Transform.parse(text))
    if name in _PLAIN:
        return _PLAIN[name]
    kind, parameter = name.rstrip("]").split("[")
    number = int(parameter)
    return BucketTransform(number) if kind == "bucket" else TruncateTransform(number)


class Source(NamedTuple):
    """What a partition or sort field is made from."""

    source_id: int
    transform: Transform
    source_ids: tuple[int, ...]  # of a transform of several columns, else empty


def read_source(item: dict[str, Any]) -> Source:
    """Read the source of a field; transforms that floe does not know are carried."""
    text = item["transform"]
    ids = item.get("source-ids", ())
    source_id = item["source-id"] if "source-id" in item else ids[0]
    try:
        transform = UnknownTransform(text) if len(ids) > 1 else parse_transform(text)
    except ParseError:
        transform = UnknownTransform(text)
    return Source(source_id, transform, tuple(ids) if len(ids) > 1 else ())


def source_json(source_id: int, source_ids: tuple[int, ...]) -> dict[str, Any]:
    """Return a field's members for its columns."""
    return {"source-ids": list(source_ids)} if source_ids else {"source-id": source_id}
