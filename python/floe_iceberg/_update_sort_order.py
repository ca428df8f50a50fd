"""A new sort order for a table, as `pyiceberg.table.update.sorting`."""

from collections.abc import Callable
from typing import Self

from floe_iceberg import _native
from floe_iceberg._arguments import refuse_type, text
from floe_iceberg._update import Update
from floe_iceberg.sorting import NullOrder, SortDirection, SortOrder
from floe_iceberg.transforms import IdentityTransform, Transform

__all__ = ["UpdateSortOrder"]

_IDENTITY = IdentityTransform()


class UpdateSortOrder(Update):
    """The order that engines should sort new files by, made anew at the end of a `with` block.

    What is asked for takes the place of the order there is, field by field: the first counts
    most. Without any field the table is unsorted. An order that the table has had is that one.
    Raises InvalidArgumentError naming the column and the rule.
    """

    def __init__(
        self,
        table: _native.Table,
        add: Callable[[_native.Change], None],
        *,
        case_sensitive: bool,
    ) -> None:
        """Change the order of `table`; `Table.update_sort_order()` is how to make one."""
        super().__init__(add)
        self._edits = _native.SortOrderEdits(table, case_sensitive)

    def asc(
        self,
        source_column_name: str,
        transform: str | Transform = _IDENTITY,
        null_order: NullOrder = NullOrder.NULLS_LAST,
    ) -> Self:
        """Sort by a column, or what a transform makes of it: the smallest first."""
        return self._add_field(source_column_name, transform, SortDirection.ASC, null_order)

    def desc(
        self,
        source_column_name: str,
        transform: str | Transform = _IDENTITY,
        null_order: NullOrder = NullOrder.NULLS_LAST,
    ) -> Self:
        """Sort by a column, or what a transform makes of it: the largest first."""
        return self._add_field(source_column_name, transform, SortDirection.DESC, null_order)

    def sort_order(self) -> SortOrder:
        """Return the order as the fields so far make it."""
        return SortOrder.from_json(self._edits.build())

    def _add_field(
        self,
        column: str,
        transform: str | Transform,
        direction: SortDirection,
        null_order: NullOrder,
    ) -> Self:
        if not isinstance(null_order, NullOrder):
            refuse_type("null_order", null_order, "a NullOrder")
        self._edits.add_field(
            text("source_column_name", column),
            str(transform),
            direction is SortDirection.DESC,
            null_order is NullOrder.NULLS_LAST,
        )
        return self

    def _change(self) -> _native.Change:
        return self._edits.change()
