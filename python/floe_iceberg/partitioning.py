"""Partition specs, as in `pyiceberg.partitioning`."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from floe_core.errors import InvalidArgumentError
from floe_iceberg.schema import Schema
from floe_iceberg.transforms import (
    IdentityTransform,
    Transform,
    VoidTransform,
    parse_transform,
    read_source,
    source_json,
)

__all__ = ["UNPARTITIONED_PARTITION_SPEC", "PartitionField", "PartitionSpec"]

_TERM = re.compile(r"^\s*(?P<transform>\w+)\s*\(\s*(?P<arguments>[^()]*)\)\s*$")

_CALL = re.compile(r"[(),]")


@dataclass(frozen=True)
class PartitionField:
    """One field of a partition spec.

    Attributes:
        source_id: Id of the column.
        field_id: Id of the partition field, 1000 and up; 0 lets floe choose.
        transform: What is done to the column's values.
        name: Name of the partition field.
        source_ids: Ids of the columns of a transform of several, which floe only carries; else
            empty.
    """

    source_id: int
    field_id: int
    transform: Transform
    name: str
    source_ids: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the field's JSON form."""
        return {
            **source_json(self.source_id, self.source_ids),
            "field-id": self.field_id,
            "transform": str(self.transform),
            "name": self.name,
        }


def _field(item: dict[str, Any]) -> PartitionField:
    source_id, transform, several = read_source(item)
    return PartitionField(source_id, item["field-id"], transform, item["name"], several)


class PartitionSpec:
    """How a table is cut into partitions. Immutable."""

    def __init__(self, *fields: PartitionField, spec_id: int = 0) -> None:
        """Make a spec of fields."""
        self.fields = fields
        self.spec_id = spec_id

    @classmethod
    def from_json(cls, text: str) -> "PartitionSpec":
        """Read a spec's JSON form."""
        value = json.loads(text)
        return cls(*map(_field, value["fields"]), spec_id=value["spec-id"])

    @classmethod
    def of(cls, schema: Schema, terms: Iterable[str]) -> "PartitionSpec":
        """Make a spec from texts such as "month(ts)", "bucket(16, id)" or "region".

        Fields are named as Spark names them: `ts_month`, `id_bucket`, `region`. Raises
        ParseError or InvalidArgumentError naming the term.
        """
        return cls(*(_field_of(schema, term) for term in terms))

    def to_json(self) -> str:
        """Return the JSON form (Iceberg specification, appendix C)."""
        return json.dumps(
            {"spec-id": self.spec_id, "fields": [field.to_json() for field in self.fields]}
        )

    def is_unpartitioned(self) -> bool:
        """Whether every row is in the same partition."""
        return all(isinstance(field.transform, VoidTransform) for field in self.fields)

    def __eq__(self, other: object) -> bool:
        """Compare spec ids and fields."""
        return (
            isinstance(other, PartitionSpec)
            and self.spec_id == other.spec_id
            and self.fields == other.fields
        )

    def __hash__(self) -> int:
        """Hash the fields."""
        return hash((self.spec_id, self.fields))

    def __repr__(self) -> str:
        """Return the fields."""
        inner = ", ".join(
            f"{field.transform}({', '.join(map(str, field.source_ids or (field.source_id,)))})"
            for field in self.fields
        )
        return f"PartitionSpec(spec_id={self.spec_id}, fields=[{inner}])"


UNPARTITIONED_PARTITION_SPEC = PartitionSpec()


def _field_of(schema: Schema, term: str) -> PartitionField:
    match = _TERM.match(term)
    if match is None and _CALL.search(term):
        message = (
            f"can't read the partition term {term!r}; expected a column, or a transform of one "
            "such as 'month(ts)' or 'bucket(16, id)'"
        )
        raise InvalidArgumentError(message)
    if match is None:
        source = schema.find_field(term.strip())
        return PartitionField(source.field_id, 0, IdentityTransform(), term.strip())
    arguments = [part.strip() for part in match["arguments"].split(",")]
    name = match["transform"]
    if len(arguments) == 1:
        transform = parse_transform(name)
    elif len(arguments) == 2:  # noqa: PLR2004 - parameter and column
        transform = parse_transform(f"{name}[{arguments[0]}]")
    else:
        message = f"partition term {term!r} has {len(arguments)} arguments; expected 1 or 2"
        raise InvalidArgumentError(message)
    column = arguments[-1]
    source = schema.find_field(column)
    suffix = "" if isinstance(transform, IdentityTransform) else f"_{name.lower()}"
    return PartitionField(source.field_id, 0, transform, column.replace(".", "_") + suffix)
