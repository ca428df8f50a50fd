"""Sort orders, as in `pyiceberg.table.sorting`.

A table's sort order says how engines should sort its files. floe writes rows as they come, and
its files say that they are unsorted.
"""

import json
from dataclasses import dataclass
from enum import Enum
from typing import Any

from floe_iceberg._arguments import refuse_type
from floe_iceberg.transforms import IdentityTransform, Transform, read_source, source_json

__all__ = [
    "INITIAL_SORT_ORDER_ID",
    "UNSORTED_SORT_ORDER",
    "UNSORTED_SORT_ORDER_ID",
    "NullOrder",
    "SortDirection",
    "SortField",
    "SortOrder",
]

_IDENTITY = IdentityTransform()

UNSORTED_SORT_ORDER_ID = 0
INITIAL_SORT_ORDER_ID = 1


class SortDirection(Enum):
    """Which values come first."""

    ASC = "asc"
    DESC = "desc"

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class NullOrder(Enum):
    """Where nulls come."""

    NULLS_FIRST = "nulls-first"
    NULLS_LAST = "nulls-last"

    def __str__(self) -> str:
        """Return the name with a blank."""
        return self.name.replace("_", " ")


@dataclass(frozen=True)
class SortField:
    """One field of a sort order.

    Attributes:
        source_id: Id of the column.
        transform: What is done to the column's values before they are compared.
        direction: Ascending by default.
        null_order: First by default if ascending, last if descending.
        source_ids: Ids of the columns of a transform of several, which floe only carries; else
            empty.
    """

    source_id: int
    transform: Transform = _IDENTITY
    direction: SortDirection = SortDirection.ASC
    null_order: NullOrder | None = None
    source_ids: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Choose the order of nulls."""
        if self.null_order is None:
            ascending = self.direction is SortDirection.ASC
            null_order = NullOrder.NULLS_FIRST if ascending else NullOrder.NULLS_LAST
            object.__setattr__(self, "null_order", null_order)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "SortField":
        """Read a field's JSON form."""
        source_id, transform, several = read_source(value)
        return cls(
            source_id,
            transform,
            SortDirection(value["direction"]),
            NullOrder(value["null-order"]),
            several,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the field's JSON form."""
        null_order = self.null_order
        return {
            **source_json(self.source_id, self.source_ids),
            "transform": str(self.transform),
            "direction": self.direction.value,
            "null-order": null_order.value if null_order is not None else None,
        }

    def __str__(self) -> str:
        """Return the field as PyIceberg shows it."""
        plain = isinstance(self.transform, IdentityTransform)
        columns = ", ".join(map(str, self.source_ids or (self.source_id,)))
        column = columns if plain else f"{self.transform}({columns})"
        return f"{column} {self.direction} {self.null_order}"


class SortOrder:
    """How rows are to be sorted in a table's files. Immutable."""

    def __init__(self, *fields: SortField, order_id: int | None = None) -> None:
        """Make an order of fields; the catalog assigns its id."""
        for field in fields:
            if not isinstance(field, SortField):
                refuse_type("a field of a sort order", field, "a SortField")
        self.fields = fields
        initial = INITIAL_SORT_ORDER_ID if fields else UNSORTED_SORT_ORDER_ID
        self.order_id = initial if order_id is None else order_id

    @classmethod
    def from_json(cls, text: str) -> "SortOrder":
        """Read an order's JSON form."""
        value = json.loads(text)
        fields = (SortField.from_json(field) for field in value["fields"])
        return cls(*fields, order_id=value["order-id"])

    def to_json(self) -> str:
        """Return the JSON form (Iceberg specification, appendix C)."""
        fields = [field.to_json() for field in self.fields]
        return json.dumps({"order-id": self.order_id, "fields": fields})

    @property
    def is_unsorted(self) -> bool:
        """Whether rows come in any order."""
        return not self.fields

    def __eq__(self, other: object) -> bool:
        """Compare ids and fields."""
        return (
            isinstance(other, SortOrder)
            and self.order_id == other.order_id
            and self.fields == other.fields
        )

    def __hash__(self) -> int:
        """Hash the fields."""
        return hash((self.order_id, self.fields))

    def __repr__(self) -> str:
        """Return fields and id."""
        inner = ", ".join([*map(str, self.fields), f"order_id={self.order_id}"])
        return f"SortOrder({inner})"


UNSORTED_SORT_ORDER = SortOrder()
