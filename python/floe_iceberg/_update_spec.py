"""Changes of a table's partition spec, as `pyiceberg.table.update.spec`."""

from collections.abc import Callable
from typing import Self

from floe_iceberg import _native
from floe_iceberg._arguments import text
from floe_iceberg._update import Update
from floe_iceberg.partitioning import PartitionSpec
from floe_iceberg.transforms import IdentityTransform, Transform

__all__ = ["UpdateSpec"]


class UpdateSpec(Update):
    """Changes of how new files are partitioned, made together at the end of a `with` block.

    Files that are there stay as they are and are read by the spec they were written with.
    Raises InvalidArgumentError naming the field and the rule.
    """

    def __init__(
        self,
        table: _native.Table,
        add: Callable[[_native.Change], None],
        *,
        case_sensitive: bool,
    ) -> None:
        """Change the spec of `table`; `Table.update_spec()` is how to make one."""
        super().__init__(add)
        self._edits = _native.SpecEdits(table, case_sensitive)

    def add_field(
        self,
        source_column_name: str,
        transform: str | Transform,
        partition_field_name: str | None = None,
    ) -> Self:
        """Add a field: the values that a transform, such as "day", makes of a column.

        Without a name it is called `ts_day`, `id_bucket_16`, `name_trunc_4`, or as the column.
        """
        self._edits.add_field(
            text("source_column_name", source_column_name), str(transform), partition_field_name
        )
        return self

    def add_identity(self, source_column_name: str) -> Self:
        """Add a field of a column's own values."""
        return self.add_field(source_column_name, IdentityTransform())

    def remove_field(self, name: str) -> Self:
        """Remove a field; in a table of format version 1 it stays, as void."""
        self._edits.remove_field(text("name", name))
        return self

    def rename_field(self, name: str, new_name: str) -> Self:
        """Rename a field."""
        self._edits.rename_field(text("name", name), text("new_name", new_name))
        return self

    def spec(self) -> PartitionSpec:
        """Return the spec as the changes so far make it."""
        return PartitionSpec.from_json(self._edits.build())

    def _change(self) -> _native.Change:
        return self._edits.change()
