"""Changes of a table that become visible together, as `pyiceberg.table.Transaction`."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from floe_core.errors import InvalidArgumentError
from floe_iceberg import _native
from floe_iceberg._arguments import integer, names, text, text_pairs
from floe_iceberg._data import arrow_data
from floe_iceberg._manage_snapshots import ManageSnapshots
from floe_iceberg._update import CommittedBlock
from floe_iceberg._update_schema import UpdateSchema
from floe_iceberg._update_sort_order import UpdateSortOrder
from floe_iceberg._update_spec import UpdateSpec
from floe_iceberg._writes import write_options
from floe_iceberg.expressions import AlwaysTrue, BooleanExpression, to_native

if TYPE_CHECKING:
    from floe_iceberg._update_statistics import UpdateStatistics
    from floe_iceberg.table import Table

__all__ = ["CreateTableTransaction", "Transaction", "property_changes", "property_removals"]

ALWAYS_TRUE = AlwaysTrue()


class Transaction(CommittedBlock):
    """Several changes of a table in one commit.

    Each is made on what those before it leave, and is checked when it is asked for. Nobody else
    sees any of them before `commit_transaction()`, or the end of a `with` block, which commits
    unless the block raises. One thread at a time.
    """

    def __init__(
        self,
        table: "Table",
        moved: Callable[[_native.Table], None],
        native: _native.Transaction,
    ) -> None:
        """Begin; `Table.transaction()` and `Catalog.create_table_transaction()` make one."""
        self._table = table
        self._moved = moved
        self._native: _native.Transaction | None = native

    def _open(self) -> _native.Transaction:
        if self._native is None:
            message = "this transaction is over; begin another one with table.transaction()"
            raise InvalidArgumentError(message)
        return self._native

    def _add(self, change: _native.Change) -> None:
        self._open().add(change)

    def update_schema(
        self,
        allow_incompatible_changes: bool = False,  # noqa: FBT001, FBT002 - PyIceberg's signature
        case_sensitive: bool = True,  # noqa: FBT001, FBT002 - PyIceberg's signature
    ) -> UpdateSchema:
        """Change columns; see `Table.update_schema()`."""
        return UpdateSchema(
            self._open().staged,
            self._add,
            allow_incompatible_changes=allow_incompatible_changes,
            case_sensitive=case_sensitive,
        )

    def update_spec(
        self,
        case_sensitive: bool = True,  # noqa: FBT001, FBT002 - PyIceberg's signature
    ) -> UpdateSpec:
        """Change the partition spec; see `Table.update_spec()`."""
        return UpdateSpec(self._open().staged, self._add, case_sensitive=case_sensitive)

    def update_sort_order(
        self,
        case_sensitive: bool = True,  # noqa: FBT001, FBT002 - PyIceberg's signature
    ) -> UpdateSortOrder:
        """Replace the sort order; see `Table.update_sort_order()`."""
        return UpdateSortOrder(self._open().staged, self._add, case_sensitive=case_sensitive)

    def update_statistics(self) -> "UpdateStatistics":
        """Set and remove files of statistics; see `Table.update_statistics()`."""
        from floe_iceberg._update_statistics import UpdateStatistics  # noqa: PLC0415 - rarely used

        return UpdateStatistics(self._add)

    def manage_snapshots(self) -> ManageSnapshots:
        """Change branches and tags; see `Table.manage_snapshots()`."""
        self._open().load_all_snapshots()
        return ManageSnapshots(self._open().staged, self._add)

    def set_properties(
        self, properties: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> "Transaction":
        """Set table properties, by a mapping or by keywords."""
        self._add(property_changes(properties, kwargs))
        return self

    def remove_properties(self, *removals: str) -> "Transaction":
        """Remove table properties; those that are not set are no error."""
        self._add(property_removals(removals))
        return self

    def update_location(self, location: str) -> "Transaction":
        """Move where new files go; those that are there stay where they are."""
        self._add(_native.set_location(text("location", location)))
        return self

    def upgrade_table_version(self, format_version: int) -> "Transaction":
        """Raise the table's format version; there is no way back."""
        self._add(_native.upgrade_format_version(integer("format_version", format_version)))
        return self

    def append(
        self,
        df: Any,
        snapshot_properties: Mapping[str, str] | None = None,
        branch: str | None = "main",
        **options: Any,
    ) -> None:
        """Add rows; see `Table.append()`."""
        merged = write_options(snapshot_properties, branch, options)
        self._open().append(arrow_data(df), **merged)

    def overwrite(
        self,
        df: Any,
        overwrite_filter: str | BooleanExpression = ALWAYS_TRUE,
        snapshot_properties: Mapping[str, str] | None = None,
        case_sensitive: bool = True,  # noqa: FBT001, FBT002 - PyIceberg's signature
        branch: str | None = "main",
        **options: Any,
    ) -> None:
        """Replace all rows that match a filter; see `Table.overwrite()`."""
        merged = write_options(snapshot_properties, branch, options)
        merged["case_sensitive"] = case_sensitive
        self._open().overwrite(arrow_data(df), to_native(overwrite_filter), **merged)

    def dynamic_partition_overwrite(
        self,
        df: Any,
        snapshot_properties: Mapping[str, str] | None = None,
        branch: str | None = "main",
        **options: Any,
    ) -> None:
        """Replace the partitions of the rows; see `Table.dynamic_partition_overwrite()`."""
        merged = write_options(snapshot_properties, branch, options)
        self._open().overwrite_partitions(arrow_data(df), **merged)

    def delete(
        self,
        delete_filter: str | BooleanExpression = ALWAYS_TRUE,
        snapshot_properties: Mapping[str, str] | None = None,
        case_sensitive: bool = True,  # noqa: FBT001, FBT002 - PyIceberg's signature
        branch: str | None = "main",
        **options: Any,
    ) -> None:
        """Delete all rows that match a filter; see `Table.delete()`."""
        merged = write_options(snapshot_properties, branch, options)
        merged["case_sensitive"] = case_sensitive
        self._open().delete(to_native(delete_filter), **merged)

    def commit_transaction(self) -> "Table":
        """Make the changes visible; returns the table, which shows them.

        Raises:
            CommitConflictError: Others changed the table so that a change can't be made any
                more, or too often; none of the changes is in the table.
            CommitStateUnknownError: The catalog's answer was lost, and the table does not tell.
        """
        return self.finish(self.take().commit())

    def take(self) -> _native.Transaction:
        """Return the engine's transaction, and be over: someone else commits it."""
        native = self._open()
        self._native = None
        return native

    def finish(self, committed: _native.Table) -> "Table":
        """Show what was committed."""
        self._moved(committed)
        return self._table

    def _end(self, *, commit: bool) -> None:
        if commit:
            self.commit_transaction()
        self._native = None


class CreateTableTransaction(Transaction):
    """A table that is made together with what is done in it, in one commit.

    Made by `Catalog.create_table_transaction()`. Nobody sees the table before the commit, which
    raises TableAlreadyExistsError if others were faster; nothing is left of it then, nor if the
    `with` block raises.
    """


def property_changes(
    properties: Mapping[str, Any] | None, keywords: Mapping[str, Any]
) -> _native.Change:
    """Return the change that sets properties, given by a mapping or by keywords."""
    if properties and keywords:
        message = "pass properties as a mapping or as keywords, not both"
        raise InvalidArgumentError(message)
    return _native.update_properties(text_pairs("properties", properties or keywords), [])


def property_removals(removals: tuple[str, ...]) -> _native.Change:
    """Return the change that removes properties, given by their names."""
    return _native.update_properties([], names("removals", removals, "'owner'"))
